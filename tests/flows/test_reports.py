"""Whatever the rules made of a booking's money, the report finds it in the leads or says where it went."""

from datetime import date, timedelta

import pytest

from backend.core.reports.period import Period
from backend.flows.reports import reports
from backend.store import db
from tests.support.stand import CLEANING, EPILATION, INNA, LASER_ARMPITS, LASER_LEGS, TVERSKAYA, VERA
from tests.support.wishes import wish

DAY = 86_400
BOTH = (LASER_ARMPITS, CLEANING)


@pytest.fixture
def agreement(stand):
    """The report of everything around today."""

    def ask():
        today = stand.now().date()
        days = Period(today - timedelta(days=40), today + timedelta(days=40))
        return reports.agreement(reports.asked(stand.account.id, days, None, None))

    return ask


def causes(found):
    return {str(cause): money for cause, (_, money) in found.causes.items()}


def test_leads_of_several_directions_carry_a_booking_together(stand, agreement):
    wish(stand, {"multi_category": "split"})
    stand.book(*BOTH)
    stand.settle()

    found = agreement()

    assert sorted(lead["price"] for lead in stand.leads()) == [2500, 4000]
    assert (found.total.record, found.total.leads, causes(found)) == (650000, 650000, {})


def test_a_satellite_that_was_there_before_carries_its_part(stand, agreement):
    wish(stand, {"multi_category": "hybrid"})
    stand.open_lead(EPILATION, 8100)
    stand.work()
    stand.open_lead(8002, 8200, client=stand.contacts()[0]["id"])
    stand.work()
    stand.book(*BOTH)
    stand.settle()

    found = agreement()

    assert sorted(lead["price"] for lead in stand.leads()) == [2500, 4000]
    assert (found.total.difference, causes(found)) == (0, {})


def test_one_lead_of_a_visit_explains_both_bookings(stand, agreement):
    wish(stand, {"group_by_visit": True})
    at = stand.wall("+2")
    first = stand.book(LASER_ARMPITS, staff=VERA, at=at)
    stand.book(LASER_LEGS, staff=INNA, at=at, visit_id=first["visit_id"])
    stand.settle()

    found = agreement()

    assert [lead["price"] for lead in stand.leads()] == [7000]
    assert (found.total.record, found.total.leads) == (700000, 700000)
    assert causes(found) == {"one_visit": 900000}


def test_an_abonement_that_counts_for_nothing_is_a_rule(stand, agreement):
    wish(stand, options={"money": {"abonement": "zero"}})
    record = stand.book(LASER_ARMPITS, LASER_LEGS)
    stand.settle()
    stand.world.yclients.ui_withdraw(TVERSKAYA, record["id"], "abonement", 2500)
    stand.mark(record, 1)
    stand.settle()

    found = agreement()

    assert stand.lead_of(record)["price"] == 4500
    assert causes(found) == {"by_rules": 250000}


def test_a_price_changed_too_late_is_a_closed_lead(stand, agreement):
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    stand.pass_time(2 * DAY)
    stand.mark(record, 1)
    stand.settle()
    stand.pass_time(9 * DAY)
    stand.edit(record, services=[{"id": LASER_ARMPITS, "cost": 2000}])
    stand.settle()

    assert causes(agreement()) == {"closed": 50000}


def test_a_lead_that_people_deleted_carries_nothing(stand, agreement):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.ui_delete("lotos.amocrm.ru", user_id=7000001, lead_id=stand.lead_of(record)["id"])
    stand.settle()

    assert causes(agreement()) == {"lead_gone": 250000}


def test_a_moved_booking_is_counted_on_its_new_day_once(stand, agreement):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.edit(record, datetime=stand.wall("+9"))
    stand.settle()

    found = agreement()

    assert [(day.date, day.bookings) for day in found.days] == [
        (date.fromisoformat(stand.wall("+9")[:10]), 1)
    ]


def test_figures_are_there_before_their_event_is_closed(stand, agreement, monkeypatch):
    """Cut off in between, the event comes again: nothing is counted twice."""
    record = stand.book(LASER_ARMPITS)
    with monkeypatch.context() as cut:
        cut.setattr("backend.store.settlement.finish", lambda *_: 1 / 0)
        stand.settle()
    stand.pass_time(DAY / 2)
    stand.settle()

    found = agreement()

    assert stand.lead_of(record)["price"] == 2500
    assert (found.total.bookings, found.total.difference) == (1, 0)
    assert db.rows("SELECT count(*) FROM booking_figures") == [(1,)]
