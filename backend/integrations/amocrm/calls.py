"""Carries out what was decided about calls: equal commands of several calls in one request, one wrong entity
costs only itself.

Nothing is sent twice from here. When an answer is lost, TryLater leaves its commands open: the caller looks
for what they made before it decides again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backend.core.crm import CustomField
from backend.core.errors import InvalidInput, NeedsHuman, Scope, TryLater
from backend.core.salon import DEFAULT_ZONE
from backend.core.telephony.after.commands import (
    AddMissedTask,
    CallCommand,
    CloseMissedTask,
    FillFields,
    GiveContact,
    LogCall,
    MakeContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
)
from backend.core.telephony.rules import Entity
from backend.integrations.amocrm import calls_render, render
from backend.integrations.amocrm.calls_sent import (
    CALLS,
    CLOSED,
    INCOMING,
    LEADS,
    OF_COMPANIES,
    PEOPLE,
    TASKS,
    Item,
    Outcome,
    Sending,
    changed,
    noted,
)
from backend.integrations.amocrm.client import AmoClient, Problem, Refused
from backend.integrations.amocrm.refusals import broken_fields_of, problems_of, without_fields
from backend.integrations.http import Answer, JsonObject

BATCH = 50
NOBODY = "calls.nobody_with_number"
PLACE_GONE = "calls.place_gone"  # what it was about is not there any more
NOT_FOUND = "Entity not found"
DUPLICATE = "metadata.uniq"
RULES = Scope("telephony", "rules")  # what stops when the rules name a stage that is gone
USERS = ("responsible_user_id", "created_by", "call_responsible", "metadata.call_responsible")
STAGES = ("pipeline_id", "status_id")
BAD_VALUE = re.compile(r"^(_embedded\.contacts\.0\.)?custom_fields_values\.(\d+)\.")
GONE = ("id", "entity_id", "_embedded.contacts.0.id", "_embedded.companies.0.id")


@dataclass(frozen=True, slots=True)
class Planned:
    """A command and the caller's number for it."""

    row_id: int
    command: CallCommand


def apply(
    client: AmoClient,
    fields: Mapping[int, CustomField],
    commands: Sequence[Planned],
    on_settled: Callable[[Sequence[Outcome]], None],
    timezone: str = DEFAULT_ZONE,
) -> None:
    """In the order in which one needs the other. `on_settled` is called after each answer of the CRM."""
    terms, run = render.Terms(fields, timezone), _Run(client, on_settled)
    of = _by_kind(commands)
    run.send(PEOPLE, [Item(n, c, render.new_contact(c.contact, terms)) for n, c in of(MakeContact)])
    for sending, has_company in ((LEADS, False), (OF_COMPANIES, True)):
        leads = [(n, c) for n, c in of(MakeLead) if bool(c.company_id) is has_company]
        run.send(sending, [Item(n, c, calls_render.lead(c, terms)) for n, c in leads])
    run.send(INCOMING, [Item(n, c, calls_render.incoming(c, terms)) for n, c in of(MakeIncoming)])
    run.send(CALLS, [Item(n, c, calls_render.call(c)) for n, c in of(LogCall)])
    for entity, notes in _by_entity(of(NoteCall)):
        run.send(noted(entity), run.placed(notes, calls_render.note))
    run.give(of(GiveContact))
    for entity, filled in _by_entity(of(FillFields)):
        run.send(changed(entity), [Item(n, c, calls_render.filled(c, terms)) for n, c in filled])
    run.send(TASKS, run.placed(of(AddMissedTask), calls_render.task))
    run.send(CLOSED, [Item(n, c, _done_task(c)) for n, c in of(CloseMissedTask)])


@dataclass(slots=True)
class _Run:
    client: AmoClient
    on_settled: Callable[[Sequence[Outcome]], None]
    made: dict[tuple[str, Entity], int] = field(default_factory=dict)  # of which call, made in this plan
    broken: set[int] = field(default_factory=set)

    def send(self, sending: Sending, items: Sequence[Item]) -> None:
        waiting = [list(items[start : start + BATCH]) for start in range(0, len(items), BATCH)]
        while waiting:
            batch = [_without(item, self.broken) for item in waiting.pop(0)]
            try:
                answer = self.client.write(sending.method, sending.path, [_body(item) for item in batch])
            except Refused as refusal:
                waiting[:0] = self._split(sending, batch, refusal)
            else:
                self._settle_named(batch, sending, answer)

    def placed(self, rows: Sequence[tuple[int, Any]], body: Callable[[Any, Any], JsonObject]) -> list[Item]:
        """Notes and tasks with the id of their lead or contact, which may have been made a moment ago."""
        found: list[Item] = []
        for row_id, command in rows:
            entity_id = command.entity_id or self.made.get((command.uniq, command.entity))
            if entity_id is None and command.entity is not None:
                error = TryLater("calls.place_missing", uniq=command.uniq)
                self.settle([Outcome(row_id, "rejected", error=error)])
            else:
                found.append(Item(row_id, command, body(command, entity_id)))
        return found

    def give(self, rows: Sequence[tuple[int, GiveContact]]) -> None:
        """The leads first: the command is settled by its contact. Repeated after a cut it changes nothing."""
        leads = [
            Item(n, replace(c, contact_id=lead_id), {"id": lead_id, "responsible_user_id": c.user_id})
            for n, c in rows
            for lead_id in c.lead_ids
        ]
        _Run(self.client, _nobody, broken=self.broken).send(changed(Entity.LEAD), leads)
        people = [Item(n, c, {"id": c.contact_id, "responsible_user_id": c.user_id}) for n, c in rows]
        self.send(changed(Entity.CONTACT), people)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        if outcomes:
            self.on_settled(outcomes)

    def _settle_named(self, batch: Sequence[Item], sending: Sending, answer: Answer) -> None:
        """Settle what the answer names; what it does not name is unknown and stays open."""
        named, errors = sending.read(answer), _strangers(answer.body)
        outcomes = []
        for item in batch:
            if (row := named.get(sending.ref(item))) is not None:
                outcomes.append(self._told(item, sending.told(item, row), row))
            elif item.ref in errors:
                outcomes.append(Outcome(item.row_id, "rejected", error=InvalidInput(NOBODY)))
        self.settle(outcomes)
        if len(outcomes) < len(batch):
            raise TryLater("amocrm.answer_incomplete", sent=len(batch), named=len(outcomes))

    def _told(self, item: Item, outcome: Outcome, row: JsonObject) -> Outcome:
        if outcome.lead_id:
            self.made[item.command.uniq, Entity.LEAD] = outcome.lead_id
        if outcome.contact_id:
            self.made[item.command.uniq, Entity.CONTACT] = outcome.contact_id
        response = {name: value for name, value in row.items() if name not in ("_links", "_embedded")}
        return replace(outcome, broken_fields=item.broken_fields, response=response)

    def _split(self, sending: Sending, batch: list[Item], refusal: Refused) -> list[list[Item]]:
        """What to send instead of a refused batch; those who can only be refused again are settled here."""
        if sending.read(Answer(200, refusal.body)):  # some of it was written all the same
            self._settle_named(batch, sending, Answer(200, refusal.body))
            return []
        problems = {item.ref: problems_of(item, place, refusal) for place, item in enumerate(batch)}
        culprits = [item for item in batch if problems[item.ref]]
        broken = {gone for item in culprits for gone in broken_fields_of(item, problems[item.ref])}
        if broken - self.broken:
            self.broken |= broken
            return [batch]
        bad = {item.ref: _unwelcome(item, problems[item.ref]) for item in culprits}
        if any(bad.values()):
            return [[_without(item, bad.get(item.ref, set())) for item in batch]]
        if len(batch) == 1 or len(culprits) == len(batch):
            self.settle([_refused(item, problems[item.ref], refusal) for item in batch])
            return []
        if culprits:
            return [[item for item in batch if item not in culprits], culprits]
        middle = len(batch) // 2
        return [batch[:middle], batch[middle:]]


def _nobody(_outcomes: Sequence[Outcome]) -> None:
    """Nothing is settled by these answers."""


def _unwelcome(item: Item, problems: Sequence[Problem]) -> set[int]:
    """Fields of this one whose values the CRM does not take."""
    found: set[int] = set()
    for problem in problems:
        if named := BAD_VALUE.match(problem.path):
            contacts = (item.body.get("_embedded") or {}).get("contacts") or []
            whole = contacts[0] if named[1] and contacts else item.body
            values = whole.get("custom_fields_values") or []
            found |= {one["field_id"] for one in values[int(named[2]) :][:1] if "field_id" in one}
    return found


def _refused(item: Item, problems: Sequence[Problem], refusal: Refused) -> Outcome:
    paths = [problem.path for problem in problems]
    codes = [problem.code for problem in problems]
    if NOT_FOUND in codes:
        return Outcome(item.row_id, "rejected", error=InvalidInput(NOBODY))
    if isinstance(item.command, MakeIncoming) and DUPLICATE in paths:  # it came before its answer was lost
        return Outcome(item.row_id)
    details = refusal.details if not problems else {"path": problems[0].path, "problem": problems[0].code}
    if any(path in USERS for path in paths):
        return Outcome(item.row_id, "human", error=NeedsHuman("amocrm.user_unknown", RULES, **details))
    if any(path in STAGES for path in paths):
        named = {"value": item.body.get("status_id", 0), "pipeline_id": item.body.get("pipeline_id", 0)}
        return Outcome(item.row_id, "human", error=NeedsHuman("amocrm.stage_unknown", RULES, **named))
    gone = any(path in GONE for path in paths)
    if gone and isinstance(item.command, CloseMissedTask):  # somebody has deleted it: there is nothing to do
        return Outcome(item.row_id, gone=True, made_id=item.command.task_id)
    return Outcome(item.row_id, "rejected", error=InvalidInput("amocrm.refused", **details), gone=gone)


def _strangers(body: JsonObject) -> set[str]:
    """References of calls whose number nobody has."""
    rows = body.get("errors") or ()
    return {str(row.get("request_id")) for row in rows if isinstance(row, dict) and row.get("title")}


def _body(item: Item) -> JsonObject:
    return {**item.body, "request_id": item.ref}


def _without(item: Item, broken: set[int]) -> Item:
    body, gone = without_fields(item.body, broken)
    return replace(item, body=body, broken_fields=(*item.broken_fields, *gone)) if gone else item


def _done_task(command: CloseMissedTask) -> JsonObject:
    return {"id": command.task_id, "is_completed": True, "result": {"text": command.text}}


def _by_kind(commands: Sequence[Planned]) -> Callable[[type[Any]], list[tuple[int, Any]]]:
    return lambda kind: [(one.row_id, one.command) for one in commands if isinstance(one.command, kind)]


def _by_entity(rows: Sequence[tuple[int, Any]]) -> Iterable[tuple[Entity, list[tuple[int, Any]]]]:
    """Each entity stands once in a request: what concerns one twice goes in two."""
    for entity in Entity:
        left = [row for row in rows if row[1].entity is entity]
        while left:
            ids: set[int | None] = set()
            now: list[tuple[int, Any]] = []
            later: list[tuple[int, Any]] = []
            for row in left:
                is_free = row[1].entity_id is None or row[1].entity_id not in ids
                (now if is_free or isinstance(row[1], NoteCall) else later).append(row)
                ids.add(row[1].entity_id)
            yield entity, now
            left = later
