"""What was found before a move: pages with the places they end at, bookings by salon, key and phone, notes by
lead.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.store import db, maintenance, mirror, takeover_found, takeover_pulls
from backend.store.takeover_found import FoundClient, FoundNote, FoundRecord, FoundService
from backend.store.takeover_pulls import DONE, READING, Page, Pull
from tests.store.conftest import NOW

PHONE = "+79990000001"
RECORD = FoundRecord(
    "yclients:41001:700", 41001, 700, 70, 7, PHONE, NOW, NOW, NOW, Phase.ARRIVED, Kopecks(250000), True, 5,
    81, "Вера", (FoundService(90001, "Лазер", 501, Kopecks(250000)),), "придёт", "Мария", '{"id": 700}',
)  # fmt: skip
OTHER = replace(
    RECORD, key="yclients:41002:800", branch_id=41002, record_id=800, starts_at=NOW - timedelta(1)
)
NOTE = FoundNote(11, 900, 7, NOW, "запись 700")


def keys(records):
    return [record.key for record in records]


@pytest.fixture
def found(account):
    takeover_found.save_many(account.id, [OTHER, RECORD])
    return account.id


def test_a_booking_is_read_back_as_it_was_saved(found):
    assert takeover_found.by_keys(found, [RECORD.key, "nobody"]) == {RECORD.key: RECORD}


def test_without_its_body_it_is_the_same_but_for_the_body(found):
    read = takeover_found.by_keys(found, [RECORD.key], with_body=False)

    assert read == {RECORD.key: replace(RECORD, body="")}


def test_a_pass_goes_in_portions_of_all_salons_or_of_one(found):
    first = takeover_found.portion(found, None, "", 1)
    rest = takeover_found.portion(found, None, first[-1].key, 10)

    assert (keys(first), keys(rest)) == ([RECORD.key], [OTHER.key])
    assert keys(takeover_found.portion(found, 41002, "", 10)) == [OTHER.key]


def test_bookings_of_a_person_come_by_the_time_of_the_visit(found):
    people = takeover_found.by_phones(found, [PHONE, "", "+79990000009"])

    assert {phone: keys(records) for phone, records in people.items()} == {PHONE: [OTHER.key, RECORD.key]}


def test_they_are_counted_by_salon(found):
    assert takeover_found.count(found) == 2
    assert takeover_found.count(found, 41001) == 1
    assert takeover_found.salons(found) == {41001: 1, 41002: 1}


def test_an_older_picture_never_replaces_a_newer_one(found):
    older = replace(RECORD, phase=Phase.WAITING, changed_at=NOW - timedelta(seconds=1))
    newer = replace(OTHER, phase=Phase.CANCELLED, changed_at=NOW + timedelta(seconds=1))
    takeover_found.save_many(found, [older, newer])

    read = takeover_found.by_keys(found, [RECORD.key, OTHER.key])
    assert {key: one.phase for key, one in read.items()} == {
        RECORD.key: Phase.ARRIVED,
        OTHER.key: Phase.CANCELLED,
    }


def test_another_account_sees_nothing_of_it(found):
    assert takeover_found.portion(found + 1, None, "", 10) == []
    assert takeover_found.by_phones(found + 1, [PHONE]) == {}


def test_notes_stand_with_their_lead(account):
    second = replace(NOTE, id=12, text="ещё")
    takeover_found.save_notes(account.id, [second, NOTE, NOTE])

    assert takeover_found.notes_of(account.id, [900, 901]) == {900: (NOTE, second)}
    assert takeover_found.notes_portion(account.id, 11, 10) == [second]
    assert takeover_found.count_notes(account.id) == 2


def test_a_page_and_its_place_are_there_together_or_not_at_all(account, monkeypatch):
    pull = Pull("records:41001", 3, {"page": 1})
    takeover_pulls.lay_out(account.id, [pull], NOW)

    def cut(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(takeover_pulls.bulk, "upsert", cut)
    with pytest.raises(KeyboardInterrupt):
        takeover_pulls.save(account.id, replace(pull, cursor={"page": 2}), NOW, Page([RECORD], [NOTE]))
    monkeypatch.undo()

    assert takeover_found.count(account.id) == takeover_found.count_notes(account.id) == 0
    assert takeover_pulls.of_account(account.id) == [replace(pull, updated_at=NOW)]


def test_a_place_is_read_back_and_pulls_stand_in_their_order(account):
    first, second = Pull("leads", 0, {}), Pull("notes", 1, {})
    takeover_pulls.lay_out(account.id, [second, first], NOW)
    gone_on = replace(
        second, cursor={"page": 3}, found=500, unreadable=1, total=900, requests=2, state=READING,
        code="amocrm.busy", began_at=NOW,
    )  # fmt: skip
    takeover_pulls.save(account.id, gone_on, NOW, Page(notes=[NOTE]))

    laid_out = [replace(one, updated_at=NOW) for one in (first, gone_on)]
    assert takeover_pulls.of_account(account.id) == laid_out
    assert not gone_on.is_over
    assert replace(gone_on, state=DONE).is_over


def test_laying_out_anew_forgets_the_places_and_keeps_what_was_found(found):
    takeover_pulls.lay_out(found, [Pull("leads", 0, {})], NOW)
    takeover_pulls.lay_out(found, [Pull("notes", 0, {})], NOW)

    assert [pull.collection for pull in takeover_pulls.of_account(found)] == ["notes"]
    assert takeover_found.count(found) == 2


def test_client_cards_stand_with_their_salon(account):
    card = FoundClient(41001, 7, PHONE, "Мария")
    takeover_found.save_clients(
        account.id, [card, replace(card, client_id=8), replace(card, branch_id=41002)]
    )
    takeover_found.save_clients(account.id, [replace(card, name="Мария И.")])

    read = takeover_found.clients_portion(account.id, 41001, 0, 10)
    assert [(one.client_id, one.name) for one in read] == [(7, "Мария И."), (8, "Мария")]
    assert takeover_found.clients_portion(account.id, 41001, 7, 1) == [replace(card, client_id=8)]
    assert takeover_found.count_clients(account.id, 41001) == 2


def test_the_newest_note_is_known(account):
    assert takeover_found.newest_note(account.id) == 0
    takeover_found.save_notes(account.id, [NOTE, replace(NOTE, id=15)])
    assert takeover_found.newest_note(account.id) == 15


def test_after_a_full_pass_nothing_more_is_learnt_of_contacts_that_are_gone(account):
    mirror.save_contacts(account.id, [Contact(50, updated_at=NOW)], lambda _: ())
    mirror.no_more_fields(account.id)

    assert not mirror.lacks_fields(account.id)
    assert mirror.count(account.id, "contacts") == 1


def test_what_was_read_long_ago_is_forgotten_and_the_rest_is_not(found, monkeypatch):
    monkeypatch.setattr(takeover_pulls.bulk, "CHUNK", 1)
    takeover_found.save_notes(found, [NOTE])
    takeover_found.save_clients(found, [FoundClient(41001, 7, PHONE, "Мария")])
    takeover_pulls.lay_out(found, [Pull("leads", 0, {})], NOW)

    maintenance.prune(NOW + maintenance.FOUND_KEPT, 30)
    assert takeover_found.count(found) == 2

    maintenance.prune(NOW + maintenance.FOUND_KEPT + timedelta(seconds=1), 30)
    assert takeover_found.count(found) == takeover_found.count_notes(found) == 0
    assert takeover_found.count_clients(found, 41001) == 0
    assert takeover_pulls.of_account(found) == []


def test_what_stands_around_is_added_to(account):
    assert takeover_pulls.surroundings(account.id) == ({}, None)
    takeover_pulls.save_surroundings(account.id, {"widgets": [{"code": "w"}], "hooks": []}, NOW)
    takeover_pulls.save_surroundings(account.id, {"hooks": ["u"]}, NOW + timedelta(1))

    facts, read_at = takeover_pulls.surroundings(account.id)
    assert facts == {"widgets": [{"code": "w"}], "hooks": ["u"]}
    assert read_at == NOW + timedelta(1)


def test_the_mirror_is_walked_in_portions(account):
    lead = Lead(900, 8001, 8101, Kopecks(0), contact_ids=(50,), updated_at=NOW)
    gone = replace(lead, id=901, is_deleted=True)
    anna = Contact(50, "Анна", (PHONE,), (), NOW, NOW, fields=((9002, "7"),), tags=("vip",), created_by=3)
    mirror.save_leads(account.id, [lead, gone, replace(lead, id=902)])
    mirror.save_contacts(account.id, [anna, Contact(51, updated_at=NOW, fields=())], lambda _: ())

    assert mirror.leads_portion(account.id, 0, 1) == [lead]
    assert [one.id for one in mirror.leads_portion(account.id, 900, 10)] == [902]
    assert mirror.contacts_portion(account.id, 0, 1) == [anna]
    assert [one.id for one in mirror.contacts_portion(account.id, 50, 10)] == [51]


def test_contacts_read_before_their_fields_were_kept_are_known(account):
    mirror.save_contacts(account.id, [Contact(50, updated_at=NOW, fields=())], lambda _: ())
    assert not mirror.lacks_fields(account.id)

    mirror.save_contacts(account.id, [Contact(51, updated_at=NOW)], lambda _: ())
    assert mirror.lacks_fields(account.id)
    assert db.rows("SELECT count(*) FROM crm_contacts WHERE fields IS NULL") == [(1,)]
