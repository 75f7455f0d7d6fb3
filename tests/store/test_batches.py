"""A drain costs the same number of statements for one event as for two hundred."""

from dataclasses import replace

import pytest

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.store import bookings, bulk, events, links, mirror, outbox
from backend.store.bookings import SeenBooking
from backend.store.events import Closing, NewEvent
from backend.store.links import LinkChange
from backend.store.outbox import PlannedRow, Settled
from tests.store.conftest import NOW


def drain(account, branch, lease, keys):
    """One whole turn of the road, as the flows walk it."""
    batch = events.begin(lease, NOW, 200)
    contacts = [Contact(n, phones=(f"+7900{n}",)) for n, _ in enumerate(keys, 1)]
    leads = [Lead(n, 1, 2, Kopecks(0), contact_ids=(n,), updated_at=NOW) for n, _ in enumerate(keys, 1)]
    mirror.save_contacts(account.id, contacts, lambda contact: contact.phones)
    mirror.save_leads(account.id, leads)
    mirror.contacts_by_keys(account.id, [phone for contact in contacts for phone in contact.phones])
    mirror.open_leads_of(account.id, [contact.id for contact in contacts])
    links.by_keys(account.id, keys)
    outbox.unfinished(account.id, keys)
    planned = outbox.plan(lease, [PlannedRow(e.id, 0, e.subject, "CreateLead", {}) for e in batch], NOW)
    outbox.settle(lease, {row_id: Settled("done", {"id": row_id}) for row_id in planned}, NOW)
    links.remember(lease, account.id, [LinkChange(key, n) for n, key in enumerate(keys, 1)], NOW)
    links.remember(lease, account.id, [LinkChange(key, remembers={"a": "1"}) for key in keys], NOW)
    bookings.save_many(
        lease, [SeenBooking(k, branch.id, 1, Phase.WAITING, NOW, NOW, "h", "{}") for k in keys], NOW
    )
    events.close_many(lease, [Closing(e.id, "done", "created", {"a": 1}) for e in batch], NOW)
    return [event.subject for event in batch]


@pytest.fixture
def turn(account, branch, lease, statements):
    """How many statements a turn over `count` new bookings takes."""

    def _turn(count, name):
        keys = [f"yclients:41001:{name}{n}" for n in range(count)]
        new = [
            NewEvent(account.id, branch.id, "bookings", k, "yclients", "yclients.record", k, "{}")
            for k in keys
        ]
        events.record_many(NOW, new)
        statements.clear()
        assert drain(account, branch, lease, keys) == keys
        return len(statements)

    return _turn


def test_a_turn_takes_as_many_statements_for_many_as_for_one(turn):
    assert turn(1, "a") == turn(200, "b")


def test_long_lists_go_in_chunks(account, statements):
    leads = [Lead(n, 1, 2, Kopecks(0), updated_at=NOW) for n in range(1, bulk.CHUNK * 2 + 2)]
    statements.clear()

    assert mirror.save_leads(account.id, leads) == len(leads)

    assert sum("INSERT INTO crm_leads" in sql for sql in statements) == 3
    found = mirror.leads_by_ids(account.id, [lead.id for lead in leads])
    assert len(found) == len(leads)
    assert mirror.save_leads(account.id, [replace(lead, stage_id=3) for lead in leads]) == len(leads)
