"""B1–B6, B16, B17. A booking of several directions: its leads and their parts of the budget."""

import pytest

from tests.support.shares import (
    BOOKED,
    COSM_BOOKED,
    COSM_NEW,
    EPIL_NEW,
    HYBRID,
    LOST,
    NOBODY,
    WON,
    again,
    prices,
    satellite_of,
    waiting,
)
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    EPILATION,
    INNA,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    OTHER,
    STAGES,
    TVERSKAYA,
    URAL,
)
from tests.support.wishes import wish

LEGS = {"id": LASER_LEGS, "cost": 3800}
BOTH = (LASER_ARMPITS, LEGS, CLEANING)  # 6 300 of epilation, 4 000 of cosmetology


@pytest.fixture
def hybrid(stand):
    wish(stand, HYBRID)
    return stand


@pytest.fixture
def split(stand):
    wish(stand, {"multi_category": "split"})
    return stand


def test_B1_without_open_leads_there_is_one_lead_for_all(hybrid):
    record = hybrid.book(*BOTH)

    hybrid.settle()

    assert prices(*hybrid.leads()) == [10300]
    assert satellite_of(hybrid, record) is NOBODY


def test_B2_open_leads_of_both_directions_get_their_parts(hybrid):
    epilation, cosmetology = waiting(hybrid)

    record = hybrid.book(*BOTH)
    hybrid.settle()

    main, satellite = hybrid.lead_of(record), satellite_of(hybrid, record)
    assert (main["id"], satellite["id"]) == (epilation["id"], cosmetology["id"])
    assert prices(main, satellite) == [6300, 4000]
    assert (main["status_id"], satellite["status_id"]) == (BOOKED, COSM_BOOKED)
    assert hybrid.value(satellite, "MOSTIK_SERVICES") == ["Чистка лица — 4 000 ₽"]
    assert len(hybrid.leads()) == 2


def test_B2_one_success_wins_both(hybrid):
    waiting(hybrid)
    record = hybrid.book(*BOTH)
    hybrid.settle()

    hybrid.mark(record, 1)
    hybrid.settle()

    assert hybrid.lead_of(record)["status_id"] == WON
    assert satellite_of(hybrid, record)["status_id"] == WON
    assert len(hybrid.leads()) == 2


def test_B2_one_deletion_loses_both_and_keeps_what_was_lost(hybrid):
    waiting(hybrid)
    record = hybrid.book(*BOTH)
    hybrid.settle()

    hybrid.delete(record)
    hybrid.settle()

    leads = hybrid.lead_of(record), satellite_of(hybrid, record)
    assert [lead["status_id"] for lead in leads] == [LOST, LOST]
    assert prices(*leads) == [6300, 4000]


def test_B3_open_lead_of_the_secondary_direction_becomes_a_satellite(hybrid):
    waiting_lead = hybrid.open_lead(COSMETOLOGY, COSM_NEW)
    hybrid.work()

    record = hybrid.book(*BOTH)
    hybrid.settle()

    assert satellite_of(hybrid, record)["id"] == waiting_lead["id"]
    main = hybrid.lead_of(record)
    assert (main["pipeline_id"], main["status_id"], main["price"]) == (EPILATION, BOOKED, 6300)


def test_B4_open_lead_of_the_main_direction_takes_it_all(hybrid):
    open_lead = hybrid.open_lead(EPILATION, EPIL_NEW)
    hybrid.work()

    record = hybrid.book(*BOTH)
    hybrid.settle()

    assert hybrid.lead_of(record)["id"] == open_lead["id"]
    assert prices(*hybrid.leads()) == [10300]


def test_B5_second_direction_added_later_finds_its_lead(hybrid):
    record = hybrid.book(LASER_ARMPITS)
    hybrid.settle()
    contact = hybrid.contacts()[0]["id"]
    waiting_lead = hybrid.open_lead(COSMETOLOGY, COSM_NEW, client=contact)
    hybrid.work()

    hybrid.edit(record, services=[{"id": LASER_ARMPITS}, {"id": CLEANING}])
    hybrid.settle()

    satellite = satellite_of(hybrid, record)
    assert satellite["id"] == waiting_lead["id"]
    assert prices(hybrid.lead_of(record), satellite) == [2500, 4000]


def with_satellite(stand):
    _, cosmetology = waiting(stand)
    stand.edit_lead(cosmetology, price=700)
    stand.work()
    record = stand.book(*BOTH)
    stand.settle()
    return record, cosmetology


def test_B6_untouched_satellite_goes_back_to_where_it_was(hybrid):
    record, cosmetology = with_satellite(hybrid)

    hybrid.edit(record, services=[{"id": LASER_ARMPITS}])
    hybrid.settle()

    left = again(hybrid, cosmetology)
    assert (left["status_id"], left["price"]) == (COSM_NEW, 700)
    assert hybrid.value(left, "MOSTIK_KEY") == []
    assert hybrid.lead_of(record)["price"] == 2500


def test_B6_touched_satellite_stays_and_a_task_asks(hybrid):
    record, cosmetology = with_satellite(hybrid)
    hybrid.move(again(hybrid, cosmetology), 8209, user=OLGA)
    hybrid.work()

    hybrid.edit(record, services=[{"id": LASER_ARMPITS}])
    hybrid.settle()

    assert again(hybrid, cosmetology)["status_id"] == 8209
    assert [task["entity_id"] for task in hybrid.crm()["tasks"]] == [cosmetology["id"]]


def test_B6_satellite_with_a_persons_task_counts_as_touched(hybrid):
    record, cosmetology = with_satellite(hybrid)
    hybrid.world.amocrm.ui_task(
        "lotos.amocrm.ru", user_id=OLGA, lead_id=cosmetology["id"], text="Перезвонить"
    )

    hybrid.edit(record, services=[{"id": LASER_ARMPITS}])
    hybrid.settle()

    assert again(hybrid, cosmetology)["status_id"] == COSM_BOOKED


def test_B16_changed_mode_leaves_old_links_as_they_are(stand):
    wish(stand, {"multi_category": "single"})
    record = stand.book(*BOTH)
    stand.settle()

    wish(stand, {"multi_category": "split"})
    stand.edit(record, comment="после смены режима")
    stand.settle()
    later = stand.book(*BOTH, client=("Ольга", "+79990000002"), staff=INNA)
    stand.settle()

    assert satellite_of(stand, record) is NOBODY
    assert satellite_of(stand, later)["price"] == 4000


def test_mode_M2_split_opens_a_lead_for_each_direction_of_a_new_client(split):
    record = split.book(*BOTH)

    split.settle()

    main, satellite = split.lead_of(record), satellite_of(split, record)
    assert prices(main, satellite) == [6300, 4000]
    assert (satellite["pipeline_id"], satellite["status_id"]) == (COSMETOLOGY, COSM_BOOKED)
    assert len(split.contacts()) == 1


def test_mode_M2_price_of_a_line_changes_its_own_lead(split):
    record = split.book(*BOTH)
    split.settle()

    split.edit(record, services=[{"id": LASER_ARMPITS}, LEGS, {"id": CLEANING, "cost": 3000}])
    split.settle()

    assert prices(split.lead_of(record), satellite_of(split, record)) == [6300, 3000]


def test_mode_M2_direction_that_left_closes_the_lead_that_we_opened(split):
    record = split.book(*BOTH)
    split.settle()
    satellite = satellite_of(split, record)

    split.edit(record, services=[{"id": LASER_ARMPITS}])
    split.settle()

    closed = again(split, satellite)
    assert (closed["status_id"], closed["loss_reason_id"]) == (LOST, 502)
    assert split.lead_of(record)["price"] == 2500


def test_mode_M1_mode_of_one_salon_beats_the_accounts(stand):
    wish(stand, {"multi_category": "split"})
    document = {"company_id": TVERSKAYA, "title": "Тверская", "user_token": "env:YC_TOKEN", "mode": "active"}
    ural = {"company_id": URAL, "title": "Урал", "user_token": "env:YC_TOKEN", "mode": "active"}
    wish(stand, {"multi_category": "split"}, branches=[document | {"multi_category": "single"}, ural])

    stand.book(*BOTH)
    stand.settle()

    assert prices(*stand.leads()) == [10300]


def test_B17_open_leads_in_other_pipelines_are_nobodys_satellites(hybrid):
    other = hybrid.open_lead(OTHER, STAGES[OTHER])
    hybrid.work()

    record = hybrid.book(*BOTH)
    hybrid.settle()

    assert satellite_of(hybrid, record, "other") is NOBODY
    assert again(hybrid, other)["status_id"] == STAGES[OTHER]
