"""Who set what of a lead, asked of the emulator's feed of events."""

from datetime import UTC, datetime

import pytest

from backend.integrations.amocrm import authors
from tests.contract import our_clients
from tests.contract.our_clients import DOMAIN, KEY, SECOND

ANNA, BORIS = 7000001, 7000002
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def office():
    return our_clients.amocrm()


def made(office, name="Мария"):
    contact = {"name": name, "phone": "+79990000001"}
    place = {"pipeline_id": our_clients.PIPELINE, "stage_id": our_clients.FIRST}
    lead = office.world.amocrm.ui_lead(DOMAIN, user_id=ANNA, name=name, contact=contact, **place)
    return lead["id"]


def edit(office, lead_id, user=ANNA, **changes):
    office.world.clock.advance(1)
    office.world.amocrm.ui_edit(DOMAIN, user_id=user, lead_id=lead_id, **changes)


def test_each_property_has_its_last_author(office):
    lead_id, other = made(office), made(office, "Ольга")
    edit(office, lead_id, BORIS, price=100)
    edit(office, lead_id, ANNA, price=200)
    edit(office, lead_id, BORIS, fields={KEY: "7"})
    office.world.clock.advance(1)
    office.world.amocrm.ui_move(DOMAIN, user_id=BORIS, lead_id=lead_id, stage_id=SECOND,
                                pipeline_id=our_clients.PIPELINE)  # fmt: skip
    edit(office, other, BORIS, responsible_user_id=BORIS)

    found = authors.of_leads(office.client, [lead_id, other], BEGINNING)

    assert found[lead_id] == {
        "price": ANNA, f"field:{KEY}": BORIS, "stage_id": BORIS, "pipeline_id": BORIS,
    }  # fmt: skip
    assert found[other] == {"responsible_id": BORIS}


def test_strangers_and_old_events_are_passed_over(office):
    lead_id, other = made(office), made(office, "Ольга")
    edit(office, lead_id, BORIS, price=100)
    office.world.clock.advance(3600)
    since = datetime.fromtimestamp(office.world.clock.now(), UTC)
    edit(office, other, ANNA, price=500)

    assert authors.of_leads(office.client, [lead_id], since) == {lead_id: {}}


def test_many_leads_are_asked_for_by_tens(office):
    ids = [made(office, f"Клиентка {n}") for n in range(12)]
    office.crm.journal_clear()

    found = authors.of_leads(office.client, ids, BEGINNING)

    assert set(found) == set(ids)
    assert 2 <= len(our_clients.sent(office, "events")) <= 2 * authors.PAGES
