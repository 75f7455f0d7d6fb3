"""H8–H13. Vendors refuse us, somebody takes our address away, clocks disagree: nothing is lost, and people
are told what to press.
"""

from datetime import timedelta

import pytest

from backend.flows.watch import rounds, watchers
from backend.store import connections, events
from tests.support.stand import LASER_ARMPITS, LASER_LEGS, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER

BOOKED, CONFIRMED, LOST = 8101, 8102, 143
SVETLANA = ("Светлана", "+79990000009")
STRANGER = "https://stranger.example/hook"


@pytest.fixture
def watch(stand):
    """The hourly look, and whatever it set going."""

    def look():
        watchers.look(stand.ctx, stand.account.id)
        stand.work()

    return look


def paused(stand, company):
    return connections.get(stand.account.id, company).paused_code


def addresses(stand, company=TVERSKAYA):
    (shown,) = stand.world.yclients.state(company)["companies"]
    return shown["urls"]


def lose_access(stand):
    """Somebody changes the password: hooks go on, reading is refused."""
    stand.world.yclients.faults(kind="401", next=1000, company_id=TVERSKAYA)


def test_H8_changed_password_stops_one_salon_and_says_what_to_press(stand, alarm_codes):
    lose_access(stand)
    elsewhere = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=SVETLANA)

    stand.reconcile()
    stand.book(LASER_ARMPITS)
    stand.settle()

    assert (paused(stand, TVERSKAYA), paused(stand, URAL)) == ("yclients.unauthorized", "")
    assert alarm_codes() == ["yclients.unauthorized"]
    assert [lead["id"] for lead in stand.leads()] == [stand.lead_of(elsewhere)["id"]]


def test_H8_what_happened_meanwhile_is_caught_up_after_the_new_sign_in(stand):
    known = stand.book(LASER_ARMPITS)
    stand.settle()
    lose_access(stand)
    stand.reconcile()
    stand.mark(known, 2)
    stand.world.yclients.hooks(loss=1.0)
    missed = stand.book(LASER_ARMPITS, client=SVETLANA)
    stand.pass_time(7200)
    before = stand.lead_of(known)["status_id"], len(stand.leads())

    stand.world.yclients.faults_clear()
    stand.resume()
    stand.reconcile()
    stand.settle()

    assert before == (BOOKED, 1)
    assert stand.lead_of(known)["status_id"] == CONFIRMED
    assert stand.lead_of(missed)["status_id"] == BOOKED
    assert stand.open_alarms() == []


def test_H9_expired_licence_stops_only_its_salon(stand, watch, alarm_codes):
    stand.world.yclients.company(TVERSKAYA, license_ok=False)
    watch()
    stand.book(LASER_ARMPITS)
    elsewhere = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=SVETLANA)

    stand.settle()

    assert (paused(stand, TVERSKAYA), paused(stand, URAL)) == ("yclients.unpaid", "")
    assert alarm_codes() == ["yclients.unpaid"]
    assert [lead["id"] for lead in stand.leads()] == [stand.lead_of(elsewhere)["id"]]


def test_H9_renewed_licence_starts_the_salon_again_without_a_person(stand, watch):
    stand.world.yclients.company(TVERSKAYA, license_ok=False)
    watch()
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    before = stand.leads()

    stand.world.yclients.company(TVERSKAYA, license_ok=True)
    watch()
    stand.settle()

    assert before == []
    assert stand.lead_of(record)["status_id"] == BOOKED
    assert stand.open_alarms() == []


def test_H9_end_of_a_licence_is_told_two_weeks_ahead_and_taken_back(stand, watch):
    ends = f"{stand.now() + timedelta(days=10):%d.%m.%Y}"
    stand.world.yclients.company(TVERSKAYA, license_ends=ends)
    watch()
    told = [(alarm.code, alarm.details["day"]) for alarm in stand.open_alarms()]

    stand.world.yclients.company(TVERSKAYA, license_ends="")
    watch()

    assert told == [("yclients.licence_ends", ends)]
    assert stand.open_alarms() == []
    assert paused(stand, TVERSKAYA) == ""


@pytest.mark.parametrize(("count", "told"), [(4, []), (5, ["hooks.unreadable_often"])])
def test_H5_broken_messages_are_told_of_when_they_are_many(stand, post_hook, alarm_codes, count, told):
    statuses = {post_hook(f"broken {number}".encode()) for number in range(count)}

    rounds.look(stand.ctx, stand.account.id)
    codes = alarm_codes()
    stand.world.clock.advance(3700)
    rounds.look(stand.ctx, stand.account.id)

    assert (statuses, codes) == ({200}, told)
    assert alarm_codes() == []


def test_H10_busy_yclients_delays_and_loses_nothing(stand):
    stand.world.yclients.hooks(loss=1.0)
    record = stand.book(LASER_ARMPITS)
    stand.world.yclients.faults(kind="429", next=1, company_id=TVERSKAYA)

    refused = stand.reconcile()
    found = stand.reconcile()
    stand.settle()

    assert (refused, found) == (0, 1)
    assert stand.open_alarms() == []
    assert stand.lead_of(record)["status_id"] == BOOKED


def test_H11_address_that_another_program_dropped_is_put_back_beside_its_own(stand, watch, alarm_codes):
    stand.book(LASER_ARMPITS)
    stand.settle()
    (ours,) = addresses(stand)
    stand.world.yclients.hooks_url(TVERSKAYA, [STRANGER])
    missed = stand.book(LASER_LEGS, client=SVETLANA)
    stand.settle()
    lost = stand.leads_of(missed)

    watch()
    stand.reconcile()
    stand.settle()

    assert lost == []
    assert addresses(stand) == [STRANGER, ours]
    assert stand.lead_of(missed)["status_id"] == BOOKED
    assert alarm_codes() == ["yclients.hooks_restored"]


def test_H11_news_come_again_after_the_address_is_back(stand, watch):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.yclients.hooks_url(TVERSKAYA, [STRANGER])
    watch()

    stand.mark(record, 2)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == CONFIRMED


def test_H11_full_list_is_told_and_nobody_is_thrown_out(stand, watch, alarm_codes):
    stand.book(LASER_ARMPITS)
    stand.settle()
    full = [f"{STRANGER}/{number}" for number in range(10)]
    stand.world.yclients.hooks_url(TVERSKAYA, full)

    watch()

    assert addresses(stand) == full
    assert alarm_codes() == ["yclients.hooks_lost"]


def test_H11_salon_that_was_never_told_of_us_is_left_as_it_is(stand, watch, alarm_codes):
    stand.world.yclients.hooks_url(URAL, [STRANGER])

    watch()

    assert addresses(stand, URAL) == [STRANGER]
    assert alarm_codes() == []


def test_H12_news_of_another_salon_are_refused_and_told(stand, caught_hooks, post_hook, alarm_codes):
    stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER)
    (hook,) = caught_hooks()

    status = post_hook(hook, company=TVERSKAYA)
    stand.settle()

    assert status == 403
    assert alarm_codes() == ["hooks.foreign_branch"]
    assert stand.leads() == []
    assert events.page(stand.account.id, events.Filters(kind="yclients.record")) == []


@pytest.mark.parametrize("minutes", [-10, 10])
def test_H13_our_clock_does_not_decide_what_is_newer(stand, caught_hooks, post_hook, minutes):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.skew = timedelta(minutes=minutes)
    stand.mark(record, 2)
    stand.world.clock.advance(60)
    stand.delete(record)
    confirmed, deleted = caught_hooks()

    post_hook(deleted)
    stand.settle()
    stand.skew = timedelta(minutes=-minutes)
    post_hook(confirmed)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == LOST
    assert len(stand.leads()) == 1


def test_rights_that_were_taken_away_are_named(stand, watch):
    watch()
    stand.world.yclients.user("salon-token", companies=[TVERSKAYA, URAL], restricted=True)

    watch()

    named = {alarm.details["topic"] for alarm in stand.open_alarms() if alarm.code == "yclients.right_lacks"}
    assert {"phones", "clients"} <= named
    stand.world.yclients.user("salon-token", companies=[TVERSKAYA, URAL])
    watch()
    assert stand.open_alarms() == []
