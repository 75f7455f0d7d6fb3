"""F. Money of a booking with several leads: each has its part, and the rules of money hold for all."""

import pytest

from tests.support.stand import (
    CLEANING,
    COSMETOLOGY,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    STAGES,
    TVERSKAYA,
)
from tests.support.wishes import wish

DAY = 86_400
HYBRID = {"multi_category": "hybrid"}
LASER = ({"id": LASER_ARMPITS}, {"id": LASER_LEGS, "cost": 3800})  # 6 300 of epilation
BOTH = (*LASER, {"id": CLEANING})  # and 4 000 of cosmetology
CHEAPER = [*LASER, {"id": CLEANING, "cost": 1000}]


@pytest.fixture
def hybrid(stand):
    return shared(stand, HYBRID)


def shared(stand, options):
    """Open leads of the person in both directions."""
    wish(stand, options)
    stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.open_lead(COSMETOLOGY, STAGES[COSMETOLOGY], client=stand.contacts()[0]["id"])
    stand.work()
    return stand


def booked(stand, **more):
    record = stand.book(*BOTH, **more)
    stand.settle()
    assert prices(stand) == [6300, 4000]
    return record


def over(stand):
    record = booked(stand, at="-1")
    stand.mark(record, 1)
    stand.settle()
    assert [lead["status_id"] for lead in stand.leads()] == [142, 142]
    return record


def prices(stand):
    return [lead["price"] for lead in stand.leads()]


def told_of_sums(stand):
    return [[note for note in stand.notes(lead) if "после визита" in note] for lead in stand.leads()]


def test_F3_parts_that_did_not_change_are_told_to_nobody(hybrid):
    record = over(hybrid)
    hybrid.edit(record, comment="ещё раз")

    hybrid.settle()

    assert told_of_sums(hybrid) == [[], []]


def test_F3_part_changed_soon_after_the_visit_is_told_on_its_own_lead(hybrid):
    record = over(hybrid)
    hybrid.edit(record, services=CHEAPER)
    hybrid.settle()
    hybrid.edit(record, comment="ещё раз")

    hybrid.settle()

    main, (note,) = told_of_sums(hybrid)
    assert (main, prices(hybrid)) == ([], [6300, 1000])
    assert "было 4 000 ₽, стало 1 000 ₽" in note


def test_F3_part_changed_late_is_only_told(hybrid):
    record = over(hybrid)
    hybrid.pass_time(10 * DAY)
    hybrid.edit(record, services=CHEAPER)

    hybrid.settle()

    assert prices(hybrid) == [6300, 4000]
    assert [len(notes) for notes in told_of_sums(hybrid)] == [0, 1]


def test_F4_typed_budget_of_a_part_is_locked_by_option(stand):
    shared(stand, HYBRID | {"money": {"keep_typed_budget": True}})
    record = booked(stand)
    stand.edit_lead(stand.leads()[1], price=9999)
    stand.work()
    stand.edit(record, services=CHEAPER)

    stand.settle()

    assert prices(stand) == [6300, 9999]


def test_F6_what_an_abonement_pays_is_taken_from_all_parts_alike(stand):
    shared(stand, HYBRID | {"money": {"abonement": "zero"}})
    record = booked(stand)
    stand.world.yclients.ui_withdraw(TVERSKAYA, record["id"], "abonement", 5150)
    stand.mark(record, 1)

    stand.settle()

    assert prices(stand) == [3150, 2000]


def test_F8_goods_of_a_booking_whose_services_are_gone_count_once(hybrid):
    record = booked(hybrid)
    hybrid.world.yclients.ui_sell(TVERSKAYA, record["id"], "Крем", 700, 1)
    hybrid.settle()
    assert prices(hybrid) == [7000, 4000]

    hybrid.edit(record, services=[])
    hybrid.settle()

    assert prices(hybrid) == [700, 0]
