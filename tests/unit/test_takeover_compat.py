"""The other widget's own marks on leads of ours, in the form that was learned."""

from dataclasses import replace
from datetime import UTC, datetime

from backend.core.money import Kopecks
from backend.core.salon import Booking, Client, Phase, ServiceLine, StaffMember
from backend.core.takeover import compat
from backend.core.takeover.compat import Marks, Terms
from backend.core.takeover.recognition import CONTACTS, Kind, Place, Recognition, What

BOOKING = Booking(
    "yclients", 41001, 777001, Phase.WAITING, datetime(2026, 11, 23, 11, 30, tzinfo=UTC),
    datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 19, 9, 5, tzinfo=UTC),
    Client("yclients:41001:55", "Мария", "+79990000001"),
    (
        ServiceLine(90001, "Лазер: подмышки", Kopecks(250000), category="Эпиляция"),
        ServiceLine(90002, "Лазер: голени", Kopecks(450050), category="Эпиляция"),
    ),
    StaffMember(81, "Вера"), visit_id=9,
)  # fmt: skip
TERMS = Terms("Europe/Moscow", "Тверская", types={30: "date_time"})


def marks(*places, booking=BOOKING, terms=TERMS):
    return compat.marks(booking, Recognition(places=places), terms)


def field(field_id, what, pattern="", **more):
    return Place(Kind.FIELD, field_id, what, pattern, **more)


def test_plain_fields_hold_what_was_measured():
    found = marks(
        field(1, What.RECORD_ID), field(2, What.CLIENT_ID), field(3, What.SERVICE_TITLES),
        field(4, What.PRICE), field(5, What.STAFF), field(6, What.SALON), field(7, What.CATEGORY),
    )  # fmt: skip

    assert found.fields == {
        1: "777001", 2: "55", 3: "Лазер: подмышки, Лазер: голени", 4: "7001", 5: "Вера", 6: "Тверская",
        7: "Эпиляция",
    }  # fmt: skip


def test_an_address_a_note_and_tags_keep_their_form():
    found = marks(
        Place(Kind.URL, 9, What.RECORD_ID, "https://y.test/{company_id}#{date}&id={record_id}"),
        Place(Kind.NOTE, 0, What.RECORD_ID, "Запись №{record_id} от {day} {time}"),
        Place(Kind.TAG, 0, What.SALON, "тверская", company_id=41001),
        Place(Kind.TAG, 0, What.SALON, "урал", company_id=41002),
        Place(Kind.TAG, 0, What.RECORD_ID, "yc{record_id}"),
    )

    assert found == Marks(
        {9: "https://y.test/41001#2026-11-23&id=777001"},
        ("Запись №777001 от 23.11.2026 14:30",),
        ("тверская", "yc777001"),
    )


def test_what_our_own_configuration_fills_is_left_to_it():
    assert marks(field(1, What.RECORD_ID), terms=replace(TERMS, covered=(1,))) == compat.NONE


def test_contacts_are_not_leads():
    assert marks(field(1, What.RECORD_ID, entity=CONTACTS)) == compat.NONE


def test_the_surest_of_two_meanings_of_a_field_stays():
    assert marks(field(1, What.RECORD_ID), field(1, What.VISIT_ID)).fields == {1: "777001"}


def test_nothing_is_made_up():
    nobody = replace(BOOKING, client=None, visit_id=0)

    found = marks(
        field(1, What.STATUS), field(2, What.DOCUMENT_ID), field(3, What.CLIENT_ID), field(4, What.VISIT_ID),
        Place(Kind.URL, 5, What.RECORD_ID, "https://y.test/{number}/{record_id}"),
        Place(Kind.NOTE, 0, What.DOCUMENT_ID, "документ {record_id}"), field(6, What.PHONE),
        booking=nobody,
    )  # fmt: skip

    assert found == compat.NONE


def test_dates_as_the_field_takes_them_and_as_they_were_learned():
    found = marks(
        field(30, What.DATE), field(31, What.DATE, "%d.%m.%Y"), field(32, What.DATE_UTC, "%H:%M"),
        field(33, What.CREATED, "%d.%m %H:%M"), field(34, What.DATE, "%H:%M", shift=60), field(35, What.DATE),
    )  # fmt: skip

    assert found.fields == {
        30: "1795433400", 31: "23.11.2026", 32: "11:30", 33: "19.11 12:05", 34: "15:30",
        35: "23.11.2026 14:30",
    }  # fmt: skip


def test_tags_of_online_bookings_and_a_mark_that_is_the_same_everywhere():
    places = (
        Place(Kind.TAG, 0, What.ONLINE, "онлайн"), Place(Kind.TAG, 0, What.MARK, "YCLIENTS"),
        field(4, What.MARK, "YCLIENTS"), field(5, What.DATE, "unix"),
    )  # fmt: skip
    desk = marks(*places)

    assert desk.tags == ("YCLIENTS",)
    assert desk.fields == {4: "YCLIENTS", 5: "1795433400"}
    assert marks(*places, booking=replace(BOOKING, is_online=True)).tags == ("онлайн", "YCLIENTS")
