"""What staff does while the move goes on, and a book of what must be true of every booking afterwards."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.get8 import network
from sandbox.get8.past import Kind
from sandbox.get8.settings import Plain
from sandbox.migration.scene import Scene

DAYS_AHEAD = (0, 1, 1, 2, 3, 4, 6, 9)
CALM_KINDS = {Kind.PLAIN, Kind.EDITED}


@dataclass(slots=True)
class Live:
    """One booking that staff worked with."""

    company_id: int
    record_id: int
    starts: datetime
    service_ids: list[int]
    pipeline: int
    attendance: int = 0
    is_deleted: bool = False
    born_here: bool = False
    deeds: list[tuple[float, str]] = field(default_factory=list)
    """When and what."""

    @property
    def price(self) -> int:
        return sum(network.price_of(number) for number in self.service_ids)

    @property
    def stage(self) -> int:
        stages = network.stages_of(self.pipeline)
        if self.is_deleted:
            return int(stages["cancelled"])
        return int(stages[{2: "confirmed", 1: "arrived", -1: "no_show"}.get(self.attendance, "waiting")])

    @property
    def is_over(self) -> bool:
        return self.is_deleted or self.attendance in {1, -1}


class Staff:
    """`staff.day_of(company)` does a handful of things in a salon; all choices follow from the seed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.chance = random.Random(f"staff {scene.seed}")  # noqa: S311 - repeatable
        self.live: dict[tuple[int, int], Live] = {}
        self._people = 0
        self._minutes: set[tuple[int, str]] = set()
        self._adopt_the_future()

    def _adopt_the_future(self) -> None:
        """Bookings of the history that are still to come and that nothing odd is known of."""
        kinds = {(answer.company_id, answer.record_id): answer.kind for answer in self.scene.truth.answers}
        now, phones = self.now(), self._phones_with_one()
        for booking in self.scene.past.bookings:
            key = (booking.company_id, booking.id)
            is_calm = kinds[key] in CALM_KINDS and not booking.is_deleted and booking.person.phone in phones
            if is_calm and booking.starts > now and booking.attendance in {0, 2}:
                services = list(booking.service_ids)
                self.live[key] = Live(*key, booking.starts, services, booking.pipeline, booking.attendance)

    def _phones_with_one(self) -> set[str]:
        """People with one booking ahead: with two, rules may rightly join what GET8 keeps apart."""
        counts: dict[str, int] = {}
        now = self.now() - timedelta(days=45)
        for booking in self.scene.past.bookings:
            if booking.starts > now:
                counts[booking.person.phone] = counts.get(booking.person.phone, 0) + 1
        return {phone for phone, count in counts.items() if phone and count == 1}

    def now(self) -> datetime:
        return datetime.fromtimestamp(float(self.scene.salons.read("clock")["now"]), UTC)

    # What happens

    def work(self, company_id: int, deeds: int) -> int:
        """Some deeds in one salon, whoever writes for it."""
        ways = (self.create, self.create, self.confirm, self.move, self.rebook, self.cancel)
        return sum(way(company_id) for way in self.chance.choices(ways, weights=(4, 3, 4, 3, 2, 1), k=deeds))

    def close_the_day(self, company_id: int) -> int:
        """Those whose visit has passed came, or did not."""
        now, done = self.now(), 0
        for live in [one for one in self.live.values() if one.company_id == company_id and not one.is_over]:
            if live.starts < now:
                self._attend(live, 1 if self.chance.random() < 0.85 else -1)
                done += 1
        return done

    def create(self, company_id: int) -> int:
        self._people += 1
        zone = ZoneInfo(network.ZONES[company_id])
        starts = self._free(company_id, self.now().astimezone(zone))
        service = self.chance.choice(network.service_ids(company_id))
        record = self.scene.salons(
            "ui/create",
            company_id=company_id,
            staff_id=self.chance.choice(list(network.STAFF[company_id])),
            services=[{"id": service}],
            client={"name": f"Новая {self._people}", "phone": f"7922{self._people:07d}"},
            datetime=starts.strftime("%Y-%m-%d %H:%M:%S"),
        )
        live = Live(company_id, int(record["id"]), starts, [service], network.pipeline_of(service))
        live.born_here = True
        self.live[(company_id, live.record_id)] = live
        self._note(live, "create")
        return 1

    def _free(self, company_id: int, now: datetime) -> datetime:
        while True:
            day = (now + timedelta(days=self.chance.choice(DAYS_AHEAD))).date()
            clock = timedelta(minutes=5 * self.chance.randrange(10 * 12, 20 * 12))
            starts = datetime.combine(day, datetime.min.time(), now.tzinfo) + clock
            is_ahead = starts > now + timedelta(minutes=30)
            if is_ahead and (company_id, starts.isoformat()) not in self._minutes:
                self._minutes.add((company_id, starts.isoformat()))
                return starts

    def confirm(self, company_id: int) -> int:
        live = self._some(company_id, lambda one: one.attendance == 0)
        return 0 if live is None else self._attend(live, 2)

    def move(self, company_id: int) -> int:
        live = self._some(company_id)
        if live is None:
            return 0
        live.starts = self._free(company_id, self.now().astimezone(live.starts.tzinfo))
        self._edit(live, "move", datetime=live.starts.strftime("%Y-%m-%d %H:%M:%S"))
        return 1

    def rebook(self, company_id: int) -> int:
        """Another service of the same category."""
        live = self._some(company_id)
        if live is None:
            return 0
        same = [n for n in network.service_ids(company_id) if network.pipeline_of(n) == live.pipeline]
        live.service_ids = [self.chance.choice(same)]
        self._edit(live, "rebook", services=[{"id": live.service_ids[0]}])
        return 1

    def cancel(self, company_id: int) -> int:
        live = self._some(company_id)
        if live is None:
            return 0
        self.scene.salons("ui/delete", company_id=company_id, record_id=live.record_id)
        live.is_deleted = True
        self._note(live, "cancel")
        return 1

    def save_again(self, company_id: int, record_id: int) -> None:
        """Saved without a change of anything that matters: whoever listens hears of it."""
        self.scene.salons("ui/edit", company_id=company_id, record_id=record_id, comment="позвонить накануне")

    def _attend(self, live: Live, attendance: int) -> int:
        live.attendance = attendance
        self._edit(live, {2: "confirm", 1: "arrive", -1: "no_show"}[attendance], attendance=attendance)
        return 1

    def _edit(self, live: Live, what: str, **changes: object) -> None:
        self.scene.salons("ui/edit", company_id=live.company_id, record_id=live.record_id, **changes)
        self._note(live, what)

    def _note(self, live: Live, what: str) -> None:
        live.deeds.append((self.now().timestamp(), what))

    def _some(self, company_id: int, test: object = None) -> Live | None:
        now = self.now()
        fits = test if callable(test) else (lambda _one: True)
        rows = [one for one in self.live.values() if one.company_id == company_id and not one.is_over]
        found = [one for one in rows if one.starts > now and fits(one)]
        return self.chance.choice(found) if found else None

    # What was done

    def touched(self) -> dict[tuple[int, int], Live]:
        return {key: live for key, live in self.live.items() if live.deeds}

    def summary(self) -> Plain:
        counts: Plain = {}
        for live in self.live.values():
            for _at, what in live.deeds:
                counts[what] = counts.get(what, 0) + 1
        return counts
