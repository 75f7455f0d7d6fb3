"""What the card's panel asks for, from the person at the widget to an answer ready to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend.core.errors import InvalidInput
from backend.core.salon import branch_of
from backend.flows.actions import booking, change, choices, once, people, rights, shown
from backend.flows.actions.choices import Desk
from backend.flows.actions.once import Done
from backend.flows.actions.people import Holder
from backend.flows.actions.rights import Act
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.widget import widget
from backend.flows.widget.reader import Reader
from backend.flows.widget.widget import Caller
from backend.store import bookings, links

Json = dict[str, object]

# How often one person may ask within a minute: far above what hands do, far below what hurts.
MOST_LOOKS, MOST_ACTS = 240, 30


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, from where, and in which language the answer is shown."""

    caller: Caller
    lang: str
    address: str = ""


def card_of_lead(ctx: Context, asked: Asked, lead_id: int) -> Json:
    """The first look: one request, answered from our own memory."""
    answer = widget.lead_card(ctx, asked.caller, lead_id, asked.lang)
    holder = people.known(asked.caller.account, lead_id)
    return shown.allowed(_reader(ctx, asked), asked.caller, holder, answer)


def card_of_contact(ctx: Context, asked: Asked, contact_id: int) -> Json:
    answer = widget.contact_card(ctx, asked.caller, contact_id, asked.lang)
    return shown.allowed(_reader(ctx, asked), asked.caller, Holder(None, None), answer)


def person_of_lead(ctx: Context, asked: Asked, lead_id: int) -> Json:
    widget.refuse_flood(ctx, "person", asked.caller, MOST_LOOKS)
    return shown.person(_reader(ctx, asked), asked.caller, people.of_lead(ctx, asked.caller.account, lead_id))


def person_of_contact(ctx: Context, asked: Asked, contact_id: int) -> Json:
    widget.refuse_flood(ctx, "person", asked.caller, MOST_LOOKS)
    return shown.person(
        _reader(ctx, asked), asked.caller, people.of_contact(asked.caller.account, contact_id)
    )


def salons(ctx: Context, asked: Asked, lead_id: int) -> Json:
    """The first question; who cannot be booked at all is not led through the others."""
    widget.refuse_flood(ctx, "choose", asked.caller, MOST_LOOKS)
    account = asked.caller.account
    holder = people.of_lead(ctx, account, lead_id)
    booking.phone_of(holder)
    rows = sorted(people.rows(account, holder).values(), key=lambda row: row.starts_at)
    return choices.salons(account, holder, rows[-1].key if rows else "")


def services(ctx: Context, asked: Asked, company_id: int) -> Json:
    return choices.services(_looking(ctx, asked, company_id))


def masters(ctx: Context, asked: Asked, company_id: int, service_ids: Sequence[int]) -> Json:
    return choices.masters(_looking(ctx, asked, company_id), service_ids)


def days(ctx: Context, asked: Asked, company_id: int, staff_id: int, service_ids: Sequence[int]) -> Json:
    return choices.days(_looking(ctx, asked, company_id), staff_id, service_ids)


def times(  # noqa: PLR0913 - what was chosen so far
    ctx: Context, asked: Asked, company_id: int, staff_id: int, service_ids: Sequence[int], day: date
) -> Json:
    return choices.times(_looking(ctx, asked, company_id), staff_id, service_ids, day)


def create(ctx: Context, asked: Asked, lead_id: int, wish: booking.Wish) -> Json:
    widget.refuse_flood(ctx, "act", asked.caller, MOST_ACTS)
    desk = choices.desk(ctx, asked.caller.account, wish.company_id)
    holder = people.of_lead(ctx, desk.account, lead_id)
    return _answer(asked, desk, Act.CREATE, booking.create(desk, asked.caller, holder, wish), None)


def act(ctx: Context, asked: Asked, holder: Holder, wish: change.Wish) -> Json:
    widget.refuse_flood(ctx, "act", asked.caller, MOST_ACTS)
    account = asked.caller.account
    if not people.belongs(account, holder, wish.key):
        raise InvalidInput("card.foreign_booking")
    desk = choices.desk(ctx, account, branch_of(wish.key))
    row = bookings.by_keys(account.id, [wish.key]).get(wish.key)
    before = {"starts_at": row.starts_at.isoformat(), "phase": row.phase} if row else None
    return _answer(asked, desk, wish.act, change.change(desk, asked.caller, holder, wish), before)


def _answer(asked: Asked, desk: Desk, deed: Act, done: Done, before: Json | None) -> Json:
    """A press that was only repeated leaves no second line in the trail."""
    reader = _reader(desk.ctx, asked)
    row = shown.row_of(desk.account.id, done.result)
    if done.is_news:
        once.audit(desk.ctx, done, address=asked.address, before=before)
    link = links.by_keys(desk.account.id, [row.key]).get(row.key)
    when = reader.when(row.starts_at, reader.branch(row.key))
    sentence = reader.text(f"card.done.{deed}", when=when, master=done.result.get("staff") or "—")
    return {
        "booking": shown.booking(reader, asked.caller, desk.rules, row, link),
        "sentence": sentence,
    }


def _looking(ctx: Context, asked: Asked, company_id: int) -> Desk:
    widget.refuse_flood(ctx, "choose", asked.caller, MOST_LOOKS)
    if code := rights.standing(asked.caller.account):
        raise InvalidInput(code)
    return choices.Desk(ctx, asked.caller.account, configuration.current(asked.caller.account.id), company_id)


def _reader(ctx: Context, asked: Asked) -> Reader:
    return Reader(ctx, asked.caller.account, asked.lang)
