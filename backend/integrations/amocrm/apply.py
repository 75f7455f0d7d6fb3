"""Carries out commands in amoCRM: equal ones in one request; one wrong entity costs only itself.

Nothing is sent twice from here. When the answer to a creation is lost, TryLater leaves them open: the
caller looks for the leads by their key before it decides again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from backend.core.crm import CustomField
from backend.core.errors import InvalidInput, TryLater
from backend.core.salon import DEFAULT_ZONE
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    Command,
    CreateLead,
    LinkProducts,
    NewContact,
    ReplaceContact,
    UpdateContact,
    UpdateLead,
)
from backend.integrations.amocrm import incoming, linking, render
from backend.integrations.amocrm.batches import (
    CREATED,
    KNOWN,
    NOTED,
    TASKED,
    UPDATED,
    Collection,
    Entity,
    Outcome,
    done,
)
from backend.integrations.amocrm.client import AmoClient, Refused
from backend.integrations.amocrm.refusals import broken_fields_of, problems_of, refused, without_fields
from backend.integrations.http import Answer, JsonObject

BATCH = 50


@dataclass(frozen=True, slots=True)
class Planned:
    """A command and the caller's number for it."""

    row_id: int
    command: Command


def apply(  # noqa: PLR0913 - what an account is written with
    client: AmoClient,
    schema_fields: Mapping[int, CustomField],
    commands: Sequence[Planned],
    on_settled: Callable[[Sequence[Outcome]], None],
    timezone: str = DEFAULT_ZONE,
    products: render.Products = render.NO_PRODUCTS,
) -> None:
    """Create, then update, then notes, tasks and products. `on_settled` is called after each answer of the
    CRM.
    """
    terms = render.Terms(schema_fields, timezone, products)
    kinds = _by_kind(commands)
    _assert_distinct([command for _, command in kinds.creates])
    run = _Run(client, on_settled)

    run.send(CREATED, [Entity(row, c, render.new_lead(c, terms)) for row, c in kinds.creates])
    for _, command in kinds.updates:
        if command.accepts and command.stage_id:
            incoming.accept(client, command.lead_id, command.stage_id)
    changes = [Entity(row, c, render.changed_lead(c, terms), c.lead_id) for row, c in kinds.updates]
    run.change(UPDATED, changes)
    people = [Entity(row, c, _contact_body(client, c, terms)) for row, c in kinds.contacts]
    run.change(KNOWN, people)
    run.replace(kinds.replaced, terms)
    run.send(NOTED, run.placed([(row, c, render.note) for row, c in kinds.notes]))
    run.send(TASKED, run.placed([(row, c, render.task) for row, c in kinds.tasks]))
    run.products(kinds.products, terms)


def _contact_body(client: AmoClient, command: UpdateContact, terms: render.Terms) -> JsonObject:
    """The phones that stand there are asked for only when one is added: it is rare, and their kinds are kept
    nowhere else.
    """
    phones = client.phones_of(command.contact_id) if command.phones else ()
    return render.changed_contact(command, phones, terms)


@dataclass(slots=True)
class _Run:
    client: AmoClient
    on_settled: Callable[[Sequence[Outcome]], None]
    leads: dict[tuple[str, str], int] = field(default_factory=dict)  # key, share → the lead made in this call
    broken: set[int] = field(default_factory=set)

    def send(self, collection: Collection, entities: Sequence[Entity]) -> None:
        waiting = [list(entities[start : start + BATCH]) for start in range(0, len(entities), BATCH)]
        while waiting:
            batch = [_without_fields(entity, self.broken) for entity in waiting.pop(0)]
            try:
                bodies = [{**entity.body, "request_id": entity.ref} for entity in batch]
                answer = self.client.write(collection.method, collection.path, bodies)
            except Refused as refusal:
                waiting[:0] = self._split(batch, refusal)
            else:
                self._settle_named(batch, collection, answer)

    def change(self, collection: Collection, entities: Sequence[Entity]) -> None:
        """What changes nothing is done; what changes one thing twice goes in two requests."""
        self.settle([done(entity, None) for entity in entities if not entity.body])
        for batch in _without_repeats([entity for entity in entities if entity.body]):
            self.send(collection, batch)

    def replace(self, rows: Sequence[tuple[int, ReplaceContact]], terms: render.Terms) -> None:
        """The new main contact of a lead: made first, where it is nobody that the CRM knows."""
        made: dict[int, int] = {}
        strangers = [(row, c, c.contact) for row, c in rows if isinstance(c.contact, NewContact)]
        for row_id, _, contact in strangers:
            made[row_id] = linking.meet(self.client, render.new_contact(contact, terms), f"c{row_id}")
        for row_id, command in rows:
            contact_id = command.contact if isinstance(command.contact, int) else made[row_id]
            self.settle([linking.replace(self.client, row_id, command, contact_id)])

    def products(self, rows: Sequence[tuple[int, LinkProducts]], terms: render.Terms) -> None:
        placed = []
        for row_id, command in rows:
            lead_id = command.lead_id or self.leads.get((command.key, ""))
            if lead_id is None:
                error = InvalidInput("amocrm.lead_not_created", key=command.key)
                self.settle([Outcome(row_id, "rejected", error=error)])
            else:
                placed.append((row_id, command, lead_id))
        for start in range(0, len(placed), BATCH):
            self.settle(linking.products(self.client, placed[start : start + BATCH], terms))

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        if outcomes:
            self.on_settled(outcomes)

    def placed(
        self, rows: Sequence[tuple[int, AddNote | AddTask, Callable[..., JsonObject]]]
    ) -> list[Entity]:
        """Notes and tasks with the id of their lead, which may have been made a moment ago."""
        found: list[Entity] = []
        for row_id, command, body in rows:
            lead_id = command.lead_id or self.leads.get((command.key, command.share))
            if lead_id is None:
                error = InvalidInput("amocrm.lead_not_created", key=command.key)
                self.settle([Outcome(row_id, "rejected", error=error)])
            else:
                found.append(Entity(row_id, command, body(command, lead_id), lead_id))
        return found

    def _settle_named(self, batch: Sequence[Entity], collection: Collection, answer: Answer) -> None:
        """Settle what the answer names; what it does not name is unknown and stays open."""
        named = collection.read(answer)
        pairs = [(entity, named.get(collection.ref(entity))) for entity in batch]
        outcomes = [done(entity, row) for entity, row in pairs if row is not None]
        for entity, outcome in zip((e for e, row in pairs if row is not None), outcomes, strict=True):
            if isinstance(entity.command, CreateLead) and outcome.lead_id:
                self.leads[entity.command.key, entity.command.share] = outcome.lead_id
        self.settle(outcomes)
        if len(outcomes) < len(batch):
            raise TryLater("amocrm.answer_incomplete", sent=len(batch), named=len(outcomes))

    def _split(self, batch: list[Entity], refusal: Refused) -> list[list[Entity]]:
        """What to send instead of a refused batch; those who can only be refused again are settled here.

        Fields that are gone are left out of everything and the batch goes again. Otherwise the named culprits
        stand apart from the rest; when nobody is named, halves.
        """
        problems = {entity.ref: problems_of(entity, place, refusal) for place, entity in enumerate(batch)}
        culprits = [entity for entity in batch if problems[entity.ref]]
        broken = {gone for entity in culprits for gone in broken_fields_of(entity, problems[entity.ref])}
        if broken:
            self.broken |= broken
            return [batch]
        if len(batch) == 1 or len(culprits) == len(batch):
            self.settle([refused(entity, problems[entity.ref], refusal) for entity in batch])
            return []
        if culprits:
            return [[entity for entity in batch if entity not in culprits], culprits]
        middle = len(batch) // 2
        return [batch[:middle], batch[middle:]]


@dataclass(slots=True)
class _Kinds:
    """Commands with the caller's numbers, equal ones together."""

    creates: list[tuple[int, CreateLead]] = field(default_factory=list)
    updates: list[tuple[int, UpdateLead]] = field(default_factory=list)
    notes: list[tuple[int, AddNote]] = field(default_factory=list)
    tasks: list[tuple[int, AddTask]] = field(default_factory=list)
    contacts: list[tuple[int, UpdateContact]] = field(default_factory=list)
    replaced: list[tuple[int, ReplaceContact]] = field(default_factory=list)
    products: list[tuple[int, LinkProducts]] = field(default_factory=list)


def _by_kind(commands: Sequence[Planned]) -> _Kinds:  # noqa: C901 - a line for each
    kinds = _Kinds()
    for planned in commands:
        match planned.command:
            case CreateLead() as command:
                kinds.creates.append((planned.row_id, command))
            case UpdateLead() as command:
                kinds.updates.append((planned.row_id, command))
            case AddNote() as command:
                kinds.notes.append((planned.row_id, command))
            case AddTask() as command:
                kinds.tasks.append((planned.row_id, command))
            case UpdateContact() as command:
                kinds.contacts.append((planned.row_id, command))
            case ReplaceContact() as command:
                kinds.replaced.append((planned.row_id, command))
            case LinkProducts() as command:
                kinds.products.append((planned.row_id, command))
            case _:
                assert_never(planned.command)
    return kinds


def _assert_distinct(creates: Sequence[CreateLead]) -> None:
    """One share of a booking gives one lead and one new person one contact: two at once would be a double for
    ever.
    """
    keys = [(command.key, command.share) for command in creates]
    assert len(keys) == len(set(keys)), "two creations for one booking"
    people = [
        key for command in creates if isinstance(command.contact, NewContact) for key in command.contact.keys
    ]
    assert len(people) == len(set(people)), "two creations of one new person"


def _without_repeats(entities: Iterable[Entity]) -> list[list[Entity]]:
    """Batches in the given order where no lead and no contact stands twice."""
    batches: list[list[Entity]] = []
    for entity in entities:
        last = batches[-1] if batches else None
        if last is None or len(last) == BATCH or any(other.body["id"] == entity.body["id"] for other in last):
            batches.append([entity])
        else:
            last.append(entity)
    return batches


def _without_fields(entity: Entity, broken: set[int]) -> Entity:
    body, gone = without_fields(entity.body, broken)
    return replace(entity, body=body, broken_fields=(*entity.broken_fields, *gone)) if gone else entity
