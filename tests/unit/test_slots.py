"""Free time of a master."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import slots
from backend.core.slots import WorkDay

DAY = date(2030, 3, 12)
LONG_AGO = datetime(2030, 1, 1)  # noqa: DTZ001 - the salon's wall clock
TEN, NOON = 10 * 60, 12 * 60


def clock(found):
    return [f"{at:%H:%M}" for at in found]


@pytest.mark.parametrize(
    ("work", "length", "expected"),
    [
        pytest.param(WorkDay(DAY), 60, [], id="a day off"),
        pytest.param(WorkDay(DAY, ((TEN, TEN + 60),)), 60, ["10:00"], id="it just fits"),
        pytest.param(WorkDay(DAY, ((TEN, TEN + 60),)), 75, [], id="too long"),
        pytest.param(WorkDay(DAY, ((TEN + 5, TEN + 60),)), 30, ["10:15", "10:30"], id="on the grid alone"),
        pytest.param(
            WorkDay(DAY, ((TEN, NOON),), ((TEN + 30, TEN + 60),)), 30, ["10:00", "11:00", "11:15", "11:30"],
            id="around a visit",
        ),
        pytest.param(
            WorkDay(DAY, ((TEN, NOON), (TEN, NOON))), 120, ["10:00"], id="hours told twice are hours once"
        ),
        pytest.param(
            WorkDay(DAY, ((TEN, TEN + 30), (NOON, NOON + 30))), 30, ["10:00", "12:00"], id="with a break"
        ),
    ],
)  # fmt: skip
def test_beginnings_at_which_a_visit_fits(work, length, expected):
    assert clock(slots.starts(work, length, LONG_AGO)) == expected


def test_what_has_passed_is_not_offered():
    work = WorkDay(DAY, ((TEN, NOON),))

    assert clock(slots.starts(work, 60, datetime(2030, 3, 12, 10, 30))) == ["10:45", "11:00"]  # noqa: DTZ001


def test_days_are_those_with_a_free_beginning():
    full = WorkDay(date(2030, 3, 13), ((TEN, NOON),), ((TEN, NOON),))
    works = [WorkDay(date(2030, 3, 14), ((TEN, NOON),)), full, WorkDay(DAY, ((TEN, NOON),))]

    assert slots.days(works, 60, LONG_AGO) == (DAY, date(2030, 3, 14))


def test_the_nearest_are_told_in_their_order():
    works = [
        WorkDay(DAY, ((TEN, NOON),), ((TEN + 30, TEN + 90),)),
        WorkDay(date(2030, 3, 13), ((TEN, NOON),)),
    ]

    found = slots.nearest(works, 30, datetime(2030, 3, 12, 11, 0), LONG_AGO, 3)  # noqa: DTZ001

    assert [f"{at:%d %H:%M}" for at in found] == ["12 10:00", "12 11:30", "13 10:00"]


spans = st.tuples(st.integers(0, 1380), st.integers(15, 240)).map(lambda s: (s[0], min(s[0] + s[1], 1440)))


@given(st.lists(spans, max_size=4), st.lists(spans, max_size=6), st.integers(15, 180))
def test_no_beginning_touches_what_is_taken_or_leaves_the_hours(hours, taken, length):
    work = WorkDay(DAY, tuple(hours), tuple(taken))

    for at in slots.starts(work, length, LONG_AGO):
        first = at.hour * 60 + at.minute
        assert first % slots.STEP == 0
        assert any(opens <= first and first + length <= closes for opens, closes in hours)
        assert not any(begins < first + length and first < ends for begins, ends in taken)
