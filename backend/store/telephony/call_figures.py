"""Figures of calls for the statistics screens, counted by the database in groups: no call is read for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.telephony.call import Way
from backend.store import db
from backend.store.telephony.calls import UNTAKEN

USER, LINE, HOUR, DAY, NOTHING = "user", "line", "hour", "day", ""
HOUR_LONG, DAY_LONG = 3600 * db.SECOND, 86_400 * db.SECOND

GROUPS = {
    NOTHING: "''",
    USER: "coalesce(user_id, 0)",
    LINE: "CASE WHEN line <> '' THEN line ELSE trunk END",
    HOUR: f"(began_at + %s) / {HOUR_LONG} - 24 * ((began_at + %s) / {DAY_LONG})",
    DAY: f"(began_at + %s) / {DAY_LONG}",
}


@dataclass(frozen=True, slots=True)
class CallFigures:
    """`key`: user id (0: nobody's), line, hour of the day 0–23, or day as its ordinal since 1970-01-01.
    `wait_ms` of answered inbound calls together, `talk_ms` of all. `lost`: talked, then lost in a transfer;
    `untaken`: clicks whose operator did not take up.
    """

    key: str | int
    incoming: int
    answered: int
    missed: int
    outgoing: int
    reached: int
    lost: int
    wait_ms: int
    talk_ms: int
    untaken: int = 0

    @property
    def mean_wait(self) -> timedelta:
        return timedelta(milliseconds=self.wait_ms // self.answered if self.answered else 0)

    @property
    def mean_talk(self) -> timedelta:
        talks = self.answered + self.reached
        return timedelta(milliseconds=self.talk_ms // talks if talks else 0)


def figures(  # noqa: PLR0913 - what to count, by name
    account_id: int,
    since: datetime,
    until: datetime,
    *,
    by: str = NOTHING,
    offset: timedelta = timedelta(0),
    pbx_id: int | None = None,
) -> list[CallFigures]:
    """Ended calls with the world, and clicks that never reached it, that began in [since, until), in groups;
    `offset` is the account's zone from UTC.
    """
    group = GROUPS[by]
    moved = (offset // timedelta(microseconds=1),) * group.count("%s")
    one_pbx, pbx = ("AND pbx_id = %s", (pbx_id,)) if pbx_id is not None else ("", ())
    incoming, outgoing = f"way = '{Way.IN.value}'", f"way = '{Way.OUT.value}'"
    sums = ", ".join(
        f"coalesce(sum(CASE WHEN {condition} THEN {value} ELSE 0 END), 0)"
        for condition, value in (
            (incoming, 1), (f"{incoming} AND outcome = 'answered'", 1),
            (f"{incoming} AND outcome = 'missed'", 1), (outgoing, 1),
            (f"{outgoing} AND outcome = 'answered'", 1), ("is_lost", 1),
            (f"{incoming} AND outcome = 'answered'", "wait_ms"), ("outcome = 'answered'", "talk_ms"),
            (UNTAKEN, 1),
        )
    )  # fmt: skip
    sql = f"""SELECT {group} AS part, {sums} FROM calls
        WHERE account_id = %s AND began_at >= %s AND began_at < %s
        AND state <> 'open' AND (way IN ('in', 'out') OR {UNTAKEN}) {one_pbx} GROUP BY part ORDER BY part"""
    params = (*moved, account_id, db.micros(since), db.micros(until), *pbx)
    return [CallFigures(key, *(int(n) for n in numbers)) for key, *numbers in db.rows(sql, params)]
