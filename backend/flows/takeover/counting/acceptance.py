"""What both sides sign of a salon's move. It holds while the salon stays ours: after a return and another
switch the counters are taken and signed anew.
"""

from __future__ import annotations

from datetime import datetime

from backend.flows.takeover.counting import counters
from backend.flows.takeover.counting.counters import Moment, Snapshot
from backend.store import takeover_counters, writers
from backend.store.takeover_counters import AcceptanceRow


def counted(account_id: int) -> dict[int, Snapshot]:
    """By salon of ours: its counters of after the switch, taken since then."""
    ours = _ours(account_id)
    return {
        company_id: moments[Moment.AFTER]
        for company_id, moments in counters.kept(account_id).items()
        if company_id in ours
        and Moment.AFTER in moments
        and moments[Moment.AFTER].taken_at >= ours[company_id]
    }


def accepted(account_id: int) -> dict[int, AcceptanceRow]:
    """By salon of ours."""
    ours = _ours(account_id)
    return {
        company_id: row
        for company_id, row in takeover_counters.accepted(account_id).items()
        if company_id in ours and row.accepted_at >= ours[company_id]
    }


def is_ours(account_id: int, company_id: int) -> bool:
    return company_id in _ours(account_id)


def _ours(account_id: int) -> dict[int, datetime]:
    """Salons that moved to us, and since when we write for them."""
    return {one.company_id: one.since for one in writers.of_account(account_id).values() if one.is_ours}
