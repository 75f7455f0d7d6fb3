"""What happens in two months, thought out beforehand from a seed: a list of deeds with their minutes.

Bookings and people have names of the plan (numbers); what they are called in the emulators is known when the
deed is done.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bench.soak.network import COMPLAINT, LOST, MANAGERS, SALONS, Salon

DAY, HOUR = 24 * 60, 60
OPENS, CLOSES = 10, 20
WAITING, CAME, CONFIRMED, MISSED = 0, 1, 2, -1
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """`minute` of the soak, what is done, to which booking of the plan, with what."""

    minute: int
    verb: str
    booking: int
    given: Plain = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    number: int
    salon: Salon
    phone: str
    free_from: int = 0


class Plan:
    """`Plan(…).deeds()`: the same seed gives the same two months."""

    def __init__(self, seed: int, bookings: int, days: int, starts: date) -> None:
        self.random = random.Random(seed)  # noqa: S311  # repeatable is the point
        self.wanted = bookings
        self.days = days
        self.starts = starts
        self._deeds: list[Deed] = []
        self._people: list[Person] = []
        self._booked = 0

    def deeds(self) -> list[Deed]:
        while self._booked < self.wanted:
            day = self.random.randrange(self.days)
            kind = self.random.choices(list(STORIES), [weight for weight, _ in STORIES.values()])[0]
            STORIES[kind][1](self, day * DAY + self._working_minute())
        self._deeds.sort(key=lambda deed: (deed.minute, deed.booking))
        return self._deeds

    @property
    def booked(self) -> int:
        return self._booked

    # Small words

    def add(self, minute: int, verb: str, booking: int, **given: Any) -> None:
        self._deeds.append(Deed(minute, verb, booking, given))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def _working_minute(self) -> int:
        return self.random.randrange(OPENS * HOUR, CLOSES * HOUR)

    def person(self, minute: int) -> Person:
        """A new client, or one who was here before and has nothing going on."""
        known = [person for person in self._people[-400:] if person.free_from < minute]
        if known and self.chance(0.45):
            found = self.random.choice(known)
        else:
            found = Person(len(self._people), self.random.choice(SALONS), f"+7900{len(self._people):07d}")
            self._people.append(found)
        if self.chance(0.05):
            found.salon = self.random.choice(SALONS)
        return found

    def services(self, salon: Salon, *, mixed: float = 0.12) -> list[Plain]:
        if self.chance(0.03):
            return [{"id": self.random.choice(salon.other)}]
        main = salon.epilation if self.chance(0.6) else salon.cosmetology
        chosen = [self.random.choice(main)]
        if self.chance(mixed):
            chosen.append(
                self.random.choice(salon.cosmetology if main is salon.epilation else salon.epilation)
            )
        elif self.chance(0.2):
            chosen.append(self.random.choice(main))
        lines: list[Plain] = [{"id": service} for service in dict.fromkeys(chosen)]
        if self.chance(0.15):
            lines[0]["discount"] = 10
        if self.chance(0.05):
            lines[0]["amount"] = 2
        return lines

    def ahead(self, minute: int, least: int = 1, most: int = 12) -> int:
        """The minute of a visit, some days after this one, on the hour."""
        day = minute // DAY + self.random.randint(least, most)
        return day * DAY + self.random.randrange(OPENS, CLOSES) * HOUR

    def book(self, minute: int, person: Person, visit: int, **more: Any) -> int:
        """A booking is made; answers its number."""
        number, self._booked = self._booked, self._booked + 1
        salon = person.salon
        given: Plain = {
            "company_id": salon.id,
            "staff_id": self.random.choice(salon.masters),
            "services": self.services(salon),
            "client": {"name": f"Клиент {person.number}", "phone": person.phone},
            "datetime": self.wall(visit, salon),
            "comment": f"Комментарий {number}" if self.chance(0.3) else "",
            "online": self.chance(0.4),
        }
        self.add(minute, "book", number, **{**given, **more})
        person.free_from = max(person.free_from, visit + DAY)
        return number

    def wall(self, minute: int, salon: Salon) -> str:
        """The salon's wall clock at this minute of the soak."""
        begins = datetime.combine(self.starts, time(), UTC)
        return (begins + timedelta(minutes=minute)).astimezone(salon.timezone).strftime("%Y-%m-%d %H:%M:00")

    def edits(self, booking: int, first: int, last: int, person: Person) -> None:
        """What administrators do to a booking before its visit."""
        if last - first < 2 * HOUR:
            return
        at = self.random.randrange(first + 30, last - HOUR)
        if self.chance(0.15):
            self.add(at, "edit", booking, comment=f"Просит перезвонить {booking}")
        if self.chance(0.08):
            self.add(at + 7, "edit", booking, staff_id=self.random.choice(person.salon.masters))
        if self.chance(0.08):
            self.add(at + 13, "edit", booking, services=self.services(person.salon))
        if self.chance(0.25):
            self.add(max(first + 5, last - DAY), "edit", booking, attendance=CONFIRMED)

    def hands(self, booking: int, first: int, last: int) -> None:
        """What managers do to its lead by hand."""
        at = self.random.randrange(first + HOUR, max(first + 2 * HOUR, last))
        user = self.random.choice(MANAGERS)
        roll = self.random.random()
        if roll < 0.012:
            self.add(at, "hand_move", booking, user_id=user, offset=COMPLAINT)
        elif roll < 0.02:
            self.add(at, "hand_close", booking, user_id=user, stage_id=LOST)
        elif roll < 0.04:
            self.add(at, "hand_name", booking, user_id=user, name=f"Важная {booking}")
        elif roll < 0.05:
            self.add(at, "hand_responsible", booking, user_id=user)
        elif roll < 0.054:
            self.add(at, "hand_delete", booking, user_id=user)
        elif roll < 0.058:
            self.add(at, "hand_copy", booking, user_id=user)

    def came(self, booking: int, visit: int, *, is_paid: float = 0.6) -> int:
        """The visit took place; answers the minute at which that was said."""
        said = visit + self.random.randint(0, 3) * 20
        if self.chance(0.06):  # a misclick, corrected within two minutes
            self.add(said, "edit", booking, attendance=MISSED)
            self.add(said + 1, "edit", booking, attendance=CAME)
        else:
            self.add(said, "edit", booking, attendance=CAME)
        if self.chance(is_paid):
            self.add(said + 2, "pay", booking)
        return said


# The stories: each begins at a minute and books at least once


def usual(plan: Plan, minute: int) -> None:
    """Booked, perhaps edited, came, paid; sometimes the next visit is booked later or at the desk."""
    person, visit = plan.person(minute), plan.ahead(minute)
    if plan.chance(0.03):
        plan.add(minute - 45, "advert", -1, name=f"Клиент {person.number}", phone=person.phone)
    booking = plan.book(minute, person, visit)
    plan.edits(booking, minute, visit, person)
    plan.hands(booking, minute, visit)
    if plan.chance(0.08):
        plan.book(visit - 20, person, plan.ahead(visit, 14, 30))  # at the desk, before the visit is closed
    said = plan.came(booking, visit)
    if plan.chance(0.35):
        follow_up(plan, said + plan.random.randint(1, 20) * HOUR, person)


def follow_up(plan: Plan, minute: int, person: Person) -> None:
    minute += plan.random.randint(0, 10) * DAY
    visit = plan.ahead(minute, 2, 20)
    booking = plan.book(minute, person, visit)
    plan.edits(booking, minute, visit, person)
    if plan.chance(0.8):
        plan.came(booking, visit)


def missed(plan: Plan, minute: int) -> None:
    """Did not come; then a new booking, or the same one is dragged, or nothing."""
    person, visit = plan.person(minute), plan.ahead(minute)
    booking = plan.book(minute, person, visit)
    plan.edits(booking, minute, visit, person)
    plan.add(visit + 40, "edit", booking, attendance=MISSED)
    again = visit + plan.random.randint(2, 60) * HOUR
    next_visit = plan.ahead(again)
    person.free_from = next_visit + DAY
    roll = plan.random.random()
    if roll < 0.4:
        plan.came(plan.book(again, person, next_visit), next_visit)
    elif roll < 0.65:
        plan.add(again, "edit", booking, attendance=WAITING, datetime=plan.wall(next_visit, person.salon))
        plan.came(booking, next_visit)


def cancelled(plan: Plan, minute: int) -> None:
    """Deleted before the visit; sometimes restored soon, sometimes entered again at once."""
    person, visit = plan.person(minute), plan.ahead(minute, 2)
    booking = plan.book(minute, person, visit)
    at = plan.random.randrange(minute + 20, visit - HOUR)
    plan.add(at, "delete", booking)
    roll = plan.random.random()
    if roll < 0.12:
        plan.add(at + 10, "restore", booking)
        plan.came(booking, visit)
    elif roll < 0.25:
        second = plan.book(at, person, plan.ahead(at))
        plan.edits(second, at + 1, at + 3 * HOUR, person)


def moved(plan: Plan, minute: int) -> None:
    """Dragged to another time, once or twice, then came."""
    person, visit = plan.person(minute), plan.ahead(minute)
    booking = plan.book(minute, person, visit)
    for _ in range(plan.random.randint(1, 2)):
        at = plan.random.randrange(minute + 10, max(minute + 20, visit - HOUR))
        visit = plan.ahead(at, 1, 6)
        plan.add(at, "edit", booking, datetime=plan.wall(visit, person.salon))
        minute = at
    person.free_from = visit + DAY
    plan.came(booking, visit)


def corrected(plan: Plan, minute: int) -> None:
    """«Пришёл» turns out to be a mistake after some hours; then the person comes after all, or does not."""
    person, visit = plan.person(minute), plan.ahead(minute)
    booking = plan.book(minute, person, visit)
    said = plan.came(booking, visit, is_paid=0)
    plan.add(said + 3 * HOUR, "edit", booking, attendance=MISSED)
    if plan.chance(0.5):
        plan.add(said + 5 * HOUR, "edit", booking, attendance=CAME)
    person.free_from = visit + 15 * DAY


def unmarked(plan: Plan, minute: int) -> None:
    """Nobody ever said whether the client came."""
    person, visit = plan.person(minute), plan.ahead(minute)
    plan.edits(plan.book(minute, person, visit), minute, visit, person)
    person.free_from = visit + 90 * DAY


def nobody(plan: Plan, minute: int) -> None:
    """What is not a visit: a time block, a birthday, the waiting list."""
    person, visit = plan.person(minute), plan.ahead(minute)
    way = plan.random.choice(("client", "services", "staff_id"))
    more: Plain = {"client": None, "services": [], "staff_id": person.salon.waiting_list}
    plan.book(minute, person, visit, **{way: more[way]})


def schedule(plan: Plan, minute: int) -> None:
    """A course: six visits, a week apart, booked at once."""
    person = plan.person(minute)
    services = [{"id": plan.random.choice(person.salon.epilation)}]
    first = plan.ahead(minute, 1, 6)
    for week in range(6):
        booking = plan.book(minute, person, first + week * 7 * DAY, services=services)
        if first + week * 7 * DAY < plan.days * DAY:
            plan.came(booking, first + week * 7 * DAY)


def event(plan: Plan, minute: int) -> None:
    """A group event with five participants; now and then it is called off."""
    salon, visit = plan.random.choice(SALONS), plan.ahead(minute, 2)
    activity = 700_000 + plan.booked
    services = [{"id": salon.cosmetology[0]}]
    is_off = plan.chance(0.2)
    for place in range(5):
        person = plan.person(minute)
        person.salon = salon
        more = {"activity_id": activity, "clients_count": 1 + (place == 0)}
        booking = plan.book(minute + place, person, visit, services=services, **more)
        if is_off:
            plan.add(visit - 5 * HOUR, "delete", booking)
        else:
            plan.came(booking, visit)


def two_cards(plan: Plan, minute: int) -> None:
    """A person with two cards in the salon's base: they are merged after both have booked."""
    person, visit = plan.person(minute), plan.ahead(minute)
    twin = Person(len(plan._people), person.salon, f"+7900{len(plan._people):07d}")
    plan._people.append(twin)
    first = plan.book(minute, person, visit)
    second = plan.book(minute + HOUR, twin, visit + 3 * DAY)
    plan.add(minute + 3 * HOUR, "merge_clients", first, gone=second)
    plan.came(first, visit)
    plan.came(second, visit + 3 * DAY)
    person.free_from = twin.free_from = visit + 120 * DAY


Story = Callable[[Plan, int], None]
STORIES: dict[str, tuple[float, Story]] = {
    "usual": (62, usual),
    "missed": (11, missed),
    "cancelled": (9, cancelled),
    "moved": (8, moved),
    "corrected": (2, corrected),
    "unmarked": (3, unmarked),
    "nobody": (2.5, nobody),
    "schedule": (0.6, schedule),
    "event": (0.8, event),
    "two_cards": (0.7, two_cards),
}
