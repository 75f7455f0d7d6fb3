"""Tasks that time alone asks for, when something breaks on the way: one task, or none yet, never two."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.rules.sections import TaskRule, TaskWhen
from backend.flows.reminders import looks
from backend.flows.rules import configuration, configuration_edit
from backend.store import bookings
from backend.store import looks as stored
from tests.support.stand import DOMAIN, LASER_ARMPITS, TVERSKAYA

DAY = 86400


@pytest.fixture
def unmarked(stand):
    """A visit of three days ago that nobody has marked, with the standard rule about it."""
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    stand.world.clock.advance(4 * DAY)
    return record


@pytest.fixture
def tasks(stand):
    return lambda: [task["text"] for task in stand.crm()["tasks"]]


@pytest.fixture
def go_on(stand):
    """What is waiting gets its chance."""

    def on():
        for _ in range(6):
            stand.pass_time(60)
            looks.look(stand.ctx)
            stand.work()

    return on


def test_an_answer_that_was_lost_makes_no_second_task(stand, unmarked, tasks, go_on):
    looks.look(stand.ctx)
    stand.world.amocrm.faults("reset_after_commit", domain=DOMAIN, next=1, match="POST /api/v4/tasks")

    go_on()

    assert len(tasks()) == 1


def test_a_refusal_for_a_while_only_delays(stand, unmarked, tasks, go_on):
    looks.look(stand.ctx)
    stand.world.amocrm.faults("500", domain=DOMAIN, next=2, match="POST /api/v4/tasks")

    stand.work()
    assert tasks() == []
    go_on()

    assert len(tasks()) == 1


def test_a_doorbell_that_never_rang_is_rung_by_the_sweep(stand, unmarked, tasks, go_on):
    looks.look(stand.ctx)
    stand.rung.clear()

    go_on()

    assert len(tasks()) == 1


def test_a_salon_that_does_not_answer_is_asked_later(stand, unmarked, tasks, go_on):
    stand.world.yclients.faults("500", company_id=TVERSKAYA, next=3, match="GET /api/v1/record")
    looks.look(stand.ctx)

    stand.work()
    assert tasks() == []
    go_on()

    assert len(tasks()) == 1


def test_a_booking_that_is_gone_by_then_asks_for_nothing(stand, unmarked, tasks, go_on):
    stand.delete(unmarked)
    stand.world.sender.drop("yclients")
    looks.look(stand.ctx)

    go_on()

    assert tasks() == []
    assert stand.lead_of(unmarked)["status_id"] == 143


def test_many_bookings_are_passed_on_in_one_look(stand, monkeypatch, tasks, go_on):
    monkeypatch.setattr(looks, "BATCH", 2)
    for number in range(5):
        stand.book(LASER_ARMPITS, at="+1", client=(f"Клиент {number}", f"+7999000010{number}"))
    stand.settle()
    stand.world.clock.advance(4 * DAY)

    assert looks.look(stand.ctx) == 5
    go_on()

    assert len(tasks()) == 5


def test_after_its_task_a_booking_is_not_looked_at_again(stand, unmarked, go_on):
    key = f"yclients:{unmarked['company_id']}:{unmarked['id']}"
    assert bookings.by_keys(stand.account.id, [key])[key].look_at is not None

    looks.look(stand.ctx)
    go_on()

    assert bookings.by_keys(stand.account.id, [key])[key].look_at is None
    assert looks.look(stand.ctx) == 0


def test_other_settings_do_not_make_the_salon_be_asked_again(stand, unmarked, go_on):
    looks.look(stand.ctx)
    go_on()

    _save(stand, lambda before: replace(before, options=replace(before.options, reopen_hours=5)))

    assert stored.due(stand.now() + timedelta(days=99), 10) == []


def test_another_rule_makes_it_be_looked_at(stand, unmarked, go_on, tasks):
    looks.look(stand.ctx)
    go_on()

    _save(stand, lambda before: replace(before, tasks=(*before.tasks, TaskRule(TaskWhen.UNMARKED, hours=2))))
    go_on()

    assert len(tasks()) == 2


def _save(stand, change):
    base = configuration.number(stand.account.id)
    configuration_edit.edit(stand.ctx, stand.account, base, (), change, "тест")
    stand.work()
