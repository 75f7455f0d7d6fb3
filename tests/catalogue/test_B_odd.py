"""B2–B7, M2. Bookings of several directions in odd hours: replaced and deleted main leads, late returns,
payments, and satellites whose booking comes to nothing.
"""

import pytest

from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
)
from tests.support.wishes import wish

EPIL_NEW, BOOKED, TO_BE_MOVED = 8100, 8101, 8105
COSM_NEW, COSM_BOOKED, COSM_TO_BE_MOVED = 8200, 8201, 8205
WON, LOST = 142, 143
DAY = 86_400
BOTH = (LASER_ARMPITS, {"id": LASER_LEGS, "cost": 3800}, CLEANING)  # 6 300 of epilation, 4 000 of cosmetology
COMBINED = 10_300


def with_leads(stand, **options):
    """HYBRID, and the person's open leads in both directions."""
    wish(stand, {"multi_category": "hybrid"} | options)
    epilation = stand.open_lead(EPILATION, EPIL_NEW)
    cosmetology = stand.open_lead(COSMETOLOGY, COSM_NEW, client=stand.contacts()[0]["id"])
    stand.work()
    return epilation, cosmetology


@pytest.fixture(params=["split", "hybrid"])
def shared(stand, request):
    """Both ways to give a booking two leads."""
    if request.param == "hybrid":
        with_leads(stand)
    else:
        wish(stand, {"multi_category": "split"})
    return stand


def booked(stand, **more):
    record = stand.book(*BOTH, **more)
    stand.settle()
    return record


def satellites_of(stand, record):
    key = f"yclients:{record['company_id']}:{record['id']}#cosmetology"
    return [lead for lead in stand.leads() if stand.value(lead, "MOSTIK_KEY") == [key]]


def again(stand, lead):
    return next(one for one in stand.leads() if one["id"] == lead["id"])


def budget(stand):
    """What all leads together say of the visit."""
    living = (lead for lead in stand.leads() if lead["status_id"] != LOST and not lead.get("is_deleted"))
    return sum(lead["price"] for lead in living)


def test_B7_booking_that_leaves_its_main_direction_is_led_by_its_satellite(stand):
    epilation, cosmetology = with_leads(stand, direction_change="relink")
    record = booked(stand)

    stand.edit(record, services=[{"id": CLEANING}])
    stand.settle()
    stand.edit(record, comment="ещё раз")
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["id"], lead["status_id"], lead["price"]) == (cosmetology["id"], COSM_BOOKED, 4000)
    assert again(stand, epilation)["status_id"] == LOST
    assert satellites_of(stand, record) == []


def test_B7_so_it_is_where_every_direction_gets_a_lead_of_its_own(stand):
    wish(stand, {"multi_category": "split", "direction_change": "relink"})
    record = booked(stand)

    stand.edit(record, services=[{"id": CLEANING}])
    stand.settle()
    stand.edit(record, comment="ещё раз")
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["status_id"], lead["price"]) == (COSMETOLOGY, COSM_BOOKED, 4000)
    assert budget(stand) == 4000


def test_B2_main_lead_deleted_in_amocrm_is_made_anew_beside_the_same_satellite(shared):
    record = booked(shared)
    shared.mark(record, 2)
    shared.settle()
    satellites = satellites_of(shared, record)

    shared.world.amocrm.ui_delete(DOMAIN, user_id=OLGA, lead_id=shared.lead_of(record)["id"])
    shared.work()
    shared.edit(record, comment="после удаления")
    shared.settle()

    assert [lead["id"] for lead in satellites_of(shared, record)] == [satellites[0]["id"]]
    assert shared.lead_of(record)["price"] == 6300
    assert budget(shared) == COMBINED


def test_B2_booking_restored_after_days_gets_its_whole_budget_once(shared):
    record = booked(shared, at="+20")
    shared.delete(record)
    shared.settle()
    assert budget(shared) == 0

    shared.pass_time(3 * DAY)
    shared.world.yclients.ui_restore(record["company_id"], record["id"])
    shared.settle()
    shared.settle()

    assert budget(shared) == COMBINED
    assert len(satellites_of(shared, record)) <= 1


def test_B2_unpaid_visit_wins_neither_lead_where_payment_is_needed(stand):
    with_leads(stand, success={"needs_payment": True, "after_start": False})
    record = booked(stand, at="-1")

    stand.mark(record, 1)
    stand.settle()

    assert sorted(lead["status_id"] for lead in stand.leads()) == [BOOKED, COSM_BOOKED]


def test_B2_payment_wins_both_then(stand):
    with_leads(stand, success={"needs_payment": True, "after_start": False})
    record = booked(stand, at="-1")
    stand.mark(record, 1)
    stand.settle()

    stand.world.yclients.ui_pay(record["company_id"], record["id"], COMBINED)
    stand.settle()

    assert [lead["status_id"] for lead in stand.leads()] == [WON, WON]


def test_B2_success_taken_back_leaves_both_closed_when_the_client_is_booked_again(stand):
    with_leads(stand)
    record = booked(stand, at="-1")
    stand.mark(record, 1)
    stand.settle()
    stand.book(LASER_ARMPITS, at="+5")
    stand.settle()

    stand.mark(record, -1)
    stand.settle()

    (satellite,) = satellites_of(stand, record)
    assert (stand.lead_of(record)["status_id"], satellite["status_id"]) == (WON, WON)


def test_B2_both_leads_of_a_missed_visit_go_to_the_next_booking(stand):
    with_leads(stand)
    missed = booked(stand, at="-1")
    stand.mark(missed, -1)
    stand.settle()
    before = [stand.lead_of(missed)["id"], satellites_of(stand, missed)[0]["id"]]
    stages = [again(stand, {"id": lead_id})["status_id"] for lead_id in before]
    assert stages == [TO_BE_MOVED, COSM_TO_BE_MOVED]

    following = booked(stand, at="+3")

    assert [stand.lead_of(following)["id"], satellites_of(stand, following)[0]["id"]] == before
    assert satellites_of(stand, missed) == []
    assert budget(stand) == COMBINED
