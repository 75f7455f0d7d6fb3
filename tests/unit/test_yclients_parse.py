"""Records of YCLIENTS → bookings, whatever types today's answer chose."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidInput
from backend.core.salon import Booking, Client, Label, Phase, ServiceLine, StaffMember
from backend.integrations.yclients import parse

PAYLOADS = Path(__file__).parent.parent / "payloads" / "yclients"
ZONE = "Asia/Yekaterinburg"


def payload(name):
    return json.loads((PAYLOADS / name).read_text(), parse_float=Decimal)


EXPECTED = Booking(
    source="yclients",
    branch_id=41001,
    record_id=770000101,
    phase=Phase.CONFIRMED,
    starts_at=datetime(2027, 2, 14, 6, 15, tzinfo=UTC),
    changed_at=datetime(2027, 2, 11, 6, 0, 30, tzinfo=UTC),
    created_at=datetime(2027, 2, 10, 15, 40, 2, tzinfo=UTC),
    client=Client(
        "yclients:41001:66000101",
        "Ольга Примерная",
        "+79000000101",
        "olga@example.test",
        visits=3,
        is_new=False,
        discount=10,
    ),
    lines=(
        ServiceLine(8100101, "Лазерная эпиляция: голени", 405000, 1, 450000),
        ServiceLine(8100102, "Маска", 149990, 2, 149990),
    ),
    staff=StaffMember(550101, "Зоя Мастерова"),
    comment="попросила кабинет у окна",
    duration_seconds=5400,
    visit_id=440000101,
    is_online=True,
    author_id=3000101,
)


@pytest.mark.parametrize("name", ["record.json", "record_loose.json"])
def test_both_generations_of_types_are_one_booking(name):
    assert parse.booking(payload(name), ZONE) == EXPECTED


def test_older_answers_lack_fields_and_say_the_same():
    silent = replace(EXPECTED.client, visits=None, is_new=None, discount=0)

    assert parse.booking(payload("record_old_names.json"), ZONE) == replace(
        EXPECTED, is_online=False, client=silent
    )


def test_labels_visitor_and_group_event_are_read():
    told = {
        "record_labels": [{"id": "67345", "title": "Не важно, к кому"}, "?", {"id": 7}],
        "comer": {"id": 5, "title": "Аня"},
        "activity_id": "108",
        "clients_count": 3,
    }
    client = {**payload("record.json")["client"], "client_tags": [{"id": 1, "title": "не передавать"}]}

    booking = parse.booking({**payload("record.json"), **told, "client": client}, ZONE)

    assert booking.labels == (Label(67345, "Не важно, к кому"), Label(7))
    assert (booking.visitor, booking.event_id, booking.places) == ("Аня", 108, 3)
    assert booking.client.labels == ("не передавать",)


def test_deleted_record_comes_with_little():
    booking = parse.booking(payload("hook_delete.json")["data"], ZONE)

    assert (booking.key, booking.phase) == ("yclients:41001:770000101", Phase.CANCELLED)
    assert (booking.created_at, booking.lines) == (booking.changed_at, ())
    assert (booking.client.name, booking.client.phone) == ("Ольга", "+79000000101")


def test_time_block_has_no_client():
    booking = parse.booking(payload("hook_block.json")["data"], ZONE)

    assert (booking.client, booking.lines, booking.staff) == (None, (), StaffMember(550101))


@pytest.mark.parametrize("nobody", [None, {}, []])
def test_nobody_is_written_in_three_ways(nobody):
    assert parse.booking({**payload("record.json"), "client": nobody}, ZONE).client is None


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("+79000000101", "+79000000101"),
        ("79000000101", "+79000000101"),
        (79000000101, "+79000000101"),
        ("89000000101", "89000000101"),
        ("8 (900) 000-01-01", "8 (900) 000-01-01"),
        ("+49151000000", "+49151000000"),
        ("", ""),
        (None, ""),
    ],
)
def test_one_number_is_one_text(given, shown):
    record = payload("record.json")
    record["client"]["phone"] = given

    assert parse.booking(record, ZONE).client.phone == shown


@pytest.mark.parametrize(
    ("cost_to_pay", "cost", "price"),
    [(0, 4500, 0), (None, 4500, 450000), ("", "10.5", 1050), (Decimal("99.99"), 1, 9999), (None, None, 0)],
)
def test_line_costs_what_is_to_be_paid(cost_to_pay, cost, price):
    record = payload("record.json")
    record["services"] = [{"id": 1, "title": "x", "cost_to_pay": cost_to_pay, "cost": cost}]

    assert parse.booking(record, ZONE).price == price


@pytest.mark.parametrize("attendance", [7, "да"])
def test_unknown_attendance_is_a_trouble_of_its_own(attendance):
    with pytest.raises(InvalidInput) as caught:
        parse.booking({**payload("record.json"), "attendance": attendance}, ZONE)

    assert caught.value.code == "yclients.attendance_unknown"
    assert caught.value.details["value"] == str(attendance)


@pytest.mark.parametrize(
    "broken",
    [
        {"id": None, "company_id": None, "date": None, "datetime": None},
        {"last_change_date": None, "create_date": None},
        {"date": "14.02.2027 11:15"},
        {"date": 1802600100},
        {"date": "0001-01-01 00:00:00"},
        {"services": [{"id": 1, "cost": "1e999990"}]},
        {"services": [{"title": "без номера"}]},
        {"services": [{"id": 1, "cost": "дорого"}]},
        {"services": [{"id": 1, "cost": "1e9999"}]},
        {"services": [{"id": 1, "cost": "1e999999999"}]},
        {"services": "всё"},
        {"id": "1e999999"},
        {"visit_id": Decimal("Infinity")},
        {"visit_id": {"id": 5}},
    ],
)
def test_nonsense_is_the_senders_fault_and_tells_no_personal_data(broken):
    with pytest.raises(InvalidInput) as caught:
        parse.booking({**payload("record.json"), **broken}, ZONE)

    assert caught.value.code == "yclients.record_malformed"
    assert not {"79000000101", "olga", "дорого"} & set(str(caught.value).split())


def test_missing_key_is_named():
    record = payload("record.json")
    del record["company_id"]

    with pytest.raises(InvalidInput) as caught:
        parse.booking(record, ZONE)

    assert caught.value.details == {"error": "company_id"}


def test_midnight_of_a_summer_time_zone_is_the_salons_own():
    record = {
        **payload("record.json"),
        "date": "2027-07-01 00:30:00",
        "datetime": "2027-07-01T00:30:00+01:00",
    }

    booking = parse.booking(record, "Europe/Berlin")

    assert booking.starts_at == datetime(2027, 6, 30, 22, 30, tzinfo=UTC)


def test_catalogue_of_texts_and_numbers():
    catalogue = parse.catalogue(
        [{"id": "501", "title": "Эпиляция"}],
        [{"id": "8100101", "title": "Голени", "category_id": "501"}, {"id": 2, "title": "Без категории"}],
        [{"id": 550101, "name": "Зоя", "position": []}],
    )

    assert catalogue.categories == ((501, "Эпиляция"),)
    assert [(service.id, service.category_id) for service in catalogue.services] == [
        (8100101, 501),
        (2, None),
    ]
    assert catalogue.staff == (StaffMember(550101, "Зоя"),)


# What one value may look like (yclients.md §3.7)
numbers = st.sampled_from([lambda n: n, str, lambda n: f"{n}.00", Decimal])
flags = st.sampled_from([bool, int, lambda v: str(int(v)), lambda v: str(v).lower()])
sums = st.sampled_from([lambda n: n, str, lambda n: f"{n}.00", lambda n: Decimal(f"{n}.0")])
empties = st.sampled_from([[], {}])


@st.composite
def variants(draw):
    """One booking in two spellings."""
    attendance = draw(st.sampled_from([0, 1, 2, -1]))
    deleted, online = draw(st.booleans()), draw(st.booleans())
    costs = draw(st.lists(st.integers(0, 100_000), max_size=4))
    wall = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=draw(st.integers(0, 2_000_000)))
    digits = draw(st.integers(79_000_000_000, 79_999_999_999))

    def spelled():
        number, flag, money = draw(numbers), draw(flags), draw(sums)
        zone = draw(st.sampled_from(["+0300", "+03:00"]))
        phone = draw(st.sampled_from([f"+{digits}", str(digits), digits]))
        return {
            "id": number(1),
            "company_id": number(2),
            "staff_id": number(3),
            "visit_id": number(4),
            "attendance": draw(st.sampled_from([attendance, str(attendance)])),
            "deleted": flag(deleted),
            "online": flag(online),
            "seance_length": number(1800),
            "date": f"{wall:%Y-%m-%d %H:%M:%S}",
            "datetime": f"{wall:%Y-%m-%dT%H:%M:%S}" + draw(st.sampled_from(["+05:00", "+04:00"])),
            "create_date": f"2025-01-01T10:00:00{zone}",
            "last_change_date": f"2025-01-02T10:00:00{zone}",
            "services": [
                {"id": number(n), "title": "У", "cost_to_pay": money(cost), "first_cost": money(cost)}
                for n, cost in enumerate(costs, 1)
            ],
            "client": {"id": number(5), "name": "Ольга", "phone": phone, "custom_fields": draw(empties)},
            "staff": {"id": number(3), "name": "Зоя", "position": draw(empties)},
            "custom_fields": draw(empties),
            "comment": draw(st.sampled_from([None, ""])),
        }  # fmt: skip

    return spelled(), spelled()


@given(variants())
def test_looseness_never_changes_the_booking(pair):
    one, other = pair

    assert parse.booking(one, ZONE) == parse.booking(other, ZONE)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.decimals(allow_nan=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(payload("record.json"))), json_values)
def test_any_value_of_any_field_is_a_booking_or_invalid_input(name, value):
    record = {**payload("record.json"), name: value}

    with suppress(InvalidInput):
        assert isinstance(parse.booking(record, ZONE), Booking)
