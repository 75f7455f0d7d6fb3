"""How long a change rests before we act on it: misclicks, double saves and «delete and enter again» come in
bursts.
"""

from __future__ import annotations

from backend.core.rules.options import Settle
from backend.core.salon import Phase


def seconds(before: Phase | None, after: Phase, settle: Settle) -> int:
    """The wait for a booking that was in phase `before` (None: never seen) and is now in `after` (§6.2)."""
    if before == after:
        return settle.edit
    changes = {Phase.CANCELLED: settle.delete, Phase.ARRIVED: settle.arrived, Phase.NO_SHOW: settle.no_show}
    if after in changes:
        return changes[after]
    return settle.create if before is None else settle.edit
