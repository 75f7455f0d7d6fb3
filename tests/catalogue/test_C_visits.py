"""C15. One lead for the visit: who joins it, who leaves it, and that it comes to rest."""

import pytest

from backend.core.sync.booking import decide
from backend.flows.rules import configuration
from backend.flows.sync import facts, told
from tests.support.stand import (
    CLEANING,
    EPILATION,
    INNA,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    VERA,
    WAITING_LIST,
)
from tests.support.wishes import wish

ARMPITS, LEGS, FACE = 2500, 4500, 4000


@pytest.fixture
def grouped(stand):
    wish(stand, {"group_by_visit": True}, fields=("duration",))
    return stand


def parallel(stand, masters=(VERA, INNA), at="2030-03-10 14:30:00", **more):
    first = stand.book(LASER_ARMPITS, staff=masters[0], at=at)
    second = stand.book(LASER_LEGS, staff=masters[1], at=at, visit_id=first["visit_id"], **more)
    stand.settle()
    return first, second


def prices(stand, *records):
    return [stand.lead_of(record)["price"] for record in records]


def test_C15_a_booking_that_leaves_by_direction_gets_a_lead_of_its_own(grouped):
    first, second = parallel(grouped)

    grouped.edit(second, services=[{"id": CLEANING}])
    grouped.settle()

    assert len(grouped.leads()) == 2
    assert prices(grouped, first, second) == [ARMPITS, FACE]


def test_C15_a_leader_that_leaves_keeps_its_lead_and_the_others_get_another(grouped):
    first, second = parallel(grouped)
    lead = grouped.lead_of(first)["id"]

    grouped.edit(first, services=[{"id": CLEANING}])
    grouped.settle()

    assert len(grouped.leads()) == 2
    assert grouped.lead_of(first)["id"] == lead
    assert prices(grouped, first, second) == [FACE, LEGS]


def test_C15_a_booking_moved_to_another_day_is_another_visit(grouped):
    first, second = parallel(grouped)

    grouped.edit(second, datetime="2030-03-12 10:00:00")
    grouped.settle()

    assert prices(grouped, first, second) == [ARMPITS, LEGS]


def test_C15_a_booking_given_to_another_client_is_another_visit(grouped):
    first, second = parallel(grouped)

    grouped.edit(second, client={"name": "Ольга", "phone": "+79990000077"})
    grouped.settle()

    assert prices(grouped, first, second) == [ARMPITS, LEGS]


@pytest.mark.parametrize("touched", [0, 1])
def test_C15_without_the_option_each_booking_has_its_own_lead_again(grouped, touched):
    records = parallel(grouped)

    wish(grouped, {"group_by_visit": False})
    grouped.edit(records[touched], comment="уточнили")
    grouped.settle()

    assert len(grouped.leads()) == 2
    assert prices(grouped, *records) == [ARMPITS, LEGS]


def test_C15_two_leads_that_were_there_before_the_option_stay_two(stand):
    records = parallel(stand)

    wish(stand, {"group_by_visit": True})
    for record in records:
        stand.edit(record, comment="уточнили")
        stand.settle()

    assert len(stand.leads()) == 2
    assert prices(stand, *records) == [ARMPITS, LEGS]


@pytest.mark.parametrize(
    ("masters", "left", "price"), [((WAITING_LIST, INNA), 1, LEGS), ((VERA, WAITING_LIST), 0, ARMPITS)]
)
def test_C15_what_gets_no_lead_adds_nothing_to_the_visit(grouped, masters, left, price):
    records = parallel(grouped, masters)

    grouped.edit(records[0], comment="уточнили")
    grouped.settle()

    assert [lead["price"] for lead in grouped.leads()] == [price]
    assert grouped.lead_of(records[left])


def test_C15_a_booking_moved_to_an_excluded_master_takes_its_money_along(grouped):
    first, second = parallel(grouped)

    grouped.edit(second, staff_id=WAITING_LIST)
    grouped.settle()

    assert [lead["price"] for lead in grouped.leads()] == [ARMPITS]
    assert grouped.lead_of(first)["pipeline_id"] == EPILATION


def test_C15_the_visit_is_the_same_whichever_booking_is_decided(grouped):
    first, second = parallel(grouped, comment="второй мастер")
    grouped.world.yclients.ui_sell(TVERSKAYA, second["id"], "Крем", 700, 1)
    seen = []
    for record in (first, second, first):
        grouped.edit(record, comment=f"запись {record['id']}")
        grouped.settle()
        (lead,) = grouped.leads()
        fields = ("MOSTIK_MASTER", "MOSTIK_DURATION", "MOSTIK_SERVICES")
        seen.append([lead["price"], *(grouped.value(lead, field) for field in fields)])

    assert seen[0] == seen[1] == seen[2]
    assert seen[0][:2] == [ARMPITS + LEGS + 700, ["Вера"]]
    assert asked_for(grouped, first, second) == [(), ()]


def asked_for(stand, *records):
    """What the rules would do about each booking now."""
    rules = configuration.load(stand.account.id)
    keys = [f"yclients:{TVERSKAYA}:{record['id']}" for record in records]
    found = [told.booking(stand.account.id, key) for key in keys]
    known = facts.gather(stand.account.id, found, stand.now(), rules)
    return [decide(one, rules).commands for one in known]
