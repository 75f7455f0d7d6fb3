"""Leads of secondary directions: found, made, driven along, given back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import Contact
from backend.core.money import Kopecks
from backend.core.rules.configuration import FieldName
from backend.core.rules.options import MultiCategory
from backend.core.salon import Phase
from backend.core.sync import satellites, sharing
from backend.core.sync.commands import AddNote, AddTask, CreateLead, UpdateLead
from backend.core.sync.facts import Held
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    COSMETOLOGY,
    FIELD_IDS,
    KEY,
    LEAD,
    LOST,
    NOW,
    WON,
    booking,
    facts,
    lead,
    line,
    link,
    rules,
)

COSM_NEW, COSM_BOOKED, COSM_OTHER = 8200, 8201, 8209
SATELLITE = 20000002
LASER, CLEANED = line(501, 2500), line(503, 4000, 90021, "Чистка лица")
BOTH = (LASER, CLEANED)
SPLIT, HYBRID, SINGLE = MultiCategory.SPLIT, MultiCategory.HYBRID, MultiCategory.SINGLE
MARIA = Contact(40000001, "Мария", ("+79990000001",))
BEFORE = {"before_stage": str(COSM_NEW), "before_pipeline": str(COSMETOLOGY), "before_price": "70000"}


def planned(about, mode=SPLIT, main_lead=LEAD, *, is_held=False, **more):
    known = rules(multi_category=mode)
    state = facts(about, **{"link": link(), "lead": lead(), "contact": MARIA, **more})
    shares = sharing.shares(about, known.configuration, fixed="epilation")
    return satellites.plan(state, main_lead, "epilation", shares, known, is_held=is_held)


def two(phase=Phase.WAITING, **changes):
    return booking(phase, *BOTH, **changes)


def held(stage=COSM_BOOKED, *, lead_id=SATELLITE, applied=None, **changes):
    told = link(
        lead_id, share="cosmetology", direction="cosmetology", stage_id=COSM_BOOKED, stage_at=NOW,
        applied={"phase": "waiting", **(applied or {})}, **changes,
    )  # fmt: skip
    return Held(told, replace(lead(stage, COSMETOLOGY), id=lead_id))


def test_one_lead_has_all_where_the_account_wants_that():
    assert planned(two(), SINGLE) == satellites.Plan()


def test_split_opens_a_lead_for_the_second_direction():
    plan = planned(two())

    (made,) = plan.commands
    assert isinstance(made, CreateLead)
    assert (made.pipeline_id, made.stage_id, made.share) == (COSMETOLOGY, COSM_BOOKED, "cosmetology")
    assert (made.price, plan.taken) == (Kopecks(400000), Kopecks(400000))


def test_hybrid_opens_none():
    assert planned(two(), HYBRID) == satellites.Plan()


@pytest.mark.parametrize("mode", [SPLIT, HYBRID])
def test_an_open_lead_of_the_second_direction_is_taken(mode):
    free = Candidate(replace(lead(COSM_NEW, COSMETOLOGY), id=SATELLITE))

    (taken,) = planned(two(), mode, candidates=(free,)).commands

    assert isinstance(taken, UpdateLead)
    assert (taken.lead_id, taken.attaches, taken.stage_id) == (SATELLITE, "cosmetology", COSM_BOOKED)
    assert dict(taken.remembers).items() >= {"before_stage": str(COSM_NEW)}.items()


def test_a_direction_that_was_looked_for_once_is_not_looked_for_again():
    looked = link(applied={"directions": "epilation,cosmetology"})

    assert planned(two(), link=looked) == satellites.Plan()


@pytest.mark.parametrize(("mode", "is_later"), [(SPLIT, True), (HYBRID, False)])
def test_without_a_contact_the_second_lead_comes_after_the_first(mode, is_later):
    plan = planned(two(), mode, main_lead=None, contact=None)

    assert (plan.commands, plan.is_later) == ((), is_later)


def test_a_satellite_is_won_with_its_booking():
    about = two(Phase.ARRIVED, starts_at=NOW - timedelta(hours=1))

    plan = planned(about, satellites=(held(),))

    assert [(one.lead_id, one.stage_id) for one in plan.commands] == [(SATELLITE, WON)]


def test_a_satellite_stays_while_the_main_lead_does():
    about = two(Phase.ARRIVED, starts_at=NOW - timedelta(hours=1))

    plan = planned(about, satellites=(held(),), is_held=True)

    assert [one.stage_id for one in plan.commands if isinstance(one, UpdateLead)] == [None]
    assert "phase" not in dict(plan.commands[0].remembers)


@pytest.mark.parametrize("about", [two(Phase.CANCELLED), booking(Phase.CANCELLED, lines=())])
def test_a_satellite_is_lost_with_its_booking(about):
    (lost, *_) = planned(about, satellites=(held(),)).commands

    assert (lost.lead_id, lost.stage_id) == (SATELLITE, LOST)


def test_a_satellite_that_is_gone_is_not_written():
    gone = replace(held(), lead=None)

    assert all(isinstance(one, CreateLead) for one in planned(two(), satellites=(gone,)).commands)


def test_a_satellite_that_becomes_the_main_lead_is_one_no_more():
    plan = planned(two(), HYBRID, main_lead=SATELLITE, satellites=(held(),))

    (freed,) = plan.commands
    assert (freed.lead_id, freed.releases, freed.share) == (SATELLITE, True, "cosmetology")


def given_back(one):
    return planned(booking(), satellites=(one,)).commands


def test_a_lead_that_we_opened_is_closed_when_its_direction_leaves():
    note, closed = given_back(held())

    assert isinstance(note, AddNote)
    assert (closed.stage_id, closed.releases) == (LOST, True)


def test_a_lead_that_was_there_before_goes_back_to_where_it_was():
    _, back = given_back(held(opened_by_us=False, applied=BEFORE))

    assert (back.stage_id, back.pipeline_id, back.price) == (COSM_NEW, COSMETOLOGY, Kopecks(70000))
    assert [one.value for one in back.fields if one.field_id == FIELD_IDS[FieldName.KEY]] == [None]


def test_it_stays_in_its_stage_when_that_is_the_one():
    _, back = given_back(held(opened_by_us=False, applied=BEFORE | {"before_stage": str(COSM_BOOKED)}))

    assert (back.stage_id, back.pipeline_id) == (None, None)


def test_a_lead_that_people_moved_is_released_and_a_person_is_asked():
    freed, task = given_back(held(COSM_OTHER))

    assert (freed.releases, freed.stage_id, isinstance(task, AddTask)) == (True, None, True)


def test_a_direction_that_the_account_has_no_more_is_given_back_too():
    unknown = held()
    unknown = replace(unknown, link=replace(unknown.link, share="massage"))

    note, closed = given_back(unknown)

    assert "massage" not in note.text
    assert (closed.key, closed.stage_id) == (KEY, LOST)


@pytest.mark.parametrize(
    ("days", "price"), [pytest.param(8, None, id="too late"), pytest.param(6, Kopecks(400000), id="in time")]
)
def test_F3_a_price_that_changed_too_long_after_the_visit_leaves_the_satellites_budget(days, price):
    about = two(Phase.ARRIVED, starts_at=NOW - timedelta(days=days))
    won = held(WON, applied={"phase": "arrived", "price": "300000"})

    update, note = planned(about, satellites=(won,)).commands

    assert (update.lead_id, update.price) == (SATELLITE, price)
    assert (note.share, "4 000" in note.text) == ("cosmetology", True)
