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
from backend.core.sync.commands import AddNote, AddTask, Command, CreateLead, NewContact, UpdateLead
from backend.integrations.amocrm import render
from backend.integrations.amocrm.batches import (
    CREATED,
    NOTED,
    TASKED,
    UPDATED,
    Collection,
    Entity,
    Outcome,
    done,
)
from backend.integrations.amocrm.client import AmoClient, Refused
from backend.integrations.amocrm.refusals import broken_fields_of, problems_of, refused
from backend.integrations.http import Answer, JsonObject

BATCH = 50


@dataclass(frozen=True, slots=True)
class Planned:
    """A command and the caller's number for it."""

    row_id: int
    command: Command


def apply(
    client: AmoClient,
    schema_fields: Mapping[int, CustomField],
    commands: Sequence[Planned],
    on_settled: Callable[[Sequence[Outcome]], None],
    timezone: str = "Europe/Moscow",
) -> None:
    """Create, then update, then notes, then tasks. `on_settled` is called after each answer of the CRM."""
    terms = render.Terms(schema_fields, timezone)
    creates, updates, notes, tasks = _by_kind(commands)
    _assert_distinct([command for _, command in creates])
    run = _Run(client, on_settled)

    run.send(CREATED, [Entity(row, c, render.new_lead(c, terms)) for row, c in creates])
    changes = [Entity(row, c, render.changed_lead(c, terms), c.lead_id) for row, c in updates]
    run.settle([done(entity, None) for entity in changes if not entity.body])
    for batch in _without_repeats([entity for entity in changes if entity.body]):
        run.send(UPDATED, batch)
    run.send(NOTED, run.placed([(row, c, render.note) for row, c in notes]))
    run.send(TASKED, run.placed([(row, c, render.task) for row, c in tasks]))


@dataclass(slots=True)
class _Run:
    client: AmoClient
    on_settled: Callable[[Sequence[Outcome]], None]
    leads: dict[str, int] = field(default_factory=dict)  # key → the lead made in this call
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

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        if outcomes:
            self.on_settled(outcomes)

    def placed(
        self, rows: Sequence[tuple[int, AddNote | AddTask, Callable[..., JsonObject]]]
    ) -> list[Entity]:
        """Notes and tasks with the id of their lead, which may have been made a moment ago."""
        found: list[Entity] = []
        for row_id, command, body in rows:
            lead_id = command.lead_id or self.leads.get(command.key)
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
                self.leads[entity.command.key] = outcome.lead_id
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


def _by_kind(
    commands: Sequence[Planned],
) -> tuple[
    list[tuple[int, CreateLead]],
    list[tuple[int, UpdateLead]],
    list[tuple[int, AddNote]],
    list[tuple[int, AddTask]],
]:
    creates: list[tuple[int, CreateLead]] = []
    updates: list[tuple[int, UpdateLead]] = []
    notes: list[tuple[int, AddNote]] = []
    tasks: list[tuple[int, AddTask]] = []
    for planned in commands:
        match planned.command:
            case CreateLead() as command:
                creates.append((planned.row_id, command))
            case UpdateLead() as command:
                updates.append((planned.row_id, command))
            case AddNote() as command:
                notes.append((planned.row_id, command))
            case AddTask() as command:
                tasks.append((planned.row_id, command))
            case _:
                assert_never(planned.command)
    return creates, updates, notes, tasks


def _assert_distinct(creates: Sequence[CreateLead]) -> None:
    """One booking gives one lead and one new person one contact: two at once would be a double for ever."""
    keys = [command.key for command in creates]
    assert len(keys) == len(set(keys)), "two creations for one booking"
    people = [
        key for command in creates if isinstance(command.contact, NewContact) for key in command.contact.keys
    ]
    assert len(people) == len(set(people)), "two creations of one new person"


def _without_repeats(entities: Iterable[Entity]) -> list[list[Entity]]:
    """Batches in the given order where no lead stands twice."""
    batches: list[list[Entity]] = []
    for entity in entities:
        last = batches[-1] if batches else None
        if last is None or len(last) == BATCH or any(other.lead_id == entity.lead_id for other in last):
            batches.append([entity])
        else:
            last.append(entity)
    return batches


def _without_fields(entity: Entity, broken: set[int]) -> Entity:
    values = entity.body.get("custom_fields_values") or []
    left = [value for value in values if value["field_id"] not in broken]
    if len(left) == len(values):
        return entity
    gone = tuple(value["field_id"] for value in values if value["field_id"] in broken)
    body = {name: value for name, value in entity.body.items() if name != "custom_fields_values"}
    if left:
        body["custom_fields_values"] = left
    return replace(entity, body=body, broken_fields=(*entity.broken_fields, *gone))
