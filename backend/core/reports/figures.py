"""What the reports remember of a booking: its days, its money by direction, its person; no name, no phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase
from backend.core.sync import sharing
from backend.core.sync.budgets import budget

ACTIVE = (Phase.WAITING, Phase.CONFIRMED, Phase.ARRIVED)
OPEN = (Phase.WAITING, Phase.CONFIRMED)
MISSED = (Phase.NO_SHOW, Phase.CANCELLED)

HOUR = timedelta(hours=1)  # of a visit whose length nobody wrote down

Shares = tuple[tuple[str, Kopecks], ...]  # direction's key → its part of the money, the main one first


@dataclass(frozen=True, slots=True)
class Figures:
    """One booking. `budget` is what the rules make of its `price` for the leads. Money, `shares` and
    `direction` are None when the newest state does not tell them: a deletion brings little but itself, and
    what was lost stays to be counted. `day` and `made_day` are ordinals of the
    salon's calendar; `person` is the contact when it is known, else the client's card.
    """

    key: str
    phase: Phase
    day: int
    made_day: int
    starts_at: datetime
    ended_at: datetime
    changed_at: datetime
    price: Kopecks | None
    budget: Kopecks | None
    shares: Shares | None
    direction: str | None
    person: str
    card: str
    staff_id: int
    author_id: int


def of(booking: Booking, contact_id: int | None, fixed: str, rules: BookingRules) -> Figures:
    """`fixed` is the direction of the booking's link: a main direction does not flap (row B15)."""
    zone, card = _zone(booking, rules), booking.client.card if booking.client else ""
    is_told = bool(booking.lines) or booking.phase is not Phase.CANCELLED
    shares = _shares(booking, fixed, rules) if is_told else None
    return Figures(
        booking.key, booking.phase,
        booking.starts_at.astimezone(zone).toordinal(), booking.created_at.astimezone(zone).toordinal(),
        booking.starts_at, booking.starts_at + (timedelta(seconds=booking.duration_seconds) or HOUR),
        booking.changed_at,
        _total(booking) if is_told else None, budget(booking, rules) if is_told else None,
        shares, shares[0][0] if shares else None,
        person(contact_id, card), card, booking.staff.id, booking.author_id,
    )  # fmt: skip


def person(contact_id: int | None, card: str) -> str:
    """Who came: the same person of another salon has another card, but the same contact."""
    return f"contact:{contact_id}" if contact_id else card


def contact_of(who: str) -> int | None:
    kind, _, number = who.partition(":")
    return int(number) if kind == "contact" else None


def _shares(booking: Booking, fixed: str, rules: BookingRules) -> Shares:
    """The parts add up to the price; what belongs to no direction goes with the main one."""
    found = sharing.shares(booking, rules.configuration, fixed=fixed).directions
    total = _total(booking)
    parts = [(direction.key, money) for direction, money in found] or [("", total)]
    rest = total - sum(money for _, money in parts)
    (main, money), *others = parts
    return ((main, Kopecks(money + rest)), *others)


def _total(booking: Booking) -> Kopecks:
    """What the visit brings, goods and all, whoever pays how."""
    return Kopecks(booking.price + booking.goods_price)


def _zone(booking: Booking, rules: BookingRules) -> ZoneInfo:
    branch = rules.configuration.branch(booking.branch_id)
    return ZoneInfo((branch.timezone if branch else None) or rules.configuration.timezone)
