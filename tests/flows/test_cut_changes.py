"""A change of a lead whose answer never came: what happened in the CRM is still our own doing afterwards."""

import pytest

from tests.support.stand import DOMAIN, EPILATION, LASER_ARMPITS

CONFIRMED, ARRIVED, NO_SHOW = 2, 1, -1
STAGES = {0: 8101, CONFIRMED: 8102, ARRIVED: 142, NO_SHOW: 8105}


@pytest.fixture
def cut(stand):
    """The answer to the next change of a lead is lost after amoCRM has carried it out."""
    return lambda: stand.world.amocrm.faults(
        "reset_after_commit", domain=DOMAIN, next=1, match="PATCH /api/v4/leads"
    )


@pytest.mark.parametrize(("before", "after"), [(ARRIVED, NO_SHOW), (ARRIVED, 0), (CONFIRMED, 0)])
def test_a_stage_set_without_an_answer_is_ours_and_follows_the_next_correction(stand, cut, before, after):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    cut()
    stand.mark(record, before)
    stand.settle()
    assert stand.lead_of(record)["status_id"] == STAGES[before]

    stand.mark(record, after)
    stand.settle()

    assert stand.lead_of(record)["status_id"] == STAGES[after]


def test_a_lead_continued_and_closed_without_an_answer_is_not_opened_twice(stand, cut):
    asked = stand.open_lead(EPILATION, 8100)
    cut()
    record = stand.book(LASER_ARMPITS)
    stand.mark(record, ARRIVED)
    stand.settle()

    assert [lead["id"] for lead in stand.leads_of(record)] == [asked["id"]]
    assert stand.lead_of(record)["status_id"] == 142


def test_a_change_that_did_not_happen_is_made_again(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.faults("504", domain=DOMAIN, next=1, match="PATCH /api/v4/leads")
    stand.mark(record, CONFIRMED)

    stand.settle()

    assert stand.lead_of(record)["status_id"] == STAGES[CONFIRMED]
