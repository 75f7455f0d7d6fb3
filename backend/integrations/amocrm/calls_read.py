"""Reading back what was written of calls: after a cut, and before a task of ours is relied upon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.core.errors import InvalidInput
from backend.core.telephony.rules import Entity
from backend.integrations.amocrm.calls_render import COLLECTIONS
from backend.integrations.amocrm.client import PAGE, AmoClient
from backend.integrations.http import JsonObject

MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class CallNote:
    id: int
    uniq: str


@dataclass(frozen=True, slots=True)
class MadeTask:
    id: int
    text: str
    due: int
    entity_id: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call in «Неразобранное»."""

    uid: str
    lead_id: int | None
    contact_id: int | None


def notes_of(client: AmoClient, entity: Entity, entity_id: int) -> tuple[CallNote, ...]:
    """The newest notes about calls in one card."""
    path = f"{COLLECTIONS[entity]}/{entity_id}/notes"
    rows, _ = client.page(path, "notes", {"limit": PAGE, "page": 1, "order[id]": "desc"})
    try:
        return tuple(
            CallNote(int(row["id"]), str(row["params"].get("uniq") or ""))
            for row in rows
            if row.get("note_type") in ("call_in", "call_out") and isinstance(row.get("params"), dict)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("amocrm.note_malformed", error=type(error).__name__) from error


def tasks_since(client: AmoClient, when: datetime) -> list[MadeTask]:
    """The newest tasks first, down to this moment; whatever filters the account has paid for."""
    found: list[MadeTask] = []
    for page in range(1, MOST_PAGES + 1):
        rows, is_last = client.page(
            "tasks", "tasks", {"limit": PAGE, "page": page, "order[created_at]": "desc"}
        )
        found += [_task(row) for row in rows]
        oldest = min((int(row.get("created_at") or 0) for row in rows), default=0)
        if is_last or oldest < when.timestamp():
            return found
    return found


def waiting(client: AmoClient) -> Mapping[str, Waiting]:
    """Calls of the newest page of «Неразобранное», by their `uniq`."""
    found = {}
    for row in client.unsorted():
        uniq = str((row.get("metadata") or {}).get("uniq") or "")
        if uniq and row.get("uid"):
            found[uniq] = Waiting(str(row["uid"]), _first(row, "leads"), _first(row, "contacts"))
    return found


def is_task_open(client: AmoClient, task_id: int) -> bool | None:
    """None: there is no such task any more."""
    task = client.task(task_id)
    return None if task is None else not task.get("is_completed")


def _task(row: JsonObject) -> MadeTask:
    try:
        about = row.get("entity_id")
        due = int(row.get("complete_till") or 0)
        return MadeTask(int(row["id"]), str(row.get("text") or ""), due, int(about) if about else None)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput("amocrm.task_malformed", error=type(error).__name__) from error


def _first(row: JsonObject, name: str) -> int | None:
    rows = (row.get("_embedded") or {}).get(name) or ()
    return next((int(one["id"]) for one in rows), None)
