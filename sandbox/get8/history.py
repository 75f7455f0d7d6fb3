"""Two years of a network: who came where and when. All follows from the seed; nothing is written yet."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.get8 import network
from sandbox.get8.settings import Plain

DAY = 86_400
YEARS = 2
AHEAD_DAYS = 21
OPENS, CLOSES = 10, 20
VISITS = 6
"""Bookings of one person on average."""
NAMES = "Алина Вера Галина Дарья Жанна Инна Ксения Лидия Мария Нина Ольга Раиса".split()  # noqa: SIM905


@dataclass(slots=True)
class Person:
    """Somebody with a phone, or without one; `home` and other salons are where they go."""

    number: int
    name: str
    phone: str
    salons: tuple[int, ...]
    contact_id: int = 0
    new_phone: str = ""
    """What a manager later wrote into the amoCRM card instead."""
    clients: dict[int, int] = field(default_factory=dict)
    """Client id by salon."""


@dataclass(slots=True)
class Booking:
    """One record of the past or of the coming weeks; `id` is given by the emulator."""

    person: Person
    company_id: int
    starts: datetime
    created_at: int
    service_ids: tuple[int, ...]
    staff_id: int
    attendance: int
    is_deleted: bool
    changed_at: int
    is_online: bool
    id: int = 0

    @property
    def moment(self) -> int:
        return int(self.starts.timestamp())

    @property
    def price(self) -> int:
        return sum(network.price_of(number) for number in self.service_ids)

    @property
    def pipeline(self) -> int:
        return network.pipeline_of(self.service_ids[0])

    @property
    def wall(self) -> str:
        return self.starts.strftime("%Y-%m-%d %H:%M:%S")

    def row(self) -> Plain:
        """For the verb `load` of YCLIENTS."""
        return {
            "staff_id": self.staff_id,
            "datetime": self.wall,
            "services": [{"id": number} for number in self.service_ids],
            "attendance": self.attendance,
            "deleted": self.is_deleted,
            "created_at": self.created_at,
            "changed_at": self.changed_at,
            "online": self.is_online,
            "client": self.person.clients.get(self.company_id, 0),
            "seance_length": 3600,
            "paid": self.price if self.attendance == 1 and not self.is_deleted else 0,
        }

    def shown(self) -> Plain:
        """The record as the API would show it, as far as GET8 looks at it."""
        return {
            "id": self.id,
            "company_id": self.company_id,
            "date": self.wall,
            "datetime": self.starts.isoformat(),
            "attendance": self.attendance,
            "deleted": self.is_deleted,
            "staff_id": self.staff_id,
            "staff": {"name": network.STAFF[self.company_id][self.staff_id]},
            "services": [
                {"id": number, "title": network.title_of(number), "cost": network.price_of(number)}
                for number in self.service_ids
            ],
            "client": {"name": self.person.name, "phone": self.person.phone},
        }


@dataclass(frozen=True, slots=True)
class Past:
    people: list[Person]
    bookings: list[Booking]


def invent(seed: int, records: int, now: float) -> Past:
    """`records` bookings of all salons together, in the order in which they were made."""
    chance = random.Random(f"history {seed}")  # noqa: S311 - repeatable
    people = _people(chance, max(records // VISITS, 6))
    bookings: list[Booking] = []
    taken: set[tuple[str, int]] = set()
    while len(bookings) < records:
        booking = _booking(chance, people[_index(chance, len(people))], now)
        key = (booking.person.phone or booking.person.name, booking.moment)
        if booking.created_at < now and key not in taken:
            taken.add(key)
            bookings.append(booking)
    bookings.sort(key=lambda booking: booking.created_at)
    return Past(people, bookings)


def _index(chance: random.Random, size: int) -> int:
    """Some people come often, most come now and then."""
    return min(int(size * chance.betavariate(1.0, 1.6)), size - 1)


def _people(chance: random.Random, size: int) -> list[Person]:
    numbers = chance.sample(range(1_000_000, 9_999_999), size)
    people: list[Person] = []
    for number in range(size):
        home = chance.choices(list(network.TITLES), weights=(5, 3, 4))[0]
        others = [company for company in network.TITLES if company != home]
        more = chance.choices((0, 1, 2), weights=(88, 9, 3))[0]
        name = f"{chance.choice(NAMES)} {number + 1}"
        phone = "" if chance.random() < 0.02 else f"7900{numbers[number]}"
        if people and chance.random() < 0.01:
            phone = people[-1].phone  # a mother and her daughter
        people.append(Person(number, name, phone, (home, *chance.sample(others, more))))
    return people


def _booking(chance: random.Random, person: Person, now: float) -> Booking:
    company_id = person.salons[0] if chance.random() < 0.7 else chance.choice(person.salons)
    zone = ZoneInfo(network.ZONES[company_id])
    ago = -AHEAD_DAYS + (YEARS * 365 + AHEAD_DAYS) * chance.random() ** 1.15
    day = datetime.fromtimestamp(now - ago * DAY, UTC).astimezone(zone).date()
    clock = timedelta(minutes=15 * chance.randrange(OPENS * 4, CLOSES * 4))
    starts = datetime.combine(day, datetime.min.time(), zone) + clock
    moment = int(starts.timestamp())
    created = moment - int(chance.uniform(0.2, 24) * DAY)
    ids = network.service_ids(company_id)
    first = chance.choice(ids)
    same = [n for n in ids if network.category_of(n) == network.category_of(first) and n != first]
    services = (first, chance.choice(same)) if chance.random() < 0.2 else (first,)
    is_past = moment < now - 2 * 3600
    attendance = chance.choices((1, -1, 0), weights=(88, 8, 4))[0] if is_past else chance.choice((0, 0, 2))
    is_deleted = chance.random() < 0.06
    if is_deleted:
        attendance = 0
    changed = created + int((moment - created) * chance.random()) if not is_past else moment + 3600
    return Booking(
        person, company_id, starts, created, services, chance.choice(list(network.STAFF[company_id])),
        attendance, is_deleted, min(changed, int(now) - 60) if changed > created else created,
        chance.random() < 0.3,
    )  # fmt: skip
