"""What else stands in an account: widgets, hooks of every integration, tags, who has been writing lately; and
the notes of all its leads. Read before a move from another integration, written never.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from backend.core.errors import InvalidInput, NeedsHuman
from backend.integrations.amocrm.client import PAGE, AmoClient
from backend.integrations.amocrm.parse import moment
from backend.integrations.http import JsonObject, Params

EVENTS_PAGE = 100  # the most that one read of the events returns (amocrm.md §3.10)
SPOKEN = ("common", "service_message", "extended_service_message")  # notes that hold somebody's text
MOST_TEXT = 4000


@dataclass(frozen=True, slots=True)
class LeadNote:
    id: int
    lead_id: int
    author_id: int
    created_at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class NotesPage:
    """`rows` is how many notes came; `notes` are those with a text of somebody."""

    rows: int
    notes: tuple[LeadNote, ...]
    unreadable: int
    newest: datetime | None
    lowest_id: int
    is_last: bool


def notes(client: AmoClient, page: int) -> NotesPage:
    """Notes of leads, the newest first. Filters may be switched off: other kinds are left out here."""
    params: Params = {"limit": PAGE, "page": page, "order[id]": "desc", "filter[note_type][]": SPOKEN}
    rows, is_last = client.page("leads/notes", "notes", params)
    read = [note for row in rows if (note := _note(row)) is not None]
    return NotesPage(
        rows=len(rows),
        notes=tuple(note for note in read if note.kind in SPOKEN and note.text),
        unreadable=len(rows) - len(read),
        newest=max((note.created_at for note in read), default=None),
        lowest_id=min((note.id for note in read), default=0),
        is_last=is_last or len(rows) < PAGE,
    )


def widgets(client: AmoClient) -> list[JsonObject] | None:
    """Installed widgets and those of the account's own integrations; None without an administrator's
    right.
    """
    rows = _whole(client, "widgets", "widgets")
    return rows and [
        {
            "code": str(row.get("code") or ""),
            "version": str(row.get("version") or ""),
            "client": str(row.get("client_uuid") or ""),
            "is_active": bool(row.get("is_active_in_account")),
        }
        for row in rows
    ]


def webhooks(client: AmoClient) -> list[JsonObject] | None:
    """Hooks of every integration that the account shows us; None without an administrator's right."""
    rows = _whole(client, "webhooks", "webhooks")
    return rows and [
        {
            "url": str(row.get("destination") or ""),
            "is_on": not row.get("disabled"),
            "author": int(row.get("created_by") or 0),
            "settings": [str(one) for one in row.get("settings") or ()],
        }
        for row in rows
    ]


def tags(client: AmoClient, entity: str = "leads") -> list[str]:
    return [str(row.get("name") or "") for row in _whole(client, f"{entity}/tags", "tags") or ()]


def writers(client: AmoClient, pages: int) -> list[JsonObject]:
    """Who did what lately: the newest events counted by author and kind."""
    counted: Counter[tuple[int, str]] = Counter()
    for page in range(1, pages + 1):
        rows, is_last = _events(client, page)
        counted.update((int(row.get("created_by") or 0), str(row.get("type") or "")) for row in rows)
        if is_last:
            break
    return [{"author": author, "event": kind, "count": n} for (author, kind), n in sorted(counted.items())]


def _events(client: AmoClient, page: int) -> tuple[list[JsonObject], bool]:
    params: Params = {"limit": EVENTS_PAGE, "page": page, "filter[entity][]": ["lead", "contact"]}
    rows, is_last = client.page("events", "events", params)
    return rows, is_last or len(rows) < EVENTS_PAGE


def _whole(client: AmoClient, path: str, name: str) -> list[JsonObject] | None:
    """Every page of a small list; None when its right is not given, which stops nothing."""
    found: list[JsonObject] = []
    page, is_last = 1, False
    try:
        while not is_last:
            rows, is_last = client.page(path, name, {"limit": PAGE, "page": page})
            is_last = is_last or len(rows) < PAGE
            found += rows
            page += 1
    except NeedsHuman as error:
        if error.code != "amocrm.forbidden":
            raise
        return None
    return found


def _note(row: JsonObject) -> LeadNote | None:
    """None for one that cannot be read: a strange note is no reason to stop."""
    try:
        made = moment(row.get("created_at"))
        if made is None:
            return None
        return LeadNote(
            id=int(row["id"]),
            lead_id=int(row["entity_id"]),
            author_id=int(row.get("created_by") or 0),
            created_at=made,
            kind=str(row.get("note_type") or ""),
            text=_text(row.get("params")),
        )
    except (KeyError, TypeError, ValueError, InvalidInput):
        return None


def _text(params: object) -> str:
    text = params.get("text") if isinstance(params, dict) else None
    return str(text or "").replace("\0", "").encode("utf-8", "replace").decode()[:MOST_TEXT]
