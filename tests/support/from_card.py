"""A person at the card of a lead, what they find there, and what the salon's journal has of it afterwards."""

import pytest

from tests.support.card import Card
from tests.support.stand import CONFIGURATION, EPILATION, LASER_ARMPITS, TVERSKAYA

FRESH, BOOKED, CONFIRMED, LOST = 8100, 8101, 8102, 143


@pytest.fixture
def card(stand):
    return Card(stand)


@pytest.fixture
def lead(stand):
    """A lead of an advertisement: a person with a phone, no booking."""
    found = stand.open_lead(EPILATION, FRESH)
    stand.settle()
    return found


@pytest.fixture
def booked(stand):
    """A booking made at the desk, and its lead."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


def journal(stand, company=TVERSKAYA):
    """What stands in the salon's journal."""
    return [one for one in stand.world.yclients.state(company)["records"] if not one["deleted"]]


def fresh(stand, record):
    found = stand.world.yclients.state(record["company_id"])["records"]
    return next(one for one in found if one["id"] == record["id"])


def calls(stand, method, kind):
    return [row for row in stand.world.yclients.journal() if (row["method"], row["kind"]) == (method, kind)]


@pytest.fixture
def told(stand):
    """The option is on: a stage may confirm a booking."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    stand.configure(text.replace("options:\n", "options:\n  attendance_from_stage: true\n", 1))
