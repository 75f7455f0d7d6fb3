"""A5–A18. Leads that may not be taken, bookings that are no visits, schedules, what waits for a person."""

import pytest

from backend.flows.rules import schemas
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    INNA,
    LASER_ARMPITS,
    OLGA,
    OTHER,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
    VERA,
)
from tests.support.wishes import wish

NEW, BOOKED, COMPLAINT, WON = 8100, 8101, 8109, 142
PHONE = "+79990000001"
DAY = 86_400


def test_A5_lead_of_another_salon_is_not_taken(stand):
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER)
    stand.settle()
    stand.mark(there, -1)
    stand.settle()

    here = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(here)["id"] != stand.linked_lead(there)
    assert len(stand.leads()) == 2


def test_A5_it_is_taken_where_the_network_shares_its_leads(stand):
    wish(stand, {"network_wide": True})
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER)
    stand.settle()
    stand.mark(there, -1)
    stand.settle()

    here = stand.book(LASER_ARMPITS)
    stand.settle()

    lead = stand.lead_of(here)
    assert lead["id"] == stand.linked_lead(there)
    assert stand.value(lead, "MOSTIK_SALON") == ["Тверская"]


def test_A8_lead_in_a_stage_of_its_own_is_not_taken(stand):
    stand.open_lead(EPILATION, COMPLAINT)
    stand.work()

    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert len(stand.leads()) == 2
    assert stand.lead_of(record)["status_id"] == BOOKED


def test_A9_lead_with_the_tag_is_not_taken(stand):
    lead = stand.open_lead(EPILATION, NEW)
    stand.edit_lead(lead, tags=["не привязывать"])
    stand.work()

    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(record)["id"] != lead["id"]


def test_A10_known_client_with_closed_leads_is_a_returning_one(stand):
    wish(stand, fields=("returning",))
    lead = stand.open_lead(EPILATION, NEW)
    stand.move(lead, WON)
    stand.work()

    record = stand.book(LASER_ARMPITS)
    stand.settle()

    found = stand.lead_of(record)
    assert found["id"] != lead["id"]
    assert stand.value(found, "MOSTIK_RETURNING") == [True]
    assert len(stand.contacts()) == 1


def incoming(stand):
    contact = {"name": "Мария", "phone": PHONE}
    lead = stand.world.amocrm.ui_incoming(
        DOMAIN, name="Заявка с сайта", pipeline_id=EPILATION, contact=contact
    )
    schemas.refresh(
        stand.account.id, stand.ctx.amo(stand.account.id)
    )  # «Неразобранное» was switched on by it
    return lead


def test_A11_booking_waits_while_a_lead_lies_unsorted(stand):
    incoming(stand)
    stand.work()

    record = stand.book(LASER_ARMPITS)
    for _ in range(2):
        stand.pass_time(100)

    assert stand.leads_of(record) == []


def test_A11_lead_that_a_person_accepts_is_taken(stand):
    unsorted = incoming(stand)
    stand.work()
    record = stand.book(LASER_ARMPITS)
    stand.pass_time(100)

    stand.world.amocrm.ui_accept(DOMAIN, user_id=OLGA, uid=unsorted["uid"], stage_id=NEW)
    for _ in range(4):
        stand.pass_time(100)

    assert stand.lead_of(record)["id"] == unsorted["id"]


def test_A11_after_five_minutes_a_lead_is_made_with_a_note(stand):
    incoming(stand)
    stand.work()

    record = stand.book(LASER_ARMPITS)
    for _ in range(4):
        stand.pass_time(100)

    assert "Неразобранном" in stand.notes(stand.lead_of(record))[0]


def test_A11_lead_is_accepted_at_once_where_the_account_wants_that(stand):
    wish(stand, {"incoming": "accept"})
    unsorted = incoming(stand)
    stand.work()

    record = stand.book(LASER_ARMPITS)
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["id"], lead["status_id"]) == (unsorted["id"], BOOKED)
    assert len(stand.contacts()) == 1


def test_A12_skipped_booking_stands_in_the_list_of_skipped(stand):
    record = stand.book(LASER_ARMPITS, staff=91)

    stand.settle()

    assert stand.leads() == []
    assert stand.reason(record) == "excluded_staff"


def test_A14_booking_without_services_is_skipped(stand):
    record = stand.book()

    stand.settle()

    assert stand.leads() == []
    assert stand.reason(record) == "no_services"


def test_A14_it_gets_the_direction_of_its_master_where_the_account_wants_that(stand):
    ural = {"company_id": URAL, "title": "Урал", "user_token": "env:YC_TOKEN", "mode": "active"}
    here = {"company_id": TVERSKAYA, "title": "Тверская", "user_token": "env:YC_TOKEN", "mode": "active"}
    masters = {INNA: {"direction": "cosmetology"}}
    wish(stand, {"without_services": "create"}, branches=[here | {"staff": masters}, ural])

    with_inna = stand.book(staff=INNA)
    with_vera = stand.book(staff=VERA, client=("Ольга", "+79990000002"))
    stand.settle()

    assert stand.lead_of(with_inna)["pipeline_id"] == COSMETOLOGY
    assert stand.lead_of(with_vera)["pipeline_id"] == OTHER


def test_A15_client_told_after_the_booking_is_one_contact(stand):
    record = stand.book(LASER_ARMPITS, online=True)
    stand.world.yclients.ui_client(TVERSKAYA, record["client"]["id"], comment="пришла с сайта")

    stand.settle()

    assert (len(stand.contacts()), len(stand.leads())) == (1, 1)


def test_A16_three_bookings_on_three_days_are_three_leads(stand):
    records = [stand.book(LASER_ARMPITS, at=f"+{day}") for day in (2, 9, 16)]

    stand.settle()

    assert len({stand.lead_of(record)["id"] for record in records}) == 3
    assert len(stand.contacts()) == 1


def test_A17_visit_of_some_days_ago_is_linked(stand):
    record = stand.book(LASER_ARMPITS, at="-2")

    stand.settle()

    assert stand.lead_of(record)["status_id"] == BOOKED
    assert stand.crm()["tasks"] == []


def test_A17_older_visit_is_skipped(stand):
    record = stand.book(LASER_ARMPITS, at="-10")
    stand.mark(record, 1)

    stand.settle()

    assert stand.leads() == []
    assert stand.reason(record) == "too_old"


def test_A17_older_visit_begins_in_its_final_stage_where_the_account_wants_that(stand):
    wish(stand, {"older": "final"})
    record = stand.book(LASER_ARMPITS, at="-10")
    stand.mark(record, 1)

    stand.settle()

    assert stand.lead_of(record)["status_id"] == WON


def schedule(stand, count=5):
    """A repeating schedule: all made in one go, a week apart."""
    return [stand.book(LASER_ARMPITS, at=f"+{2 + 7 * week}") for week in range(count)]


def test_A18_schedule_gives_a_lead_to_every_booking(stand):
    records = schedule(stand)

    stand.settle()

    assert len({stand.lead_of(record)["id"] for record in records}) == 5


@pytest.fixture
def nearest(stand):
    wish(stand, {"repeating": "nearest"})
    return stand


def test_A18_only_the_nearest_has_a_lead_where_the_account_wants_that(nearest):
    records = schedule(nearest)

    nearest.settle()

    assert len(nearest.leads()) == 1
    assert nearest.lead_of(records[0])["status_id"] == BOOKED
    assert {nearest.reason(record) for record in records[1:]} == {"waits_its_turn"}


def test_A18_the_next_gets_its_lead_when_the_visit_is_over(nearest):
    records = schedule(nearest)
    nearest.settle()
    nearest.pass_time(2 * DAY + 7200)

    nearest.mark(records[0], 1)
    nearest.settle()

    assert nearest.lead_of(records[0])["status_id"] == WON
    assert nearest.lead_of(records[1])["status_id"] == BOOKED
    assert len(nearest.leads()) == 2


def test_A18_the_next_gets_its_lead_when_the_visit_is_cancelled(nearest):
    records = schedule(nearest)
    nearest.settle()

    nearest.delete(records[0])
    nearest.settle()

    assert nearest.lead_of(records[1])["status_id"] == BOOKED
    assert len(nearest.leads()) == 2


def test_A18_booking_of_another_direction_does_not_wait(nearest):
    schedule(nearest, 2)
    other = nearest.book(CLEANING)

    nearest.settle()

    assert nearest.lead_of(other)["pipeline_id"] == COSMETOLOGY


def test_A19_booking_with_an_excluded_label_is_skipped(stand):
    wish(stand, {"excluded_labels": {TVERSKAYA: [67345]}})
    labels = [{"id": "67345", "title": "Учебная"}]

    record = stand.book(LASER_ARMPITS, record_labels=labels)
    stand.settle()

    assert stand.leads() == []
    assert stand.reason(record) == "excluded_label"
