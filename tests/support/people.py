"""Clients in the salon and their contacts in amoCRM: without a phone, changed by staff, whose lead."""

import pytest

from tests.support.stand import DOMAIN, LASER_ARMPITS

NO_PHONE = ("Ирина", "")


@pytest.fixture
def nameless_phone(stand):
    """A booking of a client without a phone, with its lead."""
    record = stand.book(LASER_ARMPITS, client=NO_PHONE, at="+2")
    stand.settle()
    return record


def tags_of(stand, entity):
    return {tag.name for tag in stand.world.amocrm.find(DOMAIN).tags[entity].values()}


def contact_of(stand, record):
    """The main contact of a booking's lead."""
    (who,) = stand.lead_of(record)["_embedded"]["contacts"]
    return next(contact for contact in stand.contacts() if contact["id"] == who["id"])


def edit_client(stand, record, **changes):
    stand.world.yclients.ui_client(record["company_id"], record["client"]["id"], **changes)
