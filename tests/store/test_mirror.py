"""Our index of the CRM: newest wins, people are found by their keys, leads by their people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import LOST, WON, Contact, Lead
from backend.core.money import Kopecks
from backend.store import mirror
from backend.store.mirror import SyncMark
from tests.store.conftest import NOW

ANNA = Contact(50, "Анна", ("+79001234567",), (), NOW, NOW)
LEAD = Lead(
    900, 8001, 8101, Kopecks(350000), "Анна, эпиляция", 7, (50,), ("vip",), ((9001, "770001"), (9001, "б")),
    NOW, NOW, 3,
)  # fmt: skip


def later(entity, **changes):
    return replace(entity, updated_at=entity.updated_at + timedelta(seconds=1), **changes)


def phones(contact):
    return contact.phones


@pytest.fixture
def index(account):
    mirror.save_contacts(account.id, [ANNA], phones)
    mirror.save_leads(account.id, [LEAD])
    return account.id


def test_what_is_saved_is_read_back(index):
    assert mirror.leads_by_ids(index, [900]) == {900: LEAD}
    assert mirror.contacts_by_ids(index, [50]) == {50: ANNA}
    assert mirror.contacts_by_keys(index, ["+79001234567", "unknown"]) == {"+79001234567": (ANNA,)}
    assert mirror.open_leads_of(index, [50, 51]) == {50: (LEAD,)}


def test_older_data_never_overwrites_newer(index):
    newer_lead, newer_contact = later(LEAD, stage_id=8102, contact_ids=(50, 51)), later(ANNA, name="Аня")
    mirror.save_leads(index, [newer_lead])
    mirror.save_contacts(index, [newer_contact], phones)

    assert mirror.save_leads(index, [replace(LEAD, contact_ids=())]) == 0
    assert mirror.save_contacts(index, [replace(ANNA, phones=())], phones) == 0

    assert mirror.leads_by_ids(index, [900]) == {900: newer_lead}
    assert mirror.contacts_by_keys(index, ["+79001234567"]) == {"+79001234567": (newer_contact,)}


def test_the_newest_of_one_batch_wins(index):
    newest = later(LEAD, stage_id=WON)
    mirror.save_leads(index, [newest, LEAD])

    assert mirror.leads_by_ids(index, [900])[900].stage_id == WON


def test_news_of_the_same_second_pass(index):
    mirror.save_leads(index, [replace(LEAD, stage_id=8102)])

    assert mirror.leads_by_ids(index, [900])[900].stage_id == 8102


def test_a_hook_keeps_the_contacts_it_does_not_name(index):
    mirror.save_leads(index, [later(LEAD, contact_ids=(), stage_id=8102)], with_contacts=False)

    assert mirror.leads_by_ids(index, [900])[900].contact_ids == (50,)


def test_a_reading_replaces_the_contacts_of_a_lead(index):
    mirror.save_leads(index, [later(LEAD, contact_ids=(52, 51))])

    assert mirror.leads_by_ids(index, [900])[900].contact_ids == (52, 51)
    assert mirror.open_leads_of(index, [50]) == {}


@pytest.mark.parametrize("stage", [WON, LOST])
def test_closed_leads_are_not_open(index, stage):
    mirror.save_leads(index, [later(LEAD, stage_id=stage)])

    assert mirror.open_leads_of(index, [50]) == {}


def test_a_deleted_lead_returns_only_with_newer_news(index):
    mirror.mark_lead_deleted(index, 900)
    mirror.save_leads(index, [LEAD])

    assert mirror.leads_by_ids(index, [900])[900].is_deleted
    assert mirror.open_leads_of(index, [50]) == {}
    mirror.save_leads(index, [later(LEAD)])
    assert mirror.open_leads_of(index, [50]) == {50: (later(LEAD),)}


def test_a_deleted_contact_is_not_found(index):
    mirror.mark_contact_deleted(index, 50)

    assert mirror.contacts_by_keys(index, ["+79001234567"]) == {}
    assert mirror.contacts_by_ids(index, [50])[50].is_deleted


def test_a_changed_phone_replaces_the_old_one_but_not_the_card(index):
    mirror.remember_card(index, "yclients:41001:300", 50)
    mirror.save_contacts(index, [later(ANNA, phones=("+79007654321",))], phones)

    found = mirror.contacts_by_keys(index, ["+79001234567", "+79007654321", "yclients:41001:300"])
    assert sorted(found) == ["+79007654321", "yclients:41001:300"]


def test_a_shared_phone_finds_everybody_oldest_first(index):
    mirror.save_contacts(index, [replace(ANNA, id=49), replace(ANNA, id=51)], phones)

    assert [c.id for c in mirror.contacts_by_keys(index, ["+79001234567"])["+79001234567"]] == [49, 50, 51]


def test_a_lead_of_two_people_is_open_for_both(index):
    mirror.save_leads(index, [later(LEAD, contact_ids=(50, 51)), replace(LEAD, id=901)])

    found = mirror.open_leads_of(index, [50, 51])
    assert {contact: [lead.id for lead in leads] for contact, leads in found.items()} == {
        50: [900, 901],
        51: [900],
    }


def test_marks_are_kept_per_collection(index):
    assert mirror.mark(index, "leads") == SyncMark()
    mirror.save_mark(index, "leads", SyncMark(NOW, 3, is_complete=False, total=500))
    mirror.save_mark(index, "leads", SyncMark(NOW, 0, is_complete=True, total=750))

    assert mirror.mark(index, "leads") == SyncMark(NOW, 0, is_complete=True, total=750)
    assert mirror.mark(index, "contacts") == SyncMark()


def test_accounts_do_not_see_each_others_people(index):
    other = index + 1

    assert mirror.contacts_by_keys(other, ["+79001234567"]) == {}
    assert mirror.leads_by_ids(other, [900]) == {}
    assert mirror.open_leads_of(other, [50]) == {}
