"""A client who never came back: the lead that waits for them is closed, and no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import LOST
from backend.core.reasons import Reason
from backend.core.rules.sections import TaskRule, TaskWhen
from backend.core.salon import Phase
from backend.core.sync import lapsing
from backend.core.sync.booking import decide
from backend.core.sync.commands import UpdateLead
from backend.core.sync.stages import STAY
from tests.support.facts import CONFIGURATION, NOW, RULES, TO_BE_MOVED, WON, booking, known, lead, link

DAY = timedelta(days=1)
MISSED = booking(Phase.NO_SHOW, starts_at=NOW - 30 * DAY)


def within(days, **more):
    options = replace(CONFIGURATION.options, close_no_show_days=days)
    return replace(RULES, configuration=replace(CONFIGURATION, options=options, **more))


def moved(about=MISSED, where=None, days=30, *, is_rebooked=False):
    rules = within(days)
    return lapsing.move(about, link(), where or lead(TO_BE_MOVED), rules, NOW, is_rebooked=is_rebooked)


def test_a_lead_that_waited_long_enough_is_closed():
    move = moved()

    assert (move.stage_id, move.reason) == (LOST, Reason.GIVEN_UP)


@pytest.mark.parametrize(
    "move",
    [
        moved(days=0),
        moved(days=31),
        moved(is_rebooked=True),
        moved(where=lead(WON)),
        moved(where=lead()),
        moved(where=lead(TO_BE_MOVED, tags=("не двигать",))),
        moved(where=lead(TO_BE_MOVED, pipeline=5)),
        moved(replace(MISSED, phase=Phase.WAITING)),
    ],
)
def test_any_other_lead_stays(move):
    assert move == STAY


def test_the_decision_closes_it_once_and_says_why():
    rules = within(30, tasks=())
    facts = known(MISSED, stage=TO_BE_MOVED)
    seen = replace(facts.link, applied={**facts.link.applied, "phase": "no_show"})

    decision = decide(replace(facts, link=seen), rules)

    (update,) = [one for one in decision.commands if isinstance(one, UpdateLead) and one.stage_id]
    assert (update.stage_id, update.loss_reason_id) == (LOST, 501)
    assert decision.reason is Reason.GIVEN_UP


@pytest.mark.parametrize(("days", "at"), [(0, 3 * DAY), (2, 2 * DAY), (5, 3 * DAY)])
def test_the_earlier_of_two_times_is_looked_at(days, at):
    about = booking(Phase.NO_SHOW, starts_at=NOW)
    rules = within(days, tasks=(TaskRule(TaskWhen.NO_SHOW, days=3),))

    assert decide(known(about), rules).look_at == NOW + at
