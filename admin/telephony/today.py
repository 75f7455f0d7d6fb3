"""The calls of today, for the overview of an account and for telephony's own page. Each number is counted as
the list of calls shows it, of today alone: what was before costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from admin.telephony import asked
from backend.store.accounts import Account
from backend.store.telephony import calls, pbxes

OUTCOMES = ("answered", "missed", "unanswered", "out")
STATES = ("open", "ended", "handled", "refused", "ignored")


@dataclass(frozen=True, slots=True)
class Counted:
    """`chosen` is what the list is asked to show exactly these calls."""

    kind: str
    n: int
    chosen: Mapping[str, str]


def outcomes(account: Account) -> tuple[Counted, ...]:
    """How those that are over ended; nothing where an account has no telephone exchange."""
    if not pbxes.has_any(account.id):
        return ()
    return tuple(_counted(account, {"kind": kind, "over": "1", **_today(account)}) for kind in OUTCOMES)


def states(account: Account) -> tuple[Counted, ...]:
    """What became of them; a state without calls is left out."""
    found = (_counted(account, {"kind": state, **_today(account)}) for state in STATES)
    return tuple(one for one in found if one.n)


def _today(account: Account) -> Mapping[str, str]:
    return asked.days(account, {}, "today").chosen


def _counted(account: Account, chosen: Mapping[str, str]) -> Counted:
    return Counted(chosen["kind"], calls.count(account.id, asked.read(account, chosen).filters), chosen)
