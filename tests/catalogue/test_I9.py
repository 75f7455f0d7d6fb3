"""I9. A manager copies a lead, and the copy brings the booking's key along."""

import pytest

from backend.core.watch.doubles import Action, Kind
from backend.flows.duplicates import deeds, search
from backend.flows.rules import configuration
from backend.store import db, doubles, lanes, links
from backend.store.links import LinkChange
from tests.support.stand import DOMAIN, LASER_ARMPITS, OLGA

TO_BE_MOVED, BOOKED, LOST = 8105, 8101, 143


@pytest.fixture
def booked(stand):
    """A booking whose lead is in «Записан»."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


def copy(stand, lead, user=OLGA):
    made = stand.world.amocrm.ui_copy(DOMAIN, user_id=user, lead_id=lead["id"])
    stand.work()
    return made["id"]


def lead(stand, lead_id):
    return next(one for one in stand.leads() if one["id"] == lead_id)


def found(stand, kind=Kind.ONE_KEY):
    return [row.double for row in doubles.page(stand.account.id, kind)]


def test_I9_key_of_a_copy_is_cleared_and_the_original_goes_on(stand, booked):
    original = stand.lead_of(booked)
    copied = copy(stand, original)
    carriers = stand.leads_of(booked)

    deeds.clear_copies(stand.ctx, stand.account.id)
    stand.mark(booked, -1)
    stand.settle()

    assert len(carriers) == 2
    assert stand.lead_of(booked)["id"] == original["id"]
    assert stand.lead_of(booked)["status_id"] == TO_BE_MOVED
    assert lead(stand, copied)["status_id"] == BOOKED
    assert any("копия" in note and str(original["id"]) in note for note in stand.notes(lead(stand, copied)))


def test_I9_copy_of_an_old_lead_is_noticed_too(stand, booked):
    stand.world.clock.advance(86_400 * 40)
    copied = copy(stand, stand.lead_of(booked))

    deeds.clear_copies(stand.ctx, stand.account.id)
    stand.settle()

    assert stand.value(lead(stand, copied), "MOSTIK_KEY") == []
    assert len(stand.leads_of(booked)) == 1


def test_I9_lead_that_its_booking_left_is_no_copy(stand, booked):
    """A lead that the booking had gone on with, and went on from: nothing about copies belongs there."""
    theirs = stand.open_lead(8001, 8100, client=("Ирина", "+79990000005"))
    second = stand.book(LASER_ARMPITS, client=("Ирина", "+79990000005"))
    stand.settle()
    key = f"yclients:{second['company_id']}:{second['id']}"
    assert stand.linked_lead(second) == theirs["id"]
    other = copy(stand, theirs)
    db.run("UPDATE links SET role = 'released' WHERE key = %s", (key,))
    release_to(stand, key, other)

    made = deeds.clear_copies(stand.ctx, stand.account.id)

    assert made == 0


def release_to(stand, key, lead_id):
    """The booking goes on with another lead; its old one keeps the key in its field."""
    lease = lanes.take(lanes.lane_id(stand.account.id, "bookings"), "test", 60)
    links.remember(lease, stand.account.id, [LinkChange(key, lead_id, "epilation")], stand.now())
    lanes.release(lease)


def test_I9_looking_twice_writes_one_note(stand, booked):
    copied = copy(stand, stand.lead_of(booked))

    for _ in range(3):
        deeds.clear_copies(stand.ctx, stand.account.id)
        stand.pass_time(90)

    assert len([note for note in stand.notes(lead(stand, copied)) if "копия" in note]) == 1


def test_I9_copy_of_a_salon_that_is_only_observed_is_left_alone(stand, booked):
    copied = copy(stand, stand.lead_of(booked))
    stand.configure(configuration.export_yaml(stand.account.id).replace("mode: active", "mode: observe"))
    before = stand.counts().get("PATCH leads", 0)

    deeds.clear_copies(stand.ctx, stand.account.id)
    stand.settle()

    assert stand.counts().get("PATCH leads", 0) == before
    assert stand.value(lead(stand, copied), "MOSTIK_KEY")


def test_I9_lead_that_we_made_twice_waits_for_a_person(stand, booked):
    original = stand.lead_of(booked)
    copied = copy(stand, original, user=stand.account.user_id)

    search.everything(stand.ctx, stand.account.id)
    (double,) = found(stand)
    deeds.order(stand.ctx, stand.account.id, double, "olga")
    stand.settle()

    assert (double.action, double.target) == (Action.CLOSE_OURS, copied)
    assert lead(stand, copied)["status_id"] == LOST
    assert stand.lead_of(booked)["id"] == original["id"]
    search.everything(stand.ctx, stand.account.id)
    assert found(stand) == []


def test_I9_lead_that_people_worked_on_meanwhile_is_not_closed(stand, booked):
    copied = copy(stand, stand.lead_of(booked), user=stand.account.user_id)
    search.everything(stand.ctx, stand.account.id)
    (double,) = found(stand)
    stand.world.clock.advance(3600)
    stand.edit_lead(lead(stand, copied), name="Важная")
    stand.work()

    deeds.order(stand.ctx, stand.account.id, double, "olga")
    stand.settle()

    assert lead(stand, copied)["status_id"] == BOOKED
    assert stand.value(lead(stand, copied), "MOSTIK_KEY") == []
