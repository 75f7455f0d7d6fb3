"""What the fields of a text stand for: values of one booking, worked out only when a text asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from backend.core import money
from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase, ServiceLine
from backend.core.sync import sharing
from backend.core.sync.budgets import budget
from backend.core.sync.sharing import Shares
from backend.core.templates.filters import Value

PHASES = {
    Phase.WAITING: "Ожидаем",
    Phase.CONFIRMED: "Подтвердил",
    Phase.ARRIVED: "Пришёл",
    Phase.NO_SHOW: "Не пришёл",
    Phase.CANCELLED: "Запись отменена",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A booking and what else a text may tell: of what was before, and why it is written."""

    booking: Booking
    rules: BookingRules
    known_shares: Shares | None = None
    was: datetime | None = None
    was_sum: Kopecks | None = None
    known_sum: Kopecks | None = None
    news: str = ""
    was_paid: Kopecks | None = None
    paid: Kopecks | None = None
    released: str = ""
    next_visit: datetime | None = None

    def __call__(self, code: str) -> Value:
        return VALUES[code](self)

    @property
    def shares(self) -> Shares:
        return self.known_shares or sharing.shares(self.booking, self.rules.configuration)

    def at(self, moment: datetime) -> datetime:
        return moment.astimezone(zone(self.booking, self.rules))


def zone(booking: Booking, rules: BookingRules) -> ZoneInfo:
    branch = rules.configuration.branch(booking.branch_id)
    return ZoneInfo((branch.timezone if branch else None) or rules.configuration.timezone)


def client_name(booking: Booking) -> str:
    client = booking.client
    return (client.name or client.phone or "Клиент") if client else ""


def services(booking: Booking) -> tuple[str, ...]:
    return tuple(_service(line) for line in booking.lines)


def amounts(shares: Shares) -> tuple[str, ...]:
    """How much of the booking each direction earns; the lines add up to its price (INV4)."""
    return tuple(f"{direction.title} — {money.shown(sum_)}" for direction, sum_ in shares.directions)


def _service(line: ServiceLine) -> str:
    amount = f" × {line.amount}" if line.amount > 1 else ""
    return f"{line.title}{amount} — {money.shown(line.price)}"


def _salon(said: Said) -> str:
    branch = said.rules.configuration.branch(said.booking.branch_id)
    return branch.title if branch else str(said.booking.branch_id)


def _duration(said: Said) -> str:
    hours, minutes = divmod(said.booking.duration_seconds // 60, 60)
    parts = (f"{hours} ч" if hours else "", f"{minutes} мин" if minutes else "")
    return " ".join(part for part in parts if part)


def _end(said: Said) -> datetime | None:
    seconds = said.booking.duration_seconds
    return said.at(said.booking.starts_at + timedelta(seconds=seconds)) if seconds else None


VALUES: Mapping[str, Callable[[Said], Value]] = MappingProxyType(
    {
        "client": lambda said: client_name(said.booking),
        "phone": lambda said: said.booking.client.phone if said.booking.client else "",
        "email": lambda said: said.booking.client.email if said.booking.client else "",
        "date": lambda said: said.at(said.booking.starts_at),
        "end": _end,
        "duration": _duration,
        "salon": _salon,
        "direction": lambda said: said.shares.main.title if said.shares.main else "",
        "directions": lambda said: said.shares.titles,
        "services": lambda said: services(said.booking),
        "service_names": lambda said: tuple(line.title for line in said.booking.lines),
        "amounts": lambda said: amounts(said.shares),
        "sum": lambda said: budget(said.booking, said.rules) if said.known_sum is None else said.known_sum,
        "master": lambda said: said.booking.staff.name,
        "comment": lambda said: said.booking.comment,
        "status": lambda said: PHASES[said.booking.phase],
        "number": lambda said: said.booking.record_id,
        "no_shows": lambda said: said.booking.client.no_shows if said.booking.client else 0,
        "visitor": lambda said: said.booking.visitor,
        "labels": lambda said: tuple(label.title for label in said.booking.labels if label.title),
        "booked_at": lambda said: said.at(said.booking.created_at),
        "was": lambda said: said.at(said.was) if said.was else None,
        "was_sum": lambda said: said.was_sum,
        "news": lambda said: said.news,
        "was_paid": lambda said: said.was_paid,
        "paid": lambda said: said.paid,
        "released": lambda said: said.released,
        "next_visit": lambda said: said.at(said.next_visit) if said.next_visit else None,
    }
)
