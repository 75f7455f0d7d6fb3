"""Missed calls: who is asked to call back and how, and when the task is closed or never set."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.telephony.after.commands import AddMissedTask, CloseMissedTask, Notify
from backend.core.telephony.after.deciding import CallReason, Hooked, Written, decide
from backend.core.telephony.after.facts import OpenTask
from backend.core.telephony.call import Outcome
from backend.core.telephony.rules import Entity, Missed, MissedTo
from tests.support import make
from tests.support.call_facts import (
    ANNA,
    GONE,
    LEAD,
    LONG_AGO,
    MARIA,
    MISSED,
    NUMBER,
    OLGA,
    PETR,
    RULES,
    TASK,
    asked,
    facts,
    kinds,
    line,
    one,
    rules,
    said,
)
from tests.support.decided import carried_out


def test_a_missed_call_sets_a_task_with_a_deadline():
    found = decide(facts(MISSED, contact=MARIA, open_leads=(LEAD,)), RULES)

    task = one(found, AddMissedTask)
    assert (task.entity, task.entity_id, task.responsible_id) == (Entity.LEAD, 600, PETR)
    assert task.due == MISSED.ended_at + timedelta(minutes=15)
    assert task.text == "Перезвонить: Мария. Пропущенный звонок 12.01.2026 12:00, Москва"
    assert said(found, "missed_task") == ["responsible"]


@pytest.mark.parametrize(
    ("step", "user"),
    [
        (MissedTo.RESPONSIBLE, PETR),
        (MissedTo.LAST_TALKER, ANNA),
        (MissedTo.FIRST_RUNG, OLGA),
        (MissedTo.LAST_RUNG, ANNA),
        (MissedTo.LINE, OLGA),
        (MissedTo.LINE_DEFAULT, ANNA),
        (MissedTo.FIRST, OLGA),
    ],
)
def test_every_strategy_of_who_answers_for_a_missed_call(step, user):
    changed = replace(
        line(missed_user_id=OLGA, default_user_id=ANNA), missed=Missed(to=(step,)), first_responsible_id=OLGA
    )
    found = decide(facts(MISSED, contact=MARIA, open_leads=(LEAD,), last_talker_id=ANNA), changed)

    assert one(found, AddMissedTask).responsible_id == user
    assert said(found, "missed_task") == [str(step)]


@pytest.mark.parametrize("step", list(MissedTo))
def test_a_strategy_that_names_nobody_gives_way_to_the_next(step):
    changed = rules(missed=Missed(to=(step,)), lines=())
    found = decide(
        facts(make.call(), contact=replace(MARIA, responsible_id=GONE), open_leads=(LEAD,)), changed
    )

    assert one(found, AddMissedTask).responsible_id == 0
    assert said(found, "missed_task") == ["nobody"]


def test_an_added_function_says_who_calls_back_and_what_the_task_says():
    hooked = Hooked(responsible_id=OLGA, task_text="Срочно: {телефон}")
    task = one(decide(facts(MISSED, contact=MARIA, hooked=hooked), RULES), AddMissedTask)

    assert (task.responsible_id, task.text) == (OLGA, f"Срочно: {NUMBER}")


@pytest.mark.parametrize(("text", "shown"), [("Наберите {телефон}", f"Наберите {NUMBER}"), ("{x}", None)])
def test_a_task_has_the_accounts_own_words_when_they_are_whole(text, shown):
    task = one(decide(facts(MISSED, contact=MARIA), rules(missed=Missed(text=text))), AddMissedTask)

    assert task.text == (shown or "Перезвонить: Мария. Пропущенный звонок 12.01.2026 12:00, Москва")


@pytest.mark.parametrize(
    ("call", "more", "changes", "chosen"),
    [
        (MISSED, {}, {"missed": Missed(is_on=False)}, "off"),
        (MISSED, {"hooked": Hooked(task=False)}, {}, "hook"),
        (MISSED, {"open_task": OpenTask(7, "1:0", LONG_AGO)}, {}, "open_already"),
        (MISSED, {"talked_since": make.MONDAY + timedelta(minutes=2)}, {}, "talked_since"),
        (MISSED, {"number": ""}, {}, "hidden"),
    ],
)
def test_when_no_task_is_set(call, more, changes, chosen):
    found = decide(facts(call, **{"contact": MARIA, **more}), rules(**changes))

    assert not asked(found, AddMissedTask)
    assert said(found, "missed") == [chosen]


def test_an_outbound_call_nobody_took_is_not_missed():
    assert not asked(decide(facts(make.call("out"), contact=MARIA), RULES), AddMissedTask)


def test_a_caller_without_a_number_gets_a_task_of_its_own_when_it_is_wanted():
    found = decide(facts(MISSED, number=""), rules(missed=Missed(hidden=True)))

    assert kinds(found) == [AddMissedTask]
    assert found.reason is CallReason.HIDDEN
    assert one(found, AddMissedTask).text.startswith("Перезвонить: номер скрыт.")
    assert (one(found, AddMissedTask).entity, one(found, AddMissedTask).entity_id) == (None, None)


@pytest.mark.parametrize(
    ("more", "changes", "target"),
    [
        ({}, {}, (Entity.LEAD, None)),
        ({}, {"lead_in": False}, (Entity.CONTACT, None)),
        ({}, {"contact_in": False}, (None, None)),
        ({}, {"incoming": True}, (Entity.LEAD, None)),
        ({"incoming_lead": 700}, {"incoming": True}, (Entity.LEAD, 700)),
        ({"contact": MARIA}, {"lead_in": False}, (Entity.CONTACT, 500)),
    ],
)
def test_where_the_task_stands(more, changes, target):
    task = one(decide(facts(MISSED, **more), rules(**changes)), AddMissedTask)

    assert (task.entity, task.entity_id) == target


LOST = make.call(talks=[("101", 5, 30)], lost_after_transfer=True)


def test_a_talk_lost_in_a_transfer_counts_as_missed_when_it_is_wanted():
    known = {"contact": MARIA, "open_leads": (LEAD,)}

    assert not asked(decide(facts(LOST, **known), RULES), AddMissedTask)
    task = one(decide(facts(LOST, **known), rules(missed=Missed(counts_lost=True))), AddMissedTask)
    assert "потерян при переводе" in task.text


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_talk_in_either_direction_closes_the_task(way):
    known = facts(make.call(way, talks=[("101", 5, 30)]), contact=MARIA, open_leads=(LEAD,), open_task=TASK)
    found = decide(known, RULES)

    closed = one(found, CloseMissedTask)
    assert (closed.task_id, closed.text) == (7, "Поговорили 12.01.2026 12:00")
    assert said(found, "missed") == ["closed"]
    assert decide(carried_out(known, found), RULES).commands == ()


@pytest.mark.parametrize(
    ("call", "more", "changes"),
    [
        (make.call(talks=["101"]), {"open_task": TASK}, {"missed": Missed(closes=False)}),
        (make.call(talks=["101"]), {"open_task": OpenTask(7, "1:9", make.MONDAY + timedelta(hours=1))}, {}),
        (make.call(talks=["101"]), {"open_task": TASK, "written": Written(closed=frozenset({7}))}, {}),
        (make.call(talks=["101"]), {"open_task": TASK, "hooked": Hooked(task=True)}, {}),
        (make.call("out"), {"open_task": TASK}, {}),
        (LOST, {"open_task": TASK}, {"missed": Missed(counts_lost=True)}),
    ],
)
def test_when_the_task_stays_open(call, more, changes):
    found = decide(facts(call, contact=MARIA, open_leads=(LEAD,), **more), rules(**changes))

    assert not asked(found, CloseMissedTask)


def test_an_added_function_asks_for_a_task_after_a_talk():
    found = decide(facts(contact=MARIA, open_leads=(LEAD,), hooked=Hooked(task=True)), RULES)

    assert one(found, AddMissedTask).responsible_id == PETR


def test_a_late_addition_to_a_logged_call():
    found = decide(facts(MISSED, contact=MARIA, open_leads=(LEAD,), written=Written(is_logged=True)), RULES)

    assert (kinds(found), found.reason) == ([AddMissedTask], CallReason.SUPPLEMENTED)


def test_people_are_told_once_that_a_line_is_down():
    down = facts(make.call("out", outcome=Outcome.TRUNK_DOWN), contact=MARIA, open_leads=(LEAD,))
    found = decide(down, RULES)

    assert one(found, Notify).about == make.TRUNK
    assert not asked(decide(carried_out(down, found), RULES), Notify)
