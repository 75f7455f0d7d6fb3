"""Moving, cancelling, confirming a booking and marking it as arrived, from a card of the CRM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.core.errors import InvalidInput
from backend.core.salon import Booking, Phase
from backend.flows.actions import booking, once, rights, shown
from backend.flows.actions.choices import MINUTE, Desk
from backend.flows.actions.once import Deed, Done
from backend.flows.actions.people import Holder
from backend.flows.actions.rights import Act
from backend.flows.widget.widget import Caller
from backend.integrations import BOOKING_SOURCES
from backend.integrations.http import JsonObject
from backend.store.card_actions import CardAction, Intent

ATTENDANCE: Mapping[Act, int] = {Act.CONFIRM: 2, Act.ARRIVE: 1}
PHASES: Mapping[Act, Phase] = {
    Act.CONFIRM: Phase.CONFIRMED,
    Act.ARRIVE: Phase.ARRIVED,
    Act.CANCEL: Phase.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """`at` and `staff_id` (0: the same master) belong to a move alone."""

    form: str
    act: Act
    key: str
    at: datetime | None = None
    staff_id: int = 0

    @property
    def record_id(self) -> int:
        return int(self.key.rpartition(":")[2])


def change(desk: Desk, asking: Caller, holder: Holder, wish: Wish) -> Done:
    rights.check(asking, desk.rules, wish.act)
    rights.branch(desk.rules, desk.company_id)
    if wish.at is not None and wish.at <= desk.now:
        raise InvalidInput("card.time_passed")
    intent = _intent(desk, asking, holder, wish)
    deed = deed_of(desk, wish)
    return booking.told(
        desk,
        wish.act,
        lambda: once.carry_out(desk.ctx, desk.account, intent, deed),
        lambda: _nearest(desk, wish),
    )


def deed_of(desk: Desk, wish: Wish) -> Deed:
    def look() -> JsonObject | None:
        record = desk.journal.record(desk.company_id, wish.record_id)
        return record if record and _is_done(desk, record, wish) else None

    def prepare() -> Callable[[], JsonObject]:
        record = desk.journal.record(desk.company_id, wish.record_id)
        if record is None:
            raise InvalidInput("card.no_booking")
        if _is_done(desk, record, wish):
            return lambda: record
        _check(desk, _parsed(desk, record), wish)
        return lambda: _write(desk, record, wish)

    return Deed(look, prepare)


def look_again(desk: Desk, action: CardAction) -> JsonObject | None:
    """For an attempt that nobody came back to."""
    at = datetime.fromisoformat(action.params["at"]) if action.params.get("at") else None
    wish = Wish(action.form, Act(action.kind), str(action.booking_key), at, action.params.get("staff") or 0)
    return deed_of(desk, wish).look()


def _check(desk: Desk, now: Booking, wish: Wish) -> None:
    """What the card showed may be old: the journal's own state decides."""
    if now.phase not in shown.SUITS[wish.act]:
        raise InvalidInput(f"card.not_now.{wish.act}.{now.phase}")
    if wish.act is Act.MOVE and now.event_id:
        raise InvalidInput("card.group_event")
    if wish.act is Act.ARRIVE and desk.wall(now.starts_at).date() > desk.now.date():
        raise InvalidInput("card.too_early")


def _write(desk: Desk, record: JsonObject, wish: Wish) -> JsonObject:
    """The write, and the record as it stands after it."""
    if wish.act is Act.MOVE:
        assert wish.at is not None
        staff_id = wish.staff_id or _parsed(desk, record).staff.id
        resets = _parsed(desk, record).phase is Phase.NO_SHOW  # a missed visit that is moved is awaited again
        return desk.journal.move(desk.company_id, record, staff_id, wish.at, resets=resets)
    if wish.act is Act.CANCEL:
        desk.journal.cancel(desk.company_id, wish.record_id)
        after = desk.journal.record(desk.company_id, wish.record_id)
        return {**(after or record), "deleted": True}
    desk.journal.attend(desk.company_id, record, ATTENDANCE[wish.act])
    return desk.journal.record(desk.company_id, wish.record_id) or record


def _is_done(desk: Desk, record: JsonObject, wish: Wish) -> bool:
    now = _parsed(desk, record)
    if wish.act is not Act.MOVE:
        return now.phase is PHASES[wish.act]
    is_there = desk.wall(now.starts_at) == wish.at and wish.staff_id in (0, now.staff.id)
    return is_there and now.phase in (Phase.WAITING, Phase.CONFIRMED)


def _nearest(desk: Desk, wish: Wish) -> list[str]:
    record = desk.journal.record(desk.company_id, wish.record_id)
    if record is None or wish.at is None:
        return []
    now = _parsed(desk, record)
    return desk.nearest(wish.staff_id or now.staff.id, -(-now.duration_seconds // MINUTE), wish.at)


def _intent(desk: Desk, asking: Caller, holder: Holder, wish: Wish) -> Intent:
    params = {"at": wish.at.isoformat() if wish.at else None, "staff": wish.staff_id}
    lead_id = holder.lead.id if holder.lead else None
    asked = {**params, "key": wish.key, "act": str(wish.act)}
    return Intent(
        wish.form, str(wish.act), params, once.digest(asked), once.mark(desk.account, wish.form),
        desk.company_id, lead_id, asking.name, booking_key=wish.key,
    )  # fmt: skip


def _parsed(desk: Desk, record: JsonObject) -> Booking:
    return BOOKING_SOURCES["yclients"].parse(record, desk.zone)
