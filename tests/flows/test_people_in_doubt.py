"""Somebody whose creation was never answered is looked up, whatever became of the booking that made them."""

import pytest

from backend.flows.road import inbox
from backend.store import connections, events, lanes
from tests.support.stand import DOMAIN, LASER_ARMPITS, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER

PERSON = ("Мария", "+79990000001")


@pytest.fixture
def doubted(stand):
    """A booking at Тверская whose lead and contact were made, and the answer was lost."""
    stand.world.amocrm.faults("reset_after_commit", domain=DOMAIN, next=1, match="leads/complex")
    record = stand.book(LASER_ARMPITS, client=PERSON)
    branch = connections.get(stand.account.id, TVERSKAYA)
    stand.world.sender.drop("yclients")
    events.record(
        stand.now(), account_id=stand.account.id, branch_id=branch.id, lane="bookings",
        subject=f"yclients:{TVERSKAYA}:{record['id']}", source="test", kind="yclients.record", dedup_key="1",
        body="{}", settle_seconds=0,
    )  # fmt: skip
    inbox.drain(stand.ctx, lanes.lane_id(stand.account.id, "bookings"))
    assert len(stand.leads()) == 1
    return record


def book_elsewhere(stand):
    record = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=PERSON, at="+5")
    for _ in range(5):
        stand.pass_time(600)
    return record


def test_person_made_by_a_salon_that_was_paused_since_is_found(stand, doubted):
    connections.pause(stand.account.id, TVERSKAYA, "yclients.unauthorized")

    second = book_elsewhere(stand)

    assert [event.status for event in stand.events(second)] == ["done"]
    assert len(stand.contacts()) == 1


def test_person_made_by_a_booking_that_the_salon_does_not_know_any_more_is_found(stand, doubted):
    stand.world.yclients.options(deleted_record="404")
    stand.delete(doubted)
    stand.world.sender.drop("yclients")

    second = book_elsewhere(stand)

    assert [event.status for event in stand.events(doubted)] == ["rejected"]
    assert [event.status for event in stand.events(second)] == ["done"]
    assert len(stand.contacts()) == 1
