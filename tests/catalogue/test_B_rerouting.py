"""Row B9: a category is mapped after its bookings came; their leads are offered for a move, seen first."""

import pytest

from backend.flows.works import long_work
from backend.store import lanes
from tests.admin.conftest import HOME, owner
from tests.admin.reading import text_of
from tests.support.stand import (
    ANNA,
    COSMETOLOGY,
    EPILATION,
    LASER_ARMPITS,
    OTHER,
    STAGES,
    TVERSKAYA,
    UNMAPPED,
)

__all__ = ["owner"]
LEADS = f"{HOME}/directions/leads"


@pytest.fixture
def work(stand):
    """Long work is done, and then the bookings that it woke."""

    def do():
        long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
        stand.settle()

    return do


@pytest.fixture
def mapped(stand, owner):
    """The category of manicure goes to cosmetology from now on."""

    def do():
        owner.post(f"{HOME}/directions/move", base="1", card=f"{TVERSKAYA}:509", to="cosmetology")
        stand.settle()

    return do


def test_B9_leads_of_a_category_that_was_mapped_later_are_offered_and_moved(stand, owner, work, mapped):
    record = stand.book(UNMAPPED)
    other = stand.book(LASER_ARMPITS, client=("Елена", "+79990000002"))
    stand.settle()
    assert stand.lead_of(record)["pipeline_id"] == OTHER
    mapped()
    assert stand.lead_of(record)["pipeline_id"] == OTHER

    owner.post(f"{LEADS}/look")
    work()
    page = text_of(owner.get(LEADS))
    assert "Нашлась 1 сделка" in page
    assert f"Запись № {record['id']}" in page
    assert "Косметология Косметология, Записан" in page
    assert stand.lead_of(record)["pipeline_id"] == OTHER

    owner.post(LEADS)
    work()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["status_id"]) == (COSMETOLOGY, STAGES[COSMETOLOGY] + 1)
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Косметология"]
    assert stand.lead_of(other)["pipeline_id"] == EPILATION
    assert len(stand.leads()) == 2


def test_B9_a_lead_that_people_worked_on_is_said_to_stay_and_stays(stand, owner, work, mapped):
    record = stand.book(UNMAPPED)
    stand.settle()
    stand.move(stand.lead_of(record), STAGES[OTHER] + 9, user=ANNA)
    stand.settle()
    mapped()

    owner.post(f"{LEADS}/look")
    work()
    page = text_of(owner.get(LEADS))
    owner.post(LEADS)
    work()

    assert "Останется на месте" in page
    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["status_id"]) == (OTHER, STAGES[OTHER] + 9)


def test_B9_asked_twice_nothing_is_moved_twice(stand, owner, work, mapped):
    record = stand.book(UNMAPPED)
    stand.settle()
    mapped()
    owner.post(f"{LEADS}/look")
    work()
    owner.post(LEADS)
    owner.post(LEADS)
    work()
    changed = stand.lead_of(record)

    owner.post(f"{LEADS}/look")
    work()

    assert "Все сделки на своих местах" in text_of(owner.get(LEADS))
    assert stand.lead_of(record) == changed
    assert len(stand.leads()) == 1


def test_B9_nothing_is_offered_before_anybody_looked(stand, owner):
    assert "Найти такие сделки" in owner.get(LEADS).text
    assert owner.post(LEADS).status_code == 303
    assert stand.leads() == []
