"""A salon's return to the widget it came from: how far it has got, what was taken back, what not and why, and
the records born under us.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.sync.adopted import MEMORY
from backend.core.sync.links import Role
from backend.core.takeover.undo import DONE, Line, Outcome, Wish
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.links import LinkRow

OVER = ("done", "failed")
RETURNED = "returned"  # no digest: the lead was ours and is the other widget's again
FAILED = "failed"  # the outcome of a value that the CRM did not take back


class RollbackRow(BaseModel):
    """`steps` are [state, begun, ended] in microseconds, in their order; `since` is when our period began."""

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    author = peewee.TextField()
    wish = JsonField()
    state = peewee.TextField()
    steps = JsonField()
    trouble = peewee.TextField()
    since = UtcField(null=True)
    begun_at = UtcField()
    returned_at = UtcField(null=True)
    ended_at = UtcField(null=True)

    class Meta:
        table_name = "rollbacks"


class LineRow(BaseModel):
    """`settled_at` is empty while the CRM has still to take the value back."""

    id = peewee.BigAutoField()
    rollback_id = peewee.BigIntegerField()
    key = peewee.TextField()
    lead_id = peewee.BigIntegerField()
    what = peewee.TextField()
    before = peewee.TextField(null=True)
    after = peewee.TextField()
    now = peewee.TextField()
    outcome = peewee.TextField()
    settled_at = UtcField(null=True)

    class Meta:
        table_name = "rollback_lines"


class BornRow(BaseModel):
    """A record that came under us. `mark` is what its lead carries in the other widget's own place; `copy_id`
    a lead that this widget has made of it since.
    """

    id = peewee.BigAutoField()
    rollback_id = peewee.BigIntegerField()
    key = peewee.TextField()
    lead_id = peewee.BigIntegerField()
    mark = peewee.TextField()
    copy_id = peewee.BigIntegerField(null=True)
    copied_at = UtcField(null=True)
    state = peewee.TextField()

    class Meta:
        table_name = "rollback_born"


@dataclass(frozen=True, slots=True)
class Rollback:
    id: int
    account_id: int
    company_id: int
    author: str
    wish: Wish
    state: str
    steps: tuple[tuple[str, datetime, datetime | None], ...]
    trouble: str
    since: datetime | None
    begun_at: datetime
    returned_at: datetime | None
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in OVER


def begin(  # noqa: PLR0913 - the columns of a return
    account_id: int,
    company_id: int,
    author: str,
    wish: Wish,
    state: str,
    since: datetime | None,
    now: datetime,
) -> int:
    """Called inside the transaction that takes the salon from our writer."""
    return int(
        RollbackRow.insert(
            account_id=account_id, company_id=company_id, author=author, state=state,
            wish={"values": wish.values, "stages": wish.stages, "created": wish.created},
            steps=[[state, db.micros(now), None]], trouble="", since=since, begun_at=now,
        ).execute()
    )  # fmt: skip


def transaction() -> Any:
    """Of a step that changes other tables too."""
    return db.atomic()


def get(rollback_id: int) -> Rollback | None:
    row = RollbackRow.get_or_none(RollbackRow.id == rollback_id)
    return _rollback(row) if row else None


def newest(account_id: int, company_id: int) -> Rollback | None:
    where = (RollbackRow.account_id == account_id) & (RollbackRow.company_id == company_id)
    row = RollbackRow.select().where(where).order_by(RollbackRow.id.desc()).first()
    return _rollback(row) if row else None


def of_account(account_id: int) -> list[Rollback]:
    """Newest first."""
    query = RollbackRow.select().where(RollbackRow.account_id == account_id)
    return [_rollback(row) for row in query.order_by(RollbackRow.id.desc())]


def advance(
    rollback_id: int, before: str, after: str, now: datetime, returned_at: datetime | None = None
) -> bool:
    """From one state to the next; False when it is not in `before` any more."""
    with db.atomic():
        row = RollbackRow.get(RollbackRow.id == rollback_id)
        if row.state != before:
            return False
        steps = [*row.steps[:-1], [row.steps[-1][0], row.steps[-1][1], db.micros(now)]]
        is_over = after in OVER
        steps += [] if is_over else [[after, db.micros(now), None]]
        changed: dict[str, Any] = {"state": after, "steps": steps, "trouble": ""}
        if is_over:
            changed["ended_at"] = now
        if returned_at is not None:
            changed["returned_at"] = returned_at
        done = RollbackRow.update(**changed).where(
            (RollbackRow.id == rollback_id) & (RollbackRow.state == before)
        )
        return bool(done.execute())


def trouble(rollback_id: int, code: str) -> None:
    RollbackRow.update(trouble=code).where(RollbackRow.id == rollback_id).execute()


# The report


def save_lines(rollback_id: int, lines: Iterable[Line], now: datetime) -> None:
    """What is to be taken back waits for the CRM; everything else is settled by being told."""
    new = [
        {
            "rollback_id": rollback_id, "key": one.key, "lead_id": one.lead_id, "what": one.what,
            "before": one.before, "after": one.after, "now": one.now, "outcome": one.outcome.value,
            "settled_at": None if one.outcome in DONE else now,
        }
        for one in lines
    ]  # fmt: skip
    bulk.insert(LineRow, new, "ON CONFLICT (rollback_id, lead_id, what) DO NOTHING")


def settle_lines(
    rollback_id: int, outcomes: Mapping[tuple[int, str], tuple[str, str]], now: datetime
) -> None:
    """(lead, what) → outcome and what stands there now."""
    with db.atomic():
        for (lead_id, what), (outcome, shown) in outcomes.items():
            where = (LineRow.rollback_id == rollback_id) & (LineRow.lead_id == lead_id)
            LineRow.update(outcome=outcome, now=shown, settled_at=now).where(
                where & (LineRow.what == what)
            ).execute()


def pending(rollback_id: int, limit: int) -> list[Line]:
    """Lines of some leads that the CRM has not answered for yet."""
    where = (LineRow.rollback_id == rollback_id) & LineRow.settled_at.is_null()
    rows = list(LineRow.select().where(where).order_by(LineRow.id).limit(limit))
    leads = list(dict.fromkeys(row.lead_id for row in rows))
    every = LineRow.select().where(where & LineRow.lead_id.in_(leads)).order_by(LineRow.id)
    return [_line(row) for row in every]


def untold(rollback: Rollback, limit: int) -> list[int]:
    """Leads that we wrote into in our period and that the report does not name yet, the oldest first."""
    sql = """SELECT lead_id FROM takeover_changes WHERE account_id = %s AND company_id = %s
        AND lead_id IS NOT NULL AND undone_at IS NULL AND planned_at >= %s
        AND lead_id NOT IN (SELECT lead_id FROM rollback_lines WHERE rollback_id = %s)
        GROUP BY lead_id ORDER BY min(id) LIMIT %s"""
    begins = db.micros(rollback.since) if rollback.since else 0
    found = db.rows(sql, (rollback.account_id, rollback.company_id, begins, rollback.id, limit))
    return [lead_id for (lead_id,) in found]


def lines(rollback_id: int, outcome: str | None = None, limit: int | None = None) -> list[LineRow]:
    query = LineRow.select().where(LineRow.rollback_id == rollback_id)
    if outcome is not None:
        query = query.where(LineRow.outcome == outcome)
    return list(query.order_by(LineRow.id).limit(limit))


def by_lead(rollback_id: int, first: Sequence[str], limit: int) -> dict[int, list[LineRow]]:
    """Lines by lead; leads with one of the outcomes `first` come first."""
    sql = f"""SELECT lead_id FROM rollback_lines WHERE rollback_id = %s GROUP BY lead_id
        ORDER BY max(CASE WHEN outcome IN ({bulk.marks(len(first))}) THEN 1 ELSE 0 END) DESC, min(id)
        LIMIT %s"""
    found: dict[int, list[LineRow]] = {
        lead_id: [] for (lead_id,) in db.rows(sql, (rollback_id, *first, limit))
    }
    where = (LineRow.rollback_id == rollback_id) & LineRow.lead_id.in_(list(found))
    for row in LineRow.select().where(where).order_by(LineRow.id):
        found[row.lead_id].append(row)
    return found


def counts(rollback_id: int) -> dict[str, int]:
    """Outcome → how many values."""
    sql = "SELECT outcome, count(*) FROM rollback_lines WHERE rollback_id = %s GROUP BY outcome"
    return dict(db.rows(sql, (rollback_id,)))


# Links of the salon


def give_back(account_id: int, company_id: int, after: int, limit: int) -> list[tuple[int, str]]:
    """A portion of the salon's links, from now on as those of leads taken over: should we write again, we
    begin with what their leads show then. Returns (row, booking).
    """
    where = (LinkRow.account_id == account_id) & LinkRow.key.startswith(f"yclients:{company_id}:")
    where &= (LinkRow.share == "") & (LinkRow.role == Role.MAIN) & (LinkRow.id > after)
    rows = list(LinkRow.select().where(where).order_by(LinkRow.id).limit(limit))
    bulk.update(LinkRow, "id", [{"id": row.id, "applied": {**row.applied, MEMORY: RETURNED}} for row in rows])
    return [(row.id, row.key) for row in rows]


# Born under us


def save_born(rollback_id: int, born: Iterable[tuple[str, int, str]]) -> None:
    """(record, its lead, what it carries in the other widget's place)."""
    new = [
        {"rollback_id": rollback_id, "key": key, "lead_id": lead_id, "mark": mark, "state": ""}
        for key, lead_id, mark in born
    ]
    bulk.insert(BornRow, new, "ON CONFLICT (rollback_id, key) DO NOTHING")


def born(rollback_id: int) -> list[BornRow]:
    return list(BornRow.select().where(BornRow.rollback_id == rollback_id).order_by(BornRow.id))


def get_born(row_id: int) -> BornRow | None:
    return BornRow.get_or_none(BornRow.id == row_id)


def note_copy(row_id: int, copy_id: int, now: datetime) -> bool:
    """False when it was noted before."""
    where = (BornRow.id == row_id) & BornRow.copy_id.is_null()
    return bool(BornRow.update(copy_id=copy_id, copied_at=now, state="found").where(where).execute())


def set_born(row_id: int, state: str) -> None:
    BornRow.update(state=state).where(BornRow.id == row_id).execute()


def uncopied(account_id: int, since: datetime) -> Sequence[BornRow]:
    """Records of returns since then that nobody has doubled yet."""
    recent = RollbackRow.select(RollbackRow.id).where(
        (RollbackRow.account_id == account_id) & (RollbackRow.returned_at >= since)
    )
    waiting = BornRow.rollback_id.in_(recent) & BornRow.copy_id.is_null()
    return list(BornRow.select().where(waiting).order_by(BornRow.id))


def _line(row: LineRow) -> Line:
    return Line(row.key, row.lead_id, row.what, row.before, row.after, row.now, Outcome(row.outcome))


def _rollback(row: RollbackRow) -> Rollback:
    steps = tuple(
        (state, db.moment(begun), db.moment(ended) if ended else None) for state, begun, ended in row.steps
    )
    return Rollback(
        row.id, row.account_id, row.company_id, row.author, Wish(**row.wish), row.state, steps, row.trouble,
        row.since, row.begun_at, row.returned_at, row.ended_at,
    )  # fmt: skip
