"""What goes wrong in a switch, and where it leads: back to GET8, into the rollback, or on after a while."""

import pytest

from backend.core.errors import InvalidInput, NeedsHuman
from backend.core.takeover.cutover import State
from backend.flows.takeover.counting import counters
from backend.flows.takeover.hands import hook_lists
from backend.flows.takeover.returning import rollback
from backend.flows.takeover.switching import catch_up, cutover
from backend.integrations.yclients.client import YclientsClient
from backend.store import accounts, alarms, cutovers, long_works, rollbacks
from tests.support import moving
from tests.support.get8 import ADDRESS
from tests.support.stand import LASER_ARMPITS, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER
from tests.support.stand_fixtures import get8, new_get8

BOT = "http://bot.test/in"

__all__ = ["get8", "new_get8"]


@pytest.fixture
def salon(get8):
    get8.old = get8.book(LASER_ARMPITS, at="+20")
    get8.settle()
    moving.prepare(get8)
    return get8


def codes(stand):
    return {alarm.code for alarm in alarms.open_alarms(stand.account.id)}


def details(stand, state):
    return next(step.details for step in cutovers.steps(moving.now(stand).id) if step.step is state)


def test_one_that_does_not_fall_silent_is_left_alone(salon):
    urls, deal = salon.urls(), salon.foreign_lead(salon.old)
    moving.begin(salon)
    moving.walk(salon, State.DRAINING)
    for price in range(1, 60):
        salon.as_get8(deal, price=price)
        salon.world.clock.advance(30)
        moving.works(salon)
        if moving.now(salon).is_over:
            break

    done = moving.now(salon)
    assert (done.state, done.kept["why"]) == (State.FAILED_BACK, "takeover_cutover.not_silent")
    assert (moving.writer(salon), salon.urls()) == ("get8", urls)
    assert details(salon, State.DRAINING)["heard"] > 30


def test_a_failure_after_our_first_write_is_rolled_back_by_the_journal(salon, monkeypatch):
    salon.get8.options.change({"loss": 1.0})
    salon.mark(salon.old, 2)
    salon.settle()
    before = salon.foreign_lead(salon.old)
    whole = counters.take

    def refused(ctx, account_id, company_id, moment, *more, **named):
        if moment is counters.Moment.AFTER:
            raise NeedsHuman("yclients.unauthorized")
        return whole(ctx, account_id, company_id, moment, *more, **named)

    monkeypatch.setattr(counters, "take", refused)
    moving.begin(salon)
    done = moving.walk(salon)
    written = salon.foreign_lead(salon.old)
    for _ in range(10):
        moving.works(salon)

    assert done.state is State.ROLLING_BACK
    assert written["status_id"] != before["status_id"]
    assert moving.writer(salon) == "get8"
    row = rollbacks.newest(salon.account.id, TVERSKAYA)
    assert row.is_over
    assert {line.lead_id for line in rollbacks.lines(row.id)} == {before["id"]}
    assert salon.foreign_lead(salon.old)["status_id"] == before["status_id"]
    assert any(url.startswith(ADDRESS) for url in salon.urls())


def test_a_rollback_during_the_watch_ends_the_switch(salon):
    moving.begin(salon)
    moving.walk(salon, State.WATCHING)
    rollback.start(salon.ctx, salon.account, TVERSKAYA, "anna")
    for _ in range(10):
        moving.works(salon)

    assert moving.now(salon).state is State.ROLLING_BACK
    assert moving.writer(salon) == "get8"
    assert "takeover_cutover.running" not in codes(salon)


def test_a_mistake_of_ours_that_stays_leads_back(salon, monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(catch_up, "adopt", broken)
    moving.begin(salon)
    done = moving.walk(salon)

    assert (done.state, done.kept["why"]) == (State.FAILED_BACK, "takeover_cutover.bug")
    assert moving.writer(salon) == "get8"


def test_a_list_that_cannot_be_restored_is_tried_until_it_can(salon, monkeypatch):
    urls, whole = salon.urls(), YclientsClient.change_urls
    moving.begin(salon)
    moving.walk(salon, State.DRAINING)
    assert "takeover_cutover.running" in codes(salon)

    def refused(*_args):
        raise NeedsHuman("yclients.forbidden")

    monkeypatch.setattr(YclientsClient, "change_urls", refused)
    cutover.cancel(salon.ctx, salon.account.id, TVERSKAYA)
    moving.works(salon)
    moving.works(salon)

    assert moving.now(salon).state is State.GOING_BACK
    assert moving.now(salon).trouble == "yclients.forbidden"
    assert "takeover_cutover.not_restored" in codes(salon)
    monkeypatch.setattr(YclientsClient, "change_urls", whole)
    moving.works(salon)
    assert moving.now(salon).state is State.FAILED_BACK
    assert salon.urls() == urls


def test_whoever_switched_get8_off_by_hand_is_told_to_switch_it_on_again(salon):
    salon.world.yclients.options(hooks_settings="404")
    moving.begin(salon)
    moving.walk(salon, State.STOPPING)
    cutover.stopped_by_hand(salon.ctx, salon.account.id, TVERSKAYA)
    moving.walk(salon, State.DRAINING)
    cutover.cancel(salon.ctx, salon.account.id, TVERSKAYA)

    assert moving.walk(salon).state is State.FAILED_BACK
    assert moving.writer(salon) == "get8"
    assert "takeover_cutover.not_restored" in codes(salon)


def test_a_salon_that_is_still_returning_is_not_switched(salon):
    moving.begin(salon)
    moving.walk(salon)
    rollback.start(salon.ctx, salon.account, TVERSKAYA, "anna")

    with pytest.raises(InvalidInput, match="is_returning"):
        moving.begin(salon)
    for _ in range(10):
        moving.works(salon)
    assert moving.begin(salon).state is State.QUEUED


def test_one_that_is_stopped_meanwhile_leaves_the_salon_to_get8(salon):
    urls = salon.urls()
    moving.begin(salon)
    moving.walk(salon, State.DRAINING)
    accounts.pause(salon.account.id, "account.paused_by_person", "", salon.now())

    done = moving.walk(salon)
    assert (done.state, done.kept["why"]) == (State.FAILED_BACK, "takeover_cutover.paused")
    assert (moving.writer(salon), salon.urls()) == ("get8", urls)


def test_strangers_that_joined_the_list_meanwhile_stay(salon):
    urls = salon.urls()
    moving.begin(salon)
    moving.walk(salon, State.DRAINING)
    salon.world.yclients.hooks_url(TVERSKAYA, [*salon.urls(), BOT])
    cutover.cancel(salon.ctx, salon.account.id, TVERSKAYA)
    moving.walk(salon)

    assert sorted(salon.urls()) == sorted([*urls, BOT])


def test_of_several_strangers_only_what_a_person_chose_is_removed(salon):
    salon.world.yclients.hooks_url(TVERSKAYA, [BOT, *salon.urls()])
    listed = hook_lists.read(salon.ctx, salon.account.id, TVERSKAYA)
    theirs = next(url for url in listed.strangers if url.startswith(ADDRESS))
    moving.begin(salon, removed=[theirs])
    moving.walk(salon, State.DRAINING)

    assert salon.urls() == [BOT, listed.ours]


def test_salons_wait_for_one_another_and_none_follows_one_that_went_back(new_get8):
    stand = new_get8()
    stand.book(LASER_ARMPITS, at="+20")
    stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Яна", "+79990000066"), at="+20")
    stand.settle()
    moving.prepare(stand, TVERSKAYA, URAL)
    first = moving.begin(stand)
    moving.begin(stand, URAL, after=first.id)
    moving.walk(stand, State.DRAINING)

    assert moving.now(stand, URAL).state is State.QUEUED
    cutover.cancel(stand.ctx, stand.account.id, TVERSKAYA)
    moving.walk(stand)
    ended = moving.walk(stand, company=URAL)
    assert (ended.state, ended.kept["why"]) == (State.FAILED_BACK, "takeover_cutover.group_stopped")
    assert moving.writer(stand, URAL) == "get8"

    alone = moving.begin(stand)
    moving.begin(stand, URAL, after=alone.id)
    moving.walk(stand, State.WATCHING)
    assert moving.walk(stand, State.WATCHING, URAL).state is State.WATCHING
    assert (moving.writer(stand), moving.writer(stand, URAL)) == ("ours", "ours")


def test_what_cannot_begin_says_why(salon):
    with pytest.raises(InvalidInput, match="pilot_first"):
        cutover.start_group(salon.ctx, salon.account, [TVERSKAYA], "anna")
    with pytest.raises(InvalidInput, match="too_late"):
        cutover.cancel(salon.ctx, salon.account.id, TVERSKAYA)
    with pytest.raises(InvalidInput, match="not_asked"):
        cutover.stopped_by_hand(salon.ctx, salon.account.id, TVERSKAYA)
    with pytest.raises(NeedsHuman, match="not_connected"):
        cutover.start(salon.ctx, salon.account, 777, "anna")
    moving.begin(salon)
    moving.walk(salon)
    with pytest.raises(InvalidInput, match="is_ours"):
        moving.begin(salon)


def test_a_switch_that_lost_its_work_is_found_again(salon):
    moving.begin(salon)
    (work,) = long_works.open_works(salon.account.id)
    long_works.end(work.id, "cancelled", salon.ctx.now())
    assert cutover.ring_all(salon.ctx) == 1

    assert moving.walk(salon).state is State.DONE
    assert cutover.ring_all(salon.ctx) == 0
