"""The nightly comparison with the journals, the weekly one with the leads, and when they go on."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.watch.drift import Kind, Look
from backend.flows.vendors import pace
from backend.flows.works import long_work, night_round, night_steps
from backend.store import db, drifts, lanes, long_works
from tests.support.stand import DOMAIN, LASER_ARMPITS, LASER_LEGS, OLGA, TVERSKAYA

BOOKED, CONFIRMED, LOST = 8101, 8102, 143
SVETLANA = ("Светлана", "+79990000009")
JOURNALS, LINKS = night_steps.JOURNALS, night_steps.LINKS


@pytest.fixture
def booked(stand):
    """A booking whose lead is in «Записан»."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


@pytest.fixture
def look(stand):
    """The look of this kind, to its end."""

    def whole(kind=JOURNALS):
        long_work.start(stand.ctx, stand.account.id, kind, night_steps.wished(stand.now()), "irina")
        long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
        stand.work()
        return [(row.kind, row.outcome) for row in reversed(drifts.page(stand.account.id))]

    return whole


def counts(stand, kind=Look.NIGHT):
    """Looked at, repaired, left over: of the newest look of each salon."""
    found = [row for row in drifts.looks(stand.account.id) if row.kind == kind.value]
    return [
        sum(values)
        for values in zip(*((row.looked, row.repaired, row.left_over) for row in found), strict=True)
    ]


def test_quiet_night_finds_nothing(stand, booked, look):
    found = look()

    assert found == []
    assert counts(stand) == [1, 0, 0]
    assert all(row.ended_at for row in drifts.looks(stand.account.id))
    assert len(stand.events(booked)) == 1


def test_change_that_nobody_told_of_is_read_and_stands_in_the_report(stand, booked, look):
    stand.world.yclients.hooks(loss=1.0)
    stand.mark(booked, 2)

    found = look()
    stand.settle()

    assert found == [(Kind.MISSED, "repaired")]
    assert stand.lead_of(booked)["status_id"] == CONFIRMED
    assert counts(stand) == [1, 1, 0]


def test_deletion_that_nobody_told_of_is_found_in_the_list_of_deleted(stand, booked, look):
    stand.world.yclients.hooks(loss=1.0)
    stand.delete(booked)

    found = look()
    stand.settle()

    assert found == [(Kind.MISSED, "repaired")]
    assert stand.lead_of(booked)["status_id"] == LOST


def test_what_is_under_way_is_no_drift(stand, look):
    stand.book(LASER_ARMPITS)
    stand.world.deliver()

    found = look()
    stand.settle()

    assert found == []
    assert len(stand.leads()) == 1


def test_booking_whose_link_was_lost_is_decided_again_without_a_second_lead(stand, booked, look):
    lead = stand.lead_of(booked)
    db.run("DELETE FROM links WHERE account_id = %s", (stand.account.id,))

    found = look()
    stand.settle()

    assert [kind for kind, _ in found] in ([Kind.CONTENT], [Kind.STAGE])
    assert len(stand.leads()) == 1
    assert stand.linked_lead(booked) == lead["id"]


def test_budget_that_a_person_typed_is_shown_and_kept(stand, booked, look):
    stand.edit_lead(stand.lead_of(booked), price=9000)
    stand.work()

    found = look()
    stand.settle()

    assert found == [(Kind.BUDGET, "person")]
    assert stand.lead_of(booked)["price"] == 9000
    (row,) = drifts.page(stand.account.id)
    assert (row.details["lead_price"], row.details["booking_price"]) == (900000, 250000)


def test_booking_that_the_list_hides_is_asked_for_by_its_number(stand, booked, look):
    stand.world.yclients.options(rights_cut=True)

    found = look()

    assert found == []
    assert stand.lead_of(booked)["status_id"] == BOOKED


def test_booking_that_is_not_shown_at_all_is_left_to_a_person(stand, booked, look):
    stand.world.yclients.store.by_company[TVERSKAYA].clear()

    found = look()
    stand.settle()

    assert found == [(Kind.VANISHED, "person")]
    assert stand.lead_of(booked)["status_id"] == BOOKED


def test_booking_moved_far_away_is_asked_for_by_its_number(stand, booked, look):
    stand.world.yclients.hooks(loss=1.0)
    stand.edit(booked, datetime=stand.wall("+200"))

    found = look()
    stand.settle()

    assert found == [(Kind.MISSED, "repaired")]
    assert "200" not in stand.lead_of(booked)["name"]
    assert stand.value(stand.lead_of(booked), "MOSTIK_VISIT_AT") != []


def test_lead_deleted_without_our_knowing_is_found_by_the_links(stand, booked, look):
    lead = stand.lead_of(booked)
    stand.world.amocrm.hooks(loss=1.0)
    stand.world.amocrm.ui_delete(DOMAIN, user_id=OLGA, lead_id=lead["id"])

    found = look(LINKS)
    stand.settle()

    assert found == [(Kind.LEAD_GONE, "repaired")]
    assert stand.lead_of(booked)["id"] != lead["id"]


def test_lead_moved_without_our_knowing_is_read_anew(stand, booked, look):
    stand.world.amocrm.hooks(loss=1.0)
    stand.move(stand.lead_of(booked), 8109)

    found = look(LINKS)

    assert found == [(Kind.UNTOLD, "repaired")]
    assert stand.lead_of(booked)["status_id"] == 8109


def test_links_are_asked_for_one_by_one_where_filters_do_nothing(stand, look):
    records = [stand.book(LASER_LEGS, client=(f"Клиент {n}", f"+7999000300{n}")) for n in range(3)]
    stand.settle()
    stand.world.amocrm.journal_clear()

    found = look(LINKS)

    asked = [row["path"] for row in stand.world.amocrm.journal() if row["method"] == "GET"]
    assert found == []
    assert counts(stand, Look.LINKS)[0] == len(records)
    assert len(asked) <= 1 + len(records)


def at(stand, hour):
    """That hour of the next night on the account's clock."""
    local = stand.now().astimezone(night_steps.local(stand.ctx, stand.account.id).tzinfo)
    moment = (local + timedelta(days=1)).replace(hour=hour, minute=10)
    stand.world.clock.advance((moment.astimezone(UTC) - stand.now()).total_seconds())


def kinds(stand):
    return sorted(work.kind for work in long_works.page(stand.account.id))


def test_schedule_begins_its_looks_in_the_dark_once_a_night(stand, booked):
    at(stand, 14)
    by_day = night_round.order(stand.ctx)
    at(stand, 2)
    first = night_round.order(stand.ctx)
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))

    again = night_round.order(stand.ctx)

    assert by_day == 0
    assert first in (2, 3)
    assert again == 0
    assert {"doubles", "journals"} <= set(kinds(stand))
    assert {work.state for work in long_works.page(stand.account.id)} == {"done"}


def test_links_are_looked_at_on_sundays(stand):
    days = [night_round._due(datetime(2026, 11, day, tzinfo=UTC).date()) for day in range(16, 23)]

    assert [night_steps.LINKS in kinds for kinds in days] == [False] * 6 + [True]


def test_look_of_the_schedule_waits_for_the_next_night(stand, booked):
    at(stand, 2)
    night_round.order(stand.ctx)
    at(stand, 9)

    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))

    notes = {work.note for work in long_works.open_works(stand.account.id)}
    assert notes == {"watch.by_night"}
    assert drifts.looks(stand.account.id) == []


def test_half_of_the_rate_is_left_to_the_days_work():
    assert pace.half(((4, 1.1), (151, 60.0))) == [(2, 1.1), (75, 60.0)]
    assert pace.half(((1, 1.0),)) == [(1, 1.0)]


def test_look_gives_a_sign_of_life_before_each_request(stand):
    seen = []
    before = pace.slowly(stand.ctx, "amocrm", lambda: seen.append(1))

    before()
    before()

    assert len(seen) >= 2
