"""Booking, service, client and phase: the salon's side as our rules see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.core.money import ZERO, Kopecks
from backend.core.payments import Goods, Payments

DEFAULT_ZONE = "Europe/Moscow"  # of a salon or an account that names none


class Phase(StrEnum):
    """Where a booking stands. YCLIENTS: attendance 0, 2, 1, −1 and `deleted` (yclients.md §2, facts 8–10)."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


def branch_of(key: str) -> int:
    """The salon in a booking's key, or in that of a client's card: `source:branch:number`."""
    return int(key.split(":")[1])


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service of a booking. `price` is the line's total with discount and quantity; `category_id` comes
    from the catalogue.
    """

    service_id: int
    title: str
    price: Kopecks
    amount: int = 1
    full_price: Kopecks = ZERO
    category_id: int | None = None
    category: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """The payer. `phone` as the salon wrote it; `visits` and `no_shows` as the salon counts them (None: it
    does not say); `card` is `source:branch:client id`, the identity without a phone; `discount` in percent;
    `is_known_elsewhere`: has been in another salon of the network (None: nobody has looked).
    """

    card: str
    name: str = ""
    phone: str = ""
    email: str = ""
    no_shows: int = 0
    visits: int | None = None
    is_new: bool | None = None
    labels: tuple[str, ...] = ()
    discount: int = 0
    loyalty_card: str = ""
    birthday: str = ""
    is_known_elsewhere: bool | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Label:
    """A mark that the desk puts on a booking."""

    id: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class StaffMember:
    id: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """One record of the salon's journal. Times are aware; `changed_at` is the source's own clock (one-second
    steps). `visitor` comes when it is not the payer; `event_id` is the group event whose `places` it takes.
    A payment is no other content: what it decides is asked for by itself, and stands in `payments` when it
    was (None: nobody knows). `mark` is what whoever made the booking through the API wrote on it.
    """

    source: str
    branch_id: int
    record_id: int
    phase: Phase
    starts_at: datetime
    changed_at: datetime
    created_at: datetime
    client: Client | None = None
    lines: tuple[ServiceLine, ...] = ()
    staff: StaffMember = StaffMember(0)
    comment: str = ""
    duration_seconds: int = 0
    visit_id: int = 0
    is_online: bool = False
    is_paid: bool = field(default=False, repr=False)
    author_id: int = 0
    labels: tuple[Label, ...] = ()
    visitor: str = ""
    event_id: int = 0
    places: int = 1
    goods: tuple[Goods, ...] = ()
    is_prepaid: bool = field(default=False, repr=False)
    payments: Payments | None = field(default=None, repr=False)
    mark: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        return f"{self.source}:{self.branch_id}:{self.record_id}"

    @property
    def price(self) -> Kopecks:
        """Of the services alone; goods come beside them."""
        return Kopecks(sum(line.price for line in self.lines))

    @property
    def goods_price(self) -> Kopecks:
        return Kopecks(sum(one.price for one in self.goods))


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a branch's catalogue and the category it belongs to now."""

    id: int
    title: str
    category_id: int | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one branch offers: categories (id, title), services, staff."""

    categories: tuple[tuple[int, str], ...] = ()
    services: tuple[Service, ...] = ()
    staff: tuple[StaffMember, ...] = ()
