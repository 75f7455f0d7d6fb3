"""B2–B16. A booking of several directions: its leads, their parts of the budget, and what an edit does."""

import pytest

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
    UNMAPPED,
    URAL,
    URAL_LASER,
)
from tests.support.wishes import wish

HYBRID = {"multi_category": "hybrid"}
BOOKED, CONFIRMED, WON, LOST = 8101, 8102, 142, 143
EPIL_NEW, COSM_NEW, COSM_BOOKED = 8100, 8200, 8201
LEGS = {"id": LASER_LEGS, "cost": 3800}
BOTH = (LASER_ARMPITS, LEGS, CLEANING)  # 6 300 of epilation, 4 000 of cosmetology
NOBODY = None


@pytest.fixture
def hybrid(stand):
    wish(stand, HYBRID)
    return stand


@pytest.fixture
def split(stand):
    wish(stand, {"multi_category": "split"})
    return stand


def satellite_of(stand, record, direction="cosmetology"):
    key = f"yclients:{record['company_id']}:{record['id']}#{direction}"
    found = [lead for lead in stand.leads() if stand.value(lead, "MOSTIK_KEY") == [key]]
    assert len(found) <= 1
    return found[0] if found else NOBODY


def again(stand, lead):
    return next(one for one in stand.leads() if one["id"] == lead["id"])


def prices(*leads):
    return [lead["price"] for lead in leads]


def waiting(stand):
    """Open leads of the person in both directions, as automations leave them."""
    epilation = stand.open_lead(EPILATION, EPIL_NEW)
    contact = stand.contacts()[0]["id"]
    cosmetology = stand.open_lead(COSMETOLOGY, COSM_NEW, client=contact)
    stand.work()
    return epilation, cosmetology


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


def test_B7_untouched_lead_moves_to_the_new_direction(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    before = stand.lead_of(record)

    stand.edit(record, services=[{"id": CLEANING}])
    stand.settle()

    lead = stand.lead_of(record)
    assert lead["id"] == before["id"]
    assert (lead["pipeline_id"], lead["status_id"], lead["price"]) == (COSMETOLOGY, COSM_BOOKED, 4000)
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Косметология"]
    assert stand.reason(record) == "direction_moved"


def test_B7_after_the_move_the_new_pipeline_is_followed(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.edit(record, services=[{"id": CLEANING}])
    stand.settle()

    stand.mark(record, 2)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == 8202


def test_B7_lead_is_closed_for_another_where_the_account_wants_that(stand):
    wish(stand, {"direction_change": "relink"})
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    before = stand.lead_of(record)

    stand.edit(record, services=[{"id": CLEANING}])
    stand.settle()

    assert (again(stand, before)["status_id"], again(stand, before)["loss_reason_id"]) == (LOST, 502)
    lead = stand.lead_of(record)
    assert (lead["id"] != before["id"], lead["pipeline_id"]) == (True, COSMETOLOGY)


def test_B8_lead_that_people_moved_stays_and_a_task_asks_once(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.lead_of(record)
    stand.move(lead, CONFIRMED)
    stand.work()

    stand.edit(record, services=[{"id": CLEANING}])
    stand.settle()
    stand.edit(record, comment="ещё раз")
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["status_id"]) == (EPILATION, CONFIRMED)
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Косметология"]
    assert len(stand.crm()["tasks"]) == 1


def test_B8_lead_with_a_persons_note_stays_too(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.ui_note(
        "lotos.amocrm.ru", user_id=OLGA, lead_id=stand.lead_of(record)["id"], text="Просила скидку"
    )

    stand.edit(record, services=[{"id": CLEANING}])
    stand.settle()

    assert stand.lead_of(record)["pipeline_id"] == EPILATION


def test_B10_service_removed_from_the_catalogue_keeps_its_category(stand):
    record = stand.book(CLEANING)
    stand.settle()
    stand.world.yclients.ui_delete_service(TVERSKAYA, CLEANING)
    stand.settle()

    stand.edit(record, comment="после удаления услуги")
    stand.settle()

    assert stand.lead_of(record)["pipeline_id"] == COSMETOLOGY
    assert stand.value(stand.lead_of(record), "MOSTIK_DIRECTION") == ["Косметология"]


def test_B11_two_categories_of_one_direction_are_one_direction(stand):
    directions = [
        {"key": "epilation", "title": "Эпиляция", "categories": {TVERSKAYA: [501, 503], URAL: [601]}},
        {"key": "cosmetology", "title": "Косметология"},
        {"key": "other", "title": "Прочее", "default": True},
    ]
    wish(stand, HYBRID, directions=directions)

    record = stand.book(LASER_ARMPITS, CLEANING)
    stand.settle()

    assert stand.value(stand.lead_of(record), "MOSTIK_DIRECTION") == ["Эпиляция"]
    assert prices(*stand.leads()) == [6500]


def test_B12_equal_titles_in_two_salons_are_mapped_apart(stand):
    directions = [
        {"key": "epilation", "title": "Эпиляция", "categories": {TVERSKAYA: [501]}},
        {"key": "cosmetology", "title": "Косметология", "categories": {TVERSKAYA: [503]}},
        {"key": "other", "title": "Прочее", "default": True, "categories": {URAL: [601]}},
    ]
    wish(stand, directions=directions)

    here = stand.book(LASER_ARMPITS)
    there = stand.book(URAL_LASER, company=URAL, staff=83, client=("Ольга", "+79990000002"))
    stand.settle()

    assert stand.value(stand.lead_of(here), "MOSTIK_DIRECTION") == ["Эпиляция"]
    assert stand.leads_of(there) == []  # «Прочее» has no route there, and the journal says so
    assert stand.reason(there) == "no_route"


def test_B13_changed_category_counts_for_new_bookings(stand):
    record = stand.book(CLEANING)
    stand.settle()
    stand.world.yclients.ui_move_service(TVERSKAYA, CLEANING, 501)
    stand.settle()

    later = stand.book(CLEANING, client=("Ольга", "+79990000002"))
    stand.settle()

    assert stand.lead_of(record)["pipeline_id"] == COSMETOLOGY
    assert stand.lead_of(later)["pipeline_id"] == EPILATION


def test_B14_auxiliary_service_goes_with_the_main_direction(stand):
    wish(stand, HYBRID | {"auxiliary": {TVERSKAYA: [UNMAPPED]}})

    record = stand.book(UNMAPPED, LASER_ARMPITS)
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["price"]) == (EPILATION, 4300)
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Эпиляция"]


def test_B14_auxiliary_service_stays_with_the_main_lead_when_the_other_direction_grows_dearer(stand):
    equals = [
        {"key": "epilation", "title": "Эпиляция", "priority": 1, "categories": {41001: [501], 41002: [601]}},
        {"key": "cosmetology", "title": "Косметология", "priority": 1, "categories": {41001: [503]}},
        {"key": "other", "title": "Прочее", "default": True},
    ]
    wish(stand, HYBRID | {"auxiliary": {TVERSKAYA: [LASER_LEGS]}}, directions=equals)
    waiting(stand)
    rest = [{"id": LASER_LEGS, "cost": 300}, {"id": CLEANING, "cost": 1000}]
    record = stand.book({"id": LASER_ARMPITS, "cost": 5000}, *rest)
    stand.settle()

    stand.edit(record, services=[{"id": LASER_ARMPITS, "cost": 500}, *rest])
    stand.settle()

    main, satellite = stand.lead_of(record), satellite_of(stand, record)
    assert (main["pipeline_id"], prices(main, satellite)) == (EPILATION, [800, 1000])
    assert stand.value(satellite, "MOSTIK_SERVICES") == ["Чистка лица — 1 000 ₽"]


def test_B14_auxiliary_service_alone_decides(stand):
    wish(stand, HYBRID | {"auxiliary": {TVERSKAYA: [CLEANING]}})

    record = stand.book(CLEANING)
    stand.settle()

    assert stand.lead_of(record)["pipeline_id"] == COSMETOLOGY


def test_B15_main_direction_does_not_flip_with_prices(stand):
    directions = [
        {"key": "epilation", "title": "Эпиляция", "priority": 1, "categories": {TVERSKAYA: [501]}},
        {"key": "cosmetology", "title": "Косметология", "priority": 1, "categories": {TVERSKAYA: [503]}},
        {"key": "other", "title": "Прочее", "default": True},
    ]
    wish(stand, directions=directions)
    record = stand.book(LASER_ARMPITS, {"id": CLEANING, "cost": 1000})
    stand.settle()
    assert stand.lead_of(record)["pipeline_id"] == EPILATION

    stand.edit(record, services=[{"id": LASER_ARMPITS}, {"id": CLEANING, "cost": 9000}])
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["price"]) == (EPILATION, 11500)


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
