"""Whatever the rules and whatever a booking has lived through, a task is set once, and never for the past."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.core.rules.sections import TaskRule, TaskWhen
from backend.core.salon import Phase
from backend.core.sync import tasks
from backend.core.sync.tasks import Case
from tests.support.facts import CONFIGURATION, NOW, RULES, booking, lead, line, link

pauses = st.tuples(st.integers(-30, 30), st.integers(-72, 72))
words = st.sampled_from(["", "{клиент}", "{прежняя сумма|руб} [[{мастер}]]"])


@st.composite
def task_rules(draw):
    """Only a record knows a time before the visit."""
    when, (days, hours) = draw(st.sampled_from(TaskWhen)), draw(pauses)
    if when is not TaskWhen.BOOKED:
        days, hours = abs(days), abs(hours)
    return TaskRule(when, days, hours, draw(words))


rules = task_rules()
bookings = st.builds(
    lambda phase, hours, price, length: booking(
        phase, line(price=price), starts_at=NOW + timedelta(hours=hours), duration_seconds=length
    ),
    st.sampled_from(Phase), st.integers(-40 * 24, 40 * 24), st.integers(0, 5), st.integers(0, 7200),
)  # fmt: skip
applied = st.dictionaries(
    st.sampled_from(["visit_price", "phase", "price"]), st.sampled_from(["", "100", "500"])
)


def case(about, wanted, applied, **more):
    own = replace(RULES, configuration=replace(CONFIGURATION, tasks=tuple(wanted)))
    return Case(about, own, NOW, link(applied=applied), lead(), 1, 2, **more)


@given(bookings, st.lists(rules, max_size=5), applied, st.booleans())
def test_a_task_is_set_once(about, wanted, known, is_rebooked):
    before = case(about, wanted, known, is_rebooked=is_rebooked)
    asked = tasks.wanted(before)
    told = {**known, **{name: value for task in asked for name, value in task.remembers}}

    assert tasks.wanted(case(about, wanted, told, is_rebooked=is_rebooked)) == ()
    assert len({name for task in asked for name, _ in task.remembers}) == len(asked)
    assert all(task.due > NOW and task.text for task in asked)


@given(bookings, st.lists(rules, max_size=5), applied)
def test_the_next_look_is_ahead_and_something_is_wanted_then(about, wanted, known):
    now = case(about, wanted, known)
    look = tasks.next_look(now)

    assert look is None or look > NOW
    if look is not None:
        assert tasks.wanted(replace(now, now=look))


@given(bookings, applied)
def test_what_is_remembered_of_a_price_is_remembered_once(about, known):
    told = {**known, **dict(tasks.remembered(case(about, (), known)))}

    assert tasks.remembered(case(about, (), told)) == ()
