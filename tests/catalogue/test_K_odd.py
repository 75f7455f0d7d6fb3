"""K3, K6, S6. The next visit's lead when marks go to and fro, when a visit is two bookings, and when the
database fails between a decision and what it causes.
"""

import pytest

from backend.store import db
from tests.catalogue.test_K_next_visit import (
    CAME,
    LOST,
    MISSED,
    WON,
    automation,
    come,
    configure,
    next_of,
    visit,
    won,
)
from tests.support.stand import CLEANING, COSMETOLOGY, DOMAIN, INNA, LASER_ARMPITS, LASER_LEGS
from tests.support.wishes import wish


def opened(stand):
    return [lead for lead in stand.leads() if lead["status_id"] not in (WON, LOST)]


@pytest.fixture
def failing():
    """From the call on, the database takes no event about the booking that a decision causes; the answer
    mends it.
    """

    def fail(record):
        ours = f"new.source = 'decision' AND new.subject LIKE 'yclients:%:{record['id']}'"
        refuses = "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
        db.run(f"CREATE TRIGGER failing BEFORE INSERT ON inbound_events WHEN {ours} {refuses}")
        return lambda: db.run("DROP TRIGGER failing")

    return fail


def test_K6_success_taken_back_and_given_again_leaves_one_next_lead(stand):
    configure(stand)
    automation(stand)
    record = visit(stand)
    come(stand, record)
    assert len(opened(stand)) == 1

    stand.mark(record, MISSED)
    stand.settle()
    come(stand, record)

    assert stand.lead_of(record)["status_id"] == WON
    assert len(opened(stand)) == 1


def test_S6_so_does_a_next_lead_of_ours(stand):
    configure(stand, next_lead="ours")
    record = visit(stand)
    come(stand, record)
    assert len(opened(stand)) == 1

    stand.mark(record, MISSED)
    stand.settle()
    come(stand, record)

    assert stand.lead_of(record)["status_id"] == WON
    assert len(opened(stand)) == 1


def test_S6_two_bookings_of_one_visit_get_one_next_lead(stand):
    configure(stand, next_lead="ours")
    first = stand.book(LASER_ARMPITS, at="-1")
    second = stand.book(LASER_LEGS, staff=INNA, at="-1", visit_id=first["visit_id"])
    stand.settle()

    stand.mark(first, CAME)
    stand.mark(second, CAME)
    stand.settle()

    assert [stand.lead_of(record)["status_id"] for record in (first, second)] == [WON, WON]
    assert len(opened(stand)) == 1


def test_K3_booking_that_is_to_move_is_not_forgotten_when_the_database_fails(stand, failing):
    configure(stand, already_booked="move")
    automation(stand)
    first = visit(stand)
    second = stand.book(LASER_ARMPITS, at="+5")
    stand.settle()

    mend = failing(second)
    stand.mark(first, CAME)
    stand.settle()
    mend()
    stand.settle(1200)

    assert stand.lead_of(second)["id"] == max(lead["id"] for lead in stand.leads())
    assert [lead["id"] for lead in opened(stand)] == [stand.lead_of(second)["id"]]


def test_mode_M2_second_direction_is_not_forgotten_when_the_database_fails(stand, failing):
    wish(stand, {"multi_category": "split"})

    mend = failing(stand.book(LASER_ARMPITS, CLEANING))
    stand.settle()
    mend()
    stand.settle(1200)

    assert sorted(lead["price"] for lead in stand.leads()) == [2500, 4000]
    assert COSMETOLOGY in {lead["pipeline_id"] for lead in stand.leads()}


@pytest.mark.parametrize("fault", ["504", "reset_after_commit"])
def test_K1_filling_that_got_no_answer_is_done_all_the_same(stand, fault):
    configure(stand)
    automation(stand, delay=300)
    first = visit(stand)
    won(stand, first)
    stand.world.amocrm.faults(fault, domain=DOMAIN, next=1, match="PATCH /api/v4/leads")

    stand.settle()
    stand.settle()

    (successor,) = next_of(stand, first)
    assert stand.value(successor, "MOSTIK_SALON") == ["Тверская"]
    second = stand.book(LASER_ARMPITS)
    stand.settle()
    assert stand.lead_of(second)["id"] == successor["id"]


def test_K1_success_of_a_second_direction_counts_although_people_closed_the_main_lead(stand):
    configure(stand, multi_category="split")
    automation(stand, pipeline=COSMETOLOGY)
    record = visit(stand, LASER_ARMPITS, CLEANING)
    (second,) = next_of(stand, record)
    stand.move(stand.lead_of(record), LOST)
    stand.settle()

    come(stand, record)

    (successor,) = [lead for lead in next_of(stand, record) if lead["id"] > second["id"]]
    assert successor["pipeline_id"] == COSMETOLOGY
    assert stand.value(successor, "MOSTIK_SALON") == ["Тверская"]
