"""What people do with bookings from a lead's card: the intent is stored before the call, the outcome after.

State: planned → sent → done | refused; a refused one may be sent again. `unsure` after a time-out, and `sent`
without an end after a death, mean that nobody knows what became of it: it is looked for in the journal before
it is sent a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee

from backend.store import bulk, db, events
from backend.store.db import BaseModel, JsonField, UtcField
from backend.store.inbound import NewEvent

OPEN = ("sent", "unsure")


class CardAction(BaseModel):
    """`form` names one press of a button, `digest` what was asked with it; `api_id` is what a new booking
    carries in the journal; `content_hash` the booking as our write left it.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    form = peewee.TextField()
    kind = peewee.TextField()
    params = JsonField()
    digest = peewee.TextField()
    api_id = peewee.TextField()
    state = peewee.TextField()
    lead_id = peewee.BigIntegerField(null=True)
    company_id = peewee.BigIntegerField()
    booking_key = peewee.TextField(null=True)
    content_hash = peewee.TextField(null=True)
    result = JsonField(null=True)
    error = peewee.TextField(null=True)
    person = peewee.TextField()
    created_at = UtcField()
    sent_at = UtcField(null=True)
    ended_at = UtcField(null=True)

    class Meta:
        table_name = "card_actions"


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody is about to do. `params` hold no words of the client: the row outlives the need."""

    form: str
    kind: str
    params: dict[str, Any]
    digest: str
    api_id: str
    company_id: int
    lead_id: int | None
    person: str
    booking_key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The booking as it stands in the journal after the write."""

    booking_key: str
    content_hash: str
    result: dict[str, Any]


def intend(account_id: int, intent: Intent, now: datetime) -> CardAction:
    """The row of this press; the one that is there already when it was pressed before."""
    db.run(
        f"""INSERT INTO card_actions (account_id, form, kind, params, digest, api_id, state, lead_id,
            company_id, booking_key, person, created_at)
        VALUES ({bulk.marks(12)}) ON CONFLICT (account_id, form) DO NOTHING""",
        (
            account_id, intent.form, intent.kind, JsonField().db_value(intent.params), intent.digest,
            intent.api_id, "planned", intent.lead_id, intent.company_id, intent.booking_key, intent.person,
            db.micros(now),
        ),
    )  # fmt: skip
    found = by_form(account_id, intent.form)
    assert found is not None
    return found


def by_form(account_id: int, form: str) -> CardAction | None:
    where = (CardAction.account_id == account_id) & (CardAction.form == form)
    return CardAction.get_or_none(where)


def claim(action: CardAction, now: datetime, stale: datetime) -> bool:
    """Whether the call is ours to make: of two who press at once only one sends, and an attempt begun
    before `stale` is nobody's any more.
    """
    taken = db.run(
        """UPDATE card_actions SET state = 'sent', sent_at = %s, error = NULL, ended_at = NULL
        WHERE id = %s AND (state IN ('planned', 'refused', 'unsure')
            OR (state = 'sent' AND sent_at <= %s))""",
        (db.micros(now), action.id, db.micros(stale)),
    )
    return int(taken.rowcount) == 1


def release(action_id: int, sent_at: datetime | None) -> None:
    """The claim ends without an answer. Nobody knows what became of a call of that moment: whoever comes next
    may look. None: there was no call yet.
    """
    state = "planned" if sent_at is None else "unsure"
    CardAction.update(state=state, sent_at=sent_at).where((CardAction.id == action_id) & _is_sent()).execute()


def refuse(action_id: int, error: str, now: datetime) -> None:
    """The journal said no: nothing was written there."""
    values = {"state": "refused", "error": error, "sent_at": None, "ended_at": now}
    where = (CardAction.id == action_id) & _is_sent()
    CardAction.update(**values).where(where).execute()


def give_up(action_id: int, error: str, now: datetime) -> None:
    """Looked for long enough, and not there."""
    where = (CardAction.id == action_id) & CardAction.state.in_(OPEN)
    CardAction.update(state="refused", error=error, sent_at=None, ended_at=now).where(where).execute()


def finish(action_id: int, outcome: Outcome, event: NewEvent, now: datetime) -> None:
    """Done; the news of it goes the same road as a hook's, and is there whenever the outcome is."""
    with db.atomic():
        values = {
            "state": "done", "booking_key": outcome.booking_key, "content_hash": outcome.content_hash,
            "result": outcome.result, "error": None, "ended_at": now,
        }  # fmt: skip
        CardAction.update(**values).where(CardAction.id == action_id).execute()
        events.record_many(now, [event])


def wanted_leads(account_id: int, api_ids: Iterable[str]) -> dict[str, int]:
    """Mark of a new booking → the lead from whose card it was made."""
    found: dict[str, int] = {}
    for chunk in bulk.chunks(set(api_ids)):
        sql = f"""SELECT api_id, lead_id FROM card_actions
            WHERE account_id = %s AND lead_id IS NOT NULL AND api_id IN ({bulk.marks(len(chunk))})"""
        found |= dict(db.rows(sql, (account_id, *chunk)))
    return found


def ours(account_id: int, keys: Iterable[str]) -> set[tuple[str, str]]:
    """(booking key, content) as our own writes left them: what comes back like this is an echo."""
    found: set[tuple[str, str]] = set()
    for chunk in bulk.chunks(set(keys)):
        sql = f"""SELECT booking_key, content_hash FROM card_actions
            WHERE account_id = %s AND state = 'done' AND booking_key IN ({bulk.marks(len(chunk))})"""
        found |= {(key, content) for key, content in db.rows(sql, (account_id, *chunk))}
    return found


def of_lead(account_id: int, lead_id: int, limit: int = 50) -> list[str]:
    """Keys of bookings made from this card, newest first: the link may still be on its way."""
    sql = """SELECT booking_key FROM card_actions
        WHERE account_id = %s AND lead_id = %s AND state = 'done' ORDER BY id DESC LIMIT %s"""
    return list(dict.fromkeys(key for (key,) in db.rows(sql, (account_id, lead_id, limit))))


def unfinished(before: datetime, limit: int = 50) -> list[CardAction]:
    """Sent and never heard of again: the process died, or the answer did not come."""
    query = CardAction.select().where(CardAction.state.in_(OPEN) & (CardAction.sent_at < before))
    return list(query.order_by(CardAction.id).limit(limit))


def _is_sent() -> Any:
    return CardAction.state == "sent"
