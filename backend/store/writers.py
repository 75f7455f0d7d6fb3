"""Who writes for a salon: the widget it comes from, nobody while that one falls silent, or we. A row stands
for each salon that moves; a salon without one was never anybody else's.

Every change of hands gives a new number (`fence`). What was decided under an older number is not written: it
is checked in the transaction that plans the commands and once more before each request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import peewee

from backend.core.errors import InvalidInput, TryLater
from backend.store import bulk, db
from backend.store.db import BaseModel, UtcField

SOON = timedelta(seconds=1)


class WriterName(StrEnum):
    GET8 = "get8"  # the widget the salon comes from
    DRAINING = "draining"  # nobody: the one before finishes what it has begun
    OURS = "ours"


class WriterRow(BaseModel):
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    writer = peewee.TextField()
    fence = peewee.BigIntegerField()
    since = UtcField()
    t0 = UtcField(null=True)

    class Meta:
        table_name = "branch_writers"
        primary_key = peewee.CompositeKey("account_id", "company_id")


@dataclass(frozen=True, slots=True)
class Writer:
    """`t0`: when the other one was stopped the last time."""

    company_id: int
    writer: WriterName
    fence: int
    since: datetime
    t0: datetime | None = None

    @property
    def is_ours(self) -> bool:
        return self.writer is WriterName.OURS


class WriterMoved(TryLater):
    """The salon changed hands since its facts were read: nothing is sent, its events are decided again."""

    def __init__(self, company_id: int) -> None:
        super().__init__("takeover.writer_moved", after=SOON, company_id=company_id)


def of_account(account_id: int) -> dict[int, Writer]:
    """By company id; empty in an account that never moved from anywhere."""
    query = WriterRow.select().where(WriterRow.account_id == account_id)
    return {row.company_id: _writer(row) for row in query}


def of_salon(account_id: int, company_id: int) -> Writer | None:
    return of_account(account_id).get(company_id)


def begin(account_id: int, company_ids: Iterable[int], now: datetime) -> None:
    """These salons are another widget's until they are switched. One that has a row keeps it."""
    for company_id in company_ids:
        db.run(
            """INSERT INTO branch_writers (account_id, company_id, writer, fence, since)
            VALUES (%s, %s, %s, 1, %s) ON CONFLICT DO NOTHING""",
            (account_id, company_id, WriterName.GET8.value, db.micros(now)),
        )


def move(  # noqa: PLR0913 - a change of hands
    account_id: int,
    company_id: int,
    before: WriterName,
    after: WriterName,
    now: datetime,
    *,
    t0: datetime | None = None,
) -> Writer:
    """Hands the salon over with a new number; InvalidInput when `before` is not who writes now."""
    moved = db.run(
        """UPDATE branch_writers SET writer = %s, fence = fence + 1, since = %s, t0 = coalesce(%s, t0)
        WHERE account_id = %s AND company_id = %s AND writer = %s""",
        (after.value, db.micros(now), db.micros(t0) if t0 else None, account_id, company_id, before.value),
    ).rowcount
    found = of_salon(account_id, company_id)
    if not moved or found is None:
        stands = found.writer.value if found else ""
        raise InvalidInput("takeover_cutover.writer_is_another", company_id=company_id, writer=stands)
    return found


def end(account_id: int, company_id: int) -> bool:
    """The salon does not move after all; False unless it is still the other widget's, and nobody switches
    it.
    """
    sql = """DELETE FROM branch_writers WHERE account_id = %s AND company_id = %s AND writer = %s
        AND NOT EXISTS (SELECT 1 FROM cutovers c WHERE c.account_id = branch_writers.account_id
            AND c.company_id = branch_writers.company_id AND c.ended_at IS NULL)"""
    return bool(db.run(sql, (account_id, company_id, WriterName.GET8.value)).rowcount)


def fences(held: Mapping[int, Writer], company_ids: Iterable[int]) -> dict[int, int]:
    """What is to be checked later of the salons that have a row."""
    return {company_id: held[company_id].fence for company_id in set(company_ids) if company_id in held}


def assert_current(account_id: int, expected: Mapping[int, int]) -> None:
    """WriterMoved unless we still write for each of these salons under the same number. Inside a transaction
    the rows stay as they are until its end.
    """
    if not expected:
        return
    lock = "FOR SHARE" if db.transaction_depth() and not db.is_sqlite() else ""
    found = db.rows(
        f"""SELECT company_id, fence FROM branch_writers
        WHERE account_id = %s AND writer = %s AND company_id IN ({bulk.marks(len(expected))}) {lock}""",
        (account_id, WriterName.OURS.value, *expected),
    )
    now = dict(found)
    for company_id, fence in expected.items():
        if now.get(company_id) != fence:
            raise WriterMoved(company_id)


def _writer(row: WriterRow) -> Writer:
    return Writer(row.company_id, WriterName(row.writer), row.fence, row.since, row.t0)
