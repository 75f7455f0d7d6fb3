"""A decision says when time alone will ask for something, and sets the tasks that the record asks for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.rules.sections import TaskRule, TaskWhen
from backend.core.salon import Phase
from backend.core.sync.booking import decide
from backend.core.sync.commands import AddTask, CreateLead
from backend.core.sync.matching import Candidate
from tests.support.facts import CONFIGURATION, NOW, RULES, SmallCrm, booking, facts, known, lead

DAY = timedelta(days=1)
BEFORE, UNMARKED = TaskRule(TaskWhen.BOOKED, days=-1), TaskRule(TaskWhen.UNMARKED, days=1)
MISSED = TaskRule(TaskWhen.NO_SHOW, days=3)


def with_tasks(*rules):
    return replace(RULES, configuration=replace(CONFIGURATION, tasks=rules))


def tasks_of(decision):
    return [command for command in decision.commands if isinstance(command, AddTask)]


@pytest.mark.parametrize(
    ("phase", "starts", "look"),
    [
        (Phase.WAITING, NOW + 2 * DAY, NOW + 3 * DAY),
        (Phase.NO_SHOW, NOW - DAY, NOW + 2 * DAY),
        (Phase.ARRIVED, NOW - DAY, None),
        (Phase.CANCELLED, NOW + DAY, None),
    ],
)
def test_a_booking_is_looked_at_when_its_rule_speaks(phase, starts, look):
    about = booking(phase, starts_at=starts)

    assert decide(known(about), with_tasks(UNMARKED, MISSED)).look_at == look


def test_a_new_lead_brings_the_task_of_its_record():
    decision = decide(facts(), with_tasks(BEFORE))

    (task,) = tasks_of(decision)
    created = next(command for command in decision.commands if isinstance(command, CreateLead))
    assert (task.lead_id, task.responsible_id) == (None, created.responsible_id)


def test_a_lead_that_was_joined_gets_the_task_of_the_record():
    found = lead()

    (task,) = tasks_of(decide(facts(candidates=(Candidate(found),)), with_tasks(BEFORE)))

    assert (task.lead_id, task.responsible_id) == (found.id, found.responsible_id)


def test_a_task_whose_plan_was_cut_is_asked_for_again_and_then_never():
    rules = with_tasks(BEFORE)
    crm = SmallCrm(facts())
    decision = decide(crm.facts, rules)
    crm.carry_out(replace(decision, commands=decision.commands[:1]))

    crm.carry_out(decide(crm.facts, rules))

    assert len(crm.tasks) == 1
    assert tasks_of(decide(crm.facts, rules)) == []


def test_an_unmarked_visit_gets_its_task_when_its_time_has_come():
    rules = with_tasks(UNMARKED)
    crm = SmallCrm(known(booking()))
    later = replace(crm.facts, now=crm.facts.booking.starts_at + 2 * DAY)

    (task,) = tasks_of(decide(later, rules))

    assert task.due == later.now + DAY
