"""Tasks by rule: when each is wanted, whose it is, until when, and that it is never set twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.clients import Person
from backend.core.crm import LOST
from backend.core.rules.sections import TaskRule, TaskWhen
from backend.core.salon import Phase
from backend.core.sync import tasks
from backend.core.sync.tasks import Case
from tests.support.facts import CONFIGURATION, KEY, LEAD, NOW, RULES, booking, lead, line, link

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BEFORE = TaskRule(TaskWhen.BOOKED, days=-1)
AFTER = TaskRule(TaskWhen.BOOKED, days=2)
MISSED = TaskRule(TaskWhen.NO_SHOW, days=3)
UNMARKED = TaskRule(TaskWhen.UNMARKED, hours=24)
PRICE = TaskRule(TaskWhen.PRICE_CHANGED)


def rules(*wanted):
    return replace(RULES, configuration=replace(CONFIGURATION, tasks=wanted))


def case(about, *wanted, applied=None, **more):
    return Case(
        about, rules(*wanted), NOW, link(applied=applied or {}), lead(), LEAD, 7000002, **more
    )  # fmt: skip


def past(phase, ago, **more):
    usual = {"created_at": NOW - ago - timedelta(days=7), **more}
    return booking(phase, starts_at=NOW - ago, duration_seconds=3600, **usual)


def test_a_record_asks_for_a_task_before_and_after_the_visit():
    about = booking()  # in two days

    before, after = tasks.wanted(case(about, BEFORE, AFTER))

    assert (before.due, after.due) == (about.starts_at - DAY, about.starts_at + 2 * DAY)
    assert (before.lead_id, before.responsible_id, before.key) == (LEAD, 7000002, about.key)
    assert before.text == "Связаться с клиентом: визит 12.03.2026 15:00, Лазер: подмышки"


def test_a_record_that_is_being_linked_has_its_task_at_once():
    made = Case(booking(), rules(BEFORE, UNMARKED, MISSED, PRICE), NOW, responsible_id=5)

    (task,) = tasks.wanted(made)

    assert (task.lead_id, task.responsible_id) == (None, 5)


@pytest.mark.parametrize(
    "about",
    [
        booking(starts_at=NOW + HOUR),  # the day before has gone
        booking(Phase.CANCELLED),
        past(Phase.WAITING, DAY),
    ],
)
def test_a_record_asks_for_nothing_that_is_too_late(about):
    assert tasks.wanted(case(about, BEFORE)) == ()


def test_a_visit_that_was_is_not_asked_about_as_a_new_record():
    assert tasks.wanted(case(past(Phase.CONFIRMED, HOUR), AFTER)) == ()


def test_a_visit_moved_within_its_day_needs_no_other_task():
    about = booking()
    (task,) = tasks.wanted(case(about, BEFORE))
    told = dict(task.remembers)

    assert tasks.wanted(case(replace(about, starts_at=about.starts_at + HOUR), BEFORE, applied=told)) == ()
    (later,) = tasks.wanted(case(replace(about, starts_at=about.starts_at + DAY), BEFORE, applied=told))
    assert later.due == about.starts_at


@pytest.mark.parametrize(
    ("about", "rule"), [(past(Phase.NO_SHOW, 3 * DAY), MISSED), (past(Phase.WAITING, 25 * HOUR), UNMARKED)]
)
def test_a_task_comes_when_its_time_has_come_and_once(about, rule):
    (task,) = tasks.wanted(case(about, rule))

    assert task.due == NOW + DAY
    assert tasks.wanted(case(about, rule, applied=dict(task.remembers))) == ()
    assert tasks.wanted(case(replace(about, starts_at=about.starts_at + HOUR / 60), rule)) == ()
    assert tasks.wanted(case(replace(about, starts_at=about.starts_at - 8 * DAY), rule)) == ()


def test_a_visit_of_long_ago_that_is_only_now_linked_asks_for_nothing():
    about = past(Phase.WAITING, 2 * DAY)

    assert tasks.wanted(Case(about, rules(UNMARKED), NOW)) == ()
    passed = dict(tasks.passed_over(about, rules(UNMARKED), NOW))
    assert tasks.wanted(case(about, UNMARKED, applied=passed)) == ()


@pytest.mark.parametrize(("hours", "names"), [(23, []), (25, ["task:unmarked:0:24"])])
def test_only_what_was_due_before_is_passed_over(hours, names):
    found = tasks.passed_over(past(Phase.WAITING, hours * HOUR), rules(UNMARKED), NOW)

    assert [name for name, _ in found] == names


@pytest.mark.parametrize("phase", [Phase.ARRIVED, Phase.NO_SHOW, Phase.CANCELLED])
def test_a_visit_that_was_marked_asks_for_no_mark(phase):
    assert tasks.wanted(case(past(phase, 2 * DAY), UNMARKED)) == ()


def test_marking_is_work_of_the_salon():
    about = past(Phase.CONFIRMED, 25 * HOUR)
    configuration = replace(
        CONFIGURATION, tasks=(UNMARKED, replace(UNMARKED, user_id=99)),
        branches=tuple(replace(one, responsible_id=41) for one in CONFIGURATION.branches),
    )  # fmt: skip

    ours, named = tasks.wanted(replace(case(about), rules=replace(RULES, configuration=configuration)))

    assert (ours.responsible_id, named.responsible_id) == (41, 99)
    assert ours.text == "Отметьте визит в журнале: Мария, 09.03.2026 14:00, мастер Вера"


def test_marking_a_visit_of_a_strange_salon_is_work_of_the_lead():
    (task,) = tasks.wanted(case(past(Phase.WAITING, 25 * HOUR, branch_id=49999), UNMARKED))

    assert task.responsible_id == 7000002


def test_who_came_back_or_was_given_up_is_left_in_peace():
    about = past(Phase.NO_SHOW, 4 * DAY)

    assert tasks.wanted(case(about, MISSED, is_rebooked=True)) == ()
    assert tasks.wanted(replace(case(about, MISSED), lead=lead(LOST))) == ()
    assert tasks.wanted(replace(case(about, MISSED), lead=None))


def test_a_price_that_changed_after_the_visit_is_asked_about_once():
    about = past(Phase.ARRIVED, DAY, lines=(line(price=3000),))
    then = {"visit_price": "250000"}

    (task,) = tasks.wanted(case(about, PRICE, applied=then))

    assert task.text == (
        "Сумма изменилась после визита 09.03.2026: было 2 500 ₽, стало 3 000 ₽. Проверьте, почему."
    )
    assert task.due == NOW + DAY
    told = {**then, **dict(task.remembers)}
    assert tasks.wanted(case(about, PRICE, applied=told)) == ()
    (again,) = tasks.wanted(case(replace(about, lines=(line(price=2500),)), PRICE, applied=told))
    assert "было 3 000 ₽, стало 2 500 ₽" in again.text


def test_a_late_price_may_be_given_more_time():
    about = past(Phase.ARRIVED, DAY, lines=(line(price=3000),))

    (task,) = tasks.wanted(case(about, replace(PRICE, hours=3), applied={"visit_price": "250000"}))

    assert task.due == NOW + 3 * HOUR


@pytest.mark.parametrize(
    ("phase", "applied", "remembered"),
    [
        (Phase.WAITING, {}, ()),
        (Phase.ARRIVED, {}, (("visit_price", "250000"),)),
        (Phase.ARRIVED, {"visit_price": "100"}, ()),
        (Phase.NO_SHOW, {"visit_price": "100"}, (("visit_price", ""),)),
    ],
)
def test_the_price_of_a_visit_is_what_it_ended_with(phase, applied, remembered):
    assert tasks.remembered(case(booking(phase), PRICE, applied=applied)) == remembered


def test_a_price_without_a_known_one_before_says_nothing():
    assert tasks.wanted(case(past(Phase.ARRIVED, DAY, lines=(line(price=3000),)), PRICE)) == ()


def test_the_next_look_is_the_nearest_time_of_a_rule():
    about = booking(duration_seconds=3600)
    wanted = (UNMARKED, replace(UNMARKED, hours=3), MISSED, BEFORE)
    told = {"task:unmarked:0:3": about.starts_at.isoformat()}

    assert tasks.next_look(case(about, *wanted)) == about.starts_at + 4 * HOUR
    assert tasks.next_look(case(about, *wanted, applied=told)) == about.starts_at + 25 * HOUR
    assert tasks.next_look(case(past(Phase.NO_SHOW, DAY), *wanted)) == NOW + 2 * DAY
    assert tasks.next_look(case(past(Phase.NO_SHOW, 4 * DAY), *wanted)) is None
    assert tasks.next_look(case(booking(Phase.ARRIVED), *wanted)) is None


def test_bookings_wait_for_the_rules_that_time_speaks_of():
    missed_soon = replace(MISSED, days=1)

    assert tasks.waits((BEFORE, PRICE)) == ()
    assert tasks.waits((MISSED, missed_soon, UNMARKED)) == (
        ((Phase.NO_SHOW,), DAY), ((Phase.WAITING, Phase.CONFIRMED), DAY),
    )  # fmt: skip


def test_rules_that_say_the_same_are_two_rules_and_new_words_are_no_new_rule():
    other = replace(UNMARKED, text="Позвоните: {телефон}", user_id=5)

    names = [name for name, _ in tasks.named((UNMARKED, other, MISSED))]

    assert names == ["task:unmarked:0:24", "task:unmarked:0:24:2", "task:no_show:3:0"]
    assert names[:1] == [name for name, _ in tasks.named((other,))]


def test_own_words_are_used():
    (task,) = tasks.wanted(case(booking(), replace(BEFORE, text="{клиент}, ждём {дата|число}!")))

    assert task.text == "Мария, ждём 12 марта!"


@pytest.mark.parametrize(
    ("key", "hours", "phase", "is_back"),
    [
        ("yclients:1:2", 5, Phase.WAITING, True),
        ("yclients:1:2", 5, Phase.ARRIVED, True),
        ("yclients:1:2", 5, Phase.CANCELLED, False),
        ("yclients:1:2", 5, Phase.NO_SHOW, False),
        ("yclients:1:2", -5, Phase.ARRIVED, False),
        (KEY, 5, Phase.WAITING, False),
    ],
)
def test_a_client_is_back_with_a_later_visit_that_counts(key, hours, phase, is_back):
    about = past(Phase.NO_SHOW, DAY)
    person = Person(visits={key: (about.starts_at + hours * HOUR, phase)})

    assert tasks.is_back(about, person) is is_back
    assert tasks.is_back(about, None) is False


def test_a_visit_entered_after_it_took_place_asks_nobody_to_mark_it():
    entered = booking(starts_at=NOW - timedelta(days=2), duration_seconds=3600, created_at=NOW)

    assert tasks.wanted(case(entered, UNMARKED)) == ()
    assert tasks.next_look(case(entered, UNMARKED)) is None
