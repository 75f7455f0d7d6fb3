"""Calls: one row each, kept by its one id, whoever told of it. What a later source tells completes the row.

State: open (it goes on) → ended (facts are whole, nothing done yet) → handled | refused (amoCRM knows nobody
with this number; kept for a rule or a person) | ignored (internal, switched off, excluded).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee

from backend.core.telephony.after import written
from backend.core.telephony.call import Call, Outcome, Stage, Way
from backend.store import bulk, db
from backend.store.db import BaseModel, JsonField, UtcField

OPEN, ENDED, HANDLED, REFUSED, IGNORED = "open", "ended", "handled", "refused", "ignored"
STATES = (OPEN, ENDED, HANDLED, REFUSED, IGNORED)
LOST = "lost"  # an outcome to look for besides the outcomes themselves: talked, then lost in a transfer
UNTAKEN = "way = 'internal' AND coalesce(outcome, '') = 'unreached' AND request_id <> '' AND client = ''"
"""A click whose operator did not take up: the PBX has never heard of the client."""
MILLISECOND = timedelta(milliseconds=1)


class CallRow(BaseModel):
    """`facts` is the whole `Call`; the columns beside it are for lists and figures. `client_key`: E.164 or ""
    (hidden). `user_id`: who talked last, else who dialled, else who was rung first. `crm`: what became of it
    there.
    """

    id = peewee.BigAutoField()
    account_id = peewee.BigIntegerField()
    pbx_id = peewee.BigIntegerField()
    uniq = peewee.TextField()
    state = peewee.TextField()
    way = peewee.TextField()
    stage = peewee.TextField()
    outcome = peewee.TextField(null=True)
    miss = peewee.TextField(null=True)
    trunk = peewee.TextField()
    did = peewee.TextField()
    line = peewee.TextField()
    client = peewee.TextField()
    client_key = peewee.TextField()
    user_id = peewee.BigIntegerField(null=True)
    began_at = UtcField()
    answered_at = UtcField(null=True)
    ended_at = UtcField(null=True)
    wait_ms = peewee.BigIntegerField()
    talk_ms = peewee.BigIntegerField()
    is_lost = peewee.BooleanField()
    is_incomplete = peewee.BooleanField()
    source = peewee.TextField()
    request_id = peewee.TextField()
    facts = JsonField()
    crm = JsonField(null=True)
    updated_at = UtcField()

    class Meta:
        table_name = "calls"

    @property
    def is_untaken(self) -> bool:
        """As UNTAKEN."""
        is_unreached = self.way == Way.INTERNAL and self.outcome == Outcome.UNREACHED
        return is_unreached and bool(self.request_id) and not self.client

    @property
    def call(self) -> Call:
        return written.from_data(self.facts)


@dataclass(frozen=True, slots=True)
class Seen:
    """A call and what the account's rules say of it: `line` is the line's title."""

    call: Call
    client_key: str = ""
    user_id: int | None = None
    line: str = ""


@dataclass(frozen=True, slots=True)
class CallFilters:
    """What a list shows; empty: everything. `outcome`: one of `Outcome`, or LOST; `text` is part of a number;
    `user_id` 0: nobody's; `line`: its title, or its trunk when it has none; `is_over`: without what goes on;
    `is_unanswered`: whose client nobody of us has talked with since; `is_untaken`: with or without clicks
    whose operator did not take up.
    """

    way: str = ""
    state: str = ""
    outcome: str = ""
    user_id: int | None = None
    trunk: str = ""
    line: str = ""
    is_over: bool = False
    is_unanswered: bool = False
    is_untaken: bool | None = None
    pbx_id: int | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


def save(  # noqa: PLR0913 - what the rules say of a call, by name
    account_id: int,
    call: Call,
    *,
    now: datetime,
    client_key: str = "",
    user_id: int | None = None,
    line: str = "",
) -> CallRow:
    save_many(account_id, [Seen(call, client_key, user_id, line)], now)
    row = by_uniq(account_id, call.uniq)
    assert row is not None
    return row


def save_many(account_id: int, seen: Iterable[Seen], now: datetime, awaited: Collection[str] = ()) -> None:
    """Write calls as they are now. A call that has ended opens no more, and what was done with it stays; one
    that turned out to be part of another (a pickup, two calls joined) leaves its row to it. Of those in
    `awaited` (by uniq) somebody else has more to tell: they stay open although they are over.
    """
    newest = {one.call.uniq: one for one in seen}
    new = [_row(account_id, one, now, one.call.uniq in awaited) for one in newest.values()]
    names = [name for name in (new[0] if new else ()) if name not in ("account_id", "uniq", "state", "crm")]
    sets = ", ".join(f"{name} = excluded.{name}" for name in names)
    state = f"state = CASE WHEN calls.state = '{OPEN}' THEN excluded.state ELSE calls.state END"
    kept = f"WHERE calls.state = '{OPEN}' OR excluded.state <> '{OPEN}'"
    with db.atomic():
        bulk.insert(CallRow, new, f"ON CONFLICT (account_id, uniq) DO UPDATE SET {sets}, {state} {kept}")
        for one in newest.values():
            _absorb(account_id, one.call)


def by_id(account_id: int, call_id: int) -> CallRow | None:
    return CallRow.get_or_none((CallRow.account_id == account_id) & (CallRow.id == call_id))


def by_uniq(account_id: int, uniq: str) -> CallRow | None:
    return CallRow.get_or_none((CallRow.account_id == account_id) & (CallRow.uniq == uniq))


def by_uniqs(account_id: int, uniqs: Iterable[str]) -> dict[str, CallRow]:
    found: dict[str, CallRow] = {}
    for chunk in bulk.chunks(set(uniqs)):
        where = (CallRow.account_id == account_id) & CallRow.uniq.in_(chunk)
        found |= {row.uniq: row for row in CallRow.select().where(where)}
    return found


def by_request(account_id: int, request_id: str) -> CallRow | None:
    """The call that a click asked for."""
    where = (CallRow.account_id == account_id) & (CallRow.request_id == request_id)
    return CallRow.get_or_none(where & (CallRow.request_id != "")) if request_id else None


def known_as(account_id: int, call: Call) -> CallRow | None:
    """The row that keeps this call already, by any of its linked ids; one that has ended before open ones."""
    found = by_uniqs(account_id, uniqs_of(call))
    return min(
        found.values(), key=lambda row: (row.state == OPEN, row.uniq != call.uniq, row.id), default=None
    )


def uniqs_of(call: Call) -> set[str]:
    return {call.uniq, *(f"{call.pbx_id}:{linked}" for linked in call.linked)}


def portion(
    account_id: int, filters: CallFilters, before_id: int | None = None, limit: int = 50
) -> list[CallRow]:
    """Newest first; the next portion starts before the last id of this one."""
    query = wanted(account_id, filters)
    query = query if before_id is None else query.where(CallRow.id < before_id)
    return list(query.order_by(CallRow.id.desc()).limit(limit))


def count(account_id: int, filters: CallFilters) -> int:
    """How many the list would show; to be asked of days, which an index knows."""
    return int(wanted(account_id, filters).count())


def of_period(account_id: int, filters: CallFilters, after_id: int = 0, limit: int = 500) -> list[CallRow]:
    """In the order of their rows, for work that goes through all of them."""
    query = wanted(account_id, filters).where(CallRow.id > after_id)
    return list(query.order_by(CallRow.id).limit(limit))


def of_client(account_id: int, client_key: str, limit: int = 20) -> list[CallRow]:
    """This client's calls, newest first; a hidden number is nobody's."""
    if not client_key:
        return []
    where = (CallRow.account_id == account_id) & (CallRow.client_key == client_key)
    return list(
        CallRow.select().where(where).order_by(CallRow.began_at.desc(), CallRow.id.desc()).limit(limit)
    )


def open_calls(pbx_id: int, limit: int = 1000) -> list[CallRow]:
    """What goes on by what we know, oldest first."""
    where = (CallRow.pbx_id == pbx_id) & (CallRow.state == OPEN)
    return list(CallRow.select().where(where).order_by(CallRow.began_at).limit(limit))


def abandoned(before: datetime, limit: int = 200) -> list[CallRow]:
    """Open calls of PBXes that nobody listens to any more, not touched since `before`."""
    listened = "(SELECT id FROM pbxes WHERE is_on AND NOT is_removed)"
    where = (CallRow.state == OPEN) & (CallRow.updated_at < before)
    return list(CallRow.select().where(where & CallRow.pbx_id.not_in(peewee.SQL(listened))).limit(limit))


def note_crm(account_id: int, uniq: str, state: str, crm: Mapping[str, Any], now: datetime) -> None:
    """What became of the call in amoCRM; an open call stays open."""
    where = (CallRow.account_id == account_id) & (CallRow.uniq == uniq)
    CallRow.update(crm=crm, updated_at=now).where(where).execute()
    CallRow.update(state=state).where(where & (CallRow.state != OPEN)).execute()


def reopen(account_id: int, uniq: str, now: datetime) -> None:
    """An ended call is to be handled again; what was written of it in amoCRM is still known."""
    where = (CallRow.account_id == account_id) & (CallRow.uniq == uniq) & (CallRow.state != OPEN)
    CallRow.update(state=ENDED, updated_at=now).where(where).execute()


def _absorb(account_id: int, call: Call) -> None:
    others = uniqs_of(call) - {call.uniq}
    if others:
        where = (CallRow.account_id == account_id) & CallRow.uniq.in_(others) & (CallRow.state == OPEN)
        CallRow.delete().where(where).execute()


def _row(account_id: int, seen: Seen, now: datetime, is_awaited: bool) -> dict[str, Any]:
    call = seen.call
    return {
        "account_id": account_id, "pbx_id": call.pbx_id, "uniq": call.uniq,
        "state": ENDED if call.stage is Stage.ENDED and not is_awaited else OPEN, "way": call.way.value,
        "stage": call.stage.value, "outcome": call.outcome.value if call.outcome else None,
        "miss": call.miss.value if call.miss else None, "trunk": call.trunk, "did": call.did,
        "line": seen.line, "client": call.client, "client_key": seen.client_key, "user_id": seen.user_id,
        "began_at": call.began_at, "answered_at": call.answered_at, "ended_at": call.ended_at,
        "wait_ms": call.wait // MILLISECOND, "talk_ms": call.talk // MILLISECOND,
        "is_lost": call.lost_after_transfer, "is_incomplete": call.is_incomplete, "source": call.source.value,
        "request_id": call.request_id, "facts": written.as_data(call), "crm": None, "updated_at": now,
    }  # fmt: skip


def wanted(account_id: int, filters: CallFilters) -> Any:
    query: Any = CallRow.select().where(CallRow.account_id == account_id)
    equal = {
        CallRow.way: filters.way, CallRow.state: filters.state, CallRow.user_id: filters.user_id or None,
        CallRow.trunk: filters.trunk, CallRow.pbx_id: filters.pbx_id,
    }  # fmt: skip
    for column, value in equal.items():
        query = query if value in ("", None) else query.where(column == value)
    if filters.outcome:
        query = query.where(
            CallRow.is_lost if filters.outcome == LOST else CallRow.outcome == filters.outcome
        )
    query = query.where(CallRow.user_id.is_null()) if filters.user_id == 0 else query
    query = query.where(CallRow.state != OPEN) if filters.is_over else query
    query = query.where(_nobody_talked_since()) if filters.is_unanswered else query
    if filters.is_untaken is not None:
        query = query.where(peewee.SQL(f"({UNTAKEN})" if filters.is_untaken else f"NOT ({UNTAKEN})"))
    if filters.line:
        untitled = (CallRow.line == "") & (CallRow.trunk == filters.line)
        query = query.where((CallRow.line == filters.line) | untitled)
    if filters.text:
        query = query.where(CallRow.client_key.contains(filters.text) | CallRow.client.contains(filters.text))
    query = query if filters.since is None else query.where(CallRow.began_at >= filters.since)
    return query if filters.until is None else query.where(CallRow.began_at < filters.until)


def _nobody_talked_since() -> Any:
    """A hidden number cannot be called back, so it waits for nobody."""
    later = CallRow.alias("later")
    same = (later.account_id == CallRow.account_id) & (later.client_key == CallRow.client_key)
    talked = later.select(peewee.SQL("1")).where(
        same & (later.began_at > CallRow.began_at) & later.answered_at.is_null(False)
    )
    return (CallRow.client_key != "") & ~peewee.fn.EXISTS(talked)
