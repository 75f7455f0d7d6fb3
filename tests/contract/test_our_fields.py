"""Our fields in the emulator: made once, found again, lists completed."""

import pytest

from backend.integrations.amocrm.fields import FieldWish, ensure_fields
from tests.contract import our_clients
from tests.contract.our_clients import DOMAIN


@pytest.fixture
def place():
    return our_clients.amocrm()


WISHES = (
    FieldWish("key", "MOSTIK_KEY", "text", "Ключ записи", is_api_only=True),
    FieldWish("direction", "MOSTIK_DIRECTION", "select", "Направление", ("Эпиляция", "Прочее")),
)


def test_missing_fields_are_made_once(place):
    made = ensure_fields(place.client, WISHES, {})
    again = ensure_fields(place.client, WISHES, {})

    shown = {field["id"]: field for field in place.crm.state(DOMAIN)["fields"]}
    assert made == again
    assert shown[made["key"]]["is_api_only"] is True
    assert [enum["value"] for enum in shown[made["direction"]]["enums"]] == ["Эпиляция", "Прочее"]


def test_list_gets_what_it_lacks_and_keeps_what_it_has(place):
    before = {enum["value"]: enum["id"] for enum in _enums(place)}
    wish = FieldWish("source", "SOURCE", "select", "Источник", ("сайт", "телеграм"))

    assert ensure_fields(place.client, [wish], {"source": our_clients.SOURCE}) == {
        "source": our_clients.SOURCE
    }

    after = {enum["value"]: enum["id"] for enum in _enums(place)}
    assert list(after) == ["сайт", "звонок", "телеграм"]
    assert before.items() <= after.items()


def test_field_deleted_by_people_is_made_anew(place):
    made = ensure_fields(place.client, WISHES, {})
    place.crm.ui_delete_field(DOMAIN, made["key"])

    again = ensure_fields(place.client, WISHES, made)

    assert again["key"] != made["key"]
    assert again["direction"] == made["direction"]


def _enums(place):
    return next(f for f in place.crm.state(DOMAIN)["fields"] if f["id"] == our_clients.SOURCE)["enums"]
