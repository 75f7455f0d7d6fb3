"""Where a salon stands on its way, and what comes next."""

from dataclasses import replace

import pytest

from backend.core.takeover import standing
from backend.core.takeover.gate import Gate, Lack
from backend.core.takeover.standing import WAY, Facts, Next, Preparation, Stage, Standing

PREPARED = Preparation(is_read=True, is_measured=True, is_confirmed=True, is_paired=True)
OPEN = Gate(True, 7, 300, 0, ())
MOVING = Facts(PREPARED, is_moving=True, gate=OPEN)


def shut(*reasons):
    return Gate(False, 1, 5, 0, reasons)


def prepared(**changes):
    return replace(MOVING, done=replace(PREPARED, **changes))


@pytest.mark.parametrize(
    ("facts", "stage", "step"),
    [
        (Facts(), Stage.IDLE, Next.BEGIN),
        (prepared(is_read=False), Stage.PROBES, Next.DISCOVER),
        (prepared(is_read=False, is_reading=True), Stage.PROBES, Next.READING),
        (prepared(is_measured=False), Stage.PROBES, Next.MEASURE),
        (prepared(is_measured=False, is_measuring=True), Stage.PROBES, Next.MEASURING),
        (prepared(is_confirmed=False, is_paired=False), Stage.PROBES, Next.CONFIRM),
        (prepared(is_paired=False), Stage.MATCHING, Next.PAIR),
        (prepared(is_paired=False, is_pairing=True), Stage.MATCHING, Next.PAIRING),
        (replace(MOVING, to_review=3, gate=Gate()), Stage.MATCHING, Next.REVIEW),
        (replace(MOVING, to_adopt=3), Stage.MATCHING, Next.ADOPT),
        (replace(MOVING, gate=Gate()), Stage.SHADOW, Next.OBSERVE),
        (replace(MOVING, gate=shut(Lack.TOO_FEW)), Stage.SHADOW, Next.WAIT),
        (replace(MOVING, gate=shut(Lack.TOO_FEW, Lack.UNDECIDED)), Stage.SHADOW, Next.DECIDE),
        (replace(MOVING, gate=shut(Lack.REJECTED)), Stage.SHADOW, Next.DECIDE),
        (replace(MOVING, to_review=3, gate=shut(Lack.TOO_FEW)), Stage.SHADOW, Next.WAIT),
        (MOVING, Stage.SWITCH, Next.SWITCH),
        (replace(MOVING, is_switching=True, is_ours=True), Stage.SWITCH, Next.FOLLOW),
        (replace(MOVING, is_returning=True), Stage.SWITCH, Next.RETURN),
        (replace(MOVING, is_ours=True), Stage.OURS, Next.COUNT),
        (replace(MOVING, is_ours=True, red=2), Stage.OURS, Next.LOOK),
        (replace(MOVING, is_ours=True, red=0), Stage.OURS, Next.ACCEPT),
        (replace(MOVING, is_ours=True, red=0, is_accepted=True), Stage.ACCEPTED, Next.NOTHING),
    ],
)
def test_one_step_comes_next(facts, stage, step):
    assert standing.of(facts) == Standing(stage, step)


def test_the_place_is_how_many_stages_are_behind():
    assert [Standing(stage, Next.WAIT).place for stage in WAY] == [0, 1, 2, 3, 4, 5]
    assert Standing(Stage.IDLE, Next.BEGIN).place == 0
