"""A new booking from a lead's card: the person's client card, the journal's record, and the lead it is for.

The lead is not linked here: the intent names it, and the lane, which decides as for every booking, prefers it
(core/sync/matching.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.flows.actions import choices, once, rights
from backend.flows.actions.choices import Desk
from backend.flows.actions.once import Deed, Done
from backend.flows.actions.people import Holder
from backend.flows.actions.rights import Act
from backend.flows.widget.widget import Caller
from backend.integrations.http import JsonObject
from backend.integrations.yclients.slots import Offer
from backend.integrations.yclients.writes import NewBooking, Visitor, YclientsDesk
from backend.store.card_actions import CardAction, Intent

LONGEST_COMMENT = 1000
MARGIN = timedelta(days=2)  # around the moment of the call: nobody says in which zone the journal reads it


class SlotTaken(InvalidInput):
    """Somebody was quicker. `nearest` are free beginnings of that master around it, «2026-11-21 10:00»."""

    def __init__(self, nearest: Sequence[str]) -> None:
        super().__init__("booking.slot_taken")
        self.nearest = tuple(nearest)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person chose."""

    form: str
    company_id: int
    service_ids: tuple[int, ...]
    staff_id: int
    at: datetime
    comment: str = ""


def create(desk: Desk, asking: Caller, holder: Holder, wish: Wish) -> Done:
    """The booking in the journal, once for each form. SlotTaken when the time went to somebody else."""
    rights.check(asking, desk.rules, Act.CREATE)
    rights.branch(desk.rules, wish.company_id)
    if wish.at <= desk.now:
        raise InvalidInput("card.time_passed")
    if len(wish.comment) > LONGEST_COMMENT:
        raise InvalidInput("card.comment_too_long", most=LONGEST_COMMENT)
    phone = phone_of(holder)
    intent = _intent(desk, asking, holder, wish)
    visitor = Visitor(0, holder.name or phone, phone)

    def look() -> JsonObject | None:
        return found(desk.journal, wish.company_id, intent.api_id, wish.at, desk.ctx.now())

    def prepare() -> Callable[[], JsonObject]:
        booking = _booking(desk, wish, visitor, intent.api_id)
        return lambda: desk.journal.book(wish.company_id, booking)

    deed = Deed(look, prepare, may_repeat=False)
    return told(
        desk,
        Act.CREATE,
        lambda: once.carry_out(desk.ctx, desk.account, intent, deed),
        lambda: _nearest(desk, wish),
    )


def told(desk: Desk, act: Act, deed: Callable[[], Done], nearest: Callable[[], Sequence[str]]) -> Done:
    """What YCLIENTS refuses is said so that a person knows what to press next."""
    try:
        return deed()
    except InvalidInput as error:
        if error.code == "booking.slot_taken":
            raise SlotTaken(nearest()) from error
        raise
    except NeedsHuman as error:
        if error.code == "yclients.no_right":
            raise rights.missing(desk.journal, desk.company_id, act, error) from error
        raise


def found(
    journal: YclientsDesk, company_id: int, api_id: str, at: datetime, now: datetime
) -> JsonObject | None:
    """What an earlier attempt left in the journal: on its day, or wherever it was moved to since."""
    record = journal.booked(company_id, api_id, at.date())
    return record or journal.booked_since(company_id, api_id, now - MARGIN)


def look_again(desk: Desk, action: CardAction) -> JsonObject | None:
    """For an attempt that nobody came back to."""
    at = datetime.fromisoformat(action.params["at"])
    return found(desk.journal, action.company_id, action.api_id, at, action.created_at)


def phone_of(holder: Holder) -> str:
    """The journal knows people by their phones: without one there is nobody to book."""
    if holder.contact is None:
        raise InvalidInput("card.no_person")
    if holder.phone is None:
        raise InvalidInput("card.bad_phone" if holder.has_phone else "card.no_phone")
    return holder.phone


def _intent(desk: Desk, asking: Caller, holder: Holder, wish: Wish) -> Intent:
    at = wish.at.isoformat()
    params = {"services": list(wish.service_ids), "staff": wish.staff_id, "at": at}
    asked = {
        **params,
        "salon": wish.company_id,
        "comment": wish.comment,
        "lead": holder.lead.id if holder.lead else 0,
    }
    return Intent(
        wish.form, str(Act.CREATE), params, once.digest(asked), once.mark(desk.account, wish.form),
        wish.company_id, holder.lead.id if holder.lead else None, asking.name,
    )  # fmt: skip


def _booking(desk: Desk, wish: Wish, visitor: Visitor, api_id: str) -> NewBooking:
    offers = desk.chosen(wish.service_ids)
    if wish.staff_id in desk.branch.excluded_staff or not _is_done_by(offers, wish.staff_id):
        raise InvalidInput("card.master_not_for_service")
    return NewBooking(wish.staff_id, offers, _card(desk, visitor), wish.at, wish.comment, api_id)


def _is_done_by(offers: Sequence[Offer], staff_id: int) -> bool:
    return all(offer.is_done_by(staff_id) for offer in offers)


def _card(desk: Desk, visitor: Visitor) -> Visitor:
    """The client card with this phone, made when there is none. A card that appeared since we looked, or that
    has the phone as its second one, is found by the journal itself.
    """
    known = desk.journal.visitor(desk.company_id, visitor.phone)
    if known:
        return known
    try:
        return desk.journal.new_visitor(desk.company_id, visitor.name, visitor.phone)
    except InvalidInput as error:
        if error.code != "yclients.refused":
            raise
        return replace(visitor, id=0)


def _nearest(desk: Desk, wish: Wish) -> Sequence[str]:
    """Offered when there are any; a journal that does not answer now has told the main thing already."""
    minutes = choices.length(desk.chosen(wish.service_ids), wish.staff_id)
    try:
        return desk.nearest(wish.staff_id, minutes, wish.at)
    except TryLater:
        return ()
