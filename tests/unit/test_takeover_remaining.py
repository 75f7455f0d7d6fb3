"""How much of a long reading is left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from backend.core.takeover.remaining import Part, by_share, by_time, seconds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SINCE = NOW - timedelta(days=700)
PART = Part(found=1000, total=3000, page=250, requests=4, seconds=40, pace=0.5)


def test_all_rows_are_judged_by_the_share_that_has_come():
    assert by_share(100, 0.25) == 400
    assert by_share(100, 1.0) == 100
    assert by_share(100, 0) is None


def test_all_rows_are_judged_by_the_time_that_they_cover():
    assert by_time(100, NOW - timedelta(days=70), SINCE, NOW) == 1000
    assert by_time(100, SINCE - timedelta(days=70), SINCE, NOW) == 100
    assert by_time(100, NOW, SINCE, NOW) is None
    assert by_time(100, NOW, NOW, NOW) is None


def test_a_few_requests_say_nothing_of_the_pace():
    assert seconds([PART]) == 8 * 0.5
    assert seconds([replace(PART, requests=5)]) == 8 * 8


def test_what_is_over_takes_no_time():
    assert seconds([replace(PART, is_over=True)]) == 0


def test_at_least_one_request_is_left_of_what_is_not_over():
    assert seconds([replace(PART, total=None), replace(PART, total=500)]) == 2 * 0.5
    assert seconds([replace(PART, total=1001)]) == 0.5
