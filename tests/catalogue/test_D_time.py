"""D. Time, moves and deletion."""

from datetime import UTC, datetime

import pytest

from tests.support.stand import LASER_ARMPITS

BOOKED, LOST = 8101, 143
CANCELLED = 501  # the loss reason of the configuration


@pytest.fixture
def booked(stand):
    """A booking whose lead is in «Записан»."""
    record = stand.book(LASER_ARMPITS, at="2030-03-10 14:30:00")
    stand.settle()
    return record


def test_D1_moved_booking_changes_the_date_and_leaves_the_stage(stand, booked):
    stand.edit(booked, datetime="2030-03-12 16:00:00")

    stand.settle()

    lead = stand.lead_of(booked)
    (visit_at,) = stand.value(lead, "MOSTIK_VISIT_AT")
    assert datetime.fromtimestamp(visit_at, UTC) == datetime(2030, 3, 12, 13, 0, tzinfo=UTC)
    assert lead["status_id"] == BOOKED
    assert len(stand.leads()) == 1


def test_D1_move_is_told_in_a_note(stand, booked):
    stand.edit(booked, datetime="2030-03-12 16:00:00")

    stand.settle()

    assert stand.notes(stand.lead_of(booked))[1:] == [
        "Перенос записи: с 10.03.2030 14:30 на 12.03.2030 16:00"
    ]


def test_D4_deleted_booking_loses_the_lead_with_its_reason(stand, booked):
    stand.delete(booked)

    stand.settle()

    lead = stand.lead_of(booked)
    assert (lead["status_id"], lead["loss_reason_id"]) == (LOST, CANCELLED)
    assert lead["price"] == 2500
    assert stand.value(lead, "MOSTIK_STATUS") == ["Запись отменена"]
    assert stand.reason(booked) == "moved"


def test_D4_deletion_waits_a_minute(stand, booked):
    stand.delete(booked)
    stand.work()

    stand.pass_time(50)

    assert stand.lead_of(booked)["status_id"] == BOOKED


def test_D9_booking_created_and_deleted_at_once_leaves_no_trace(stand):
    record = stand.book(LASER_ARMPITS)
    stand.work()
    stand.pass_time(10)
    stand.delete(record)

    stand.settle()

    assert stand.leads() == []
    assert stand.contacts() == []
    assert stand.reason(record) == "cancelled_early"


def test_D10_lost_deletion_is_found_by_asking(stand, booked):
    stand.world.yclients.hooks(loss=1.0)
    stand.delete(booked)
    stand.settle()

    found = stand.reconcile()
    stand.settle()

    lead = stand.lead_of(booked)
    assert found == 1
    assert (lead["status_id"], lead["loss_reason_id"]) == (LOST, CANCELLED)


def test_D11_booking_that_vanished_from_the_lists_is_not_deleted(stand, booked):
    stand.world.yclients.options(rights_cut=True)

    found = stand.reconcile()
    stand.settle()

    assert found == 0
    assert stand.lead_of(booked)["status_id"] == BOOKED
    assert stand.value(stand.lead_of(booked), "MOSTIK_STATUS") == ["Ожидаем"]


def test_D11_lists_that_became_empty_raise_an_alarm_about_rights(stand, booked, alarm_codes):
    stand.world.yclients.options(rights_cut=True)

    stand.reconcile()

    assert alarm_codes() == ["yclients.rights_cut"]


def test_D11_alarm_ends_and_nothing_is_lost_when_the_rights_come_back(stand, booked, alarm_codes):
    stand.world.yclients.options(rights_cut=True)
    stand.world.yclients.hooks(loss=1.0)
    stand.mark(booked, 2)
    stand.reconcile()
    stand.world.clock.advance(3 * 86400)
    stand.reconcile()
    stand.world.yclients.options(rights_cut=False)

    stand.reconcile()
    stand.settle()

    assert stand.lead_of(booked)["status_id"] == 8102
    assert alarm_codes() == []
