"""The pipelines of one amoCRM account as a board of cards, and one card in full."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sandbox.amocrm.control import AmoCrm

Plain = dict[str, Any]
CARDS_SHOWN = 40
"""Per stage, the newest first: the board is for looking, an account may hold thousands."""


@dataclass(frozen=True, slots=True)
class Card:
    id: int
    name: str
    price: int
    responsible: str
    person: str
    tags: list[str]
    tasks: int


@dataclass(frozen=True, slots=True)
class Stage:
    id: int
    name: str
    color: str
    cards: list[Card]
    count: int
    money: int
    is_incoming: bool


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: int
    name: str
    stages: list[Stage]
    count: int


@dataclass(frozen=True, slots=True)
class Words:
    """Names behind the ids of an account's state."""

    users: dict[int, str]
    contacts: dict[int, Plain]
    tasks: dict[int, list[Plain]]

    @classmethod
    def of(cls, state: Plain) -> Words:
        tasks = defaultdict(list)
        for task in state["tasks"]:
            if not task["is_completed"]:
                tasks[task["entity_id"]].append(task)
        users = {user["id"]: user["name"] for user in state["users"]}
        return cls(users, {contact["id"]: contact for contact in state["contacts"]}, tasks)

    def card(self, lead: Plain) -> Card:
        people = [self.contacts.get(link["id"]) for link in lead["_embedded"]["contacts"]]
        return Card(
            lead["id"],
            lead["name"] or f"Сделка {lead['id']}",
            lead["price"],
            self.user(lead["responsible_user_id"]),
            next((person["name"] for person in people if person), ""),
            [tag["name"] for tag in lead["_embedded"]["tags"]],
            len(self.tasks.get(lead["id"], ())),
        )

    def user(self, user_id: int | None) -> str:
        if not user_id:
            return "Робот"
        return self.users.get(user_id, f"пользователь {user_id}")


def of_account(crm: AmoCrm, domain: str) -> list[Pipeline]:
    state = crm.state(domain)
    words = Words.of(state)
    places: dict[tuple[int, int], list[Plain]] = defaultdict(list)
    for lead in state["leads"]:
        places[lead["pipeline_id"], lead["status_id"]].append(lead)
    pipelines = []
    for pipeline in state["pipelines"]:
        stages = [_stage(pipeline["id"], s, places, words) for s in pipeline["_embedded"]["statuses"]]
        shown = [stage for stage in stages if stage.count or not stage.is_incoming]
        pipelines.append(Pipeline(pipeline["id"], pipeline["name"], shown, sum(s.count for s in stages)))
    return pipelines


def _stage(pipeline_id: int, stage: Plain, places: dict[tuple[int, int], list[Plain]], words: Words) -> Stage:
    leads = sorted(places[pipeline_id, stage["id"]], key=lambda lead: (-lead["updated_at"], -lead["id"]))
    cards = [words.card(lead) for lead in leads[:CARDS_SHOWN]]
    money = sum(lead["price"] or 0 for lead in leads)
    return Stage(stage["id"], stage["name"], stage["color"], cards, len(leads), money, stage.get("type") == 1)


def lead_in_full(crm: AmoCrm, domain: str, lead_id: int) -> Plain | None:
    """Everything on a card: fields, people, notes, open tasks, and where it can be moved."""
    state = crm.state(domain)
    lead = next((lead for lead in state["leads"] if lead["id"] == lead_id), None)
    if lead is None:
        return None
    words, zone = Words.of(state), ZoneInfo(state["timezone"])
    pipeline = next(p for p in state["pipelines"] if p["id"] == lead["pipeline_id"])
    notes = [
        note for note in state["notes"] if (note["entity_type"], note["entity_id"]) == ("leads", lead_id)
    ]
    return {
        "card": words.card(lead),
        "pipeline": pipeline,
        "stage_id": lead["status_id"],
        "fields": [(f["field_name"], _values(f, zone)) for f in lead["custom_fields_values"] or ()],
        "people": [_person(words.contacts[link["id"]]) for link in lead["_embedded"]["contacts"]],
        "notes": [_note(note, words, zone) for note in reversed(notes)],
        "tasks": [
            (_when(task["complete_till"], zone), task["text"]) for task in words.tasks.get(lead_id, ())
        ],
    }


def _person(contact: Plain) -> Plain:
    fields = contact["custom_fields_values"] or ()
    phones = [v["value"] for f in fields if f.get("field_code") == "PHONE" for v in f["values"]]
    return {"name": contact["name"], "phones": phones}


def _values(custom: Plain, zone: ZoneInfo) -> str:
    values = [item["value"] for item in custom["values"]]
    if custom.get("field_type") in ("date", "date_time"):
        values = [_when(value, zone) for value in values]
    return ", ".join(str(value) for value in values)


def _note(note: Plain, words: Words, zone: ZoneInfo) -> tuple[str, str, str]:
    params = note["params"] or {}
    text = params.get("text") or params.get("service") or note["note_type"]
    return _when(note["created_at"], zone), words.user(note["created_by"]), str(text)


def _when(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%d.%m.%Y %H:%M")
