"""What is counted of the calls of some days: in all, by employee, line, hour and day, and how soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from admin.telephony.asked import Days
from backend.store.accounts import Account
from backend.store.telephony import call_figures, call_lists
from backend.store.telephony.call_figures import CallFigures

EPOCH = date(1970, 1, 1).toordinal()
EMPTY = CallFigures("", 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Found:
    """Everything the page and the file say of these days."""

    total: CallFigures
    users: list[CallFigures]
    lines: list[CallFigures]
    hours: list[CallFigures]
    days: list[tuple[date, CallFigures]]
    waits: call_lists.Waits


def look(account: Account, days: Days, pbx_id: int | None) -> Found:
    between = (account.id, days.since, days.until)

    def by(group: str) -> list[CallFigures]:
        return call_figures.figures(*between, by=group, offset=days.offset, pbx_id=pbx_id)

    total = by(call_figures.NOTHING)
    return Found(
        total[0] if total else EMPTY,
        sorted(by(call_figures.USER), key=_volume),
        sorted((one for one in by(call_figures.LINE) if one.incoming or one.outgoing), key=_volume),
        by(call_figures.HOUR),
        [(date.fromordinal(EPOCH + int(one.key)), one) for one in by(call_figures.DAY)],
        call_lists.waits(*between, pbx_id),
    )


def _volume(one: CallFigures) -> tuple[int, str]:
    return -(one.incoming + one.outgoing), str(one.key)
