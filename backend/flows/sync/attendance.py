"""A person moved a lead to «Подтвердил»: its booking is confirmed in the salon's journal, if rules say so.

The wish is an event of its own: it is asked again after a time-out, and a refusal stays in the journal.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.errors import AppError, InvalidInput, NeedsHuman
from backend.core.reasons import Reason
from backend.core.rules.configuration import Mode
from backend.core.salon import DEFAULT_ZONE, Phase, branch_of
from backend.core.sync import confirming
from backend.core.sync.confirming import Awaited, StageMove
from backend.core.sync.links import Link
from backend.flows.rules import configuration, writing
from backend.flows.sync import own
from backend.flows.vendors import clients
from backend.flows.work import Work
from backend.integrations import BOOKING_SOURCES
from backend.integrations.http import JsonObject
from backend.store import alarms, bookings, card_actions, connections, events, links, writers
from backend.store.bookings import BookingRow
from backend.store.card_actions import Intent
from backend.store.events import Closing, InboundEvent, NewEvent

KIND = "amocrm.confirmed"
CONFIRMED = 2  # attendance in YCLIENTS
PERSON = "amoCRM"
PREFIX = "confirm:"  # of the subject: a wish is no news of the booking and holds none up


def noticed(work: Work, moves: Sequence[StageMove]) -> None:
    """Keeps the wishes among these moves; called before the moves become known."""
    rules, now = configuration.current(work.account_id), work.ctx.now()
    if not rules.options.attendance_from_stage or not moves:
        return
    ours = writing.ours(work.account_id, rules)
    held = links.holders(work.account_id, {move.lead_id for move in moves})
    rows = bookings.by_keys(work.account_id, [link.key for link in held.values()])
    branches = {row.company_id: row.id for row in connections.of_account(work.account_id)}
    new = [
        _wish(work, held[move.lead_id], move, branches)
        for move in moves
        if (booking := _awaited(held.get(move.lead_id), rows))
        and branch_of(booking.link.key) in ours
        and confirming.confirms(move, booking, rules, now)
    ]
    if new:
        events.record_many(now, new)
        work.ctx.ring(work.lease.lane_id)


def changed(work: Work) -> None:
    """The flow of `amocrm.confirmed` events."""
    for event in list(work.open.values()):
        try:
            reason = _confirm(work, event)
        except NeedsHuman as error:
            _dispose(work, event, error)
        except AppError as error:
            work.dispose(error, [event.id])
        else:
            work.close([Closing(event.id, "done", reason)])


def _awaited(link: Link | None, rows: dict[str, BookingRow]) -> Awaited | None:
    row = rows.get(link.key) if link else None
    return Awaited(link, Phase(row.phase), row.starts_at) if link and row else None


def _wish(work: Work, link: Link, move: StageMove, branches: dict[int, int]) -> NewEvent:
    branch_id = branches.get(branch_of(link.key))
    moment = move.at.isoformat() if move.at else ""
    name = f"{link.key}:{move.lead_id}:{move.stage_id}:{moment}"
    return NewEvent(
        work.account_id, branch_id, work.lease.name, f"{PREFIX}{link.key}", "amocrm", KIND, name, "{}"
    )


def _confirm(work: Work, event: InboundEvent) -> Reason:
    """The journal's own state decides: somebody may have marked the visit meanwhile, or we before a death."""
    key = event.subject.removeprefix(PREFIX)
    company_id = branch_of(key)
    held = writers.of_account(work.account_id)
    branch = configuration.current(work.account_id).branch(company_id)
    if writing.leave(branch, held).mode is not Mode.ACTIVE:
        return Reason.UP_TO_DATE  # another widget writes for the salon again
    with work.writing(writers.fences(held, [company_id])):
        return _carried_out(work, event, key)


def _carried_out(work: Work, event: InboundEvent, key: str) -> Reason:
    company_id, record_id = map(int, key.split(":")[1:])
    desk = clients.yclients_desk(work.ctx, work.account_id, company_id, work.keep_alive)
    record = desk.record(company_id, record_id)
    if record is None:
        raise InvalidInput("card.no_booking")
    action = card_actions.intend(work.account_id, _intent(event, key, company_id), work.ctx.now())
    if _phase(work, company_id, record) is Phase.WAITING:
        card_actions.claim(action, work.ctx.now(), work.ctx.now())
        desk.attend(company_id, record, CONFIRMED)
        record = desk.record(company_id, record_id) or record
    elif action.sent_at is None:
        return Reason.UP_TO_DATE
    own.settle(work.ctx, action, record)
    return Reason.CONFIRMED_THERE


def _intent(event: InboundEvent, key: str, company_id: int) -> Intent:
    form = f"event-{event.id}"
    return Intent(form, "confirm", {}, "", form, company_id, None, PERSON, booking_key=key)


def _phase(work: Work, company_id: int, record: JsonObject) -> Phase:
    branch = connections.get(work.account_id, company_id)
    zone = (branch.timezone if branch else None) or DEFAULT_ZONE
    return BOOKING_SOURCES["yclients"].parse(record, zone).phase


def _dispose(work: Work, event: InboundEvent, error: NeedsHuman) -> None:
    """A right that lacks for this one write is no reason to stop the whole salon."""
    if error.code != "yclients.no_right":
        work.dispose(error, [event.id])
        return
    key = event.subject.removeprefix(PREFIX)
    number = key.rpartition(":")[2]
    alarms.raise_alarm(
        work.account_id, "card.confirm_refused", "notice", key, {"number": number}, work.ctx.now()
    )
    work.dispose(InvalidInput("card.confirm_refused", number=number), [event.id])
