"""A database from an older copy: leads made since then are found by their key, not made again."""

import pytest

from backend.store import db
from tests.support.stand import ANNA, COSMETOLOGY, EPILATION, LASER_ARMPITS

FORGOTTEN = ("links", "bookings", "outbox_commands", "inbound_events")


@pytest.fixture
def forget(stand):
    """The copy knows nothing of what happened since."""

    def act():
        for table in FORGOTTEN:
            db.run(f"DELETE FROM {table}")
        db.run("UPDATE branches SET reconciled_to = NULL")

    return act


def test_lead_of_a_forgotten_booking_is_taken_up_again(stand, forget):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.lead_of(record)
    stand.move(lead, 8109)
    forget()

    stand.reconcile()

    assert [found["id"] for found in stand.leads()] == [lead["id"]]
    assert stand.linked_lead(record) == lead["id"]


def test_closed_lead_of_a_forgotten_booking_stays_closed(stand, forget):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.lead_of(record)
    stand.move(lead, 142, user=ANNA)
    forget()

    stand.reconcile()

    assert stand.lead_of(record)["status_id"] == 142
    assert len(stand.leads()) == 1


def test_lead_taken_to_another_pipeline_and_closed_stays_there(stand, forget):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.move(stand.lead_of(record), 143, pipeline=COSMETOLOGY)
    forget()

    stand.reconcile()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["status_id"]) == (COSMETOLOGY, 143)
    assert lead["pipeline_id"] != EPILATION
