"""The call card: who sees what of a call while it rings, while it is talked and when it ends.

Only our own tables are read: a card must be there before the phone has rung twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from backend.core.errors import TryLater
from backend.core.telephony import numbers
from backend.core.telephony.call import Call, Stage, Way
from backend.core.telephony.rules import TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import schemas
from backend.flows.telephony.desk import callers, channel, dialling
from backend.flows.telephony.desk.channel import Message
from backend.store.telephony import calls, pbxes


class Change(Protocol):
    """What the fold says: kind is ringing, talking, changed, gone or ended; `phone` whose it is."""

    @property
    def kind(self) -> str: ...
    @property
    def call(self) -> Call: ...
    @property
    def phone(self) -> str: ...


def publish(
    ctx: Context, account_id: int, change: Change, rules: TelephonyRules, pbx: str | None = None
) -> None:
    """Everybody whom this change concerns is told. `pbx` is the code of the PBX, looked up when not given."""
    call = change.call
    code = _code(call) if pbx is None else pbx
    _hold(ctx, account_id, call)
    if call.request_id:
        dialling.followed(ctx, call)
    seen = _seen(ctx, account_id, change)
    if rules.is_on and rules.card and call.way is not Way.INTERNAL:
        for kind, users in _told(change, rules, code, seen.pop(call.uniq, [])):
            if users:
                facts = _facts(account_id, call, rules, code) if kind in ("ringing", "talking") else {}
                told = {"type": kind, "call": call.uniq, "users": users, "way": call.way.value, **facts}
                channel.send(ctx.redis, account_id, {**told, "at": ctx.now().isoformat()})
    for uniq, users in seen.items():  # two calls became one, or cards were switched off meanwhile
        channel.send(ctx.redis, account_id, {"type": "gone", "call": uniq, "users": users})


def _seen(ctx: Context, account_id: int, change: Change) -> dict[str, list[int]]:
    """Who sees a card of this call now, by the id that the card was shown with."""
    if change.kind not in ("talking", "ended"):
        return {}
    return channel.holders(ctx.redis, account_id, sorted(calls.uniqs_of(change.call)))


def _told(
    change: Change, rules: TelephonyRules, pbx: str, seen: Sequence[int]
) -> list[tuple[str, list[int]]]:
    """(what, to whom); `seen`: who has its card. A card of a call that came of a click is that click's."""
    call = change.call
    its_own = [] if call.way is Way.IN else _users([call.operator], rules, pbx)
    everybody = list(dict.fromkeys([*_users([*call.rung, *call.talked, change.phone], rules, pbx), *its_own]))
    match change.kind:
        case "ringing" if call.request_id:
            return []
        case "ringing":
            return [("ringing", its_own or _users([change.phone], rules, pbx))]
        case "talking":
            talking = _users([talk.phone for talk in call.talks if talk.ended_at is None], rules, pbx)
            others = [user_id for user_id in dict.fromkeys([*everybody, *seen]) if user_id not in talking]
            return [("gone", others), ("talking", [] if call.request_id else talking)]
        case "gone":
            still = _users(_busy(call) | _ringing(call), rules, pbx)
            left = [user_id for user_id in _users([change.phone], rules, pbx) if user_id not in still]
            return [("gone", left)]
        case "ended":
            return [("ended", list(dict.fromkeys([*everybody, *seen])))]
        case _:
            return []


def _users(phones: Sequence[str] | frozenset[str], rules: TelephonyRules, pbx: str) -> list[int]:
    found = (rules.user(phone, pbx) for phone in phones if phone)
    return list(dict.fromkeys(user_id for user_id in found if user_id is not None))


def _facts(account_id: int, call: Call, rules: TelephonyRules, pbx: str) -> Message:
    number = numbers.client(call.client)
    contact, leads = callers.known(account_id, number)
    line = rules.line(call.trunk, call.did, pbx)
    talker = callers.last_talker(account_id, number, call.uniq)
    since = call.answered_at if call.stage is Stage.TALKING else call.began_at
    opens = {person.user_id for person in rules.people if person.opens_cards}
    return {
        "number": number, "name": contact.name if contact else "",
        "contact_id": contact.id if contact else None,
        "lead_id": leads[0].id if leads else None, "lead_name": leads[0].name if leads else "",
        "leads": len(leads), "line": (line.title if line else "") or call.did or call.trunk,
        "previous": _name(account_id, talker), "since": (since or call.began_at).isoformat(),
        "opens": sorted(opens),
    }  # fmt: skip


def _name(account_id: int, user_id: int | None) -> str:
    if user_id is None:
        return ""
    try:
        users = schemas.load(account_id).users
    except TryLater:
        return ""
    return next((user.name for user in users if user.id == user_id), "")


def _hold(ctx: Context, account_id: int, call: Call) -> None:
    """Whose phones are taken, for those who ask whom to ring."""
    known_phones = [f"{call.pbx_id}:{phone}" for phone in {*call.rung, *call.talked, call.operator} if phone]
    now = [] if call.stage is Stage.ENDED else [f"{call.pbx_id}:{phone}" for phone in _busy(call)]
    channel.hold(ctx.redis, account_id, call.uniq, now, known_phones, calls.uniqs_of(call))


def _busy(call: Call) -> frozenset[str]:
    """Phones that talk, also with a colleague, and the one that calls out."""
    talking = {talk.phone for talk in call.talks if talk.ended_at is None}
    calling = {call.operator} if call.operator and not call.talks and call.way is not Way.IN else set()
    inside = {ring.phone for ring in call.rings if ring.status == "ANSWER"}
    return frozenset(talking | calling | (inside if call.way is Way.INTERNAL else set()))


def _ringing(call: Call) -> frozenset[str]:
    return frozenset(ring.phone for ring in call.rings if ring.ended_at is None)


def _code(call: Call) -> str:
    try:
        return pbxes.by_id(call.pbx_id).code
    except LookupError:
        return ""
