"""When a changed price changes the budget of a lead, and what is told of money in its notes (rows F3, F4,
F10).
"""

from __future__ import annotations

from datetime import datetime

from backend.core.crm import Lead
from backend.core.money import Kopecks, to_whole_rubles
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase
from backend.core.sync import wording
from backend.core.sync.budgets import budget
from backend.core.sync.commands import AddNote, Command, Remembered
from backend.core.sync.links import Link


def keeps(booking: Booking, link: Link, lead: Lead, rules: BookingRules, now: datetime) -> bool:
    """Whether the budget stays as it is although the price has changed: a person typed another one and the
    account wants that kept, or the visit was too long ago.
    """
    options, written = rules.configuration.options, link.applied.get("price")
    if options.money.keep_typed_budget and written is not None:
        typed = to_whole_rubles(Kopecks(int(written))) != to_whole_rubles(lead.price)
        if typed:
            return True
    return _is_over(booking, lead, now) and now - booking.starts_at > options.price_window


def notes(
    booking: Booking, link: Link, lead: Lead, rules: BookingRules, now: datetime
) -> tuple[Command, ...]:
    """Told once for each change: another price after the visit, money given back."""
    if booking.phase is Phase.CANCELLED:
        return ()
    found = (_price(booking, link, lead, rules, now), _refund(booking, link, lead, rules))
    return tuple(note for note in found if note)


def told(booking: Booking) -> Remembered:
    """What is remembered of money beside what was written, so that a later change can be told."""
    paid = booking.payments
    return (("covered", str(paid.covered)),) if paid else ()


def _is_over(booking: Booking, lead: Lead, now: datetime) -> bool:
    return lead.is_closed and booking.starts_at < now


def _price(booking: Booking, link: Link, lead: Lead, rules: BookingRules, now: datetime) -> AddNote | None:
    before = link.applied.get("noted_price") or link.applied.get("price")
    price = budget(booking, rules)
    if before is None or before == str(price) or not _is_over(booking, lead, now):
        return None
    text = wording.price_note(booking, rules, Kopecks(int(before)))
    return AddNote(booking.key, lead.id, text, (("noted_price", str(price)),))


def _refund(booking: Booking, link: Link, lead: Lead, rules: BookingRules) -> AddNote | None:
    before, paid = link.applied.get("covered"), booking.payments
    if before is None or paid is None or paid.covered >= int(before):
        return None
    text = wording.refund_note(booking, rules, Kopecks(int(before)), paid.covered)
    return AddNote(booking.key, lead.id, text, told(booking))
