"""G. Group events: every participant is a booking, with a lead of their own."""

import pytest

from tests.support.stand import CLEANING, COSMETOLOGY
from tests.support.wishes import wish

EVENT, OTHER_EVENT = 108, 109
BOOKED, LOST = 8201, 143


@pytest.fixture
def event(stand):
    """Five participants of one event."""
    wish(stand, fields=("event", "places"))
    records = [
        stand.book(
            CLEANING,
            client=(f"Участница {n}", f"+7999000010{n}"),
            activity_id=EVENT,
            at="2030-03-10 12:00:00",
        )
        for n in range(5)
    ]  # fmt: skip
    stand.settle()
    return records


def test_G1_five_participants_are_five_leads_that_name_the_event(stand, event):
    leads = [stand.lead_of(record) for record in event]

    assert len({lead["id"] for lead in leads}) == 5
    assert {lead["pipeline_id"] for lead in leads} == {COSMETOLOGY}
    assert all(stand.value(lead, "MOSTIK_EVENT") == ["Чистка лица"] for lead in leads)


def test_G2_three_places_are_one_lead(stand):
    wish(stand, fields=("places",))
    record = stand.book(CLEANING, activity_id=EVENT, clients_count=3)

    stand.settle()

    assert stand.value(stand.lead_of(record), "MOSTIK_PLACES") == ["3"]
    assert len(stand.leads()) == 1


def test_G3_cancelled_event_cancels_every_booking_without_tasks(stand, event):
    for record in event:
        stand.delete(record)

    stand.settle()

    assert {lead["status_id"] for lead in stand.leads()} == {LOST}
    assert stand.crm()["tasks"] == []


def test_G4_moved_event_moves_all_dates_in_few_requests(stand, event):
    stand.world.amocrm.journal_clear()
    for record in event:
        stand.edit(record, datetime="2030-03-11 12:00:00")

    stand.settle()

    dates = {stand.value(stand.lead_of(record), "MOSTIK_VISIT_AT")[0] for record in event}
    assert dates == {1899450000}  # 12:00 in Moscow
    writes = [one for one in stand.world.amocrm.journal() if one["method"] != "GET"]
    assert len(writes) == 2  # all leads in one, all notes in another


def test_G5_participant_moved_to_another_event_keeps_the_lead(stand, event):
    lead = stand.lead_of(event[0])

    stand.edit(event[0], activity_id=OTHER_EVENT, datetime="2030-03-17 12:00:00")
    stand.settle()

    assert stand.lead_of(event[0])["id"] == lead["id"]
    assert stand.lead_of(event[0])["status_id"] == BOOKED


def test_G6_events_without_participants_make_nothing(stand):
    for week in range(4):
        stand.book(CLEANING, client=None, activity_id=EVENT + week, at=f"+{2 + 7 * week}")

    stand.settle()

    assert stand.leads() == []
