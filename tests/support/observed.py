"""What is seen of another integration: bookings, and the leads it made soon after them."""

from datetime import timedelta

from tests.support.facts import BOOKED, NOW, RECORD, booking, lead

URAL = 41002
ROBOT, ANNA, OLGA = 7000099, 7000001, 7000002
SOON = timedelta(seconds=40)


def made(after=SOON, number=1, **changes):
    """A lead made so long after the usual booking was entered."""
    usual = {"id": number, "created_at": NOW + after, "created_by": ROBOT, "responsible_id": OLGA}
    return lead(**{"stage": BOOKED, **usual, **changes})


def record(number, **changes):
    return booking(record_id=RECORD + number, **changes)
