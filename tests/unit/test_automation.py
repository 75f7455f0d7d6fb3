"""The lead that amoCRM's automation makes after a success: filled, closed or asked about, and its twins."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.rules.configuration import FieldName
from backend.core.rules.options import AlreadyBooked
from backend.core.salon import Phase
from backend.core.sync import automation
from backend.core.sync.commands import AddNote, AddTask, FieldValue, UpdateLead
from backend.core.sync.facts import Held
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    CONFIGURATION,
    COSMETOLOGY,
    EPILATION,
    FIELD_IDS,
    KEY,
    LOST,
    NEW,
    NOW,
    RULES,
    WON,
    booking,
    facts,
    lead,
    link,
)

PAST = NOW - timedelta(hours=3)
FIRST, TWIN, BOOKED_LEAD, SATELLITE, COSM_NEW = 20000002, 20000003, 20000004, 20000005, 8200
KEY_FIELD = FIELD_IDS[FieldName.KEY]
NEXT_KEY = "yclients:41001:770002"
PLACES = {
    (41001, "epilation"): (EPILATION, NEW),
    (41001, "cosmetology"): (COSMETOLOGY, COSM_NEW),
}  # fmt: skip
CLOSE, MOVE, TASK = AlreadyBooked.CLOSE, AlreadyBooked.MOVE, AlreadyBooked.TASK


def automated(how=CLOSE, places=PLACES):
    """The stand's rules; amoCRM opens the lead of the next visit in these places."""
    routes = tuple(_placed(route, places) for route in CONFIGURATION.routes)
    options = replace(CONFIGURATION.options, already_booked=how)
    return replace(RULES, configuration=replace(CONFIGURATION, routes=routes, options=options))


def _placed(route, places):
    pipeline_id, stage_id = places.get((route.branch_id, route.direction), (None, None))
    return replace(route, trigger_pipeline_id=pipeline_id, trigger_stage_id=stage_id)


def robots(lead_id=FIRST, stage=NEW, pipeline=EPILATION, **changes):
    """A lead that a robot has just made."""
    return Candidate(lead(stage, pipeline, id=lead_id, created_by=0, created_at=NOW, **changes))


def booked(days=10, **changes):
    """The person's next visit, with a lead of its own."""
    held = link(BOOKED_LEAD, key=NEXT_KEY)
    usual = Candidate(lead(BOOKED, id=BOOKED_LEAD), held, Phase.WAITING, NOW + timedelta(days=days))
    return replace(usual, **changes)


def won(*candidates, stage=WON, **more):
    held = link(applied={"phase": "arrived"}, stage_id=WON, stage_at=NOW)
    about = booking(Phase.ARRIVED, starts_at=PAST)
    return facts(about, link=held, lead=lead(stage), candidates=candidates, **more)


def satellite():
    held = link(
        SATELLITE, share="cosmetology", direction="cosmetology", stage_id=WON, stage_at=NOW,
        applied={"phase": "arrived"},
    )  # fmt: skip
    return Held(held, lead(WON, COSMETOLOGY, id=SATELLITE))


def recognised(state, how=CLOSE, places=PLACES):
    return automation.recognised(state, automated(how, places))


# --- twins ---


def test_K6_the_twin_of_an_automation_that_fires_twice_is_closed():
    after = recognised(won(robots(TWIN), robots()))

    filled, note, closed = after.commands
    assert (filled.lead_id, filled.attaches) == (FIRST, "epilation")
    assert (note.lead_id, note.text) == (
        TWIN, "Сделка для следующего визита создана второй раз: эта закрыта."
    )  # fmt: skip
    assert (closed.lead_id, closed.stage_id, closed.loss_reason_id) == (TWIN, LOST, 502)
    assert (closed.tags, closed.attaches) == (("дубль: второй раз",), None)
    assert {note.share, closed.share} == {f">{TWIN}"}  # nothing is remembered of it
    assert after.remembers == (("next_lead", str(FIRST)),)


def test_K6_a_lead_that_comes_after_the_one_we_have_is_a_twin_too():
    known = Held(link(FIRST, share=">epilation"), lead(NEW, id=FIRST))

    after = recognised(won(robots(), robots(TWIN), nexts=(known,)))

    assert [(one.lead_id, type(one)) for one in after.commands] == [(TWIN, AddNote), (TWIN, UpdateLead)]
    assert after.remembers == ()


def test_K6_when_the_next_lead_that_we_had_is_closed_another_takes_its_place():
    closed = Held(link(FIRST, share=">epilation"), lead(LOST, id=FIRST))

    (filled,) = recognised(won(robots(TWIN), nexts=(closed,))).commands

    assert (filled.lead_id, filled.attaches, filled.stage_id) == (TWIN, "epilation", None)


# --- several directions ---


def test_K4_each_direction_of_a_visit_gets_its_next_lead():
    second = robots(TWIN, COSM_NEW, COSMETOLOGY)

    after = recognised(won(robots(), second, satellites=(satellite(),)))

    taken = [(one.lead_id, one.attaches, one.share) for one in after.commands]
    assert taken == [(FIRST, "epilation", ">epilation"), (TWIN, "cosmetology", ">cosmetology")]
    assert after.remembers == (("next_lead", str(FIRST)),)  # what the main lead waits for


def test_K1_the_success_of_a_second_direction_counts_although_people_closed_the_main_lead():
    second = robots(TWIN, COSM_NEW, COSMETOLOGY)

    after = recognised(won(robots(), second, stage=LOST, satellites=(satellite(),)))

    assert [one.lead_id for one in after.commands] == [TWIN]


def test_a_direction_without_an_automation_expects_nothing():
    second = robots(TWIN, COSM_NEW, COSMETOLOGY)
    only_main = {(41001, "epilation"): (EPILATION, NEW)}

    after = recognised(won(robots(), second, satellites=(satellite(),)), places=only_main)

    assert [one.lead_id for one in after.commands] == [FIRST]


# --- the next visit is booked already ---


def test_K3_the_lead_is_closed_for_the_client_is_booked_already():
    after = recognised(won(robots(), booked()))

    note, closed = after.commands
    assert (note.lead_id, note.share, "20.03.2026" in note.text) == (FIRST, ">epilation", True)
    assert (closed.lead_id, closed.stage_id, closed.loss_reason_id) == (FIRST, LOST, 502)
    assert (closed.tags, closed.attaches, closed.fields) == (("дубль: уже записан",), "epilation", ())
    assert (after.remembers, after.wakes) == ((("next_lead", str(FIRST)),), ())


def test_K3_only_a_task_asks_where_the_account_wants_that():
    after = recognised(won(robots(), booked()), TASK)

    filled, task = after.commands
    assert (filled.lead_id, filled.stage_id) == (FIRST, None)
    assert task == AddTask(
        KEY, FIRST, "Клиент уже записан (20.03.2026 15:00), а эта сделка создана ещё раз. Нужна ли она?",
        NOW + timedelta(days=1), 7000002, share=">epilation",
    )  # fmt: skip
    assert after.wakes == ()


def test_K3_the_booking_moves_to_the_lead_where_the_account_wants_that():
    after = recognised(won(robots(), booked()), MOVE)

    filled, note, let_go = after.commands
    assert (filled.lead_id, filled.attaches) == (FIRST, "epilation")
    assert note == AddNote(NEXT_KEY, BOOKED_LEAD, f"Клиент записан заново: сделка № {FIRST}. Эта закрыта.")
    assert (let_go.key, let_go.lead_id, let_go.stage_id) == (NEXT_KEY, BOOKED_LEAD, LOST)
    assert (let_go.releases, after.wakes) == (True, (NEXT_KEY,))


@pytest.mark.parametrize("how", [CLOSE, MOVE, TASK])
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(booked(-10), id="before this one"),
        pytest.param(booked(holder_phase=Phase.NO_SHOW), id="missed"),
        pytest.param(booked(holder=link(BOOKED_LEAD, key=NEXT_KEY, direction="other")), id="elsewhere"),
    ],
)
def test_K3_no_other_visit_is_in_the_leads_way(how, other):
    (filled,) = recognised(won(robots(), other), how).commands

    assert (filled.lead_id, filled.stage_id, filled.attaches) == (FIRST, None, "epilation")


# --- the success is taken back ---


@pytest.mark.parametrize(
    ("fields", "freed"),
    [
        pytest.param((), (), id="made by the automation"),
        pytest.param(((KEY_FIELD, f"{KEY}>epilation"),), (FieldValue(KEY_FIELD, None),), id="made by us"),
    ],
)
def test_C5_a_next_lead_that_is_closed_keeps_no_key(fields, freed):
    begun = link(FIRST, share=">epilation", applied={"begun_in": str(NEW)})
    waiting = Held(begun, lead(NEW, id=FIRST, fields=fields))
    back = replace(won(nexts=(waiting,)), booking=booking(Phase.NO_SHOW, starts_at=PAST))

    note, closed = automation.revoked(back, RULES)

    assert (note.lead_id, closed.lead_id, closed.stage_id) == (FIRST, FIRST, LOST)
    assert (closed.tags, closed.fields) == (("визит отменён задним числом",), freed)


@pytest.mark.parametrize("worked_on", [frozenset({FIRST}), frozenset()])
def test_C6_a_task_asks_about_a_next_lead_that_people_moved_or_work_with(worked_on):
    begun = link(FIRST, share=">epilation", applied={"begun_in": str(NEW)})
    waiting = Held(begun, lead(NEW if worked_on else BOOKED, id=FIRST))
    back = replace(won(nexts=(waiting,)), booking=booking(Phase.NO_SHOW, starts_at=PAST))

    (task,) = automation.revoked(replace(back, worked_on=worked_on), RULES)

    assert task == AddTask(
        KEY, FIRST,
        "Визит больше не отмечен как состоявшийся, а в этой сделке уже работали. Решите, нужна ли она.",
        NOW + timedelta(days=1), 7000002, share=">epilation",
    )  # fmt: skip
