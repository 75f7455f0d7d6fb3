"""B7, B8, B10–B15. What direction a booking is of, and what becomes of its lead when that changes."""

from tests.support.shares import CONFIRMED, COSM_BOOKED, HYBRID, LOST, again, prices, satellite_of, waiting
from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    TVERSKAYA,
    UNMAPPED,
    URAL,
    URAL_LASER,
)
from tests.support.wishes import wish


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
