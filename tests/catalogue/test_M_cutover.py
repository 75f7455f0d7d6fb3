"""M. The switch of a salon from GET8 to us: M1, M2, M8, M9, M12."""

import pytest

from backend.core.errors import NeedsHuman
from backend.core.takeover.cutover import State
from backend.flows.takeover.switching import catch_up, cutover
from backend.store import cutovers
from tests.support import moving
from tests.support.get8 import ADDRESS
from tests.support.get8 import CLIENT as GET8_APP
from tests.support.stand import (
    CLEANING,
    CLIENT,
    LASER_ARMPITS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

BOOKED, CONFIRMED, WON = 8101, 8102, 142


@pytest.fixture
def salon(get8):
    """One visit that GET8 keeps a deal for; the salon is ready for the button."""
    get8.old = get8.book(LASER_ARMPITS, at="+20")
    get8.settle()
    moving.prepare(get8)
    return get8


def of_phone(stand, record):
    """Every deal of this record's person."""
    phone = str(record["client"]["phone"])[-10:]
    ids = {c["id"] for c in stand.contacts() if phone in {number[-10:] for number in stand.phones(c)}}
    return [
        lead
        for lead in stand.leads()
        if ids.intersection(contact["id"] for contact in lead["_embedded"]["contacts"])
    ]


def written_by_us(stand):
    """Requests of ours that changed cards; fields of the account are made with the configuration."""
    rows = [row for row in stand.writes(CLIENT) if "custom_fields" not in row["path"]]
    return [row["path"] for row in rows if "leads" in row["path"] or "contacts" in row["path"]]


def test_M1_a_deal_of_get8_goes_on_as_the_same_deal(salon):
    deal = salon.foreign_lead(salon.old)
    moving.begin(salon)
    done = moving.walk(salon)
    before = written_by_us(salon)

    salon.mark(salon.old, 2)
    salon.settle()

    assert done.state is State.DONE
    assert before == []
    assert [lead["id"] for lead in of_phone(salon, salon.old)] == [deal["id"]]
    assert salon.lead_of(salon.old)["status_id"] == CONFIRMED
    assert moving.writer(salon) == "ours"
    assert [url for url in salon.urls() if url.startswith(ADDRESS)] == []


def test_M1_what_happens_after_the_switch_is_ours_alone(salon):
    moving.begin(salon)
    moving.walk(salon)
    marks = len(salon.writes(GET8_APP))

    fresh = salon.book(CLEANING, client=("Вера", "+79990000044"))
    salon.settle()

    assert salon.lead_of(fresh)["pipeline_id"] == 8002
    assert len(of_phone(salon, fresh)) == 1
    assert len(salon.writes(GET8_APP)) == marks


def test_M2_a_booking_seconds_before_has_one_deal(salon):
    """GET8 is slow: it makes the deal after it was taken out of the list; we wait, look and take it over."""
    salon.get8.options.change({"lag": (60.0, 60.0)})
    moving.begin(salon)
    moving.walk(salon, State.ANNOUNCED)
    salon.world.clock.advance(295)
    late = salon.book(LASER_ARMPITS, client=("Нина", "+79990000055"))
    salon.world.deliver()
    salon.world.clock.advance(5)
    done = moving.walk(salon)
    salon.settle()

    (deal,) = of_phone(salon, late)
    assert done.state is State.DONE
    assert salon.foreign_lead(late)["id"] == deal["id"]
    salon.mark(late, 2)
    salon.settle()
    assert salon.lead_of(late)["id"] == deal["id"]


def test_M2_what_get8_never_came_to_is_made_once(salon):
    salon.get8.options.change({"loss": 1.0})
    moving.begin(salon)
    moving.walk(salon, State.DRAINING)
    lost = salon.book(LASER_ARMPITS, client=("Нина", "+79990000055"))
    moving.walk(salon)
    salon.settle()

    (deal,) = of_phone(salon, lost)
    assert salon.lead_of(lost)["id"] == deal["id"]


def test_M2_what_get8_missed_long_ago_holds_nobody_back_and_gets_its_lead(salon):
    salon.get8.options.change({"loss": 1.0})
    missed = salon.book(LASER_ARMPITS, client=("Нина", "+79990000055"), at="+25")
    salon.settle()
    salon.pass_time(3 * 86400)
    salon.get8.options.change({"loss": 0.0})
    moving.find(salon)
    assert of_phone(salon, missed) == []
    moving.begin(salon)
    moving.walk(salon)
    salon.settle()

    (deal,) = of_phone(salon, missed)
    assert salon.lead_of(missed)["id"] == deal["id"]


def test_M2_a_change_that_get8_lost_is_caught_up_and_nothing_else_is_written(salon):
    salon.get8.options.change({"loss": 1.0})
    salon.mark(salon.old, 2)
    salon.settle()
    assert salon.foreign_lead(salon.old)["status_id"] == BOOKED
    moving.begin(salon)
    moving.walk(salon)
    salon.settle()

    assert salon.lead_of(salon.old)["status_id"] == CONFIRMED
    assert set(written_by_us(salon)) <= {"/api/v4/leads", "/api/v4/leads/notes"}
    steps = {step.step: step.details for step in cutovers.steps(moving.now(salon).id)}
    assert steps[State.CATCHING_UP]["asked"] == 1


def test_M8_a_failure_before_the_first_write_leaves_everything_as_it_was(salon, monkeypatch):
    urls, leads = salon.urls(), salon.leads()

    def refused(*_args, **_more):
        raise NeedsHuman("yclients.unauthorized")

    monkeypatch.setattr(catch_up, "ask", refused)
    moving.begin(salon)
    done = moving.walk(salon)

    assert (done.state, done.kept["why"]) == (State.FAILED_BACK, "yclients.unauthorized")
    assert moving.writer(salon) == "get8"
    assert salon.urls() == urls
    assert salon.leads() == leads
    assert written_by_us(salon) == []
    monkeypatch.undo()
    later = salon.book(LASER_ARMPITS, client=("Нина", "+79990000055"))
    salon.settle()
    assert len(of_phone(salon, later)) == 1
    assert written_by_us(salon) == []


def test_M8_a_person_calls_it_off_before_it_is_ours(salon):
    urls = salon.urls()
    moving.begin(salon)
    moving.walk(salon, State.DRAINING)
    assert salon.urls() != urls
    salon.mark(salon.old, 2)
    salon.settle()
    cutover.cancel(salon.ctx, salon.account.id, TVERSKAYA)
    done = moving.walk(salon)

    assert (done.state, done.kept["why"]) == (State.FAILED_BACK, "takeover_cutover.cancelled")
    assert (moving.writer(salon), salon.urls()) == ("get8", urls)
    assert written_by_us(salon) == []
    told = {step.step: step.details for step in cutovers.steps(done.id)}
    assert told[State.GOING_BACK]["unheard"] == [salon.old["id"]], "GET8 has not heard of it"


def test_M9_the_third_salon_stays_with_get8_in_the_common_pipeline(salon):
    """Both salons put epilation into one pipeline; only Tverskaya is ours."""
    moving.begin(salon)
    moving.walk(salon)
    theirs = salon.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Яна", "+79990000066"))
    salon.settle()
    salon.mark(theirs, 2)
    salon.settle()

    (deal,) = of_phone(salon, theirs)
    assert deal["pipeline_id"] == 8001
    assert deal["status_id"] == CONFIRMED
    assert salon.value(deal, "MOSTIK_KEY") == []
    assert written_by_us(salon) == []


def test_M12_a_manager_at_work_sees_no_change(salon):
    deal = salon.foreign_lead(salon.old)
    moving.begin(salon)
    moving.walk(salon, State.DRAINING)
    salon.edit_lead(deal, name="Мария, перезвонить", price=7777)
    salon.move(deal, 8109)
    kept = salon.foreign_lead(salon.old)
    done = moving.walk(salon)
    salon.settle()

    assert done.state is State.DONE
    after = salon.foreign_lead(salon.old)
    assert {**after, "updated_at": 0} == {**kept, "updated_at": 0}
    assert written_by_us(salon) == []
