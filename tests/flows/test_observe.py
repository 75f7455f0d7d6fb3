"""Observe mode: everything is read, decided and written down, and nothing is written to amoCRM."""

import pytest

from backend.store import outbox
from tests.support.stand import CONFIGURATION, EPILATION, LASER_ARMPITS, URAL, URAL_LASER, URAL_MASTER

ACTIVE = CONFIGURATION.read_text(encoding="utf-8")
OBSERVED = ACTIVE.replace("mode: active, responsible_id: 7000001", "mode: observe, responsible_id: 7000001")
MARIA = ("Мария", "+79990000001")


@pytest.fixture
def observed(stand):
    """The first salon is only observed; what the configuration itself wrote is forgotten."""
    stand.configure(OBSERVED)
    stand.world.amocrm.journal_clear()
    return stand


def writes(stand):
    return [row for row in stand.world.amocrm.journal() if row["method"] != "GET"]


def plans(stand, record):
    """(kind, status) of every command that was written down about a booking."""
    events = sorted(stand.events(record), key=lambda event: event.id)
    return [(row.kind, row.status) for event in events for row in outbox.of_event(event.id)]


def test_a_whole_day_leaves_no_write_in_amocrm(observed):
    records = [observed.book(LASER_ARMPITS, client=(f"К{n}", f"+7999000000{n}")) for n in range(4)]
    observed.settle()
    observed.edit(records[0], comment="Позвонить")
    observed.mark(records[1], 1)
    observed.mark(records[2], -1)
    observed.delete(records[3])

    observed.settle()
    observed.reconcile()

    assert writes(observed) == []
    assert observed.leads() == []


def test_the_plan_is_kept_with_its_reason(observed):
    record = observed.book(LASER_ARMPITS)

    observed.settle()

    assert plans(observed, record) == [("CreateLead", "observed"), ("AddNote", "observed")]
    assert observed.reason(record) == "created"


def test_an_open_lead_is_recognised_and_left_alone(observed):
    lead = observed.open_lead(EPILATION, 8100, client=MARIA)
    observed.work()
    observed.world.amocrm.journal_clear()
    record = observed.book(LASER_ARMPITS, client=MARIA)

    observed.settle()

    assert plans(observed, record) == [("UpdateLead", "observed"), ("AddNote", "observed")]
    assert observed.reason(record) == "attached"
    assert writes(observed) == []
    assert [found["status_id"] for found in observed.leads()] == [lead["status_id"]]


def test_the_other_salon_goes_on_writing(observed):
    observed.book(LASER_ARMPITS, client=MARIA)
    there = observed.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Ольга", "+79990000002"))

    observed.settle()

    assert [lead["id"] for lead in observed.leads()] == [observed.lead_of(there)["id"]]


def test_what_was_observed_is_carried_out_once_the_salon_is_active(observed):
    record = observed.book(LASER_ARMPITS)
    observed.settle()

    observed.configure(ACTIVE)
    observed.settle()

    assert observed.lead_of(record)["status_id"] == 8101
    assert len(observed.leads()) == 1
    assert len(observed.notes(observed.lead_of(record))) == 1


def test_a_salon_that_is_observed_again_keeps_its_leads_untouched(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.configure(OBSERVED)
    stand.world.amocrm.journal_clear()
    stand.mark(record, 2)
    stand.settle()

    stand.edit(record, comment="Позвонить")
    stand.settle()

    assert writes(stand) == []
    assert stand.lead_of(record)["status_id"] == 8101


def test_what_happened_while_a_linked_lead_was_observed_is_caught_up(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.configure(OBSERVED)
    stand.mark(record, 2)
    stand.settle()

    stand.configure(ACTIVE)
    stand.edit(record, comment="Позвонить")
    stand.settle()

    assert stand.lead_of(record)["status_id"] == 8102
    assert stand.value(stand.lead_of(record), "MOSTIK_COMMENT") == ["Позвонить"]
