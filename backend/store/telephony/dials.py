"""Clicks on a number: what was asked, by whom and from where, and what became of it.

State: waiting → claimed → ringing_operator → ringing_client → talking → ended. Besides: `refused` by a rule
of ours, `late` when nobody took it in time (it is never dialled), `failed` when the PBX could not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField

WAITING, CLAIMED, TALKING, ENDED = "waiting", "claimed", "talking", "ended"
RINGING_OPERATOR, RINGING_CLIENT = "ringing_operator", "ringing_client"
REFUSED, LATE, FAILED = "refused", "late", "failed"
PENDING = (WAITING, CLAIMED, RINGING_OPERATOR, RINGING_CLIENT)
RUNNING = (*PENDING, TALKING)
GIVEN_UP = (REFUSED, LATE, FAILED)
STEPS = (WAITING, CLAIMED, RINGING_OPERATOR, RINGING_CLIENT, TALKING, ENDED)
LOST = timedelta(minutes=3)  # rung for so long without a word from the PBX: whatever it was, it is over


class Dial(BaseModel):
    """`number` is the client's, `call_order` what the PBX is told (core/telephony/originating.Order as JSON).
    `entity` and `entity_id`: the card from which it was clicked. `address`: of the person's browser.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    pbx_id = peewee.BigIntegerField(null=True)
    user_id = peewee.BigIntegerField()
    token = peewee.TextField()
    number = peewee.TextField()
    entity = peewee.TextField()
    entity_id = peewee.BigIntegerField(null=True)
    address = peewee.TextField()
    call_order = JsonField(null=True)
    status = peewee.TextField()
    reason = peewee.TextField()
    call_uniq = peewee.TextField(null=True)
    made_at = UtcField()
    deadline = UtcField()
    claimed_at = UtcField(null=True)
    ended_at = UtcField(null=True)

    class Meta:
        table_name = "dials"

    @property
    def is_over(self) -> bool:
        return self.status not in RUNNING


@dataclass(frozen=True, slots=True)
class Wish:
    """One press on a number."""

    account_id: int
    pbx_id: int | None
    user_id: int
    token: str
    number: str
    entity: str
    entity_id: int | None
    address: str
    call_order: dict[str, Any] | None
    made_at: datetime
    deadline: datetime


def add(wish: Wish) -> Dial | None:
    """The row of a press that waits for the PBX; None when this user has one under way."""
    with db.atomic():
        _tidy(wish.account_id, wish.user_id, wish.made_at)
        return _insert(wish, WAITING, "", "ON CONFLICT DO NOTHING")


def refuse(wish: Wish, reason: str) -> None:
    """Kept for the trail: who tried what, and why nothing was dialled."""
    _insert(wish, REFUSED, reason)


def counted(account_id: int, user_id: int, since: datetime) -> int:
    """Calls of this user since then that were let through."""
    found = db.rows(
        """SELECT count(*) FROM dials
        WHERE account_id = %s AND user_id = %s AND made_at > %s AND status <> 'refused'""",
        (account_id, user_id, db.micros(since)),
    )
    return int(found[0][0])


def claim(pbx_id: int, now: datetime) -> tuple[Dial | None, list[Dial]]:
    """The oldest that waits for this PBX, now ours to dial; and those that waited too long, now `late`. Of
    two who ask at once only one gets it.
    """
    with db.atomic():
        late = _take("deadline <= %s", (pbx_id, db.micros(now)), LATE, now)
        oldest = "id = (SELECT min(id) FROM dials WHERE pbx_id = %s AND status = 'waiting')"
        ours = _take(oldest, (pbx_id, pbx_id), CLAIMED, now)
    return (ours[0] if ours else None), late


def step(
    dial_id: int, status: str, now: datetime, *, reason: str = "", uniq: str | None = None
) -> Dial | None:
    """A later step of the same call; None when it is not later than what is known, or all is over."""
    before = STEPS[: STEPS.index(status)] if status in STEPS else RUNNING
    values: dict[str, Any] = {"status": status}
    if status not in RUNNING:
        values |= {"ended_at": now, "reason": reason}
    if uniq:
        values["call_uniq"] = uniq
    earlier = (Dial.id == dial_id) & Dial.status.in_([one for one in before if one in RUNNING])
    return by_id(dial_id) if Dial.update(**values).where(earlier).execute() else None


def lose(dial_id: int, reason: str, now: datetime) -> Dial | None:
    """The PBX never spoke of it again; None when it got further than the operator's phone, or is over."""
    silent = (Dial.id == dial_id) & Dial.status.in_((CLAIMED, RINGING_OPERATOR))
    lost = Dial.update(status=FAILED, reason=reason, ended_at=now).where(silent).execute()
    return by_id(dial_id) if lost else None


def explain(dial_id: int, reason: str, uniq: str) -> Dial | None:
    """What came after one that was over; None when the row says so already, or it is not over."""
    over = (Dial.id == dial_id) & Dial.status.in_(GIVEN_UP) & (Dial.reason != reason)
    told = Dial.update(reason=reason, call_uniq=uniq).where(over).execute()
    return by_id(dial_id) if told else None


def overdue(now: datetime, limit: int = 100) -> list[Dial]:
    """Nobody took them in time, whichever PBX they were for: now `late`."""
    with db.atomic():
        past = "SELECT id FROM dials WHERE status = 'waiting' AND deadline <= %s ORDER BY id LIMIT %s"
        ids = [number for (number,) in db.rows(past, (db.micros(now), limit))]
        still = Dial.id.in_(ids) & (Dial.status == WAITING)
        Dial.update(status=LATE, ended_at=now).where(still).execute()
    return [dial for number in ids if (dial := by_id(number)) is not None and dial.status == LATE]


def by_id(dial_id: int) -> Dial | None:
    return Dial.get_or_none(Dial.id == dial_id)


def by_token(token: str) -> Dial | None:
    return Dial.get_or_none(Dial.token == token)


def by_tokens(account_id: int, tokens: Collection[str]) -> dict[str, Dial]:
    found = Dial.select().where((Dial.account_id == account_id) & Dial.token.in_(list(tokens)))
    return {dial.token: dial for dial in found} if tokens else {}


def newest(account_id: int, limit: int = 20) -> list[Dial]:
    query = Dial.select().where(Dial.account_id == account_id)
    return list(query.order_by(Dial.id.desc()).limit(limit))


def forget(before: datetime, statuses: Collection[str] = (REFUSED, LATE, FAILED, ENDED)) -> int:
    """Presses that are over and older than that."""
    done = Dial.delete().where((Dial.made_at < before) & Dial.status.in_(list(statuses)))
    return int(done.execute())


def _tidy(account_id: int, user_id: int, now: datetime) -> None:
    """A press whose PBX never spoke again must not hold its user for ever."""
    theirs = (Dial.account_id == account_id) & (Dial.user_id == user_id)
    Dial.update(status=LATE, ended_at=now).where(
        theirs & (Dial.status == WAITING) & (Dial.deadline <= now)
    ).execute()
    silent = Dial.status.in_((CLAIMED, RINGING_OPERATOR, RINGING_CLIENT)) & (Dial.claimed_at < now - LOST)
    Dial.update(status=FAILED, reason="lost", ended_at=now).where(theirs & silent).execute()


def _insert(wish: Wish, status: str, reason: str, tail: str = "") -> Dial | None:
    row = {
        "account_id": wish.account_id, "pbx_id": wish.pbx_id, "user_id": wish.user_id, "token": wish.token,
        "number": wish.number, "entity": wish.entity, "entity_id": wish.entity_id, "address": wish.address,
        "call_order": wish.call_order, "status": status, "reason": reason, "made_at": wish.made_at,
        "deadline": wish.deadline,
    }  # fmt: skip
    made = bulk.insert(Dial, [row], f"{tail} RETURNING id")
    return by_id(made[0][0]) if made else None


def _take(which: str, given: tuple[Any, ...], status: str, now: datetime) -> list[Dial]:
    """`which` follows «pbx_id = %s»."""
    pbx_id, *rest = given
    stamp = "claimed_at" if status == CLAIMED else "ended_at"
    taken = db.run(
        f"""UPDATE dials SET status = %s, {stamp} = %s
        WHERE status = 'waiting' AND pbx_id = %s AND {which} RETURNING id""",
        (status, db.micros(now), pbx_id, *rest),
    )
    ids = [number for (number,) in taken.fetchall()]
    return [dial for number in ids if (dial := by_id(number)) is not None]
