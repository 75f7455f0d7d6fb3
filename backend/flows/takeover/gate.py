"""The gate of a salon: may it be switched over? Computed anew each time it is asked, from the rows of the
comparison and the words of people.
"""

from __future__ import annotations

from backend.core.takeover import gate
from backend.core.takeover.gate import Gate
from backend.store import takeover_diffs, takeover_shadows, takeover_verdicts
from backend.store.takeover_shadows import BOOKINGS


def of(account_id: int, company_id: int) -> Gate:
    """Time counts as far as was compared: a comparison that stands still proves nothing."""
    row = takeover_shadows.of(account_id, company_id)
    if row is None:
        return Gate()
    words = takeover_verdicts.words(account_id, company_id)
    everything = takeover_diffs.groups(account_id, company_id, row.begun_at)
    begins = gate.since(row.begun_at, everything, words)
    mark = takeover_shadows.mark(account_id, BOOKINGS)
    reached = mark[0] if mark else begins
    reached = min(reached, row.ended_at) if row.ended_at else reached
    records = takeover_diffs.compared(account_id, company_id, begins)
    groups = takeover_diffs.groups(account_id, company_id, begins)
    return gate.judge(begins, reached, records, groups, words)
