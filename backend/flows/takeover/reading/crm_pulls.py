"""What is read of amoCRM before a move: one page of one collection at a time. Nothing is written there.

Leads and contacts are the mirror: its first full pass is waited for, then only what changed since is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend.core.errors import TryLater
from backend.core.takeover import remaining
from backend.flows.rules import schemas
from backend.flows.sync import mirror
from backend.integrations.amocrm import surroundings
from backend.integrations.amocrm.client import PAGE, AmoClient
from backend.store import mirror as index
from backend.store import takeover_pulls
from backend.store.takeover_found import FoundNote
from backend.store.takeover_pulls import DONE, Page, Pull

NOTHING = Page()
EVENT_PAGES = 10  # of the newest events: enough to see who writes
PAUSE = timedelta(minutes=1)  # after a longer one rows may have moved to pages that were read


@dataclass(frozen=True, slots=True)
class Reading:
    """A pull with the page that was read for it."""

    pull: Pull
    page: Page = NOTHING


def account(client: AmoClient, account_id: int, pull: Pull, now: datetime) -> Reading:
    """Fields, users and pipelines; widgets, hooks, tags, and who has been writing lately."""
    schema = schemas.refresh(account_id, client)
    facts: dict[str, Any] = {
        "widgets": surroundings.widgets(client),
        "webhooks": surroundings.webhooks(client),
        "tags": surroundings.tags(client),
        "users": [asdict(user) for user in schema.users],
        "events": surroundings.writers(client, EVENT_PAGES),
    }
    takeover_pulls.save_surroundings(account_id, facts, now)
    found = sum(len(value or ()) for value in facts.values()) + len(schema.lead_fields)
    return Reading(replace(pull, found=found, total=found, state=DONE))


def contacts(client: AmoClient, account_id: int, pull: Pull, now: datetime) -> Reading:
    """After an update of ours contacts may lack their fields: then all of them are read once more."""
    _wait_for_mirror(account_id)
    number = int(pull.cursor.get("page", 0))
    if number == 0:
        mirror.refresh(account_id, mirror.CONTACTS, client)
        if not index.lacks_fields(account_id):
            return _mirrored(account_id, mirror.CONTACTS, pull)
    collection = mirror.COLLECTIONS[mirror.CONTACTS]
    page = next(iter(collection.pages(client, None, _onward(pull, number, now))))
    collection.save(account_id, page.items)
    if page.is_last:
        index.no_more_fields(account_id)
        return _mirrored(account_id, mirror.CONTACTS, pull)
    found = page.number * PAGE
    total = max(index.mark(account_id, mirror.CONTACTS).total, found)
    return Reading(replace(pull, cursor={**pull.cursor, "page": page.number}, found=found, total=total))


def leads(client: AmoClient, account_id: int, pull: Pull, now: datetime) -> Reading:  # noqa: ARG001 - alike
    _wait_for_mirror(account_id)
    mirror.refresh(account_id, mirror.LEADS, client)
    return _mirrored(account_id, mirror.LEADS, pull)


def notes(client: AmoClient, account_id: int, pull: Pull, now: datetime) -> Reading:  # noqa: ARG001
    """Newest first, back to the beginning of the time looked at or to what an earlier reading brought."""
    cursor = pull.cursor
    since, began = datetime.fromisoformat(cursor["since"]), pull.began_at or now
    number = int(cursor.get("page", 0))
    onward = _onward(pull, number, now)
    page = surroundings.notes(client, onward)
    is_enough = (
        page.newest is None or page.newest < since or 0 < page.lowest_id <= int(cursor.get("newest", 0))
    )
    found = pull.found + (page.rows if onward > number else 0)
    gone_on = replace(
        pull, cursor={**cursor, "page": onward}, found=found,
        unreadable=pull.unreadable + page.unreadable,
        total=_judged(found, page.notes, since, began) if page.notes else pull.total,
    )  # fmt: skip
    if page.is_last or is_enough:
        gone_on = replace(gone_on, state=DONE, total=found)
    kept = [note for note in page.notes if note.created_at >= since]
    return Reading(gone_on, Page(notes=[_note(note) for note in kept]))


def _judged(
    found: int, page: tuple[surroundings.LeadNote, ...], since: datetime, until: datetime
) -> int | None:
    return remaining.by_time(found, min(note.created_at for note in page), since, until)


def _note(note: surroundings.LeadNote) -> FoundNote:
    return FoundNote(note.id, note.lead_id, note.author_id, note.created_at, note.text, note.kind)


def _onward(pull: Pull, number: int, now: datetime) -> int:
    """The page to read; after a pause the last one once more, because deleted rows have moved others onto
    it.
    """
    is_late = pull.updated_at is not None and now - pull.updated_at > PAUSE
    return max(number, 1) if is_late else number + 1


def _wait_for_mirror(account_id: int) -> None:
    for name in mirror.COLLECTIONS:
        if not index.mark(account_id, name).is_complete:
            raise TryLater("mirror.building", collection=name)


def _mirrored(account_id: int, name: str, pull: Pull) -> Reading:
    found = index.count(account_id, name)
    return Reading(replace(pull, found=found, total=found, state=DONE))


READERS: Mapping[str, Any] = {"account": account, "contacts": contacts, "leads": leads, "notes": notes}
