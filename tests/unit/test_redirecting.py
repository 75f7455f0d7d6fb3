"""The direction of a linked booking is gone from it: its lead moves, gives way to another, or stays and a
person is asked.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.reasons import Reason
from backend.core.rules.configuration import FieldName
from backend.core.rules.options import DirectionChange
from backend.core.salon import Phase
from backend.core.sync import redirecting
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddNote, AddTask, CreateLead, UpdateLead
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    CONFIGURATION,
    CONFIRMED,
    COSMETOLOGY,
    FIELD_IDS,
    KEY,
    LOST,
    NOW,
    RULES,
    WON,
    SmallCrm,
    booking,
    known,
    lead,
    line,
    link,
    rules,
    written,
)

COSM_BOOKED, COSM_CONFIRMED = 8201, 8202
OURS = 99000001  # the lead that was made for the booking
CLEANING = line(503, 4000, 90021, "Чистка лица")
RELINK, TASK = rules(direction_change=DirectionChange.RELINK), rules(direction_change=DirectionChange.TASK)
ASKED = (
    "Сменилось направление записи: Косметология. С этой сделкой работали люди, поэтому она осталась на "
    "месте. Решите, где ей быть."
)


def changed(phase=Phase.WAITING, **more):
    """A booking of epilation whose only service is a cleaning now."""
    return known(booking(phase, CLEANING), **more)


def without_a_route():
    routes = tuple(one for one in CONFIGURATION.routes if one.direction != "cosmetology")
    return replace(RULES, configuration=replace(CONFIGURATION, routes=routes))


def without_an_entry_stage():
    routes = tuple(
        replace(one, stages={Phase.ARRIVED: WON}) if one.direction == "cosmetology" else one
        for one in CONFIGURATION.routes
    )
    return replace(RULES, configuration=replace(CONFIGURATION, routes=routes))


# --- whether it is gone ---


@pytest.mark.parametrize(
    ("about", "direction", "is_gone"),
    [
        pytest.param(booking(Phase.WAITING, CLEANING), "epilation", True, id="another service"),
        pytest.param(booking(Phase.WAITING, CLEANING, line()), "epilation", False, id="one service more"),
        pytest.param(booking(Phase.CANCELLED, CLEANING), "epilation", False, id="deleted"),
        pytest.param(replace(booking(), lines=()), "epilation", False, id="no services"),
        pytest.param(booking(Phase.WAITING, CLEANING), "", False, id="the link names none"),
    ],
)
def test_a_direction_is_gone_when_no_service_of_it_is_left(about, direction, is_gone):
    assert redirecting.is_needed(about, link(direction=direction), CONFIGURATION) is is_gone


# --- moved ---


def test_B7_an_untouched_lead_moves_to_the_equivalent_stage_with_its_name():
    decision = decide(changed(), RULES)

    (update,) = decision.commands
    assert (decision.reason, update.redirects) == (Reason.DIRECTION_MOVED, "cosmetology")
    assert (update.lead_id, update.pipeline_id, update.stage_id) == (OURS, COSMETOLOGY, COSM_BOOKED)
    assert (update.price, update.name) == (400000, "Косметология · Мария · 12.03.2026")
    assert ("name", update.name) in update.remembers
    assert written(update)[FieldName.DIRECTION] == ("Косметология",)


def test_B7_the_stage_is_that_of_the_attendance():
    (update,) = decide(changed(Phase.CONFIRMED), RULES).commands

    assert (update.stage_id, dict(update.remembers)["phase"]) == (COSM_CONFIRMED, "confirmed")


# --- closed for another one ---


def test_B7_the_lead_is_closed_for_another_where_the_account_wants_that():
    decision = decide(changed(), RELINK)

    closed, note, create, _card = decision.commands
    assert decision.reason is Reason.CREATED
    assert (closed.lead_id, closed.stage_id, closed.loss_reason_id) == (OURS, LOST, 502)
    assert [(one.field_id, one.value) for one in closed.fields] == [(FIELD_IDS[FieldName.KEY], None)]
    assert note == AddNote(
        KEY,
        OURS,
        "Сменилась услуга: запись теперь относится к направлению «Косметология». Эта сделка закрыта.",
    )
    assert (type(create), create.pipeline_id, create.stage_id) == (CreateLead, COSMETOLOGY, COSM_BOOKED)


def test_B7_the_booking_continues_an_open_lead_of_its_new_direction():
    waiting = Candidate(lead(8200, COSMETOLOGY, id=7))
    state = changed()
    state = replace(state, candidates=(Candidate(state.lead, state.link), waiting))

    decision = decide(state, RELINK)

    assert decision.reason is Reason.ATTACHED
    assert [(one.lead_id, type(one)) for one in decision.commands] == [
        (OURS, UpdateLead), (OURS, AddNote), (7, UpdateLead), (7, AddNote)
    ]  # fmt: skip


def test_B7_the_lead_that_is_closed_is_not_continued_where_both_directions_share_a_pipeline():
    epilation, cosmetology, *others = RELINK.configuration.routes
    routes = (epilation, replace(epilation, direction=cosmetology.direction), *others)
    configuration = replace(RELINK.configuration, routes=routes)
    only_key = {FieldName.KEY: FIELD_IDS[FieldName.KEY]}  # no field says which direction the lead is of
    state = replace(changed(), lead=replace(changed().lead, fields=()))
    state = replace(state, candidates=(Candidate(state.lead, state.link),))

    decision = decide(state, replace(RELINK, configuration=configuration, field_ids=only_key))

    assert decision.reason is Reason.CREATED
    assert [type(one) for one in decision.commands] == [UpdateLead, AddNote, CreateLead, AddNote]


def test_B7_nothing_is_closed_when_the_booking_would_get_no_lead_instead():
    state = changed()
    nobodys = replace(state, booking=replace(state.booking, client=None))

    decision = decide(nobodys, RELINK)

    assert (decision.reason, decision.commands) == (Reason.NO_CLIENT, ())


# --- left ---


@pytest.mark.parametrize(
    ("state", "how"),
    [
        pytest.param(changed(stage=CONFIRMED), RULES, id="people have moved it"),
        pytest.param(changed(stage=CONFIRMED), RELINK, id="so it is where it would be closed"),
        pytest.param(changed(worked_on=frozenset({OURS})), RULES, id="people work with it"),
        pytest.param(changed(), TASK, id="the account wants to be asked"),
        pytest.param(changed(), without_a_route(), id="no way leads there"),
        pytest.param(changed(), without_an_entry_stage(), id="nothing begins there"),
    ],
)
def test_B8_the_lead_stays_its_fields_tell_and_a_person_is_asked(state, how):
    decision = decide(state, how)

    update, task = decision.commands
    assert decision.reason is Reason.DIRECTION_LEFT
    assert (update.stage_id, update.pipeline_id, update.redirects) == (None, None, None)
    assert written(update)[FieldName.DIRECTION] == ("Косметология",)
    assert task == AddTask(
        KEY, OURS, ASKED, NOW + timedelta(days=1), 7000001, (("told_direction", "cosmetology"),)
    )


def test_B8_a_person_is_asked_once_for_each_direction():
    crm = SmallCrm(changed(stage=CONFIRMED))
    crm.carry_out(decide(crm.facts, RULES))

    again = decide(crm.facts, RULES)
    crm.see(booking(Phase.WAITING, line(509, 1800, 90031, "Маникюр")))
    other = decide(crm.facts, RULES)

    assert (again.reason, again.commands, crm.tasks) == (Reason.UP_TO_DATE, (), [ASKED])
    assert [one.text for one in other.commands if isinstance(one, AddTask)] == [
        ASKED.replace("Косметология", "Прочее")
    ]


def test_B8_whoever_was_asked_decides_whatever_the_lead_looks_like_meanwhile():
    crm = SmallCrm(changed(stage=CONFIRMED))
    crm.carry_out(decide(crm.facts, RULES))
    back = replace(crm.facts, lead=replace(crm.facts.lead, stage_id=crm.facts.link.stage_id))

    assert decide(back, RULES).commands == ()


# --- over ---


@pytest.mark.parametrize("how", [RULES, RELINK, TASK])
def test_the_fields_of_a_lead_that_is_won_tell_and_nobody_has_to_decide(how):
    state = changed(Phase.ARRIVED, stage=WON)
    won = {**state.link.applied, "phase": "arrived"}
    state = replace(state, link=replace(state.link, stage_id=WON, applied=won))

    decision = decide(state, how)

    (update,) = decision.commands
    assert (decision.reason, update.stage_id, update.redirects) == (Reason.UPDATED, None, None)
    assert written(update)[FieldName.DIRECTION] == ("Косметология",)


def test_a_success_taken_back_for_another_direction_goes_there_at_once():
    state = changed(stage=WON)
    ours = replace(state.link, stage_id=WON, stage_at=NOW, applied={**state.link.applied, "phase": "arrived"})
    crm = SmallCrm(replace(state, link=ours))

    decision = decide(crm.facts, RULES)
    crm.carry_out(decision)

    update = decision.commands[0]
    assert (decision.reason, update.stage_id, update.redirects) == (
        Reason.DIRECTION_MOVED, COSM_BOOKED, "cosmetology",
    )  # fmt: skip
    assert decide(crm.facts, RULES).commands == ()
