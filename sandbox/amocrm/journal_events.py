"""The account's event feed, kept short: the newest changes of leads, contacts and notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
NOTHING: Changed = ({}, {})


def record_event(
    account: Account, kind: str, about: tuple[str, int], author: int, values: Changed = NOTHING
) -> None:
    """`values` holds what was before and what is after."""
    account.events.append(Event(account.crm.new_id("event"), kind, *about, author, account.now, *values))
    if len(account.events) > 2 * KEPT:
        del account.events[:KEPT]


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
