"""The gate of a salon: may it be switched over? Computed anew each time it is asked, from the rows of the
comparison and the words of people.
"""

from __future__ import annotations

from datetime import datetime

from backend.core.takeover import gate
from backend.core.takeover.gate import Gate
from backend.store import rollbacks, takeover_diffs, takeover_shadows, takeover_verdicts
from backend.store.takeover_shadows import BOOKINGS, ShadowRow


def of(account_id: int, company_id: int) -> Gate:
    """Time counts as far as was compared: a comparison that stands still proves nothing."""
    row = takeover_shadows.of(account_id, company_id)
    if row is None:
        return Gate()
    words = takeover_verdicts.words(account_id, company_id)
    begun_at = _begun_at(row)
    everything = takeover_diffs.groups(account_id, company_id, begun_at)
    begins = gate.since(begun_at, everything, words)
    mark = takeover_shadows.mark(account_id, BOOKINGS)
    reached = mark[0] if mark else begins
    reached = min(reached, row.ended_at) if row.ended_at else reached
    records = takeover_diffs.compared(account_id, company_id, begins)
    groups = takeover_diffs.groups(account_id, company_id, begins)
    return gate.judge(begins, reached, records, groups, words)


def _begun_at(row: ShadowRow) -> datetime:
    """A salon that came back has to prove itself anew: what the week before showed was not enough."""
    begun_at: datetime = row.begun_at
    back = rollbacks.newest(row.account_id, row.company_id)
    return max(begun_at, back.returned_at or back.begun_at) if back else begun_at
