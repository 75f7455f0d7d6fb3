"""What is known of another integration's marks, and how a lead is read with it."""

from dataclasses import replace

import pytest

from backend.core.takeover import marks, recognition
from backend.core.takeover.recognition import Kind, Place, Recognition, What
from tests.support.facts import lead

FIELD, LINK = 9201, 9202
ADDRESS = "https://salon.example/t/{company_id}#d={date}&id={record_id}"
NUMBER = Place(Kind.FIELD, FIELD, What.RECORD_ID, share=0.98, count=120)
URL = Place(Kind.URL, LINK, What.RECORD_ID, ADDRESS, 1.0, 60)
NOTE = Place(Kind.NOTE, 0, What.RECORD_ID, "Запись №{record_id} от {date}", 1.0, 80)
TAG = Place(Kind.TAG, 0, What.SALON, "Тверская", 0.99, 400, company_id=41001)


def test_places_are_told_apart_by_where_they_are():
    assert NUMBER.name == "leads:field:9201"
    assert NOTE.name == "leads:note:Запись №{record_id} от {date}"
    assert replace(NUMBER, what=What.VISIT_ID).name == NUMBER.name
    assert NUMBER.percent == 98


def test_a_template_is_filled_and_a_field_holds_the_value_itself():
    values = {"company_id": 41001, "record_id": 770001, "date": "2026-03-10"}

    assert URL.filled(values) == "https://salon.example/t/41001#d=2026-03-10&id=770001"
    assert NUMBER.filled(values) == "770001"
    assert NUMBER.filled({}) == ""


def test_the_surest_place_comes_first():
    contacts = replace(NUMBER, entity="contacts")
    known = Recognition(places=(contacts, NUMBER, URL, TAG))

    assert known.holding(What.RECORD_ID) == (URL, NUMBER)
    assert known.holding(What.RECORD_ID, Kind.FIELD) == (NUMBER,)
    assert known.holding(What.RECORD_ID, entity="contacts") == (contacts,)
    assert known.with_places([TAG]).places == (TAG,)


def test_it_is_written_and_read_again():
    known = Recognition(frozenset({7, 5}), (NUMBER, URL, TAG, replace(NUMBER, shift=180)), is_confirmed=True)

    assert recognition.read(recognition.written(known)) == known
    assert recognition.read({}) == Recognition()


@pytest.mark.parametrize(
    ("place", "kept", "notes"),
    [
        (NUMBER, {"fields": ((FIELD, "770001"),)}, ()),
        (NUMBER, {"fields": ((FIELD, "770001.0"),)}, ()),
        (URL, {"fields": ((LINK, "https://salon.example/t/41001#d=2026-03-10&id=770001"),)}, ()),
        (NOTE, {}, ("Клиент пришёл", "Запись №770001 от 2026-03-10")),
        (Place(Kind.TAG, 0, What.RECORD_ID, "id-{record_id}"), {"tags": ("VIP", "id-770001")}, ()),
    ],
)
def test_a_number_is_read_where_it_stands(place, kept, notes):
    assert marks.ids(What.RECORD_ID, lead(**kept), Recognition(places=(place,)), notes) == (770001,)


def test_other_numbers_and_other_people_are_not_read():
    known = Recognition(places=(NUMBER, TAG, replace(NUMBER, entity="contacts", field_id=77), URL))
    kept = lead(fields=((FIELD, "нет"), (77, "770002"), (LINK, "https://salon.example/t/41001")))

    assert marks.ids(What.RECORD_ID, kept, known) == ()
    assert marks.ids(What.VISIT_ID, lead(fields=((FIELD, "5"),)), known) == ()


def test_a_template_with_one_thing_twice_and_with_other_numbers():
    pattern = "№{record_id} ({number}) {record_id}"

    assert marks.read(pattern, "№12345 (7) 12345, №99999 (1) 99999") == [
        {"record_id": "12345"}, {"record_id": "99999"},
    ]  # fmt: skip
    assert marks.read("№{record_id}", "нет ничего") == []
