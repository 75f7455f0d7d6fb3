"""Our writes into the salon's journal and what a person chooses from, against the emulator."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.integrations.yclients import slots
from backend.integrations.yclients.slots import Master, Offer
from backend.integrations.yclients.writes import NewBooking, Visitor, YclientsDesk
from tests.contract import our_clients
from tests.contract.our_clients import COMPANY, book

VERA, INNA = 71, 72
AT = datetime(2027, 3, 1, 14, 30)  # noqa: DTZ001 - the salon's wall clock
MARIA = Visitor(0, "Мария", "+79000000011")
STAFF = [{"id": VERA, "name": "Вера Образцова"}, {"id": INNA, "name": "Инна Пробная"}]


@pytest.fixture
def place():
    found = our_clients.yclients(staff=STAFF)
    found.desk = YclientsDesk(found.http, "https://salon.example.test/api/v1", "partner", "user")
    return found


def wish(place, *service_ids, **changes):
    offers = {offer.id: offer for offer in place.desk.offers(COMPANY)}
    chosen = tuple(offers[one] for one in service_ids or (90017,))
    given = {
        "staff_id": VERA,
        "offers": chosen,
        "visitor": MARIA,
        "at": AT,
        "comment": "",
        "api_id": "mostik-1",
    }
    return NewBooking(**{**given, **changes})


def kept(place, record):
    return next(one for one in place.journal.state()["records"] if one["id"] == record["id"])


# What there is to choose


def test_the_price_list(place):
    legs, armpits = place.desk.offers(COMPANY)

    assert (legs.id, legs.title, legs.category_id, legs.price) == (90017, "Голени", 501, 450000)
    assert (legs.lasts(VERA), armpits.lasts(VERA)) == (3600, 1800)
    assert legs.is_done_by(VERA)
    assert not legs.is_done_by(99)


def test_a_group_service_is_not_offered_to_one_person(place):
    group = {"id": 90019, "category_id": 501, "title": "Мастер-класс", "price": 1500, "is_multi": True}
    place.journal.company(COMPANY, services=[group])

    assert place.desk.offers(COMPANY) == ()


def test_masters_who_left_are_not_offered(place):
    place.journal.company(
        COMPANY,
        staff=[*STAFF, {"id": 73, "name": "Ушла", "fired": 1}, {"id": 74, "name": "Удалена", "status": 1}],
    )

    assert place.desk.masters(COMPANY) == (Master(VERA, "Вера Образцова"), Master(INNA, "Инна Пробная"))


def test_the_timetable_tells_hours_and_what_is_taken(place):
    book(place)
    book(place, staff_id=INNA)

    first, second = place.desk.timetable(COMPANY, VERA, date(2027, 3, 1), date(2027, 3, 2))

    assert (first.day, first.hours, first.taken) == (date(2027, 3, 1), ((540, 1260),), ((870, 930),))
    assert (second.day, second.taken) == (date(2027, 3, 2), ())


@pytest.mark.parametrize(
    ("value", "minutes"), [("10:30", 630), ("10:30:00", 630), ("2027-03-01T10:30:00", 630), ("00:00", 1440)]
)
def test_hours_are_read_in_every_form(value, minutes):
    row = {"date": "2027-03-01", "slots": [{"from": "09:00", "to": value}]}

    assert slots.timetable([row])[0].hours == ((540, minutes),)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"date": "?"},
        {"date": "2027-03-01", "slots": [{}]},
        {"date": "2027-03-01", "slots": [{"from": 9}]},
    ],
)
def test_a_day_that_cannot_be_read_is_not_offered(row):
    assert slots.timetable([row]) == ()


@pytest.mark.parametrize("row", [{}, {"id": "x"}, {"id": 1, "price_min": "дорого"}])
def test_a_price_list_that_cannot_be_read_is_told(row):
    with pytest.raises(InvalidInput, match="catalogue_malformed"):
        slots.offers([row])


@pytest.mark.parametrize("row", [{}, {"id": "x"}])
def test_masters_that_cannot_be_read_are_told(row):
    with pytest.raises(InvalidInput, match="catalogue_malformed"):
        slots.masters([row])


def test_a_service_without_masters_or_length_is_everybodys_hour():
    (offer,) = slots.offers([{"id": "7", "title": "Консультация", "staff": []}])

    assert offer == Offer(7, "Консультация", 0, 0, 3600)
    assert offer.is_done_by(VERA)
    assert offer.lasts(VERA) == 3600


# Client cards


def test_a_client_is_found_by_the_whole_phone(place):
    made = book(place, client={"name": "Мария", "phone": "79000000011"})
    book(place, day="2027-03-02", client={"name": "Другая", "phone": "790000000112"})

    found = place.desk.visitor(COMPANY, "+79000000011")

    assert (found.id, found.name) == (made["client"]["id"], "Мария")
    assert place.desk.visitor(COMPANY, "+79000000099") is None


def test_a_new_client_and_one_who_is_there_already(place):
    made = place.desk.new_visitor(COMPANY, "Нина", "+79000000022")

    assert place.desk.visitor(COMPANY, "+79000000022") == made
    with pytest.raises(InvalidInput, match=r"yclients\.refused"):
        place.desk.new_visitor(COMPANY, "Нина", "+79000000022")


# Bookings


def test_a_booking_is_made_whole(place):
    record = place.desk.book(COMPANY, wish(place, 90017, 90018, comment="У окна"))

    stored = kept(place, record)
    assert (stored["date"], stored["staff_id"], stored["seance_length"]) == (
        "2027-03-01 14:30:00",
        VERA,
        5400,
    )
    assert [(line["id"], line["cost"]) for line in stored["services"]] == [(90017, 4500), (90018, 2500)]
    assert (stored["comment"], stored["api_id"], stored["client"]["name"]) == ("У окна", "mostik-1", "Мария")


def test_a_taken_time_is_told_apart(place):
    book(place)

    with pytest.raises(InvalidInput) as refused:
        place.desk.book(COMPANY, wish(place))

    assert refused.value.code == "booking.slot_taken"
    assert len(place.journal.state()["records"]) == 1


def test_a_booking_is_found_by_its_mark(place):
    record = place.desk.book(COMPANY, wish(place))
    place.journal.ui_move(COMPANY, record["id"], "2027-03-05 10:00:00")
    place.journal.ui_delete(COMPANY, record["id"])
    since = datetime.fromtimestamp(place.world.clock.now(), UTC) - timedelta(days=1)

    assert place.desk.booked(COMPANY, "mostik-1", AT.date()) is None
    assert place.desk.booked(COMPANY, "mostik-1", date(2027, 3, 5))["id"] == record["id"]
    assert place.desk.booked_since(COMPANY, "mostik-1", since)["id"] == record["id"]
    assert place.desk.booked_since(COMPANY, "mostik-2", since) is None


@pytest.mark.parametrize("switches", [{"put": "strict"}, {"put_omitted": "reset"}, {}])
def test_a_move_loses_nothing(place, switches):
    place.journal.options(**switches)
    made = book(
        place, comment="первый раз", record_labels=[{"id": 7, "title": "VIP"}], attendance=2, api_id="x-1",
        services=[{"id": 90017, "first_cost": 4500, "discount": 10, "cost": 4050}],
        custom_fields={"source": "чат"},
    )  # fmt: skip
    record = place.desk.record(COMPANY, made["id"])

    place.desk.move(COMPANY, record, INNA, datetime(2027, 3, 2, 10, 0), resets=False)  # noqa: DTZ001

    now = kept(place, made)
    assert (now["date"], now["staff_id"], now["attendance"]) == ("2027-03-02 10:00:00", INNA, 2)
    for name in ("comment", "services", "seance_length", "custom_fields", "api_id"):
        assert now[name] == made[name], name
    assert now["client"]["id"] == made["client"]["id"]
    assert [label["id"] for label in now["record_labels"]] == ["7"]


def test_a_missed_visit_that_is_moved_is_awaited_again(place):
    made = book(place, attendance=-1)

    record = place.desk.record(COMPANY, made["id"])
    place.desk.move(COMPANY, record, VERA, datetime(2027, 3, 2, 10, 0), resets=True)  # noqa: DTZ001

    assert kept(place, made)["attendance"] == 0


def test_a_move_by_a_quarter_of_an_hour_is_not_in_its_own_way(place):
    made = book(place)

    record = place.desk.record(COMPANY, made["id"])
    place.desk.move(COMPANY, record, VERA, AT + timedelta(minutes=15), resets=False)

    assert kept(place, made)["date"] == "2027-03-01 14:45:00"


def test_attendance_goes_through_the_visit_and_keeps_the_comment(place):
    made = book(place, comment="У окна")

    place.desk.attend(COMPANY, place.desk.record(COMPANY, made["id"]), 1)

    assert (kept(place, made)["attendance"], kept(place, made)["comment"]) == (1, "У окна")


def test_of_a_visit_at_two_masters_one_is_marked(place):
    first = book(place, comment="У окна")
    second = book(place, staff_id=INNA, visit_id=first["visit_id"])

    place.desk.attend(COMPANY, place.desk.record(COMPANY, first["id"]), 1)

    assert (kept(place, first)["attendance"], kept(place, second)["attendance"]) == (1, 0)
    assert (kept(place, first)["comment"], kept(place, first)["date"]) == ("У окна", first["date"])
    assert kept(place, first)["services"] == first["services"]


def test_a_booking_is_cancelled_and_stays_readable(place):
    made = book(place)

    place.desk.cancel(COMPANY, made["id"])

    assert kept(place, made)["deleted"]
    with pytest.raises(InvalidInput, match=r"yclients\.not_found"):
        place.desk.cancel(COMPANY, made["id"])


# Refusals


def test_a_missing_right_is_told_and_named(place):
    place.journal.user("user", denied=["create_records_access"])

    with pytest.raises(NeedsHuman, match=r"yclients\.no_right"):
        place.desk.book(COMPANY, wish(place))

    asked = ("create_records_access", "delete_records_access")
    assert place.desk.refused_rights(COMPANY, asked) == ("create_records_access",)


def test_an_expired_licence_is_told(place):
    place.journal.company(COMPANY, license_ok=False)

    with pytest.raises(NeedsHuman, match=r"yclients\.unpaid"):
        place.desk.visitor(COMPANY, "+79000000011")


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("500", TryLater, "yclients.failing"),
        ("reset_after_commit", TryLater, "yclients.unreachable"),
        ("429", TryLater, "yclients.too_many_requests"),
        ("401", NeedsHuman, "yclients.unauthorized"),
        ("success_false", TryLater, "yclients.failing"),
    ],
)
def test_troubles_of_a_write(place, kind, error, code):
    booking = wish(place)
    place.journal.faults(kind, match="POST /api/v1/records", next=1)

    with pytest.raises(error, match=code):
        place.desk.book(COMPANY, booking)


def test_an_unknown_master_is_told_in_the_journals_words(place):
    with pytest.raises(InvalidInput) as refused:
        place.desk.book(COMPANY, wish(place, staff_id=99))

    assert refused.value.code == "yclients.not_found"
    assert "99" in refused.value.details["message"]
