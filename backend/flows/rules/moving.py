"""What a salon that moves from another widget lets be configured: nothing while it is switched, and no
writing of ours before it has been, nobody's writing afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend.core.rules.configuration import Configuration, Mode
from backend.core.rules.document import Problem
from backend.store import cutovers, writers


def problems(account_id: int, before: Configuration, after: Configuration) -> Iterator[Problem]:
    """Why this version cannot be written now; nothing in an account where nothing moves."""
    held = writers.of_account(account_id)
    if not held or before == after:
        return
    switching = cutovers.freezing(account_id)
    if switching is not None:
        known = before.branch(switching.company_id)
        salon = known.title if known else str(switching.company_id)
        yield Problem("", "takeover_cutover.frozen", {"salon": salon})
    for place, branch in enumerate(after.branches):
        writer = held.get(branch.company_id)
        if writer is None:
            continue
        if not writer.is_ours and branch.mode is Mode.ACTIVE:
            yield Problem(f"branches[{place}].mode", "takeover_cutover.not_yet_ours", {"salon": branch.title})
        if writer.is_ours and branch.mode is Mode.OBSERVE:  # the other widget was stopped: nobody would write
            yield Problem(f"branches[{place}].mode", "takeover_cutover.ours_now", {"salon": branch.title})


def as_they_are(account_id: int, older: Configuration, now: Configuration) -> Configuration:
    """An older version that leaves alone who writes for the salons that move."""
    held = writers.of_account(account_id)
    modes = {one.company_id: one.mode for one in now.branches if one.company_id in held}
    branches = tuple(replace(one, mode=modes.get(one.company_id, one.mode)) for one in older.branches)
    return replace(older, branches=branches)
