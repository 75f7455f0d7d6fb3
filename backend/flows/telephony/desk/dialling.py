"""Click-to-call: from a press on a number to a row that the PBX's keeper claims, and what people are shown.

A row is dialled within its deadline or never. Whose phone rings is said by the rules, not by the request.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from backend.core.errors import InvalidInput
from backend.core.telephony import numbers, originating
from backend.core.telephony.call import Call, Outcome, Stage, Way
from backend.core.telephony.originating import Order
from backend.core.telephony.rules import Line, Person, TelephonyRules
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.telephony.desk import callers, channel
from backend.flows.telephony.exchanges import kinds
from backend.store import mirror
from backend.store.telephony import dials, pbxes
from backend.store.telephony.dials import Dial, Wish
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

DEADLINE = timedelta(seconds=10)  # who clicked has looked elsewhere by then
PAUSE = timedelta(seconds=3)  # between two calls of one person
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KEPT = timedelta(days=365)

# Why the operator's own phone did not take the call: by Asterisk's reason, then by the cause of its hangup.
SILENT, BUSY_CAUSE, DECLINED_CAUSE, UNKNOWN_CAUSE = "3", 17, 21, 1
BY_CAUSE = {
    BUSY_CAUSE: "operator_busy", DECLINED_CAUSE: "operator_declined", UNKNOWN_CAUSE: "operator_unknown",
}  # fmt: skip
BY_OUTCOME = {
    Outcome.BUSY: "busy", Outcome.WRONG_NUMBER: "wrong_number", Outcome.TRUNK_DOWN: "trunk_down",
    Outcome.NO_ANSWER: "no_answer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Card:
    """Where it was clicked: lead, contact, company, or nothing of the kind."""

    entity: str = ""
    entity_id: int | None = None


NOWHERE = Card()


def ask(  # noqa: PLR0913 - a press, as the row keeps it
    ctx: Context, account_id: int, user_id: int, number: str, entity: Card = NOWHERE, address: str = ""
) -> Dial:
    """A row that waits for the PBX. InvalidInput with the reason when nothing will be dialled; that is kept
    too, for the trail.
    """
    now = ctx.now()
    wish = Wish(
        account_id, None, user_id, secrets.token_hex(8), "", entity.entity, entity.entity_id, address, None,
        now, now + DEADLINE,
    )  # fmt: skip
    try:
        wish, pbx = _checked(ctx, wish, number)
        made = _added(wish)
    except InvalidInput as refusal:
        dials.refuse(wish, refusal.code)
        log.info("dial refused user=%d code=%s", user_id, refusal.code)
        raise
    _show(ctx, made)
    kinds.wake(ctx, pbx, made.id)
    log.info("dial asked id=%d user=%d", made.id, user_id)
    return made


def order_of(dial: Dial) -> Order:
    """What the PBX is told."""
    assert dial.call_order is not None
    return Order(**dial.call_order)


def claim(ctx: Context, pbx_id: int, now: datetime | None = None) -> Dial | None:
    """The next one to be dialled, now the caller's. What waited too long is closed, never dialled."""
    found, late = dials.claim(pbx_id, now or ctx.now())
    for dial in late:
        _show(ctx, dial)
    return found


def sweep(ctx: Context) -> int:
    """Nobody claimed them: the PBX's keeper is away. Returns how many were closed."""
    late = dials.overdue(ctx.now())
    for dial in late:
        _show(ctx, dial)
    dials.forget(ctx.now() - KEPT)
    return len(late)


def answered(  # noqa: PLR0913 - what a PBX may say of it
    ctx: Context, dial_id: int, *, is_good: bool, reason: str = "", cause: int = 0, text: str = ""
) -> None:
    """The PBX has answered: the operator's phone took the call (the client is called now), or it did not.
    `reason` is Asterisk's, `cause` that of the hangup; `text`: it refused at once, in its own words.
    """
    if is_good:
        _step(ctx, dial_id, dials.RINGING_CLIENT)
        return
    if text:
        log.warning("dial refused by the PBX id=%d text=%s", dial_id, text)
    silent = "operator_silent" if reason == SILENT else BY_CAUSE.get(cause, "operator_away")
    _step(ctx, dial_id, dials.FAILED, reason="pbx_refused" if text else silent)


def sent(ctx: Context, dial_id: int) -> None:
    """The PBX has taken the order: the operator's phone rings."""
    _step(ctx, dial_id, dials.RINGING_OPERATOR)


def silent(ctx: Context, dial_id: int) -> None:
    """The PBX gave no answer. Whether it has the order is not known, and people are not kept waiting."""
    _step(ctx, dial_id, dials.FAILED, reason="pbx_silent")


def late(ctx: Context, dial_id: int) -> None:
    """It was claimed in time and could not be sent in time: it never will be."""
    _step(ctx, dial_id, dials.LATE)


def lost(ctx: Context, dial_id: int) -> None:
    """The operator's phone has rung for as long as it may, and the PBX says nothing."""
    if (dial := dials.lose(dial_id, "lost", ctx.now())) is not None:
        _show(ctx, dial)


def given_up(token: str, pbx_id: int) -> Dial | None:
    """A click that this PBX must not carry out any more; None for any other."""
    dial = dials.by_token(token)
    return dial if dial is not None and dial.pbx_id == pbx_id and dial.status in dials.GIVEN_UP else None


def begun_late(ctx: Context, dial_id: int, uniq: str, *, is_stopped: bool) -> None:
    """The PBX has begun a call that was given up: it was hung up, or could not be."""
    if (dial := dials.explain(dial_id, "stopped_late" if is_stopped else "begun_late", uniq)) is not None:
        log.warning("dial begun late id=%d is_stopped=%s", dial_id, is_stopped)
        _show(ctx, dial)


def followed(ctx: Context, call: Call) -> None:
    """A change of the call that came of a click."""
    dial = dials.by_token(call.request_id) if call.request_id else None
    if dial is None or dial.pbx_id != call.pbx_id:
        return
    if call.stage is not Stage.ENDED:
        _went_on(ctx, dial, call)
    elif call.talks:
        _step(ctx, dial.id, dials.ENDED, uniq=call.uniq)
    elif call.client:
        reason = BY_OUTCOME.get(call.outcome, "no_answer") if call.outcome else "no_answer"
        _step(ctx, dial.id, dials.ENDED, reason=reason, uniq=call.uniq)
    else:  # the client was never called; why, the PBX's own answer says a moment earlier or later
        _step(ctx, dial.id, dials.FAILED, reason="operator_away", uniq=call.uniq)


def _went_on(ctx: Context, dial: Dial, call: Call) -> None:
    if call.stage is Stage.TALKING:
        _step(ctx, dial.id, dials.TALKING, uniq=call.uniq)
    elif call.way is Way.OUT:  # a line to the world is there: the operator has answered
        _step(ctx, dial.id, dials.RINGING_CLIENT, uniq=call.uniq)


def message(dial: Dial) -> channel.Message:
    """A click as its card shows it."""
    contact, _ = callers.known(dial.account_id, numbers.client(dial.number))
    return {
        "type": "dial", "call": f"dial:{dial.token}", "number": dial.number, "status": dial.status,
        "name": contact.name if contact else "",
        "reason": dial.reason, "uniq": dial.call_uniq or "", "entity": dial.entity,
        "entity_id": dial.entity_id, "since": dial.made_at.isoformat(), "is_over": dial.is_over,
    }  # fmt: skip


def _checked(ctx: Context, wish: Wish, number: str) -> tuple[Wish, Pbx]:
    rules = configuration.current(wish.account_id).telephony
    if not rules.is_on or not rules.dialling.is_on:
        raise InvalidInput("dial.off")
    pbx, person = _device(wish, rules)
    dialled = numbers.to_dial(number, rules)
    wish = replace(wish, pbx_id=pbx.id, number=numbers.client(number) or dialled)
    if dialled in person.endpoints:
        raise InvalidInput("dial.own_phone")
    _check_pace(wish, rules)
    if channel.busy(ctx.redis, wish.account_id, pbx.id, person.endpoints):
        raise InvalidInput("dial.busy")
    if pbxes.state(pbx.id).trouble:
        raise InvalidInput("dial.pbx_away")
    made = originating.order(wish.token, dialled, person, _line(wish, rules, pbx.code), rules.dialling)
    return replace(wish, call_order=asdict(made)), pbx


def _added(wish: Wish) -> Dial:
    made = dials.add(wish)
    if made is None:
        raise InvalidInput("dial.pending")
    return made


def _device(wish: Wish, rules: TelephonyRules) -> tuple[Pbx, Person]:
    """Whose phone rings, and where: the first PBX that is on and knows this user."""
    found = [pbx for pbx in pbxes.of_account(wish.account_id) if pbx.is_on]
    if not found:
        raise InvalidInput("dial.no_pbx")
    for pbx in found:
        person = rules.person_of(wish.user_id, pbx.code)
        if person is not None and person.extension:
            return pbx, person
    raise InvalidInput("dial.no_device")


def _check_pace(wish: Wish, rules: TelephonyRules) -> None:
    dialling = rules.dialling
    for span, most in ((PAUSE, 1), (MINUTE, dialling.per_minute), (HOUR, dialling.per_hour)):
        if dials.counted(wish.account_id, wish.user_id, wish.made_at - span) >= most:
            raise InvalidInput("dial.too_often")


def _line(wish: Wish, rules: TelephonyRules, pbx: str) -> Line | None:
    pipeline_id = None
    if wish.entity == "lead" and wish.entity_id:
        lead = mirror.leads_by_ids(wish.account_id, [wish.entity_id]).get(wish.entity_id)
        pipeline_id = lead.pipeline_id if lead else None
    return originating.line_for(rules, wish.user_id, pbx, pipeline_id)


def _step(ctx: Context, dial_id: int, status: str, *, reason: str = "", uniq: str | None = None) -> None:
    if (dial := dials.step(dial_id, status, ctx.now(), reason=reason, uniq=uniq)) is not None:
        _show(ctx, dial)


def _show(ctx: Context, dial: Dial) -> None:
    told = {**message(dial), "users": [dial.user_id], "at": ctx.now().isoformat()}
    channel.send(ctx.redis, dial.account_id, told)
