"""C. Statuses: attendance in the salon moves the lead's stage."""

import pytest

from tests.support.stand import LASER_ARMPITS

BOOKED, CONFIRMED, TO_BE_MOVED, WON = 8101, 8102, 8105, 142
WAITING, CAME, CONFIRMED_VISIT, MISSED = 0, 1, 2, -1


@pytest.fixture
def booked(stand):
    """A booking whose lead is in «Записан»."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


@pytest.fixture
def confirmed(stand, booked):
    """A booking whose client has confirmed."""
    stand.mark(booked, CONFIRMED_VISIT)
    stand.settle()
    return booked


def test_C1_confirmed_visit_moves_the_lead(stand, booked):
    stand.mark(booked, CONFIRMED_VISIT)

    stand.settle()

    assert stand.lead_of(booked)["status_id"] == CONFIRMED
    assert stand.value(stand.lead_of(booked), "MOSTIK_STATUS") == ["Подтвердил"]
    assert stand.reason(booked) == "moved"


def test_C2_arrived_client_wins_the_lead(stand, confirmed):
    stand.mark(confirmed, CAME)

    stand.settle()

    lead = stand.lead_of(confirmed)
    assert lead["status_id"] == WON
    assert lead["price"] == 2500
    assert stand.value(lead, "MOSTIK_STATUS") == ["Пришёл"]
    assert len(stand.leads()) == 1


def test_C2_lead_is_not_won_before_the_misclick_could_be_corrected(stand, confirmed):
    stand.mark(confirmed, CAME)
    stand.work()

    stand.pass_time(60)

    assert stand.lead_of(confirmed)["status_id"] == CONFIRMED


def test_C3_missed_visit_moves_the_lead_to_be_moved(stand, booked):
    stand.mark(booked, MISSED)

    stand.settle()

    lead = stand.lead_of(booked)
    assert lead["status_id"] == TO_BE_MOVED
    assert stand.value(lead, "MOSTIK_STATUS") == ["Не пришёл"]
    assert stand.reason(booked) == "moved"


def test_C3_missed_visit_counts_as_a_no_show_of_the_client(stand, booked):
    before = stand.value(stand.lead_of(booked), "MOSTIK_NO_SHOWS")
    stand.mark(booked, MISSED)

    stand.settle()

    assert (before, stand.value(stand.lead_of(booked), "MOSTIK_NO_SHOWS")) == (["0"], ["1"])


def test_C3_missed_visit_waits_longer_than_a_correction_takes(stand, booked):
    stand.mark(booked, MISSED)
    stand.work()
    stand.pass_time(200)
    stand.mark(booked, WAITING)

    stand.settle()

    moves = [row for row in stand.world.amocrm.journal() if row["method"] == "PATCH"]
    assert stand.lead_of(booked)["status_id"] == BOOKED
    assert moves == []


def test_C8_client_who_came_after_all_wins_the_lead(stand, booked):
    stand.mark(booked, MISSED)
    stand.settle()
    stand.mark(booked, CAME)

    stand.settle()

    assert stand.lead_of(booked)["status_id"] == WON
    assert len(stand.leads()) == 1
