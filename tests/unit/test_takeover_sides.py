"""What a lead says of its visit, in the places where the other integration leaves its marks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.core.takeover import sides
from backend.core.takeover.recognition import Kind, Place, Recognition, What
from backend.core.takeover.sides import Named, Reader, Said, Visit
from tests.support.facts import NOW, lead

ROBOT, ANNA = 7000008, 7000001
RECORD, URL, VISIT, SALON, COMPANY, DATE, SERVICES = range(9201, 9208)
WALL = datetime(2026, 3, 10, 14, 30, tzinfo=UTC).replace(tzinfo=None)
TITLES = {"Тверская": 41001, "Урал": 41002}
ADDRESS = "https://yclients.com/timetable/{company_id}#open_modal_by_record_id={record_id}"


def reader(*places):
    return Reader(Recognition(frozenset({ROBOT}), places), TITLES)


def deal(places, notes=(), **changes):
    made = lead(created_by=ROBOT, updated_by=ROBOT, updated_at=NOW, **changes)
    return reader(*places).deal(made, ["+79990000001"], notes)


def test_a_lead_keeps_what_is_compared():
    found = deal([], stage=142, price=Kopecks(250000))

    assert (found.id, found.pipeline_id, found.is_closed, found.is_writers) == (20000001, 8001, True, True)
    assert (found.phones, found.prices) == ({"+79990000001"}, {Kopecks(250000)})
    assert found.created_at == NOW - timedelta(days=1)
    assert not deal([]).is_closed
    assert reader().deal(replace(lead(), created_at=None), []).created_at == sides.NEVER


@pytest.mark.parametrize(
    ("value", "named"),
    [("770001", (Named(770001),)), ("770001.00", (Named(770001),)), ("№ 770001", ()), ("1" * 30, ())],
)
def test_a_field_of_ids_holds_a_number_and_nothing_else(value, named):
    assert deal([Place(Kind.FIELD, RECORD, What.RECORD_ID)], fields=((RECORD, value),)).named == named


def test_an_address_names_the_record_and_its_salon():
    fields = ((URL, ADDRESS.format(company_id=41001, record_id=770001)), (URL, "https://lotos.ru/770002"))

    found = deal([Place(Kind.URL, URL, What.RECORD_ID, ADDRESS)], fields=fields)

    assert found.named == (Named(770001, 41001),)
    assert found.salons == {41001}


def test_an_address_that_names_no_record_names_nothing():
    place = Place(Kind.URL, URL, What.RECORD_ID, "https://yclients.com/{company_id}")

    assert deal([place], fields=((URL, "https://yclients.com/41001"),)).named == ()


def test_notes_and_tags_mention_records_by_their_template():
    places = [
        Place(Kind.NOTE, 0, What.RECORD_ID, "Запись №{record_id} от"),
        Place(Kind.TAG, 0, What.RECORD_ID, "yc-{record_id}"),
    ]
    notes = [Said(ROBOT, "Запись №770001 от 10.03, чек 555000111"), Said(ANNA, "позвонить")]

    assert deal(places, notes, tags=("yc-770002", "VIP")).mentioned == (Named(770001), Named(770002))


def test_without_a_template_any_long_number_is_a_mention():
    found = deal([], [Said(ANNA, "перенесла 770001 на 14:30")], tags=("770002",))

    assert found.mentioned == (Named(770001), Named(770002))


def test_numbers_of_whole_visits():
    assert deal([Place(Kind.FIELD, VISIT, What.VISIT_ID)], fields=((VISIT, "60001"),)).visits == (60001,)


def test_the_salon_is_named_by_number_title_or_tag():
    places = [
        Place(Kind.FIELD, COMPANY, What.COMPANY_ID),
        Place(Kind.FIELD, SALON, What.SALON),
        Place(Kind.TAG, 0, What.SALON, "Урал", company_id=41002),
    ]

    assert deal(places, fields=((COMPANY, "41003"), (SALON, " тверская "))).salons == {41001, 41003}
    assert deal(places, fields=((SALON, "Закрытый"),), tags=("Урал", "VIP")).salons == {41002}


@pytest.mark.parametrize(
    ("place", "value", "when"),
    [
        (("unix", What.DATE, 0), "1773142200", ({datetime(2026, 3, 10, 11, 30, tzinfo=UTC)}, set(), set())),
        (("unix", What.DATE, 180), "1773153000", ({datetime(2026, 3, 10, 11, 30, tzinfo=UTC)}, set(), set())),
        (("%d.%m.%Y %H:%M", What.DATE, 0), "10.03.2026 14:30", (set(), {WALL}, set())),
        (("%d.%m.%Y %H:%M", What.DATE, 60), "10.03.2026 15:30", (set(), {WALL}, set())),
        (
            ("%d.%m.%Y %H:%M", What.DATE_UTC, 0), "10.03.2026 11:30",
            ({datetime(2026, 3, 10, 11, 30, tzinfo=UTC)}, set(), set()),
        ),
        (("%d.%m.%Y", What.DATE, 0), "10.03.2026", (set(), set(), {date(2026, 3, 10)})),
        (("unix_day", What.DATE, 0), "1773090000", (set(), set(), {date(2026, 3, 10)})),  # midnight in Moscow
        (("unix", What.DATE, 0), "завтра", (set(), set(), set())),
    ],
)  # fmt: skip
def test_the_time_of_the_visit_as_it_is_written(place, value, when):
    pattern, what, shift = place
    found = deal([Place(Kind.FIELD, DATE, what, pattern, shift=shift)], fields=((DATE, value),)).when

    assert (found.instants, found.walls, found.days) == when


def test_services_are_read_for_comparing():
    assert deal(
        [Place(Kind.FIELD, SERVICES, What.SERVICE_TITLES)], fields=((SERVICES, "Лазер: Голени"),)
    ).services == ("лазер: голени",)


@pytest.mark.parametrize(
    ("text", "titles", "is_so"),
    [
        ("лазер: голени, чистка лица", ("Чистка лица", "Лазер: голени"), True),
        ("лазер: голени — 4 500; чистка лица × 2", ("Лазер: голени", "Чистка лица"), True),
        ("лазер: голени", ("Лазер: голени", "Чистка лица"), False),
        ("лазер: голени и вечер", ("Лазер: голени",), False),
        ("чистка", ("Чистка", "Чистка"), False),
        ("", (), False),
        ("что-то", ("",), False),
    ],
)
def test_a_text_lists_these_services_and_nothing_else(text, titles, is_so):
    assert sides.says(text, titles) is is_so


def test_what_people_did_counts_before_an_open_lead_and_the_last_change():
    quiet = deal([])
    noted = deal([], [Said(ANNA, "ждём"), Said(0, "робот"), Said(ROBOT, "виджет")], stage=142)
    edited = reader().deal(lead(updated_by=ANNA, updated_at=NOW), [])
    unknown = reader().deal(lead(updated_by=None), [])

    assert quiet.activity == (0, True, NOW)
    assert noted.activity == (1, False, NOW)
    assert edited.activity == (1, True, NOW)
    assert unknown.activity == (0, True, sides.NEVER)


@pytest.mark.parametrize(
    ("phase", "is_active"),
    [(Phase.WAITING, True), (Phase.ARRIVED, True), (Phase.NO_SHOW, False), (Phase.CANCELLED, False)],
)
def test_a_visit_is_active_until_it_fell_through(phase, is_active):
    visit = Visit("yclients:41001:1", 41001, 1, 0, "", NOW, NOW.replace(tzinfo=None), NOW, phase, Kopecks(0))

    assert visit.is_active is is_active
