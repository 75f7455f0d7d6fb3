"""Switches of salons from another widget to us: where each one is, what stood before it, and its steps with
times and words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.core.takeover.cutover import FROZEN, OVER, State, Wish
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.due import OPEN


class CutoverRow(BaseModel):
    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    company_id = peewee.BigIntegerField()
    author = peewee.TextField()
    state = peewee.TextField()
    wish = peewee.TextField(default="")
    trouble = peewee.TextField(default="")
    kept = JsonField()
    created_at = UtcField()
    t0 = UtcField(null=True)
    leased_at = UtcField(null=True)
    ended_at = UtcField(null=True)

    class Meta:
        table_name = "cutovers"


class StepRow(BaseModel):
    """`outcome`: running → done | failed | left (a person or a failure ended it); `own_ms` of our work in all
    slices.
    """

    id = peewee.BigAutoField()
    cutover_id = peewee.BigIntegerField()
    step = peewee.TextField()
    outcome = peewee.TextField()
    began_at = UtcField()
    ended_at = UtcField(null=True)
    own_ms = peewee.BigIntegerField(default=0)
    details = JsonField()

    class Meta:
        table_name = "cutover_steps"


@dataclass(frozen=True, slots=True)
class Cutover:
    """`kept` is the snapshot of before and what the steps have to remember."""

    id: int
    account_id: int
    company_id: int
    author: str
    state: State
    wish: Wish
    trouble: str
    kept: Mapping[str, Any]
    created_at: datetime
    t0: datetime | None
    leased_at: datetime | None
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in OVER


@dataclass(frozen=True, slots=True)
class CutoverStep:
    step: State
    outcome: str
    began_at: datetime
    ended_at: datetime | None
    own_ms: int
    details: Mapping[str, Any]


def add(account_id: int, company_id: int, author: str, kept: Mapping[str, Any], now: datetime) -> Cutover:
    """A new switch; the open one of this salon when there is one."""
    with db.atomic():
        if not db.is_sqlite():
            db.run("SELECT 1 FROM accounts WHERE id = %s FOR UPDATE", (account_id,))
        known = newest(account_id, company_id)
        if known is not None and not known.is_over:
            return known
        row_id = CutoverRow.insert(
            account_id=account_id, company_id=company_id, author=author, state=State.QUEUED.value,
            kept=dict(kept), created_at=now,
        ).execute()  # fmt: skip
    return get(int(row_id))


def get(cutover_id: int) -> Cutover:
    """LookupError when there is none."""
    row = CutoverRow.get_or_none(CutoverRow.id == cutover_id)
    if row is None:
        raise LookupError(f"no cutover {cutover_id}")
    return _cutover(row)


def newest(account_id: int, company_id: int) -> Cutover | None:
    return next(iter(of_salon(account_id, company_id, 1)), None)


def of_salon(account_id: int, company_id: int, limit: int = 10) -> list[Cutover]:
    """Newest first."""
    where = (CutoverRow.account_id == account_id) & (CutoverRow.company_id == company_id)
    return [_cutover(row) for row in CutoverRow.select().where(where).order_by(-CutoverRow.id).limit(limit)]


def of_account(account_id: int) -> dict[int, Cutover]:
    """Company id → the newest switch of that salon."""
    query = CutoverRow.select().where(CutoverRow.account_id == account_id).order_by(CutoverRow.id)
    return {row.company_id: _cutover(row) for row in query}


def open_ones(account_id: int | None = None) -> list[Cutover]:
    """Those under way, in the order they were asked for."""
    where = CutoverRow.ended_at.is_null()
    if account_id is not None:
        where &= CutoverRow.account_id == account_id
    return [_cutover(row) for row in CutoverRow.select().where(where).order_by(CutoverRow.id)]


def freezing(account_id: int) -> Cutover | None:
    """The switch that keeps the configuration as it is."""
    return next((one for one in open_ones(account_id) if one.state in FROZEN), None)


def enter(before: Cutover, after: State, now: datetime, outcome: str = "done") -> bool:
    """From one state to the next, with the step's end; False when somebody else did it first."""
    changes: dict[str, Any] = {"state": after.value, "trouble": ""}
    if after in OVER:
        changes["ended_at"] = now
    with db.atomic():
        where = (CutoverRow.id == before.id) & (CutoverRow.state == before.state.value)
        if not CutoverRow.update(**changes).where(where).execute():
            return False
        _end_step(before.id, before.state, outcome, now)
    return True


def keep(cutover_id: int, **more: Any) -> None:
    """Adds to what the steps have to remember."""
    with db.atomic():
        row = CutoverRow.get_by_id(cutover_id)
        CutoverRow.update(kept={**row.kept, **more}).where(CutoverRow.id == cutover_id).execute()


def mark(cutover_id: int, **moments: datetime) -> None:
    """`t0` or `leased_at`, once."""
    for name, moment in moments.items():
        column = getattr(CutoverRow, name)
        CutoverRow.update({column: moment}).where((CutoverRow.id == cutover_id) & column.is_null()).execute()


def wish(cutover_id: int, what: Wish) -> None:
    CutoverRow.update(wish=what.value).where(
        (CutoverRow.id == cutover_id) & CutoverRow.ended_at.is_null()
    ).execute()


def trouble(cutover_id: int, code: str) -> None:
    """What keeps the step from going on just now; empty when nothing does."""
    CutoverRow.update(trouble=code).where(CutoverRow.id == cutover_id).execute()


# Steps


def begin_step(cutover_id: int, step: State, now: datetime) -> CutoverStep:
    """The step's row, made when it is entered for the first time."""
    db.run(
        """INSERT INTO cutover_steps (cutover_id, step, outcome, began_at, own_ms, details)
        VALUES (%s, %s, 'running', %s, 0, '{}') ON CONFLICT DO NOTHING""",
        (cutover_id, step.value, db.micros(now)),
    )
    return next(one for one in steps(cutover_id) if one.step is step)


def note_step(cutover_id: int, step: State, own_ms: int, details: Mapping[str, Any]) -> None:
    """What a slice of a step did; numbers and words of before are overwritten by name."""
    where = (StepRow.cutover_id == cutover_id) & (StepRow.step == step.value)
    with db.atomic():
        row = StepRow.get(where)
        changes = {"own_ms": row.own_ms + own_ms, "details": {**row.details, **details}}
        StepRow.update(changes).where(where).execute()


def steps(cutover_id: int) -> list[CutoverStep]:
    """In the order they were entered."""
    rows = StepRow.select().where(StepRow.cutover_id == cutover_id).order_by(StepRow.id)
    return [
        CutoverStep(State(row.step), row.outcome, row.began_at, row.ended_at, row.own_ms, row.details)
        for row in rows
    ]


def _end_step(cutover_id: int, step: State, outcome: str, now: datetime) -> None:
    where = (StepRow.cutover_id == cutover_id) & (StepRow.step == step.value) & StepRow.ended_at.is_null()
    StepRow.update(outcome=outcome, ended_at=now).where(where).execute()


# What the machine asks of other tables


def is_pilot_over(account_id: int, since: datetime) -> bool:
    """Whether some salon of the account has been ours since then or longer, and still is."""
    return bool(
        db.rows(
            """SELECT 1 FROM cutovers c JOIN branch_writers w
            ON w.account_id = c.account_id AND w.company_id = c.company_id AND w.t0 = c.t0
            WHERE c.account_id = %s AND c.state = %s AND c.leased_at <= %s AND w.writer = 'ours' LIMIT 1""",
            (account_id, State.DONE.value, db.micros(since)),
        )
    )


def has_written(account_id: int, company_id: int, since: datetime) -> bool:
    """Whether we sent, or perhaps sent, anything for this salon."""
    return bool(
        db.rows(
            """SELECT 1 FROM outbox_commands WHERE account_id = %s AND planned_at >= %s
            AND subject LIKE %s AND status IN ('done', 'planned') LIMIT 1""",
            (account_id, db.micros(since), f"yclients:{company_id}:%"),
        )
    )


def links_of(account_id: int, company_id: int) -> int:
    """How many bookings of the salon have a lead."""
    ((count,),) = db.rows(
        "SELECT count(*) FROM links WHERE account_id = %s AND role = 'main' AND key LIKE %s",
        (account_id, f"yclients:{company_id}:%"),
    )
    return int(count)


def changed_since(account_id: int, company_id: int, since: datetime, limit: int) -> list[int]:
    """Numbers of the salon's records that changed since then, as we have heard."""
    found = db.rows(
        """SELECT record_id FROM bookings WHERE account_id = %s AND key LIKE %s AND changed_at >= %s
        ORDER BY changed_at LIMIT %s""",
        (account_id, f"yclients:{company_id}:%", db.micros(since), limit),
    )
    return [record_id for (record_id,) in found]


def not_carried_out(account_id: int, company_id: int, since: datetime, limit: int) -> list[int]:
    """Numbers of the salon's records whose news wait, are blocked, or were closed since then."""
    salon = f"yclients:{company_id}:%"
    found = db.rows(
        f"""SELECT DISTINCT subject FROM inbound_events WHERE kind = 'yclients.record' AND subject LIKE %s
        AND lane_id IN (SELECT id FROM lanes WHERE account_id = %s) AND {OPEN}
        UNION SELECT DISTINCT subject FROM inbound_events WHERE kind = 'yclients.record' AND subject LIKE %s
        AND account_id = %s AND (status = 'blocked' OR closed_at >= %s) ORDER BY 1 LIMIT %s""",
        (salon, account_id, salon, account_id, db.micros(since), limit),
    )
    return [int(subject.rpartition(":")[2]) for (subject,) in found]


def left_open(account_id: int, subjects: Collection[str], source: str) -> int:
    """Events of this source about these bookings that are not disposed of yet."""
    left = 0
    for chunk in bulk.chunks(subjects):
        ((count,),) = db.rows(
            f"""SELECT count(*) FROM inbound_events WHERE account_id = %s AND source = %s
            AND {OPEN} AND subject IN ({bulk.marks(len(chunk))})""",
            (account_id, source, *chunk),
        )
        left += count
    return left


def _cutover(row: CutoverRow) -> Cutover:
    return Cutover(
        row.id, row.account_id, row.company_id, row.author, State(row.state), Wish(row.wish), row.trouble,
        row.kept, row.created_at, row.t0, row.leased_at, row.ended_at,
    )  # fmt: skip
