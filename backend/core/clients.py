"""What the salons know of a client: the card, its marks and its abonements; and all of it of one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.core.money import Kopecks
from backend.core.salon import Phase


@dataclass(frozen=True, slots=True)
class Abonement:
    """`balance` as the salon words it («Эпиляция (x7)»), `visits` when it was new, `price` when we saw it
    sold.
    """

    id: int
    number: str
    title: str = ""
    balance: str = ""
    visits: int = 0
    until: datetime | None = None
    price: Kopecks | None = None


@dataclass(frozen=True, slots=True)
class ClientCard:
    """A client's card of one salon. None: the salon has not said; `abonements` is None until somebody asked.
    `phones` are all that the card has ever had.
    """

    card: str
    name: str = ""
    phone: str = ""
    email: str = ""
    changed_at: datetime | None = None
    visits: int | None = None
    no_shows: int | None = None
    labels: tuple[str, ...] | None = None
    do_not_send: bool | None = None
    spent: Kopecks | None = None
    discount: int | None = None
    loyalty_card: str = ""
    birthday: str = ""
    abonements: tuple[Abonement, ...] | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """`cards` are the person's cards in all salons, the one that tells the news first; `visits` their
    bookings (key → when, and where it stands); `applied` what we wrote into the contact last; `taken` numbers
    that other contacts have; `merged` cards that the salon deleted: what was theirs went to another card.
    """

    cards: tuple[ClientCard, ...] = ()
    visits: Mapping[str, tuple[datetime, Phase]] = field(default_factory=dict)
    applied: Mapping[str, str] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    merged: frozenset[str] = frozenset()
