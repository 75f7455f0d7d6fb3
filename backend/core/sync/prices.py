"""When a changed price changes the budget of a lead, and what is told of money in its notes (rows F3, F4,
F10). Of several leads of one booking each has a part of its own (§5.2), and is told of that one alone.
"""

from __future__ import annotations

from datetime import datetime

from backend.core.crm import Lead
from backend.core.money import ZERO, Kopecks, to_whole_rubles
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
    options, written = rules.configuration.options, _known(link, "price")
    if options.money.keep_typed_budget and written is not None:
        typed = to_whole_rubles(written) != to_whole_rubles(lead.price)
        if typed:
            return True
    return _is_over(booking, lead, now) and now - booking.starts_at > options.price_window


def notes(  # noqa: PLR0913 - what a price is judged by
    booking: Booking, link: Link, lead: Lead, rules: BookingRules, now: datetime, taken: Kopecks = ZERO
) -> tuple[Command, ...]:
    """Told once for each change: another price after the visit, money given back. `taken` is what leads
    beside this main one have of the budget.
    """
    if booking.phase is Phase.CANCELLED:
        return ()
    own = Kopecks(budget(booking, rules) - taken)
    found = (note(booking, link, lead, rules, now, own), _refund(booking, link, lead, rules))
    return tuple(one for one in found if one)


def note(  # noqa: PLR0913 - what a price is judged by
    booking: Booking, link: Link, lead: Lead, rules: BookingRules, now: datetime, price: Kopecks
) -> AddNote | None:
    """The lead's part of the budget is `price` now, and was another when its visit ended."""
    noted = _known(link, "noted_price")
    before = _known(link, "price") if noted is None else noted
    is_over = _is_over(booking, lead, now) and booking.phase is not Phase.CANCELLED
    if before is None or before == price or not is_over:
        return None
    text = wording.price_note(booking, rules, before, price)
    return AddNote(booking.key, lead.id, text, (("noted_price", str(price)),), link.share)


def told(booking: Booking) -> Remembered:
    """What is remembered of money beside what was written, so that a later change can be told."""
    paid = booking.payments
    return (("covered", str(paid.covered)),) if paid else ()


def _is_over(booking: Booking, lead: Lead, now: datetime) -> bool:
    return lead.is_closed and booking.starts_at < now


def _refund(booking: Booking, link: Link, lead: Lead, rules: BookingRules) -> AddNote | None:
    before, paid = _known(link, "covered"), booking.payments
    if before is None or paid is None or paid.covered >= before:
        return None
    text = wording.refund_note(booking, rules, before, paid.covered)
    return AddNote(booking.key, lead.id, text, told(booking))


def _known(link: Link, name: str) -> Kopecks | None:
    text = link.applied.get(name, "")
    return Kopecks(int(text)) if text.removeprefix("-").isdecimal() else None
