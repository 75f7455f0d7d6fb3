"""Our YCLIENTS client against the emulator: records, paging, catalogue, rights, hook addresses, troubles."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.core.errors import NeedsHuman, TryLater
from backend.core.salon import Phase
from backend.integrations import BOOKING_SOURCES
from backend.integrations.yclients import hooks, parse
from backend.integrations.yclients.client import YclientsClient
from tests.contract import our_clients
from tests.contract.our_clients import COMPANY, book

ZONE = "Asia/Yekaterinburg"


@pytest.fixture
def place():
    return our_clients.yclients()


def moment(place):
    return datetime.fromtimestamp(place.world.clock.now(), UTC)


def test_record_is_read_as_a_booking(place):
    made = book(place, services=[{"id": 90017, "cost": 4000}, {"id": 90018}], comment="первый раз")

    booking = parse.booking(place.client.record(COMPANY, made["id"]), ZONE)

    assert booking.key == f"yclients:{COMPANY}:{made['id']}"
    assert booking.starts_at == datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
    assert [(line.service_id, line.title, line.price) for line in booking.lines] == [
        (90017, "Голени", 400000),
        (90018, "Подмышки", 250000),
    ]
    assert (booking.client.name, booking.staff.name) == ("Мария Пробная", "Вера Образцова")
    assert (booking.client.phone[-10:], booking.comment) == ("9000000011", "первый раз")
    assert (booking.phase, booking.price, booking.duration_seconds) == (Phase.WAITING, 650000, 5400)
    assert abs(booking.changed_at - moment(place)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("attendance", "phase"),
    [(0, Phase.WAITING), (2, Phase.CONFIRMED), (1, Phase.ARRIVED), (-1, Phase.NO_SHOW)],
)
def test_attendance_is_the_phase(place, attendance, phase):
    made = book(place)
    place.journal.ui_attendance(COMPANY, made["id"], attendance)

    assert parse.booking(place.client.record(COMPANY, made["id"]), ZONE).phase is phase


def test_deleted_record_is_cancelled(place):
    made = book(place)
    place.journal.ui_delete(COMPANY, made["id"])

    assert parse.booking(place.client.record(COMPANY, made["id"]), ZONE).phase is Phase.CANCELLED


def test_record_that_is_not_there_is_none(place):
    assert place.client.record(COMPANY, 1) is None


def test_wrong_offset_of_the_journal_changes_nothing(place):
    place.journal.options(wrong_offset=True)
    made = book(place)

    booking = parse.booking(place.client.record(COMPANY, made["id"]), ZONE)

    assert booking.starts_at == datetime(2027, 3, 1, 9, 30, tzinfo=UTC)


def test_changes_come_page_by_page_each_once_with_deleted_ones(place):
    made = [book(place, f"2027-03-{1 + n % 28:02}", save_if_busy=True)["id"] for n in range(405)]
    place.journal.ui_delete(COMPANY, made[7])

    rows = list(place.client.records(COMPANY, moment(place) - timedelta(days=1)))

    assert sorted(int(row["id"]) for row in rows) == made
    assert sum(parse.flag(row["deleted"]) for row in rows) == 1


@pytest.mark.parametrize("meaning", ["overall", "page"])
def test_paging_does_not_depend_on_what_total_count_means(place, meaning):
    place.journal.options(total_count=meaning)
    for number in range(205):
        book(place, f"2027-03-{1 + number % 28:02}", save_if_busy=True)

    assert len(list(place.client.records(COMPANY, moment(place) - timedelta(days=1)))) == 205


def test_old_changes_are_not_read_again(place):
    book(place)
    place.world.clock.advance(7 * 86400)
    fresh = book(place, "2027-03-02")

    rows = list(place.client.records(COMPANY, moment(place) - timedelta(days=2)))

    assert [row["id"] for row in rows] == [fresh["id"]]


def test_upper_bound_freezes_the_window(place):
    old = book(place)
    place.world.clock.advance(7 * 86400)
    book(place, "2027-03-02")

    after, before = moment(place) - timedelta(days=9), moment(place) - timedelta(days=3)

    assert [row["id"] for row in place.client.records(COMPANY, after, changed_before=before)] == [old["id"]]


def test_import_reads_visits_of_the_days_without_cancelled_ones(place):
    inside, cancelled = book(place, "2027-03-01"), book(place, "2027-03-02")
    book(place, "2027-04-01")
    place.journal.ui_delete(COMPANY, cancelled["id"])

    rows = list(place.client.records_between(COMPANY, date(2027, 3, 1), date(2027, 3, 31)))

    assert [row["id"] for row in rows] == [inside["id"]]


def test_catalogue_joins_services_with_their_categories(place):
    catalogue = place.client.catalogue(COMPANY)

    assert catalogue.categories == ((501, "Эпиляция"),)
    assert [(s.id, s.title, s.category_id) for s in catalogue.services] == [
        (90017, "Голени", 501), (90018, "Подмышки", 501)]  # fmt: skip
    assert [(member.id, member.name) for member in catalogue.staff] == [(71, "Вера Образцова")]


def test_branch_tells_its_zone(place):
    facts = place.client.company(COMPANY)

    assert (facts.title, facts.timezone) == ("Тверская", ZONE)


def test_whole_rights_lack_nothing_and_cut_ones_are_named(place):
    place.journal.user("cut", restricted=True)
    cut = YclientsClient(place.http, "https://salon.example.test/api/v1", "partner", "cut")

    assert place.client.permissions(COMPANY) == ()
    assert "timetable.timetable_phones_access" in cut.permissions(COMPANY)


def test_our_address_joins_the_others_and_is_not_added_twice(place):
    place.journal.hooks_url(COMPANY, ["https://other.example.test/hook"])
    ours = "https://app.example.test/hooks/yclients/abc"

    place.client.set_hooks(COMPANY, ours)
    place.client.set_hooks(COMPANY, ours)

    assert place.client.hooks(COMPANY)["urls"] == ["https://other.example.test/hook", ours]


def test_full_list_of_addresses_needs_a_person(place):
    place.journal.hooks_url(COMPANY, [f"https://other.example.test/{n}" for n in range(10)])

    with pytest.raises(NeedsHuman) as caught:
        place.client.set_hooks(COMPANY, "https://app.example.test/hooks/yclients/abc")

    assert caught.value.code == "yclients.hooks_full"


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("429", TryLater, "yclients.too_many_requests"),
        ("500", TryLater, "yclients.failing"),
        ("timeout", TryLater, "yclients.unreachable"),
        ("success_false", TryLater, "yclients.failing"),
        ("401", NeedsHuman, "yclients.unauthorized"),
    ],
)
def test_trouble_is_named_by_what_to_do_next(place, kind, error, code):
    made = book(place)
    place.journal.faults(kind, next=1)

    with pytest.raises(error) as caught:
        place.client.record(COMPANY, made["id"])

    assert caught.value.code == code
    assert place.client.record(COMPANY, made["id"]) is not None


def test_changed_password_stops_one_branch_and_tells_no_secret(place):
    place.journal.change_password("user", "new")

    with pytest.raises(NeedsHuman) as caught:
        place.client.catalogue(COMPANY)

    assert (caught.value.code, caught.value.scope.kind, caught.value.scope.key) == (
        "yclients.unauthorized", "branch", str(COMPANY))  # fmt: skip
    assert "Bearer" not in str(caught.value)


def test_expired_licence_needs_a_person():
    place = our_clients.yclients(license_ok=False)

    with pytest.raises(NeedsHuman) as caught:
        place.client.catalogue(COMPANY)

    assert caught.value.scope.key == str(COMPANY)


@pytest.mark.parametrize("array", [0, 1])
def test_hooks_of_the_emulator_bring_the_booking(place, array):
    bodies = []
    place.world.sender.post = lambda _url, body, _headers, _timeout: bodies.append(body) or 200
    place.journal.hooks(array=array)
    place.journal.hooks_url(COMPANY, ["https://app.example.test/hooks/yclients/abc"])
    made = book(place)
    place.journal.hooks_flush()

    records = [e for body in bodies for e in hooks.read(body) if e.kind == "yclients.record"]

    assert {envelope.subject for envelope in records} == {f"yclients:{COMPANY}:{made['id']}"}
    asked = parse.booking(place.client.record(COMPANY, made["id"]), ZONE)
    assert parse.booking(hooks.record_of(records[0].body), ZONE) == asked


def test_source_is_listed_with_all_its_parts(place):
    source = BOOKING_SOURCES["yclients"]
    made = book(place)

    journal = source.open(place.http, "https://salon.example.test/api/v1", "partner", "user")
    booking = source.parse(journal.record(COMPANY, made["id"]), ZONE)
    hook = {
        "company_id": COMPANY,
        "resource": "record",
        "resource_id": made["id"],
        "status": "update",
        "data": made,
    }
    [envelope] = source.read_hook(json.dumps(hook).encode())

    assert booking.key == envelope.subject
    assert source.told(COMPANY, made).subject == envelope.subject
