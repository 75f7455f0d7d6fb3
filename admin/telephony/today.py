"""The calls of today for the overview of an account. Each number is counted as the list of calls shows it,
of today alone: what was before costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from admin.telephony import asked
from backend.store.accounts import Account
from backend.store.telephony import calls, pbxes

SHOWN = ("answered", "missed", "unanswered", "out")


@dataclass(frozen=True, slots=True)
class Counted:
    """`chosen` is what the list is asked to show exactly these calls."""

    kind: str
    n: int
    chosen: Mapping[str, str]


def of(account: Account) -> tuple[Counted, ...]:
    """Nothing where an account has no telephone exchange."""
    if not pbxes.has_any(account.id):
        return ()
    today = asked.days(account, {}, "today").chosen
    return tuple(_counted(account, {"kind": kind, "over": "1", **today}) for kind in SHOWN)


def _counted(account: Account, chosen: Mapping[str, str]) -> Counted:
    return Counted(chosen["kind"], calls.count(account.id, asked.read(account, chosen).filters), chosen)
