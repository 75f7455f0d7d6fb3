"""People by the beginning of their names, on both engines."""

import pytest

from backend.core.crm import Contact
from backend.store import mirror, people
from tests.store.conftest import NOW


@pytest.fixture
def contacts(account):
    names = ["Мария Иванова", "Марк", "мария", "Анна", "100% скидка", "Maria"]
    found = [Contact(number, name, updated_at=NOW) for number, name in enumerate(names, start=1)]
    mirror.save_contacts(account.id, found, lambda _: ())
    return names


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("мар", {1, 2, 3}),
        ("Мария", {1, 3}),
        (" АННА ", {4}),
        ("Мария Ив", {1}),
        ("%", set()),
        ("100%", {5}),
        ("Иванова", set()),
        ("", set()),
    ],
)
def test_a_name_is_found_by_its_beginning_however_it_is_written(account, contacts, typed, found):
    assert {contact.id for contact in people.by_name(account.id, typed)} == found
    assert people.by_name(account.id + 1, typed) == []


def test_deleted_people_are_left_out_and_the_answer_is_bounded(account, contacts):
    mirror.mark_contact_deleted(account.id, 2)

    assert {contact.id for contact in people.by_name(account.id, "мар")} == {1, 3}
    assert len(people.by_name(account.id, "мар", limit=1)) == 1
