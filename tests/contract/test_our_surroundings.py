"""What is read before a move, by our clients against the emulators: notes page by page, what else stands in
an account and in a salon, and what a lack of rights leaves of it.
"""

import pytest

from backend.core.errors import NeedsHuman
from backend.integrations.amocrm import surroundings
from backend.integrations.yclients import client as salon_client
from tests.contract import our_clients
from tests.contract.our_clients import COMPANY, DOMAIN, FIRST, PIPELINE, book, sent

ANNA = 7000001
HOOK = "https://other.example.test/hook"


@pytest.fixture
def place():
    opened = our_clients.amocrm()
    opened.lead = opened.crm.ui_lead(
        DOMAIN, user_id=ANNA, name="Заявка", pipeline_id=PIPELINE, stage_id=FIRST,
        contact={"name": "Мария", "phone": "+79000000011"},
    )["id"]  # fmt: skip
    return opened


def wrote(place, *texts):
    for text in texts:
        place.crm.ui_note(DOMAIN, ANNA, place.lead, text)


@pytest.mark.parametrize("is_lying", [False, True])
def test_notes_come_newest_first_to_the_last_page(place, monkeypatch, is_lying):
    monkeypatch.setattr(surroundings, "PAGE", 2)
    place.crm.options(lying_next=is_lying)
    wrote(place, "один", "два", "три")
    first, second = (surroundings.notes(place.client, page) for page in (1, 2))

    assert [note.text for note in (*first.notes, *second.notes)] == ["три", "два", "один"]
    assert (first.is_last, second.is_last) == (False, True)
    assert first.lowest_id == first.notes[-1].id
    assert {note.lead_id for note in first.notes} == {place.lead}
    assert {note.author_id for note in first.notes} == {ANNA}


def test_notes_without_a_text_of_somebody_are_counted_only(place):
    call = {
        "note_type": "call_in",
        "params": {"uniq": "1", "duration": 5, "source": "ats", "phone": "+79000000011"},
    }
    place.client.write("POST", f"leads/{place.lead}/notes", [call])
    wrote(place, "один")
    page = surroundings.notes(place.client, 1)

    assert [note.text for note in page.notes] == ["один"]
    assert page.unreadable == 0


def test_an_account_without_notes_ends_at_once(place):
    page = surroundings.notes(place.client, 1)

    assert (page.rows, page.notes, page.newest, page.is_last) == (0, (), None, True)


def test_strange_notes_are_counted_and_left():
    rows = [
        {"id": 1, "entity_id": "x", "created_at": 1},
        {"id": 2, "entity_id": 3},
        {"id": 4, "entity_id": 5, "created_at": 6, "note_type": "common", "params": {"text": "\0\ud800ы"}},
    ]

    class Client:
        def page(self, *_):
            return rows, True

    page = surroundings.notes(Client(), 1)

    assert (page.rows, page.unreadable) == (3, 2)
    assert [note.text for note in page.notes] == ["?ы"]


def test_hooks_of_others_are_shown_with_who_made_them(place):
    place.client.subscribe(HOOK, ["add_lead"])

    assert surroundings.webhooks(place.client) == [
        {"url": HOOK, "is_on": True, "author": ANNA, "settings": ["add_lead"]}
    ]


@pytest.mark.parametrize(("code", "is_told"), [("amocrm.forbidden", False), ("amocrm.unpaid", True)])
def test_without_an_administrators_right_lists_are_unknown_and_other_troubles_are_told(code, is_told):
    class Client:
        def page(self, *_):
            raise NeedsHuman(code)

    for read in (surroundings.webhooks, surroundings.widgets):
        if is_told:
            with pytest.raises(NeedsHuman):
                read(Client())
        else:
            assert read(Client()) is None


def test_widgets_tags_and_writers_are_read(place):
    place.client.write("PATCH", "leads", [{"id": place.lead, "_embedded": {"tags": [{"name": "виджет"}]}}])

    assert surroundings.tags(place.client) == ["виджет"]
    assert isinstance(surroundings.widgets(place.client), list)
    assert {row["event"] for row in surroundings.writers(place.client, 1)} >= {"lead_added"}


def test_writers_are_judged_by_a_few_pages(place, monkeypatch):
    monkeypatch.setattr(surroundings, "EVENTS_PAGE", 1)
    place.crm.journal_clear()
    counted = surroundings.writers(place.client, 2)

    assert sum(row["count"] for row in counted) == 2
    assert len(sent(place, "/events")) == 2


def test_fields_tags_and_the_author_of_a_contact_are_read(place):
    (page,) = place.client.contacts_changed_since(None)
    (contact,) = page.items

    assert (contact.fields, contact.tags, contact.created_by) == ((), (), ANNA)
    assert contact.phones == ("+79000000011",)


# Salons


def test_records_come_page_by_page_with_the_deleted_ones(monkeypatch):
    place = our_clients.yclients()
    monkeypatch.setattr(salon_client, "PAGE", 2)
    made = [book(place) for _ in range(3)]
    place.journal.ui_delete(COMPANY, made[0]["id"])
    asked = {"start_date": "2020-01-01", "end_date": "2030-01-01", "with_deleted": "1"}
    first, is_last = place.client.records_page(COMPANY, asked, 1, 0)
    second, is_over = place.client.records_page(COMPANY, asked, 2, 2)

    assert {row["id"] for row in (*first, *second)} == {row["id"] for row in made}
    assert (is_last, is_over) == (False, True)


def test_client_cards_come_with_how_many_there_are(monkeypatch):
    place = our_clients.yclients()
    monkeypatch.setattr(salon_client, "PAGE", 1)
    for number in range(2):
        book(place, client={"name": "Мария", "phone": f"7900000002{number}"})
    rows, total = place.client.cards_page(COMPANY, 1)

    assert (len(rows), total) == (1, 2)
    assert place.client.cards_page(COMPANY, 3) == ([], 2)


def test_users_and_hook_addresses_are_read():
    place = our_clients.yclients()
    place.journal.hooks_url(COMPANY, [HOOK])

    assert [user["id"] for user in place.client.users(COMPANY)]
    assert place.client.hook_settings(COMPANY)["urls"] == [HOOK]


def test_narrowed_rights_leave_less_and_stop_nothing():
    place = our_clients.yclients()
    place.journal.user("user", restricted=True, last_days_count=60)

    assert place.client.hook_settings(COMPANY) is None
    assert place.client.days_shown(COMPANY) == 60


def test_hooks_that_this_partner_may_not_read_are_unknown():
    place = our_clients.yclients()
    place.journal.options(hooks_settings="404")

    assert place.client.hook_settings(COMPANY) is None
