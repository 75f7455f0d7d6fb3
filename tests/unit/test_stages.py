"""Attendance → stage: ranks, manual moves, locks and reopening."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.reasons import Reason
from backend.core.rules.options import Success
from backend.core.salon import Phase
from backend.core.sync import stages
from backend.core.sync.stages import STAY, Move
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIGURATION,
    CONFIRMED,
    COSMETOLOGY,
    EPILATION,
    LOST,
    NEW,
    NOW,
    RULES,
    TO_BE_MOVED,
    TVERSKAYA,
    WON,
    booking,
    lead,
    link,
    rules,
)

ROUTE = CONFIGURATION.route(TVERSKAYA, "epilation")


def on_change(phase, stage, rules_=RULES, before=Phase.WAITING, pipeline=EPILATION, tags=(), **of_link):
    applied = {"phase": str(before)} if before else {}
    return stages.on_change(
        booking(phase), link(applied=applied, **of_link), lead(stage, pipeline, tags=tags), rules_, NOW
    )


@pytest.mark.parametrize(
    ("phase", "stage", "target"),
    [
        pytest.param(Phase.WAITING, NEW, BOOKED, id="rises"),
        pytest.param(Phase.WAITING, BOOKED, None, id="is there already"),
        pytest.param(Phase.WAITING, CONFIRMED, None, id="is not pushed down"),
        pytest.param(Phase.WAITING, TO_BE_MOVED, BOOKED, id="booked again after a missed visit"),
        pytest.param(Phase.NO_SHOW, TO_BE_MOVED, None, id="missed and there already"),
        pytest.param(Phase.NO_SHOW, BOOKED, None, id="missed, but booked by hand"),
        pytest.param(Phase.ARRIVED, BOOKED, WON, id="came"),
    ],
)
def test_an_adopted_lead_rises_to_its_booking(phase, stage, target):
    move = stages.on_attach(phase, lead(stage), ROUTE)

    assert move == (Move(target, EPILATION) if target else STAY)


def test_a_lead_adopted_from_a_common_pipeline_comes_home():
    assert stages.on_attach(Phase.WAITING, lead(BOOKED + 1000, 8999), ROUTE) == Move(BOOKED, EPILATION)


def test_a_phase_without_a_stage_moves_no_adopted_lead():
    few = replace(ROUTE, stages={Phase.WAITING: BOOKED})

    assert stages.on_attach(Phase.CONFIRMED, lead(NEW), few) == STAY


@pytest.mark.parametrize("phase", list(Phase))
def test_INV5_the_same_attendance_never_moves(phase):
    assert on_change(phase, NEW, before=phase) == STAY


@pytest.mark.parametrize(
    ("phase", "stage", "target"),
    [
        (Phase.CONFIRMED, BOOKED, CONFIRMED),
        (Phase.CONFIRMED, NEW, CONFIRMED),
        (Phase.CONFIRMED, TO_BE_MOVED, CONFIRMED),
        (Phase.ARRIVED, CONFIRMED, WON),
        (Phase.ARRIVED, TO_BE_MOVED, WON),
        (Phase.NO_SHOW, CONFIRMED, TO_BE_MOVED),
        (Phase.CANCELLED, BOOKED, LOST),
    ],
)
def test_a_new_attendance_moves(phase, stage, target):
    assert on_change(phase, stage) == Move(target, EPILATION, Reason.MOVED)


def test_C10_back_to_waiting_when_the_stage_was_set_by_us():
    move = on_change(Phase.WAITING, CONFIRMED, before=Phase.CONFIRMED, stage_id=CONFIRMED)

    assert move == Move(BOOKED, EPILATION, Reason.MOVED)


def test_C10_not_back_to_waiting_when_a_person_set_the_stage():
    assert on_change(Phase.WAITING, CONFIRMED, before=Phase.CONFIRMED) == Move(reason=Reason.STAGE_KEPT)


def test_a_lead_that_is_there_already_is_left_alone():
    assert on_change(Phase.CONFIRMED, CONFIRMED) == STAY


@pytest.mark.parametrize(
    ("phase", "move"),
    [
        (Phase.CONFIRMED, Move(reason=Reason.STAGE_LOCKED)),
        (Phase.ARRIVED, Move(WON, EPILATION, Reason.MOVED)),
        (Phase.NO_SHOW, Move(TO_BE_MOVED, EPILATION, Reason.MOVED)),
        (Phase.CANCELLED, Move(reason=Reason.STAGE_LOCKED)),
    ],
)
def test_a_stage_outside_the_mapping_locks_all_but_the_visits_end(phase, move):
    assert on_change(phase, COMPLAINT) == move


@pytest.mark.parametrize("phase", [Phase.CONFIRMED, Phase.ARRIVED, Phase.NO_SHOW, Phase.CANCELLED])
def test_the_tag_forbids_every_move(phase):
    assert on_change(phase, BOOKED, tags=("не двигать",)) == Move(reason=Reason.STAGE_LOCKED)


def test_a_phase_without_a_stage_moves_nothing():
    routes = tuple(replace(r, stages={Phase.WAITING: BOOKED}) for r in CONFIGURATION.routes)
    few = replace(RULES, configuration=replace(CONFIGURATION, routes=routes))

    assert on_change(Phase.CONFIRMED, BOOKED, few) == STAY


# --- closed leads ---


@pytest.mark.parametrize("stage", [WON, LOST])
def test_a_lead_closed_by_a_person_stays_closed(stage):
    assert on_change(Phase.CONFIRMED, stage) == Move(reason=Reason.LEAD_CLOSED)


@pytest.mark.parametrize(
    ("hours", "move"),
    [
        pytest.param(1, Move(TO_BE_MOVED, EPILATION, Reason.REOPENED), id="an hour ago"),
        pytest.param(24, Move(TO_BE_MOVED, EPILATION, Reason.REOPENED), id="a day ago"),
        pytest.param(25, Move(reason=Reason.LEAD_CLOSED), id="C7 longer ago"),
    ],
)
def test_a_lead_closed_by_us_follows_a_correction_for_a_day(hours, move):
    closed_at = NOW - timedelta(hours=hours)

    assert on_change(Phase.NO_SHOW, WON, before=Phase.ARRIVED, stage_id=WON, stage_at=closed_at) == move


def test_a_lead_closed_by_us_nobody_knows_when_stays_closed():
    assert on_change(Phase.NO_SHOW, WON, before=Phase.ARRIVED, stage_id=WON).reason is Reason.LEAD_CLOSED


def test_the_window_of_corrections_is_configured():
    closed = {"stage_id": WON, "stage_at": NOW - timedelta(hours=2)}

    move = on_change(Phase.NO_SHOW, WON, rules(reopen_hours=1), before=Phase.ARRIVED, **closed)

    assert move.reason is Reason.LEAD_CLOSED


# --- when «пришёл» counts ---

UNPAID = Success(needs_payment=True)


@pytest.mark.parametrize(
    ("success", "changes", "reason"),
    [
        pytest.param(UNPAID, {}, Reason.WAITS_FOR_PAYMENT, id="C13 not paid"),
        pytest.param(UNPAID, {"is_paid": True}, None, id="C13 paid"),
        pytest.param(Success(), {}, None, id="C13 where nobody asks for it"),
        pytest.param(Success(after_start=True), {}, Reason.WAITS_FOR_START, id="C11 not begun"),
        pytest.param(Success(after_start=True), {"starts_at": NOW}, None, id="C11 begun"),
    ],
)
def test_why_a_visit_that_took_place_is_no_success_yet(success, changes, reason):
    about, known = booking(Phase.ARRIVED, **changes), rules(success=success)

    assert stages.not_counted(about, known, NOW) is reason
    assert stages.counted(about, known, NOW) is (Phase.WAITING if reason else Phase.ARRIVED)


def test_no_other_attendance_waits_for_money():
    assert stages.counted(booking(Phase.NO_SHOW), rules(success=UNPAID), NOW) is Phase.NO_SHOW


# --- another pipeline ---


def test_I4_in_another_pipeline_its_own_mapping_applies():
    assert on_change(Phase.CONFIRMED, 8201, pipeline=COSMETOLOGY) == Move(8202, COSMETOLOGY, Reason.MOVED)


def test_I4_in_a_pipeline_without_a_mapping_nothing_moves():
    assert on_change(Phase.ARRIVED, 8901, pipeline=8999) == STAY


def test_a_direction_that_is_no_more_is_looked_up_by_its_pipeline():
    assert on_change(Phase.CONFIRMED, BOOKED, direction="gone") == Move(CONFIRMED, EPILATION, Reason.MOVED)


# --- ranks ---


@pytest.mark.parametrize(
    ("stage", "rank"),
    [
        pytest.param(WON, 100, id="won"),
        pytest.param(LOST, 100, id="lost"),
        pytest.param(CONFIRMED, 30, id="configured"),
        pytest.param(COMPLAINT, 10, id="unknown"),
    ],
)
def test_rank_of_a_stage(stage, rank):
    assert stages.rank(stage, ROUTE) == rank


@pytest.mark.parametrize(("stage", "rank"), [(8301, 20), (8302, 30), (8305, 15), (8300, 10)])
def test_without_configured_ranks_the_phase_decides(stage, rank):
    assert stages.rank(stage, CONFIGURATION.route(TVERSKAYA, "other")) == rank


def test_a_stage_of_two_phases_has_the_higher_rank():
    one_for_both = replace(ROUTE, stages={Phase.WAITING: 1, Phase.CONFIRMED: 1}, ranks={})

    assert stages.rank(1, one_for_both) == 30
