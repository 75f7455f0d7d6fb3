"""What people are told when a booking that has its lead changes, and what is told of a lead left alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.reasons import Reason
from backend.core.salon import Phase
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddNote, AddTask, UpdateLead
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIRMED,
    KEY,
    LOST,
    NOW,
    RULES,
    WON,
    SmallCrm,
    booking,
    known,
    lead,
    link,
)

PAST = NOW - timedelta(hours=3)
OURS = 99000001  # the lead that was made for the booking
THERE = 20000007
STAYS = "Статус визита исправлен, но клиент уже записан снова: сделка осталась закрытой."
DELETED = "Запись на 12.03.2026 15:00 отменена. Сделка на этапе, который ведут люди, поэтому она не закрыта."
BY_US = "Запись на 12.03.2026 15:00 изменилась (Подтвердил), а сделка уже закрыта. Этап не изменён."


def told(decision):
    return [one.text for one in decision.commands if isinstance(one, AddNote)]


def asked(decision):
    return [one.text for one in decision.commands if isinstance(one, AddTask)]


def closed(state, stage, ago, before=Phase.ARRIVED):
    """We have closed the lead, so long ago."""
    applied = {**state.link.applied, "phase": before, "noted_start": state.booking.starts_at.isoformat()}
    ours = replace(state.link, stage_id=stage, stage_at=NOW - ago, applied=applied)
    return replace(state, link=ours, lead=replace(state.lead, stage_id=stage))


# --- a success that was taken back ---


def taken_back():
    """The client, who has another visit ahead, did not come after all."""
    again = Candidate(
        lead(BOOKED, id=THERE), link(THERE, key="yclients:41001:770002"), Phase.WAITING,
        NOW + timedelta(days=10),
    )  # fmt: skip
    state = known(booking(Phase.NO_SHOW, starts_at=PAST), candidates=(again,))
    return closed(state, WON, timedelta(hours=1))


def test_K10_the_lead_that_stays_closed_says_why():
    assert told(decide(taken_back(), RULES)) == [STAYS]


def test_K10_without_another_visit_there_is_nothing_to_explain():
    decision = decide(replace(taken_back(), candidates=()), RULES)

    assert (decision.reason, told(decision)) == (Reason.REOPENED, [])


def test_K10_it_says_so_once():
    crm = SmallCrm(taken_back())
    crm.carry_out(decide(crm.facts, RULES))
    forgotten = {name: text for name, text in crm.facts.link.applied.items() if name != "phase"}
    again = decide(replace(crm.facts, link=replace(crm.facts.link, applied=forgotten)), RULES)

    assert (again.reason, told(again), crm.notes) == (Reason.STAYS_CLOSED, [], [STAYS])


# --- a lead in people's own stage ---


def test_D8_a_person_is_asked_about_a_lead_whose_booking_is_deleted():
    decision = decide(known(booking(Phase.CANCELLED), stage=COMPLAINT), RULES)

    (task,) = [one for one in decision.commands if isinstance(one, AddTask)]
    assert task == AddTask(
        KEY, OURS, DELETED, NOW + timedelta(days=1), 7000001, (("told_closed", "cancelled"),)
    )
    assert (decision.reason, told(decision)) == (Reason.STAGE_LOCKED, [])


@pytest.mark.parametrize(
    ("phase", "stage", "notes"),
    [
        pytest.param(Phase.CONFIRMED, COMPLAINT, [], id="its visit takes place"),
        pytest.param(
            Phase.CANCELLED,
            BOOKED,
            ["Запись на 12.03.2026 15:00 отменена"],
            id="in a stage of ours it is closed",
        ),
    ],
)
def test_D8_nobody_is_asked_otherwise(phase, stage, notes):
    decision = decide(known(booking(phase), stage=stage), RULES)

    assert (asked(decision), told(decision)) == ([], notes)


def test_D8_a_person_is_asked_once():
    crm = SmallCrm(known(booking(Phase.CANCELLED), stage=COMPLAINT))
    crm.carry_out(decide(crm.facts, RULES))

    assert (decide(crm.facts, RULES).commands, crm.tasks) == ((), [DELETED])


# --- a lead that is closed ---


def test_a_lead_that_we_closed_long_ago_is_not_called_closed_by_hand():
    state = closed(known(booking(Phase.CONFIRMED)), WON, timedelta(days=3))

    decision = decide(state, RULES)

    assert (decision.reason, told(decision)) == (Reason.LEAD_CLOSED, [BY_US])


def test_I2_a_lead_that_a_person_closed_is_called_so():
    state = closed(known(booking(Phase.CONFIRMED)), WON, timedelta(days=3))
    people = replace(state, link=replace(state.link, stage_id=CONFIRMED))

    (text,) = told(decide(people, RULES))

    assert "сделка закрыта вручную" in text


# --- moved to another salon ---


def elsewhere(key="yclients:41002:1", direction="epilation", made=NOW, **changes):
    """A lead of the person that was made for a booking in another salon."""
    usual = Candidate(
        lead(BOOKED, id=THERE), link(THERE, key=key, direction=direction), Phase.WAITING, NOW, made
    )
    return replace(usual, **changes)


def deleted(*candidates, stage=BOOKED):
    return decide(known(booking(Phase.CANCELLED), stage=stage, candidates=candidates), RULES)


def test_D3_the_lead_left_behind_names_the_salon_and_the_lead_there():
    decision = deleted(elsewhere(key="yclients:41001:660001"), elsewhere())

    assert told(decision) == [f"Запись перенесена в другой салон — «Урал»: сделка № {THERE}."]
    assert [one.stage_id for one in decision.commands if isinstance(one, UpdateLead)] == [LOST]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(elsewhere(holder=None), id="nobody's lead"),
        pytest.param(elsewhere("yclients:49999:1"), id="in a salon that nobody knows"),
        pytest.param(elsewhere("yclients:41001:1"), id="in the same salon"),
        pytest.param(elsewhere(direction="cosmetology"), id="of another direction"),
        pytest.param(elsewhere(made=None), id="nobody knows when it was made"),
        pytest.param(elsewhere(made=NOW - timedelta(minutes=11)), id="made long before"),
        pytest.param(elsewhere(made=NOW + timedelta(minutes=11)), id="made long after"),
    ],
)
def test_D3_otherwise_the_booking_is_simply_cancelled(other):
    assert told(deleted(other)) == ["Запись на 12.03.2026 15:00 отменена"]


def test_D3_a_lead_in_peoples_own_stage_was_moved_nowhere():
    decision = deleted(elsewhere(), stage=COMPLAINT)

    assert (told(decision), asked(decision)) == ([], [DELETED])
