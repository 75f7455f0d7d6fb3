"""C7, C11, C19. What is written while a success waits, and what is said of a lead that was won long ago."""

import pytest
import yaml

from backend.flows.reminders import looks
from tests.support.stand import CLEANING, CONFIGURATION, COSMETOLOGY, EPILATION, LASER_ARMPITS
from tests.support.wishes import wish

WON, BOOKED = 142, 8101
DAY = 86_400


@pytest.fixture
def patient(stand):
    """Success waits for the beginning of the visit; the contact's card is filled too."""
    waiting = {"needs_payment": False, "after_start": True}
    wish(stand, {"success": waiting}, contact=("visits", "last_visit", "next_visit"))
    return stand


def without_cosmetology(stand, **options):
    """The account takes one of its directions away."""
    document = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    document["options"] |= options
    for section, name in (("directions", "key"), ("routes", "direction")):
        document[section] = [one for one in document[section] if one[name] != "cosmetology"]
    stand.configure(yaml.safe_dump(document, allow_unicode=True))


def arrived_early(stand):
    record = stand.book(LASER_ARMPITS, at="+2")
    stand.settle()
    stand.mark(record, 1)
    stand.settle()
    assert stand.lead_of(record)["status_id"] == BOOKED
    return record


def the_visit_begins(stand):
    stand.pass_time(3 * DAY)
    looks.look(stand.ctx)  # what time alone asks for, as the scheduler does
    stand.work()


def test_C11_waiting_for_the_visit_survives_what_is_written_meanwhile(patient):
    record = arrived_early(patient)

    the_visit_begins(patient)

    assert patient.lead_of(record)["status_id"] == WON


def test_C11_an_edit_is_written_while_success_waits(patient):
    record = arrived_early(patient)

    patient.edit(record, comment="придёт с подругой")
    patient.settle()

    lead = patient.lead_of(record)
    assert patient.value(lead, "MOSTIK_COMMENT") == ["придёт с подругой"]
    assert lead["status_id"] == BOOKED


def test_C11_after_an_edit_success_comes_with_the_visit_all_the_same(patient):
    record = arrived_early(patient)
    patient.edit(record, comment="придёт с подругой")
    patient.settle()

    the_visit_begins(patient)

    assert patient.lead_of(record)["status_id"] == WON


def test_C7_nobody_is_said_to_have_closed_by_hand_what_the_visit_has_won(stand):
    record = stand.book(LASER_ARMPITS, at="-1")
    stand.settle()
    stand.mark(record, 1)
    stand.settle()

    stand.pass_time(5 * DAY)
    stand.mark(record, -1)
    stand.settle()

    lead = stand.lead_of(record)
    assert lead["status_id"] == WON
    assert len(stand.notes(lead)) > 1
    assert not [text for text in stand.notes(lead) if "вручную" in text]


def test_C19_won_lead_asks_nothing_when_its_direction_is_taken_away(stand):
    record = stand.book(CLEANING, at="-1")
    stand.settle()
    stand.mark(record, 1)
    stand.settle()

    without_cosmetology(stand)
    stand.edit(record, comment="после настройки")
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["status_id"]) == (COSMETOLOGY, WON)
    assert stand.crm()["tasks"] == []


def test_C19_direction_that_is_no_more_is_not_called_by_its_code(stand):
    wish(stand, {"multi_category": "hybrid"})
    stand.open_lead(EPILATION, 8100)
    stand.open_lead(COSMETOLOGY, 8200, client=stand.contacts()[0]["id"])
    stand.work()
    record = stand.book(LASER_ARMPITS, CLEANING)
    stand.settle()

    without_cosmetology(stand, multi_category="hybrid")
    stand.edit(record, comment="после настройки")
    stand.settle()

    said = [text for lead in stand.leads() for text in stand.notes(lead)]
    assert said
    assert not [text for text in said if "cosmetology" in text]
