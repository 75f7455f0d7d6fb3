"""A text with the values of one booking, for whoever is writing it. Nothing is saved and nobody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Client, Label, Phase, ServiceLine, StaffMember
from backend.core.sync import wording
from backend.core.sync.said import Said
from backend.core.templates import builtin, fields, language
from backend.core.templates.language import Mistake
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.sync import told
from backend.store import bookings
from backend.store.bookings import BookingRow

OFFERED = 12
DAY = timedelta(days=1)
NEXT = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it would be written; with mistakes there is none. `key` is the booking it is shown on, empty
    for the example.
    """

    text: str
    mistakes: tuple[Mistake, ...] = ()
    key: str = ""


def offered(account_id: int) -> list[BookingRow]:
    """Bookings to look at a text on: the newest ones."""
    return bookings.page(account_id, limit=OFFERED)


def look(ctx: Context, account_id: int, name: str, source: str, key: str = "") -> Shown:
    """`source` empty: the built-in words."""
    template = language.read(source or builtin.usual(name), name)
    if template.mistakes:
        return Shown("", template.mistakes, key)
    found = told.booking(account_id, key) if key.count(":") == 2 else None
    rules = configuration.load(account_id)
    about = _said(found or example(rules, ctx.now()), rules)
    text = language.render(template, about, is_one_line=name in fields.ONE_LINE)
    return Shown(text, key=key if found else "")


def _said(booking: Booking, rules: BookingRules) -> Said:
    """What was before is made up: a day earlier, and a tenth cheaper."""
    cheaper = Kopecks(booking.price * 9 // 10)
    direction = next((direction.title for direction in rules.configuration.directions), "")
    return Said(
        booking, rules, was=booking.starts_at - DAY, was_sum=cheaper, news=wording.NEW,
        was_paid=booking.price, paid=cheaper, released=direction, next_visit=booking.starts_at + NEXT,
    )  # fmt: skip


def example(rules: BookingRules, now: datetime) -> Booking:
    """A booking with everything in it, in the account's first salon and of its first direction."""
    known = rules.configuration
    salon = known.branches[0].company_id if known.branches else 0
    categories = [sorted(direction.categories.get(salon, ())) for direction in known.directions]
    category = next((ids[0] for ids in categories if ids), None)
    lines = (
        ServiceLine(1, "Первая услуга", Kopecks(250_000), category_id=category),
        ServiceLine(2, "Вторая услуга", Kopecks(400_000), amount=2, category_id=category),
    )
    return Booking(
        "yclients", salon, 123_456, Phase.WAITING, now + DAY, now, now - DAY,
        Client("", "Имя Фамилия", "+7 900 000-00-00", "name@example.com", no_shows=1), lines,
        StaffMember(1, "Мастер"), "Просьба позвонить накануне", duration_seconds=5_400,
        labels=(Label(1, "Важно"),), visitor="Имя гостя",
    )  # fmt: skip
