"""The lead for the next visit: when one is made, when it is known, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.rules.configuration import FieldName
from backend.core.rules.options import NextLead
from backend.core.salon import Phase
from backend.core.sync import automation
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddTask, CreateLead, UpdateLead
from backend.core.sync.facts import Held
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIGURATION,
    DIRECTION,
    EPILATION,
    KEY,
    LOST,
    NEW,
    NOW,
    RULES,
    WON,
    booking,
    facts,
    known,
    lead,
    line,
    link,
)

PAST = NOW - timedelta(hours=3)
NEXT_LEAD = 20000002
PLACED = {"trigger_pipeline_id": EPILATION, "trigger_stage_id": NEW}
MADE = {"created_by": 0, "created_at": NOW}


def ruled(options=None, **route):
    """The stand's rules; the first route has other places."""
    configuration = replace(
        CONFIGURATION,
        options=replace(CONFIGURATION.options, **(options or {})),
        routes=(replace(CONFIGURATION.routes[0], **route), *CONFIGURATION.routes[1:]),
    )
    return replace(RULES, configuration=configuration)


def came(**more):
    return known(booking(Phase.ARRIVED, starts_at=PAST), **more)


def made(decision):
    return [command for command in decision.commands if isinstance(command, CreateLead)]


def robots(**changes):
    """A lead that a robot has just made in the place of the automation."""
    return Candidate(replace(lead(NEW, **MADE), id=NEXT_LEAD, **changes))


def won(*candidates, **more):
    held = replace(link(applied={"phase": "arrived"}), stage_id=WON, stage_at=NOW)
    about = booking(Phase.ARRIVED, starts_at=PAST)
    return facts(about, link=held, lead=lead(WON), candidates=candidates, **more)


def test_our_next_lead_is_made_in_its_place():
    decision = decide(came(), ruled({"next_lead": NextLead.OURS}, **PLACED))

    (command,) = made(decision)
    assert (command.pipeline_id, command.stage_id, command.share) == (EPILATION, NEW, ">epilation")


@pytest.mark.parametrize("route", [{}, {"trigger_pipeline_id": EPILATION}])
def test_no_next_lead_of_ours_without_a_place_for_it(route):
    assert made(decide(came(), ruled({"next_lead": NextLead.OURS}, **route))) == []


def test_no_next_lead_of_ours_when_one_waits_already():
    waiting = robots(fields=((DIRECTION, "Эпиляция"),))

    assert made(decide(came(candidates=(waiting,)), ruled({"next_lead": NextLead.OURS}, **PLACED))) == []


def test_a_waiting_lead_of_another_direction_does_not_count():
    waiting = robots(fields=((DIRECTION, "Косметология"),))

    assert made(decide(came(candidates=(waiting,)), ruled({"next_lead": NextLead.OURS}, **PLACED)))


def test_the_automations_lead_is_known_and_taken():
    after = automation.recognised(won(robots()), ruled(**PLACED))

    (filled,) = after.commands
    assert isinstance(filled, UpdateLead)
    assert (filled.lead_id, filled.attaches, filled.share) == (NEXT_LEAD, "epilation", ">epilation")
    assert after.remembers == (("next_lead", str(NEXT_LEAD)),)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"created_by": 7000001}, id="made by a person"),
        pytest.param({"created_at": None}, id="made nobody knows when"),
        pytest.param({"created_at": NOW - timedelta(minutes=1)}, id="made before the success"),
        pytest.param({"created_at": NOW + timedelta(days=1)}, id="made long after it"),
        pytest.param({"stage_id": COMPLAINT}, id="lies elsewhere"),
        pytest.param({"fields": ((DIRECTION, "Косметология"),)}, id="of another direction"),
    ],
)
def test_another_lead_is_not_taken_for_the_automations(changes):
    assert automation.recognised(won(robots(**changes)), ruled(**PLACED)).commands == ()


def test_a_lead_that_drives_a_booking_is_not_taken_for_the_automations():
    driven = replace(robots(), holder=link(NEXT_LEAD))

    assert automation.recognised(won(driven), ruled(**PLACED)).commands == ()


def test_a_satellite_that_we_did_not_win_expects_no_next_lead():
    open_one = Held(link(NEXT_LEAD + 1, share="cosmetology", stage_id=BOOKED), lead(BOOKED))

    after = automation.recognised(won(robots(), satellites=(open_one,)), ruled(**PLACED))

    assert [command.share for command in after.commands] == [">epilation"]


def taken_back(*nexts, **more):
    held = link(applied={"phase": "arrived"}, stage_id=WON, stage_at=NOW)
    return facts(booking(Phase.NO_SHOW, starts_at=PAST), link=held, lead=lead(WON), nexts=nexts, **more)


def next_held(**changes):
    begun = link(NEXT_LEAD, share=">epilation", applied={"begun_in": str(NEW)})
    return Held(begun, replace(lead(NEW), id=NEXT_LEAD, **changes))


def test_an_untouched_next_lead_is_closed_with_the_success():
    note, closing = automation.revoked(taken_back(next_held()), RULES)

    assert (note.lead_id, closing.lead_id, closing.stage_id) == (NEXT_LEAD, NEXT_LEAD, LOST)


def test_a_next_lead_that_people_work_with_is_asked_about():
    (task,) = automation.revoked(taken_back(next_held(), worked_on=frozenset({NEXT_LEAD})), RULES)

    assert isinstance(task, AddTask)


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(Held(link(NEXT_LEAD, share=">epilation"), None), id="not there"),
        pytest.param(next_held(is_deleted=True), id="deleted"),
        pytest.param(next_held(stage_id=LOST), id="closed"),
    ],
)
def test_a_next_lead_that_is_gone_needs_nothing(gone):
    assert automation.revoked(taken_back(gone), RULES) == ()


def test_a_next_lead_that_a_booking_has_taken_stays():
    taken = Candidate(next_held().lead, holder=link(NEXT_LEAD))

    assert automation.revoked(taken_back(next_held(), candidates=(taken,)), RULES) == ()


def test_a_key_that_a_person_cleared_is_written_again():
    field_id = RULES.field_ids[FieldName.KEY]
    state = known(booking())
    kept = tuple(pair for pair in state.lead.fields if pair[0] != field_id)

    (update,) = decide(replace(state, lead=replace(state.lead, fields=kept)), RULES).commands

    assert [(one.field_id, one.value) for one in update.fields] == [(field_id, KEY)]


def test_a_lead_named_by_a_person_moves_to_another_direction_with_that_name():
    state = known(booking(Phase.WAITING, line(503, title="Чистка лица")))
    state = replace(state, lead=replace(state.lead, name="Постоянная клиентка"))

    (update,) = [one for one in decide(state, RULES).commands if isinstance(one, UpdateLead)]

    assert (update.name, update.redirects) == (None, "cosmetology")
