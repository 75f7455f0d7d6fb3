"""The account's event feed, kept short: the newest changes of leads, contacts and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.amocrm.checks import Json
    from sandbox.amocrm.models import Account

KEPT = 10_000
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass(slots=True)
class Event:
    number: int
    kind: str
    entity: str
    entity_id: int
    author: int
    at: int
    before: Json
    after: Json

    @property
    def id(self) -> str:
        """26 characters that sort by time."""
        bits, text = self.at * 1000 << 80 | self.number, ""
        for _ in range(26):
            bits, place = divmod(bits, 32)
            text = ALPHABET[place] + text
        return text


Changed = tuple["Json", "Json"]
Fields = dict[int, "list[Json]"]
NOTHING: Changed = ({}, {})


def record_event(
    account: Account, kind: str, about: tuple[str, int], author: int, values: Changed = NOTHING
) -> None:
    """`values` holds what was before and what is after."""
    account.events.append(Event(account.crm.new_id("event"), kind, *about, author, account.now, *values))
    if len(account.events) > 2 * KEPT:
        del account.events[:KEPT]


@dataclass(frozen=True, slots=True)
class Card:
    """What the feed compares of a lead or a contact."""

    name: str
    price: int
    responsible: int
    fields: Fields

    @classmethod
    def of(cls, entity: Any) -> Card:
        price = getattr(entity, "price", 0)
        return cls(entity.name, price, entity.responsible_user_id, dict(entity.fields))


def record_changes(account: Account, kind: str, entity: Any, before: Card, author: int) -> None:
    """One line for each thing that became another: name, budget, responsible person, every field."""
    now, about = Card.of(entity), (kind, entity.id)
    if now.name != before.name:
        names = ({"name_field_value": {"name": before.name}}, {"name_field_value": {"name": now.name}})
        record_event(account, "name_field_changed", about, author, names)
    if now.price != before.price:
        sums = ({"sale_field_value": {"sale": before.price}}, {"sale_field_value": {"sale": now.price}})
        record_event(account, "sale_field_changed", about, author, sums)
    if now.responsible != before.responsible:
        people = ({"responsible_user": {"id": n}} for n in (before.responsible, now.responsible))
        record_event(account, "entity_responsible_changed", about, author, (next(people), next(people)))
    for field_id in {**before.fields, **now.fields}:
        old, new = before.fields.get(field_id, []), now.fields.get(field_id, [])
        if old != new:
            values = (_field_value(field_id, old), _field_value(field_id, new))
            record_event(account, f"custom_field_{field_id}_value_changed", about, author, values)


def _field_value(field_id: int, values: list[Json]) -> Json:
    if not values:
        return {}
    first = values[0]
    shown = {"field_id": field_id, "enum_id": first.get("enum_id"), "text": str(first.get("value"))}
    return {"custom_field_value": shown}


ANY_FIELD = "custom_field_value_changed"


def is_of_kind(event: Event, kinds: set[str]) -> bool:
    """A type of the filter; one word stands for all custom fields."""
    is_field = event.kind.startswith("custom_field_")
    return not kinds or event.kind in kinds or (is_field and ANY_FIELD in kinds)


def event_model(account: Account, event: Event) -> Json:
    return {
        "id": event.id,
        "type": event.kind,
        "entity_id": event.entity_id,
        "entity_type": event.entity,
        "created_by": event.author,
        "created_at": event.at,
        "value_after": [event.after] if event.after else [],
        "value_before": [event.before] if event.before else [],
        "account_id": account.id,
    }
