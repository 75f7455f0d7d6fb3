"""What happens in the salons: bookings are made, edited, confirmed, missed and deleted, all mixed up."""

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SERVICES = {"epilation": (90001, 90002, 90003), "cosmetology": (90021, 90022, 90023)}
PIPELINE_OF = {**dict.fromkeys(SERVICES["epilation"], 8001), **dict.fromkeys(SERVICES["cosmetology"], 8002)}
ATTENDANCES = (0, 2, 1, -1)
STAFF = 81
DELETED = None  # the last change of a booking, as the others are fields
CATALOGUE = {
    "categories": [{"id": 501, "title": "Эпиляция"}, {"id": 503, "title": "Косметология"}],
    "services": [
        {"id": service_id, "category_id": category_id, "title": f"Услуга {service_id}", "price": 1000}
        for category_id, direction in ((501, "epilation"), (503, "cosmetology"))
        for service_id in SERVICES[direction]
    ],
    "staff": [{"id": STAFF, "name": "Вера"}],
}  # fmt: skip


@dataclass
class Plan:
    """One booking and what will be done with it, in this order."""

    company: int
    fields: dict
    changes: list
    record: int = 0
    is_deleted: bool = False


class Journal:
    """The deeds of all salons in one mixed row; `next()` does one and says whether there was one left."""

    def __init__(self, control, companies, bookings, seeded=(), seed=1):
        self.control = control
        self.random = random.Random(seed)
        self.texts = itertools.count(1)
        self.start = datetime.now(UTC).replace(hour=9, minute=0, second=0) + timedelta(days=2)
        lonely = [self._plan(company, phone, "epilation", is_kept=True) for company, phone in seeded]
        visits = {company: self._visits(company, bookings // len(companies) + 1) for company in companies}
        others = [
            self._plan(company, *visits[company].pop())
            for company in itertools.islice(itertools.cycle(companies), bookings - len(lonely))
        ]
        self.waiting = self._mixed(lonely, others)
        self.open = []
        self.doomed = []  # to be deleted, but not before everything else is done
        self.plans = []

    def _mixed(self, *groups):
        plans = list(itertools.chain(*groups))
        self.random.shuffle(plans)
        return plans

    def _visits(self, company, count):
        """Who books what: many come twice, each time for something else, so that no booking ends the lead of
        another one (what the rules for missed visits do between them is for the soak).
        """
        people = [f"+79{company % 1000:03}{n:06}" for n in range(max(1, count * 2 // 3))]
        return self.random.sample(list(itertools.product(people, SERVICES)), count)

    def _plan(self, company, phone, direction, is_kept=False):
        changes = [self._change(direction) for _ in range(self.random.choice((0, 1, 1, 2, 2, 3, 4)))]
        if not is_kept and self.random.random() < 0.08:
            changes.append(DELETED)
        fields = {
            "staff_id": STAFF,
            "services": self._services(direction),
            "client": {"name": f"Клиент {phone[-4:]}", "phone": phone},
            "datetime": self._time(),
        }
        return Plan(company, fields, changes)

    def _services(self, direction):
        chosen = self.random.sample(SERVICES[direction], self.random.choice((1, 1, 2)))
        return [{"id": service_id, "cost": self.random.randrange(10, 90) * 100} for service_id in chosen]

    def _time(self):
        """Never twice the same, so that two notes about a move never read alike."""
        return (self.start + timedelta(minutes=15 * next(self.texts))).strftime("%Y-%m-%d %H:%M:00")

    def _change(self, direction):
        kind = self.random.choice(("services", "time", "comment", "attendance", "attendance", "attendance"))
        if kind == "services":
            return {"services": self._services(direction)}
        if kind == "time":
            return {"datetime": self._time()}
        if kind == "comment":
            return {"comment": f"Просьба {next(self.texts)}"}
        return {"attendance": self.random.choice(ATTENDANCES)}

    @property
    def is_over(self):
        return not (self.waiting or self.open or self.doomed)

    @property
    def left(self):
        """Deeds still to be done."""
        unborn = sum(1 + len(plan.changes) for plan in self.waiting)
        return unborn + sum(len(plan.changes) for plan in (*self.open, *self.doomed))

    def next(self):
        """New bookings and changes take turns as chance will have it."""
        if self.waiting and (not self.open or self.random.random() < 0.4):
            plan = self.waiting.pop()
            plan.record = self.control("ui/create", company_id=plan.company, **plan.fields)["id"]
            self.plans.append(plan)
        else:
            plan = self.random.choice(self.open or self.doomed)
            (self.open or self.doomed).remove(plan)
            self.change(plan, plan.changes.pop(0))
        if plan.changes:
            is_next = plan.changes[0] is DELETED and self.random.random() < 0.8
            (self.doomed if is_next else self.open).append(plan)

    def change(self, plan, change):
        where = {"company_id": plan.company, "record_id": plan.record}
        if change is DELETED:
            plan.is_deleted = True
            self.control("ui/delete", **where)
        else:
            self.control("ui/edit", **where, **change)

    def one_more(self):
        """Work for whoever is still to be killed: somebody writes a remark into a booking that is alive."""
        plan = self.random.choice([plan for plan in self.plans if not plan.is_deleted])
        self.change(plan, {"comment": f"Просьба {next(self.texts)}"})
