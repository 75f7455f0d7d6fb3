"""Generated histories: what staff and managers do, chapter by chapter, over a good or a bad network.

A chapter is one moment: each person of it does something with one booking, then everybody waits until all is
quiet. What people do in the CRM comes after that, because they act upon what they see.
"""

import os
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count

import redis
import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.support.stand import (
    ANNA,
    CLEANING,
    CONFIGURATION,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    INNA,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    STAGES,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
    VERA,
    Stand,
)

# A run of the suite has half a minute for each property; HISTORIES=20 makes it twenty times as thorough.
THOROUGHNESS = int(os.environ.get("HISTORIES", "1"))
# Making a failure smaller takes minutes: the thorough run does it, the usual one shows what it has found.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
COMPLAINT, LOST, WON = 8109, 143, 142
WAITING, CAME, CONFIRMED, MISSED = 0, 1, 2, -1
PEOPLE = [(f"Клиент {n}", f"+7999000020{n}") for n in range(3)]
SERVICES = ([LASER_ARMPITS], [LASER_LEGS], [CLEANING], [LASER_ARMPITS, CLEANING])
BAD = {"loss": 0.2, "duplicate": 3, "shuffle": 20.0}
HOUR = 3600


def usual(examples):
    """Settings of a property that plays so many histories in the usual run."""
    return settings(
        max_examples=max(4, examples // 3) * THOROUGHNESS,
        deadline=None,
        phases=tuple(Phase) if THOROUGHNESS > 1 else QUICK,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@dataclass(frozen=True)
class Deed:
    """`person` is a number of PEOPLE; `what` is a verb of `Player`."""

    what: str
    person: int
    given: dict = field(default_factory=dict)

    def __repr__(self):
        return f"{self.what}({self.person}, {self.given})" if self.given else f"{self.what}({self.person})"


@dataclass(frozen=True)
class Chapter:
    hours: int
    deeds: tuple
    hands: tuple


def _deed(what, **given):
    names, values = list(given), list(given.values())
    return st.tuples(*values).map(lambda drawn: (what, dict(zip(names, drawn, strict=True))))


SALON_DEEDS = {
    "book": _deed("book", services=st.sampled_from(SERVICES), days=st.integers(3, 9)),
    "book_elsewhere": _deed("book_elsewhere", days=st.integers(3, 9)),
    "mark": _deed("mark", attendance=st.sampled_from([WAITING, CAME, CONFIRMED, MISSED])),
    "flip": _deed("flip", marks=st.lists(st.sampled_from([WAITING, CAME, CONFIRMED, MISSED]), max_size=3)),
    "comment": _deed("comment", text=st.sampled_from(["", "Позвонить", "Другой кабинет"])),
    "reprice": _deed("reprice", cost=st.sampled_from([1000, 2500, 7300])),
    "move": _deed("move", days=st.integers(3, 20)),
    "delete": _deed("delete"),
    "restore": _deed("restore"),
}
# These change what a booking is: how its leads follow is a choice of the account.
DEEPER_DEEDS = {
    "services": _deed("services", services=st.sampled_from(SERVICES)),
    "book_beside": _deed("book_beside", services=st.sampled_from(SERVICES)),
}
HANDS = {
    "hand_complaint": _deed("hand_complaint"),
    "hand_close": _deed("hand_close"),
    "hand_name": _deed("hand_name"),
    "hand_delete": _deed("hand_delete"),
    "hand_merge": _deed("hand_merge"),
}
EDITS = ("comment", "reprice", "move")
EVERYTHING = (*SALON_DEEDS, *DEEPER_DEEDS, *DEEPER_DEEDS)
CHOICES = {
    "multi_category": st.sampled_from(["single", "split", "hybrid"]),
    "direction_change": st.sampled_from(["move", "relink", "task"]),
    "after_no_show": st.sampled_from(["continue", "strict"]),
    "next_lead": st.sampled_from(["crm", "ours"]),
}


def choices(**more):
    """Options of an account, as far as they decide which leads a booking has."""
    return st.fixed_dictionaries({**CHOICES, **more})


def written(options=None):
    """The stand's configuration with automations in the first two pipelines, and with these options."""
    document = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    document["options"] |= options or {}
    for route in document["routes"]:
        if route["pipeline"] in (EPILATION, COSMETOLOGY):
            route["trigger"] = {"pipeline": route["pipeline"], "stage": STAGES[route["pipeline"]]}
    return yaml.safe_dump(document, allow_unicode=True)


@st.composite
def histories(draw, deeds=tuple(SALON_DEEDS), hands=tuple(HANDS), least=1, most=4, share=3):
    """`hands` come once in `share` chapters or so; every history begins with somebody who books."""
    chapters = []
    for number in range(draw(st.integers(least, most))):
        people = draw(st.lists(st.integers(0, len(PEOPLE) - 1), min_size=1, unique=True))
        known = ("book",) if not number else deeds
        done = tuple(_drawn(draw, SALON_DEEDS | DEEPER_DEEDS, known, person) for person in people)
        acts = bool(hands) and draw(st.integers(1, share)) == 1
        by_hand = (_drawn(draw, HANDS, hands, draw(st.sampled_from(people))),) if acts else ()
        chapters.append(Chapter(draw(st.sampled_from([1, 3, 30])), done, by_hand))
    return tuple(chapters)


def _drawn(draw, known, names, person):
    what, given = draw(known[draw(st.sampled_from(names))])
    return Deed(what, person, given)


class Player:
    """Plays a history on a stand of its own; `bookings` are the records by person, the newest last."""

    def __init__(self, stand, network=None):
        self.stand = stand
        self.network = network or {}
        self.bookings = defaultdict(list)
        self.closed_by_hand = {}

    def play(self, history, after_chapter=lambda: None):
        for chapter in history:
            self.stand.world.clock.advance(chapter.hours * HOUR)
            self._disturb()
            for deed in chapter.deeds:
                getattr(self, deed.what)(deed.person, **deed.given)
            self.quiet()
            for deed in chapter.hands:
                getattr(self, deed.what)(deed.person, **deed.given)
            self.quiet()
            after_chapter()
        return self

    def quiet(self):
        """All that is on its way arrives, settle times pass, and the reconciliation finds what was lost."""
        self.stand.settle()
        self._disturb(is_over=True)
        self.stand.reconcile()
        self.stand.settle(700)

    def _disturb(self, *, is_over=False):
        calm = {"loss": 0.0, "duplicate": 1, "shuffle": 0.0}
        for service in (self.stand.world.yclients, self.stand.world.amocrm):
            service.hooks(**(calm if is_over else self.network))

    def record(self, person):
        """The newest booking as the journal has it."""
        if not self.bookings[person]:
            return None
        known = self.bookings[person][-1]
        return next(r for r in self.records() if (r["company_id"], r["id"]) == known)

    def records(self):
        return self.stand.world.yclients.state()["records"]

    def lead(self, person):
        record = self.record(person)
        found = self.stand.leads_of(record) if record else []
        return found[0] if found else None

    # In the salon

    def book(self, person, services, days):
        self._book(person, TVERSKAYA, VERA, services, days)

    def book_elsewhere(self, person, days):
        self._book(person, URAL, URAL_MASTER, [URAL_LASER], days)

    def _book(self, person, company, staff, services, days):
        made = self.stand.book(*services, company=company, staff=staff, client=PEOPLE[person], at=f"+{days}")
        self.bookings[person].append((made["company_id"], made["id"]))

    def book_beside(self, person, services):
        """Another master at the same time: one more booking of the visit."""
        record = self.record(person)
        if record and not record["deleted"] and record["company_id"] == TVERSKAYA:
            made = self.stand.book(
                *services, staff=INNA, client=PEOPLE[person], at=record["datetime"],
                visit_id=record["visit_id"],
            )  # fmt: skip
            self.bookings[person].append((made["company_id"], made["id"]))

    def services(self, person, services):
        record = self.record(person)
        if record and record["company_id"] == TVERSKAYA:
            self._change(person, services=[{"id": one} for one in services])

    def _change(self, person, **changes):
        record = self.record(person)
        if record and not record["deleted"]:
            self.stand.edit(record, **changes)

    def mark(self, person, attendance):
        self._change(person, attendance=attendance)

    def flip(self, person, marks):
        for attendance in marks:
            self._change(person, attendance=attendance)

    def comment(self, person, text):
        self._change(person, comment=text)

    def reprice(self, person, cost):
        record = self.record(person)
        if record:
            lines = [{"id": line["id"], "cost": cost} for line in record["services"]]
            self._change(person, services=lines)

    def move(self, person, days):
        self._change(person, datetime=self.stand.wall(f"+{days}"))

    def delete(self, person):
        record = self.record(person)
        if record and not record["deleted"]:
            self.stand.delete(record)

    def restore(self, person):
        record = self.record(person)
        if record and record["deleted"]:
            self.stand.world.yclients.ui_restore(record["company_id"], record["id"])

    # By hand in the CRM

    def hand_complaint(self, person):
        lead = self.lead(person)
        if lead and lead["pipeline_id"] == EPILATION and not lead["closed_at"]:
            self.stand.move(lead, COMPLAINT)

    def hand_close(self, person):
        lead = self.lead(person)
        if lead and not lead["closed_at"]:
            self.stand.move(lead, LOST)
            self.closed_by_hand[lead["id"]] = LOST

    def hand_name(self, person):
        lead = self.lead(person)
        if lead:
            self.stand.edit_lead(lead, name="Важная клиентка", responsible_user_id=OLGA)

    def hand_delete(self, person):
        lead = self.lead(person)
        if lead:
            self.stand.world.amocrm.ui_delete(DOMAIN, ANNA, lead["id"])

    def hand_merge(self, person):
        """A manager made a second card of the person, and merges the two."""
        lead = self.lead(person)
        contacts = lead["_embedded"]["contacts"] if lead else []
        if contacts:
            twin = self.stand.world.amocrm.ui_contact(
                DOMAIN, OLGA, PEOPLE[person][0], [f"+7999555000{person}"]
            )
            self.stand.world.amocrm.ui_merge_contacts(DOMAIN, OLGA, contacts[0]["id"], twin["id"])


class Stage:
    """Opens a fresh stand for every history of a property."""

    def __init__(self, folder, redis_url):
        self.folder = folder
        self.redis_url = redis_url
        self._numbers = count()

    def open(self, seed=1, robots=False):
        with redis.Redis.from_url(self.redis_url) as memory:
            memory.flushall()
        stand = Stand(f"sqlite:///{self.folder / f'{next(self._numbers)}.db'}", self.redis_url, seed=seed)
        stand.world.yclients.hooks(delay=0)
        if robots:
            stand.configure(written())
            for pipeline in (EPILATION, COSMETOLOGY):
                stand.world.amocrm.trigger(
                    DOMAIN, on_pipeline=pipeline, pipeline_id=pipeline, stage_id=STAGES[pipeline], delay=45
                )
        return stand


def state_of(player):
    """What people see, without numbers that depend on who came first: leads by booking, and contacts.

    A booking that was cancelled has no lead or a lost one: whether somebody saw it in time is no matter.
    """
    crm = player.stand.crm()
    contacts = {contact["id"]: contact for contact in crm["contacts"]}
    found = {}
    for person, known in sorted(player.bookings.items()):
        for number, (company, record_id) in enumerate(known):
            leads = player.stand.leads_of({"company_id": company, "id": record_id})
            shown = [_shown(player.stand, lead, contacts) for lead in leads]
            found[person, number] = [lead for lead in shown if lead["stage"] != LOST]
    phones = sorted(sorted(player.stand.phones(contact)) for contact in contacts.values())
    return found, phones


def _shown(stand, lead, contacts):
    names = ("MOSTIK_SALON", "MOSTIK_DIRECTION", "MOSTIK_MASTER", "MOSTIK_COMMENT", "MOSTIK_STATUS")
    people = [contacts[one["id"]] for one in lead["_embedded"]["contacts"] if one["id"] in contacts]
    return {
        "stage": lead["status_id"],
        "pipeline": lead["pipeline_id"],
        "price": lead["price"],
        "responsible": lead["responsible_user_id"],
        "phones": sorted(phone for person in people for phone in stand.phones(person)),
        **{name: stand.value(lead, name) for name in names},
    }
