"""C12, D14 and the tasks that the account's rules ask for: staff does or forgets, amoCRM's tasks tell."""

from dataclasses import replace
from datetime import datetime

import pytest

from backend.core.rules.options import AfterNoShow
from backend.core.rules.sections import TaskRule, TaskWhen
from backend.flows.reminders import looks
from backend.flows.rules import configuration, configuration_edit
from tests.support.stand import ANNA, EPILATION, LASER_ARMPITS, LASER_LEGS, OLGA, PETR, STAGES

HOUR, DAY = 3600, 86400
UNMARKED = TaskRule(TaskWhen.UNMARKED, days=1)
MISSED = TaskRule(TaskWhen.NO_SHOW, days=3)


@pytest.fixture
def with_rules(stand):
    """The account has these rules about tasks from now on."""

    def have(*rules, **options):
        def change(before):
            return replace(before, tasks=rules, options=replace(before.options, **options))

        base = configuration.number(stand.account.id)
        result = configuration_edit.edit(stand.ctx, stand.account, base, ("tasks",), change, "тест")
        assert result.problems == ()
        stand.work()

    return have


@pytest.fixture
def live_on(stand):
    """Time passes as the schedule sees it: every so often bookings are looked at."""

    def live(seconds, steps=4):
        for _ in range(steps):
            stand.pass_time(seconds / steps)
            looks.look(stand.ctx)
            stand.work()

    return live


@pytest.fixture
def tasks_of(stand):
    return lambda lead: [task for task in stand.crm()["tasks"] if task["entity_id"] == lead["id"]]


def test_C12_a_visit_that_nobody_marked_is_a_task_for_the_salon_next_day(stand, live_on, tasks_of):
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    stage = stand.lead_of(record)["status_id"]

    till_end = _unix(record) + record["seance_length"] - stand.now().timestamp()

    live_on(till_end + 23 * HOUR)
    assert tasks_of(stand.lead_of(record)) == []

    live_on(2 * HOUR)
    (task,) = tasks_of(stand.lead_of(record))
    assert task["text"].startswith("Отметьте визит в журнале: Мария, ")
    assert task["responsible_user_id"] == ANNA
    assert stand.reason(record) == "task_set"
    assert stand.lead_of(record)["status_id"] == stage


def test_C12_the_task_comes_once_however_long_nobody_marks(stand, with_rules, live_on, tasks_of):
    with_rules(UNMARKED)
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()

    live_on(6 * DAY, steps=12)
    stand.edit(record, comment="Не дозвонились")
    stand.settle()

    assert len(tasks_of(stand.lead_of(record))) == 1


def test_C12_a_visit_marked_in_time_asks_for_nothing(stand, with_rules, live_on, tasks_of):
    with_rules(UNMARKED)
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    live_on(DAY + HOUR)
    stand.mark(record, 1)
    stand.settle()

    live_on(2 * DAY)

    assert tasks_of(stand.lead_of(record)) == []


def test_C12_a_mark_whose_hook_was_lost_is_found_before_anybody_is_bothered(
    stand, with_rules, live_on, tasks_of
):
    with_rules(UNMARKED)
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    live_on(DAY + HOUR)
    stand.mark(record, 1)
    stand.world.sender.drop("yclients")

    live_on(2 * DAY)

    lead = stand.lead_of(record)
    assert tasks_of(lead) == []
    assert lead["status_id"] == 142


def test_C12_a_visit_moved_ahead_waits_for_its_new_time(stand, with_rules, live_on, tasks_of):
    with_rules(UNMARKED)
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    stand.edit(record, datetime=stand.wall("+4"))
    stand.settle()

    live_on(3 * DAY)
    assert tasks_of(stand.lead_of(record)) == []

    live_on(3 * DAY)
    assert len(tasks_of(stand.lead_of(record))) == 1


def test_C12_a_rule_speaks_of_the_bookings_that_were_there_before_it(stand, with_rules, live_on, tasks_of):
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    with_rules(UNMARKED)

    live_on(3 * DAY)

    assert len(tasks_of(stand.lead_of(record))) == 1


def test_D14_another_duration_changes_a_field_and_tells_nobody(stand, with_rules, tasks_of):
    with_rules(TaskRule(TaskWhen.BOOKED, days=-1))
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.lead_of(record)
    notes, tasks = stand.notes(lead), tasks_of(lead)

    stand.edit(record, seance_length=7200)
    stand.settle()

    assert stand.notes(stand.lead_of(record)) == notes
    assert tasks_of(stand.lead_of(record)) == tasks
    assert stand.lead_of(record)["status_id"] == lead["status_id"]


def test_a_client_who_did_not_come_back_is_a_task(stand, with_rules, live_on, tasks_of):
    with_rules(replace(MISSED, text="Позвонить: {клиент}, {телефон}", user_id=OLGA))
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    live_on(DAY + HOUR)
    stand.mark(record, -1)
    stand.settle()
    assert tasks_of(stand.lead_of(record)) == []

    live_on(4 * DAY)

    (task,) = tasks_of(stand.lead_of(record))
    assert task["text"] == "Позвонить: Мария, +79990000001"
    assert task["responsible_user_id"] == OLGA


def test_a_lead_is_closed_when_its_client_never_comes_back(stand, with_rules, live_on):
    with_rules(close_no_show_days=5)
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    live_on(DAY + 8 * HOUR)
    stand.mark(record, -1)
    stand.settle()
    live_on(3 * DAY)
    assert stand.lead_of(record)["status_id"] == STAGES[EPILATION] + 5

    live_on(3 * DAY)

    assert stand.lead_of(record)["status_id"] == 143
    assert stand.reason(record) == "given_up"


def test_a_client_who_came_back_is_left_in_peace(stand, with_rules, live_on, tasks_of):
    with_rules(MISSED)
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    live_on(DAY + HOUR)
    stand.mark(record, -1)
    stand.settle()
    stand.book(LASER_LEGS, at="+5")
    stand.settle()

    live_on(6 * DAY)

    assert [task for lead in stand.leads() for task in tasks_of(lead)] == []


def test_a_client_who_came_again_under_the_strict_rule_is_left_in_peace(stand, with_rules, live_on, tasks_of):
    with_rules(MISSED, after_no_show=AfterNoShow.STRICT)
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    live_on(DAY + 8 * HOUR)
    stand.mark(record, -1)
    again = stand.book(LASER_LEGS, at="+1")
    stand.settle()
    live_on(DAY)
    stand.mark(again, 1)
    stand.settle()

    live_on(5 * DAY)

    assert stand.lead_of(again)["id"] != stand.lead_of(record)["id"]
    assert [task for lead in stand.leads() for task in tasks_of(lead)] == []


def test_a_record_has_its_task_at_once_with_the_lead(stand, with_rules, tasks_of):
    with_rules(TaskRule(TaskWhen.BOOKED, days=-1, text="Подтвердить визит {дата|день}", user_id=PETR))
    record = stand.book(LASER_ARMPITS, at="+3")
    stand.settle()

    (task,) = tasks_of(stand.lead_of(record))
    assert task["text"] == f"Подтвердить визит {datetime.fromisoformat(stand.wall('+3')):%d.%m.%Y}"
    assert task["responsible_user_id"] == PETR
    assert task["complete_till"] == _unix(record) - DAY


def test_a_record_joined_to_a_lead_has_its_task_too(stand, with_rules, tasks_of):
    with_rules(TaskRule(TaskWhen.BOOKED, days=-1))
    lead = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.work()
    record = stand.book(LASER_ARMPITS, at="+3")
    stand.settle()

    assert stand.lead_of(record)["id"] == lead["id"]
    assert len(tasks_of(stand.lead_of(record))) == 1


def test_a_price_that_changed_after_the_visit_is_looked_into(stand, with_rules, live_on, tasks_of):
    with_rules(TaskRule(TaskWhen.PRICE_CHANGED))
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    live_on(DAY + HOUR)
    stand.mark(record, 1)
    stand.settle()
    assert tasks_of(stand.lead_of(record)) == []

    stand.edit(record, services=[{"id": LASER_ARMPITS, "cost": 3100}])
    stand.settle()

    (task,) = tasks_of(stand.lead_of(record))
    assert "было 2 500 ₽, стало 3 100 ₽" in task["text"]


def test_two_looks_at_once_make_one_task(stand, with_rules, live_on, tasks_of):
    with_rules(UNMARKED)
    record = stand.book(LASER_ARMPITS, at="+1")
    stand.settle()
    stand.world.clock.advance(3 * DAY)

    assert looks.look(stand.ctx) == 1
    assert looks.look(stand.ctx) == 0
    stand.work()

    assert len(tasks_of(stand.lead_of(record))) == 1


def test_tags_of_the_route_come_with_the_lead_and_add_to_those_of_people(stand):
    def change(before):
        routes = tuple(replace(route, tags=("мостик", "запись")) for route in before.routes)
        return replace(before, routes=routes)

    base = configuration.number(stand.account.id)
    configuration_edit.edit(stand.ctx, stand.account, base, ("routes",), change, "тест")
    stand.work()
    lead = stand.open_lead(EPILATION, STAGES[EPILATION], tags=["из рекламы"])
    stand.work()
    joined = stand.book(LASER_ARMPITS)
    made = stand.book(LASER_ARMPITS, client=("Ева", "+79990000002"))
    stand.settle()

    assert stand.lead_of(joined)["id"] == lead["id"]
    assert _tags(stand.lead_of(joined)) == {"из рекламы", "мостик", "запись"}
    assert _tags(stand.lead_of(made)) == {"мостик", "запись"}


def _tags(lead):
    return {tag["name"] for tag in lead["_embedded"]["tags"]}


def _unix(record):
    return int(datetime.fromisoformat(record["datetime"]).timestamp())
