"""Our own index of the CRM: filled by one full pass, then kept fresh by hooks, by our own writes and by short
catch-up reads.

Why not search: amoCRM's search lags behind its writes, and its filters are a paid option that is silently
ignored when it is off (amocrm.md §3.5). A list ordered by the time of change has neither defect, and one
request usually covers a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.core.errors import TryLater
from backend.flows.sync import strangers
from backend.integrations.amocrm.client import AmoClient, Page
from backend.store import mirror
from backend.store.mirror import SyncMark

CONTACTS, LEADS = "contacts", "leads"
OVERLAP = timedelta(seconds=60)  # changes of one second may be split between two pages
SLICE = 25  # pages of 250 in one go: some seconds, then other accounts have their turn
BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Collection:
    name: str
    pages: Callable[[AmoClient, datetime | None, int], Iterator[Page[Any]]]
    save: Callable[[int, tuple[Any, ...]], None]
    ours: Callable[[int, list[int]], Mapping[int, Contact | Lead]]


def _save_contacts(account_id: int, items: tuple[Contact, ...]) -> None:
    mirror.save_contacts(account_id, items, person_keys)


def _save_leads(account_id: int, items: tuple[Lead, ...]) -> None:
    strangers.noticed(account_id, items)
    mirror.save_leads(account_id, items)


COLLECTIONS = {
    CONTACTS: Collection(
        CONTACTS,
        lambda client, mark, page: client.contacts_changed_since(mark, page),
        _save_contacts,
        mirror.contacts_by_ids,
    ),
    LEADS: Collection(
        LEADS,
        lambda client, mark, page: client.leads_changed_since(mark, page),
        _save_leads,
        mirror.leads_by_ids,
    ),
}


def person_keys(contact: Contact) -> tuple[str, ...]:
    """What a contact is found by: each of its phones, normalised."""
    written = (part for phone in contact.phones for part in phones.split(phone))
    return tuple(dict.fromkeys(key for key in map(phones.key, written) if key))


def refresh(account_id: int, name: str, client: AmoClient) -> None:
    """Catches up with everything changed in the CRM since the last read; usually one request."""
    mark = mirror.mark(account_id, name)
    if not mark.is_complete:
        raise TryLater("mirror.building", collection=name)
    collection, newest = COLLECTIONS[name], mark.high
    for page in collection.pages(client, (mark.high or BEGINNING) - OVERLAP, 1):
        is_enough = not page.is_last and _is_read(account_id, collection, mark.high, page.items)
        collection.save(account_id, page.items)
        newest = max([newest or BEGINNING, *(item.updated_at for item in page.items if item.updated_at)])
        if is_enough:
            break
    if newest != mark.high:
        mirror.save_mark(account_id, name, SyncMark(newest, 0, is_complete=True, total=mark.total))


def _is_read(
    account_id: int, collection: Collection, high: datetime | None, items: tuple[Contact | Lead, ...]
) -> bool:
    """Whether the older half of a page was read before, so that nothing beyond it is new. Otherwise the
    thousands of rows of an import would be read again by every batch for as long as `OVERLAP`.
    """
    older = items[len(items) // 2 :]
    if high is None or any(item.updated_at is None or item.updated_at > high for item in older):
        return False
    ours = collection.ours(account_id, [item.id for item in older])
    return all(item.id in ours and ours[item.id].updated_at == item.updated_at for item in older)


def build(account_id: int, client: AmoClient, most_pages: int = SLICE) -> bool:
    """The full pass, newest first, a slice at a time; False when there is more. Goes on from the last
    saved page.

    What changes during the pass moves to the front of the list, so rows may come twice; the catch-up that
    follows starts at the moment the pass began. Reading the last page again makes up for rows deleted
    meanwhile.
    """
    most_pages = max(most_pages, 2)  # the first is read for the second time: one alone would never get on
    for name, collection in COLLECTIONS.items():
        mark = mirror.mark(account_id, name)
        if mark.is_complete:
            continue
        high = mark.high
        for page in collection.pages(client, None, max(mark.page, 1)):
            collection.save(account_id, page.items)
            high = high or max((item.updated_at for item in page.items if item.updated_at), default=None)
            mark = SyncMark(high, page.number, is_complete=False, total=mark.total + len(page.items))
            mirror.save_mark(account_id, name, mark)
            most_pages -= 1
            if most_pages <= 0 and not page.is_last:
                return False
        mirror.save_mark(account_id, name, SyncMark(high or BEGINNING, 0, is_complete=True, total=mark.total))
    return True


def is_complete(account_id: int) -> bool:
    return all(mirror.mark(account_id, name).is_complete for name in COLLECTIONS)
