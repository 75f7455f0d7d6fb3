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
    COSMETOLOGY,
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
HAS_NEXT = 9999
COSM_NEW, COSMETOLOGY_HERE = 8200, (41001, "cosmetology")
AHEAD = Candidate(
    lead(BOOKED, id=20000007), link(20000007, key="yclients:41001:770002"), Phase.WAITING,
    NOW + timedelta(days=30),
)  # fmt: skip


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


def told_ahead(state):
    """What the field that keeps the automation quiet is given before the lead is won."""
    fields = {FieldName.HAS_NEXT: HAS_NEXT}
    first, *others = decide(state, replace(RULES, field_ids=fields)).commands
    won_at = [number for number, one in enumerate(others) if getattr(one, "stage_id", None) == WON]
    assert won_at == [0]
    return first.lead_id, [(one.field_id, one.value) for one in first.fields], dict(first.remembers)


@pytest.mark.parametrize(
    ("ahead", "value"),
    [pytest.param((), 0, id="no visit ahead"), pytest.param((AHEAD,), 1, id="booked again")],
)
def test_whether_the_client_is_booked_again_is_written_before_the_success(ahead, value):
    told = told_ahead(came(candidates=ahead))

    assert told == (99000001, [(HAS_NEXT, value)], {f"field:{HAS_NEXT}": str(value)})


def test_what_the_field_says_already_is_not_written_again():
    state = came()
    said = {**state.link.applied, f"field:{HAS_NEXT}": "0"}
    state = replace(state, link=replace(state.link, applied=said))

    first, *_ = decide(state, replace(RULES, field_ids={FieldName.HAS_NEXT: HAS_NEXT})).commands

    assert (first.stage_id, first.fields) == (WON, ())


def test_nothing_is_written_ahead_where_the_account_has_no_such_field():
    first, *_ = decide(came(), RULES).commands

    assert first.stage_id == WON


def both(**options):
    """A visit of two directions in one lead was won; next leads are made in two places."""
    about = booking(Phase.ARRIVED, line(), line(503, 4000, title="Чистка лица"), starts_at=PAST)
    state = known(about)
    rules = ruled(options, **PLACED)
    routes = [
        replace(one, trigger_stage_id=COSM_NEW) if (one.branch_id, one.direction) == COSMETOLOGY_HERE else one
        for one in rules.configuration.routes
    ]
    rules = replace(rules, configuration=replace(rules.configuration, routes=tuple(routes)))
    return [(one.share, one.pipeline_id, one.stage_id) for one in made(decide(state, rules))]


OWN, SECOND = (">epilation", EPILATION, NEW), (">cosmetology", COSMETOLOGY, COSM_NEW)


@pytest.mark.parametrize(
    ("options", "shares"),
    [
        pytest.param({}, [], id="amoCRM makes them"),
        pytest.param({"followup_secondary": True}, [SECOND], id="amoCRM makes the main one"),
        pytest.param({"next_lead": NextLead.OURS}, [OWN], id="ours, of the main direction"),
        pytest.param(
            {"next_lead": NextLead.OURS, "followup_secondary": True}, [SECOND, OWN], id="ours, of both"
        ),
    ],
)
def test_directions_without_a_lead_of_their_own_get_a_next_one_where_the_account_wants_that(options, shares):
    assert both(**options) == shares


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
