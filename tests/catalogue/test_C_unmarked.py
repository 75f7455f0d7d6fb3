"""C12: a visit that nobody has marked moves nothing in amoCRM; it stands in the list of what to mark."""

import re
from datetime import datetime, timedelta

import pytest

from backend.store import operators
from tests.support.stand import (
    DOMAIN,
    INNA,
    LASER_ARMPITS,
    MOSCOW,
    URAL,
    URAL_LASER,
    URAL_MASTER,
    WAITING_LIST,
)

PASSWORD = "a long enough password"
BOOKED, WON = 8101, 142
HOUR = 3600
CAME, WAITING = 1, 0


@pytest.fixture
def digest(stand):
    """Numbers of the bookings in the list «Не отмечены» of these days, as an owner sees it."""
    operators.add("irina", PASSWORD, "owner", stand.now())
    browser = stand.app.test_client()
    token = browser.get("/admin/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    browser.post("/admin/sign-in", data={"csrf": token, "login": "irina", "password": PASSWORD})

    def listed(**days):
        page = browser.get(f"/admin/accounts/{DOMAIN}/reports/unmarked", query_string=days)
        return re.findall(r"Запись № (\d+)", page.text)

    return listed


@pytest.fixture
def today(stand):
    """A booking of this morning whose lead is in «Записан», one hour long."""
    record = stand.book(LASER_ARMPITS, at=f"{stand.today()} 14:30:00", seance_length=HOUR)
    stand.settle()
    return record


def days_of(record):
    day = record["date"][:10]
    return {"since": day, "until": day}


def pass_until(stand, record, hours):
    """To so many hours after the visit's end."""
    begins = datetime.fromisoformat(record["date"]).replace(tzinfo=MOSCOW)
    ends = begins + timedelta(hours=1 + hours)
    stand.pass_time((ends - stand.now()).total_seconds())


def test_C12_unmarked_visit_keeps_its_stage_and_is_listed_after_three_hours(stand, today, digest):
    pass_until(stand, today, 2.9)
    early = digest(**days_of(today))

    pass_until(stand, today, 3.1)

    assert early == []
    assert digest(**days_of(today)) == [str(today["id"])]
    assert stand.lead_of(today)["status_id"] == BOOKED


def test_C12_marked_visit_leaves_the_list(stand, today, digest):
    pass_until(stand, today, 4)
    before = digest(**days_of(today))
    stand.mark(today, CAME)

    stand.settle()

    assert before == [str(today["id"])]
    assert digest(**days_of(today)) == []
    assert stand.lead_of(today)["status_id"] == WON


def test_C12_mark_taken_back_brings_it_to_the_list_again(stand, today, digest):
    stand.mark(today, CAME)
    stand.settle()
    stand.mark(today, WAITING)
    stand.settle()

    pass_until(stand, today, 4)

    assert digest(**days_of(today)) == [str(today["id"])]


def test_C12_deleted_visit_is_not_waited_for(stand, today, digest):
    stand.delete(today)
    stand.settle()

    pass_until(stand, today, 4)

    assert digest(**days_of(today)) == []


def test_C12_moved_visit_is_listed_on_its_new_day(stand, today, digest):
    later = stand.wall("+1")
    stand.edit(today, datetime=later)
    stand.settle()
    stand.pass_time(2 * 86400)

    assert digest(**days_of(today)) == []
    assert digest(since=later[:10], until=later[:10]) == [str(today["id"])]


def test_C12_list_of_yesterday_is_what_opens_by_itself(stand, today, digest):
    ural = stand.book(
        URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Дарья", "+79990000003"),
        at=f"{stand.today()} 14:30:00",
    )  # fmt: skip
    stand.book(LASER_ARMPITS, staff=INNA, client=("Елена", "+79990000002"), at="+1")
    stand.settle()

    stand.pass_time(86400)

    assert sorted(digest()) == sorted([str(today["id"]), str(ural["id"])])


def test_C12_time_kept_free_and_the_waiting_list_are_no_visits(stand, digest):
    """A12, A13: nobody comes, so nobody is to be marked."""
    today = f"{stand.today()} 14:30:00"
    stand.book(LASER_ARMPITS, client=None, at=today)
    stand.book(LASER_ARMPITS, staff=WAITING_LIST, at=today)
    stand.settle()

    stand.pass_time(86400)

    assert digest() == []
    assert stand.leads() == []
