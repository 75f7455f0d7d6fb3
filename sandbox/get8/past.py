"""What GET8 and people made of those two years in amoCRM, and the key to it: which deal is whose.

The key is kept by whoever asked for the history; neither emulator holds it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.get8 import marks, network
from sandbox.get8.deals import deal_of
from sandbox.get8.history import DAY, Booking, Past, Person
from sandbox.get8.settings import Layout, Plain, Salon, Setup, Style

CHUNK = 1000
CLOSED_SALON = 40999
"""A salon that the network gave up: its deals are still in the account."""
Ask = Callable[..., Any]
"""A control interface: `ask(verb, **arguments)`."""


class Kind(StrEnum):
    """What is peculiar about a record and its deal."""

    PLAIN = "plain"
    MOVED_BY_HAND = "moved"
    EDITED = "edited"
    NEW_PHONE = "new_phone"
    STALE = "stale"
    OTHER_SALON = "other_salon"
    COPIED = "copied"
    LOST = "lost"
    NO_PHONE = "no_phone"


@dataclass(slots=True)
class Answer:
    """One line of the key: the record, its deal, GET8's superfluous copies of that deal."""

    company_id: int
    record_id: int
    lead_id: int | None
    kind: Kind
    starts_at: int
    copies: list[int] = field(default_factory=list)
    closed_at: int | None = None


@dataclass(slots=True)
class Truth:
    answers: list[Answer] = field(default_factory=list)
    orphans: list[int] = field(default_factory=list)
    """Deals that belong to no record: people's own, and those of a closed salon."""

    def as_json(self) -> Plain:
        return {"answers": [asdict(answer) for answer in self.answers], "orphans": self.orphans}


@dataclass(slots=True)
class _Draft:
    """A deal on its way into the account."""

    row: Plain
    answer: Answer | None = None
    is_copy: bool = False
    notes: list[Plain] = field(default_factory=list)


class Writer:
    """Fills both emulators with a past; `author` is the user that GET8 works as."""

    def __init__(  # noqa: PLR0913 - a history has that many sides
        self,
        crm: Ask,
        salons: Ask,
        setup: Setup,
        layout: Layout,
        style: Style,
        now: float,
        author: int = network.ROBOT_USER,
        seed: int = 1,
    ) -> None:
        self.crm, self.salons = crm, salons
        self.setup, self.layout, self.style = setup, layout, style
        self.now, self.author = now, author
        self.chance = random.Random(f"past {seed}")  # noqa: S311 - repeatable

    def write(self, past: Past) -> Truth:
        self._book(past)
        self._meet(past.people)
        truth = Truth()
        drafts = [draft for booking in past.bookings for draft in self._deals(booking, truth)]
        drafts += [self._orphan(past) for _ in range(len(past.bookings) * 4 // 100)]
        drafts.sort(key=lambda draft: int(draft.row["created_at"]))
        for chunk in _chunks(drafts):
            self._keep(chunk, truth)
        return truth

    # Salons

    def _book(self, past: Past) -> None:
        for company_id in network.TITLES:
            bookings = [booking for booking in past.bookings if booking.company_id == company_id]
            people = list({id(booking.person): booking.person for booking in bookings}.values())
            for chunk in _chunks(people):
                rows = [{"name": person.name, "phone": person.phone} for person in chunk]
                ids = self.salons("load", company_id=company_id, clients=rows)["clients"]
                for person, client_id in zip(chunk, ids, strict=True):
                    person.clients[company_id] = client_id
            for part in _chunks(bookings):
                ids = self.salons("load", company_id=company_id, records=[one.row() for one in part])[
                    "records"
                ]
                for booking, record_id in zip(part, ids, strict=True):
                    booking.id = record_id

    # People

    def _meet(self, people: list[Person]) -> None:
        """One contact for a phone; some managers later wrote another number into the card."""
        owners: dict[str, Person] = {}
        for person in people:
            owners.setdefault(person.phone, person)
        owners.pop("", None)
        for chunk in _chunks(list(owners.values())):
            self._introduce(chunk)
        for person in people:
            known = owners.get(person.phone, person)
            person.contact_id, person.new_phone = known.contact_id, known.new_phone

    def _introduce(self, people: list[Person]) -> None:
        for person in people:
            if self.chance.random() < 0.006:
                person.new_phone = f"7911{person.phone[-7:]}"
        rows = [self._contact(person) for person in people]
        ids = self.crm("load", domain=self.setup.domain, contacts=rows)["contacts"]
        for person, contact_id in zip(people, ids, strict=True):
            person.contact_id = contact_id

    def _contact(self, person: Person) -> Plain:
        phone = f"+{person.new_phone or person.phone}"
        shown = phone if self.chance.random() < 0.8 else f"8 ({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
        born = int(self.now) - 730 * DAY
        return {"name": person.name, "phones": [shown], "created_at": born, "created_by": self.author}

    # Deals

    def _deals(self, booking: Booking, truth: Truth) -> Iterator[_Draft]:
        answer = Answer(booking.company_id, booking.id, None, Kind.PLAIN, booking.moment)
        truth.answers.append(answer)
        if not booking.person.phone:
            answer.kind = Kind.NO_PHONE
            return
        if self.chance.random() < 0.015:
            answer.kind = Kind.LOST
            return
        draft = self._deal(booking)
        draft.answer = answer
        if booking.person.new_phone:
            answer.kind = Kind.NEW_PHONE
        elif self.chance.random() < 0.012:
            answer.kind = Kind.COPIED
            yield self._copy(draft, answer)
            draft.notes.append(self._word(draft, "Созвонились, ждём"))
        else:
            self._peculiar(booking, draft, answer)
        answer.closed_at = draft.row["closed_at"]
        yield draft

    def _deal(self, booking: Booking) -> _Draft:
        salon = next(one for one in self.setup.salons if one.company_id == booking.company_id)
        stages = self.setup.stages[booking.pipeline]
        record = booking.shown()
        deal = deal_of(record, salon, stages, self.layout, booking.pipeline)
        made = booking.created_at + int(self.chance.uniform(5, 90))
        changed = max(made, min(booking.changed_at + int(self.chance.uniform(5, 90)), int(self.now) - 1))
        is_closed = deal.stage in {142, 143}
        row: Plain = {
            "name": deal.name,
            "pipeline_id": deal.pipeline,
            "status_id": deal.stage,
            "price": deal.price,
            "responsible_user_id": deal.responsible,
            "fields": {str(number): value for number, value in deal.fields.items() if value},
            "tags": list(deal.tags),
            "contacts": [booking.person.contact_id],
            "created_by": self.author,
            "updated_by": self.author,
            "created_at": made,
            "updated_at": changed,
            "closed_at": changed if is_closed else None,
        }
        note = marks.note_text(self.style, record)
        return _Draft(
            row, notes=[{"text": note, "created_by": self.author, "created_at": made}] if note else []
        )

    def _peculiar(self, booking: Booking, draft: _Draft, answer: Answer) -> None:
        """People work in the cards too, and GET8 misses a thing now and then."""
        row, dice = draft.row, self.chance.random()
        if dice < 0.03 and row["closed_at"] is None:
            row["status_id"] = network.FIRST[row["pipeline_id"]] + 6
            answer.kind = Kind.MOVED_BY_HAND
        elif dice < 0.06:
            row["name"] = f"{row['name']} (VIP)"
            answer.kind = Kind.EDITED
        elif dice < 0.07:
            row["fields"][str(self.layout.ids["visit"])] = booking.moment - DAY
            answer.kind = Kind.STALE
            return
        elif dice < 0.075:
            other = self.chance.choice(
                [one for one in self.setup.salons if one.company_id != booking.company_id]
            )
            self._misplace(row, other)
            answer.kind = Kind.OTHER_SALON
            return
        else:
            return
        row["updated_by"] = network.GLEB
        draft.notes.append(self._word(draft, "Поправили карточку"))

    def _misplace(self, row: Plain, other: Salon) -> None:
        """The card says another salon than the record does."""
        row["fields"][str(self.layout.ids["salon"])] = other.title
        row["responsible_user_id"] = other.responsible_id

    def _copy(self, draft: _Draft, answer: Answer) -> _Draft:
        """GET8 made the deal twice; nobody ever touched the second one."""
        row, stages = draft.row, self.setup.stages[draft.row["pipeline_id"]]
        made = {"created_at": row["created_at"] + 2, "updated_at": row["created_at"] + 2, "closed_at": None}
        draft.row["updated_by"] = network.GLEB
        twin = {**row, **made, "status_id": stages.waiting, "updated_by": self.author}
        return _Draft(twin, answer, is_copy=True, notes=[{**note} for note in draft.notes])

    def _word(self, draft: _Draft, text: str) -> Plain:
        return {"text": text, "created_by": network.GLEB, "created_at": draft.row["updated_at"]}

    def _orphan(self, past: Past) -> _Draft:
        """A person's own deal, or one of a salon that was closed: both are nobody's business."""
        chance, pipeline = self.chance, self.chance.choice([network.EPILATION, network.COSMETOLOGY])
        made = int(self.now) - int(chance.uniform(200, 720) * DAY)
        person = chance.choice([one for one in past.people[:200] if one.phone])
        row: Plain = {
            "name": "Заявка с сайта",
            "pipeline_id": pipeline,
            "status_id": 143,
            "price": 0,
            "contacts": [person.contact_id],
            "created_by": network.GLEB,
            "created_at": made,
            "updated_at": made + DAY,
            "closed_at": made + DAY,
        }
        if chance.random() < 0.4:
            row |= self._of_closed_salon(row)
        return _Draft(row)

    def _of_closed_salon(self, row: Plain) -> Plain:
        number = self.chance.randrange(650_000_000, 660_000_000)
        gone = {"id": number, "company_id": CLOSED_SALON, "date": "2024-01-01 12:00:00"}
        values = {**marks.field_values(gone), "salon": "Закрытый", "visit": row["created_at"] // 900 * 900}
        fields = {str(self.layout.ids[p]): value for p, value in values.items() if p in self.layout.ids}
        more = {"created_by": self.author, "tags": [self.layout.tag]}
        return {"name": "Запись закрытого салона", "status_id": 142, "fields": fields, **more}

    def _keep(self, drafts: list[_Draft], truth: Truth) -> None:
        domain = self.setup.domain
        ids = self.crm("load", domain=domain, leads=[draft.row for draft in drafts])["leads"]
        notes: list[Plain] = []
        for draft, lead_id in zip(drafts, ids, strict=True):
            notes += [{**note, "lead_id": lead_id} for note in draft.notes]
            if draft.answer is None:
                truth.orphans.append(lead_id)
            elif draft.is_copy:
                draft.answer.copies.append(lead_id)
            else:
                draft.answer.lead_id = lead_id
        if notes:
            self.crm("load", domain=domain, notes=notes)


def known_to_get8(past: Past, truth: Truth, since: float) -> list[Plain]:
    """Rows for GET8's own database: what may still change, because its visit is not long ago."""
    leads = {(answer.company_id, answer.record_id): answer.lead_id for answer in truth.answers}
    found = []
    for booking in past.bookings:
        lead_id = leads[(booking.company_id, booking.id)]
        if lead_id is not None and booking.moment > since:
            found.append({"company_id": booking.company_id, "record": booking.shown(), "lead_id": lead_id})
    return found


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
