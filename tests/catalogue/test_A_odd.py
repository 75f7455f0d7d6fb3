"""A9, A18, A20. Leads of missed visits that are not to be continued, and schedules dragged about."""

import pytest

from tests.support.stand import LASER_ARMPITS, OLGA
from tests.support.wishes import wish

BOOKED, TO_BE_MOVED = 8101, 8105
MOTHER_AND_SON = "+79990000001"


@pytest.fixture
def nearest(stand):
    wish(stand, {"repeating": "nearest"})
    return stand


def missed(stand, **more):
    record = stand.book(LASER_ARMPITS, at="-1", **more)
    stand.settle()
    stand.mark(record, -1)
    stand.settle()
    return record


def test_A9_lead_of_a_missed_visit_with_the_tag_is_not_continued(stand):
    record = missed(stand)
    stand.edit_lead(stand.lead_of(record), tags=["не привязывать"])
    stand.work()

    following = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == TO_BE_MOVED
    assert stand.lead_of(following)["id"] != stand.lead_of(record)["id"]


def test_A9_neither_closed_nor_moved_when_it_is_not_to_be_moved(stand):
    wish(stand, {"after_no_show": "strict"})
    record = missed(stand)
    stand.edit_lead(stand.lead_of(record), user=OLGA, tags=["не двигать"])
    stand.work()

    following = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == TO_BE_MOVED
    assert stand.lead_of(following)["status_id"] == BOOKED


def test_A6_missed_visit_of_the_mother_stays_hers_when_the_son_is_booked(stand):
    wish(stand, {"match_by_name": True})
    record = missed(stand, client=("Мария", MOTHER_AND_SON))

    following = stand.book(LASER_ARMPITS, comer={"id": 5, "title": "Николай"})
    stand.settle()

    assert stand.lead_of(record)["status_id"] == TO_BE_MOVED
    assert stand.lead_of(following)["id"] != stand.lead_of(record)["id"]


def test_A3_names_of_leads_by_a_template_do_not_hide_the_same_person(stand):
    wish(stand, {"match_by_name": True}, texts={"lead_name": "{client} · {direction} · {date}"})
    record = missed(stand)
    lead = stand.lead_of(record)

    following = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(following)["id"] == lead["id"]
    assert len(stand.leads()) == 1


def test_A18_booking_dragged_behind_the_others_makes_the_next_one_the_nearest(nearest):
    first, second, third = (nearest.book(LASER_ARMPITS, at=f"+{day}") for day in (2, 9, 16))
    nearest.settle()
    assert nearest.leads_of(second) == []

    nearest.edit(first, datetime=nearest.wall("+30"))
    nearest.settle()

    assert nearest.lead_of(second)["status_id"] == BOOKED
    assert nearest.leads_of(third) == []


def test_E9_leads_that_name_nobody_are_anybodys_of_that_phone(stand):
    wish(stand, {"match_by_name": True}, texts={"lead_name": "{direction} · {date}"})
    missed = stand.book(LASER_ARMPITS, at="-1")
    stand.settle()
    stand.mark(missed, -1)
    stand.settle()

    again = stand.book(LASER_ARMPITS)
    stand.settle()

    (lead,) = stand.leads()
    assert stand.lead_of(again)["id"] == lead["id"]
