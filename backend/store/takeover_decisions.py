"""What people decided about pairs: each press is a batch that can be taken back, the newest first."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import peewee

from backend.core.takeover.pairing import State
from backend.store import bulk, db
from backend.store.db import BaseModel, UtcField
from backend.store.takeover_pairs import TAKEN, PairRow


class DecisionRow(BaseModel):
    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    batch = peewee.TextField()
    pair_id = peewee.BigIntegerField()
    before = peewee.TextField()
    was_decided = peewee.BooleanField()
    after = peewee.TextField()
    author = peewee.TextField()
    at = UtcField()
    is_undone = peewee.BooleanField()

    class Meta:
        table_name = "takeover_decisions"


@dataclass(frozen=True, slots=True)
class Batch:
    """One press: how many pairs it accepted and refused, those refused for the sake of an accepted one
    included.
    """

    batch: str
    author: str
    at: datetime
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A press taken back: how many pairs are as before, and how many have their link already."""

    batch: str
    restored: int
    linked: int


def decide(account_id: int, pair_ids: Iterable[int], after: State, author: str, now: datetime) -> Batch:
    """The word of a person about these pairs. One that clashes with what a booking or a lead has already is
    left as it is; what clashes with an accepted one is refused with it.
    """
    batch = secrets.token_hex(8)
    accepted = rejected = 0
    with db.atomic():
        for chunk in bulk.chunks(dict.fromkeys(pair_ids)):
            rows = _open_rows(account_id, chunk)
            if after is State.ACCEPTED:
                rows = _without_clashes(account_id, rows)
                lost = _rivals(account_id, rows)
                _set(account_id, lost, State.REJECTED, (batch, author, now))
                accepted, rejected = accepted + len(rows), rejected + len(lost)
            else:
                rejected += len(rows)
            _set(account_id, rows, after, (batch, author, now))
    return Batch(batch, author, now, accepted, rejected)


def newest(account_id: int, limit: int = 5) -> list[Batch]:
    """Presses that can be taken back, the last one first."""
    sql = """SELECT batch, min(author), min(at), sum(CASE WHEN after = 'accepted' THEN 1 ELSE 0 END),
        sum(CASE WHEN after = 'rejected' THEN 1 ELSE 0 END) FROM takeover_decisions
        WHERE account_id = %s AND NOT is_undone GROUP BY batch ORDER BY max(id) DESC LIMIT %s"""
    return [
        Batch(batch, author, db.moment(at), int(accepted), int(rejected))
        for batch, author, at, accepted, rejected in db.rows(sql, (account_id, limit))
    ]


def undo(account_id: int) -> Taken | None:
    """Takes the last press back; None when there is none. What has its link meanwhile stays."""
    with db.atomic():
        last = next(iter(newest(account_id, 1)), None)
        if last is None:
            return None
        where = (DecisionRow.account_id == account_id) & (DecisionRow.batch == last.batch)
        decisions = list(DecisionRow.select().where(where))
        states = _states([one.pair_id for one in decisions])
        back = [one for one in decisions if states.get(one.pair_id) == one.after]
        linked = sum(states.get(one.pair_id) == State.ADOPTED for one in decisions)
        for before, was_decided in sorted({(one.before, one.was_decided) for one in back}):
            ids = [one.pair_id for one in back if (one.before, one.was_decided) == (before, was_decided)]
            for chunk in bulk.chunks(ids):
                restored = PairRow.update(state=before, is_decided=was_decided)
                restored.where(PairRow.id.in_(chunk)).execute()
        DecisionRow.update(is_undone=True).where(where).execute()
    return Taken(last.batch, len(back), linked)


def _open_rows(account_id: int, pair_ids: Sequence[int]) -> list[PairRow]:
    """Links that are there are not decided any more."""
    where = (PairRow.account_id == account_id) & PairRow.id.in_(pair_ids)
    return list(PairRow.select().where(where & (PairRow.state != State.ADOPTED.value)).order_by(PairRow.id))


def _without_clashes(account_id: int, rows: Sequence[PairRow]) -> list[PairRow]:
    """One lead for a booking, one booking for a lead: the first wins."""
    keys, leads = [row.key for row in rows], [row.lead_id for row in rows]
    near = PairRow.select().where(
        (PairRow.account_id == account_id)
        & PairRow.state.in_(TAKEN)
        & (PairRow.key.in_(keys) | PairRow.lead_id.in_(leads))
    )
    taken = list(near)
    own = {row.id for row in rows}
    busy_keys = {row.key for row in taken if row.id not in own}
    busy_leads = {row.lead_id for row in taken if row.id not in own}
    free = []
    for row in rows:
        if row.key not in busy_keys and row.lead_id not in busy_leads:
            free.append(row)
            busy_keys.add(row.key)
            busy_leads.add(row.lead_id)
    return free


def _rivals(account_id: int, rows: Sequence[PairRow]) -> list[PairRow]:
    keys, leads, own = [r.key for r in rows], [r.lead_id for r in rows], [r.id for r in rows]
    where = (PairRow.account_id == account_id) & PairRow.id.not_in(own)
    clash = PairRow.key.in_(keys) | PairRow.lead_id.in_(leads)
    return list(PairRow.select().where(where & clash & (PairRow.state == State.PROPOSED.value)))


def _set(account_id: int, rows: Sequence[PairRow], after: State, said: tuple[str, str, datetime]) -> None:
    batch, author, now = said
    bulk.insert(
        DecisionRow,
        [
            {
                "account_id": account_id, "batch": batch, "pair_id": row.id, "before": row.state,
                "was_decided": row.is_decided, "after": after.value, "author": author, "at": now,
                "is_undone": False,
            }
            for row in rows
        ],
    )  # fmt: skip
    for chunk in bulk.chunks([row.id for row in rows]):
        PairRow.update(state=after.value, is_decided=True).where(PairRow.id.in_(chunk)).execute()


def _states(pair_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for chunk in bulk.chunks(pair_ids):
        sql = f"SELECT id, state FROM takeover_pairs WHERE id IN ({bulk.marks(len(chunk))})"
        found |= dict(db.rows(sql, chunk))
    return found
