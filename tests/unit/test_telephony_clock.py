"""A PBX whose clock is wrong: how that is measured, and what its times become by it."""

from datetime import UTC, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

import pytest

from backend.core.telephony.hearing import clock, reading, told
from backend.core.telephony.hearing.clock import EXACT, Clock
from backend.integrations.asterisk.protocol import Frame
from tests.support.telling import BEGAN, at

WRONG = timedelta(seconds=90)
MOSCOW = ZoneInfo("Europe/Moscow")


def after(*seconds, known=EXACT, took=0.02):
    """The clock after answers by which it is ahead by so many seconds, ten seconds apart."""

    def one(before, numbered):
        number, ahead = numbered
        asked = at(10 * number)
        middle = asked + timedelta(seconds=took / 2)
        return clock.measured(
            before, middle + timedelta(seconds=ahead), asked, asked + timedelta(seconds=took)
        )

    return reduce(one, enumerate(seconds), Clock(known))


@pytest.mark.parametrize("ahead", [90, -90, 5, 3 * 3600])
def test_the_first_answer_tells_how_wrong_a_clock_is(ahead):
    assert after(ahead).ahead == timedelta(seconds=ahead)


def test_a_few_seconds_are_nobodys_business():
    assert after(4.9, -4.9, 4.9).ahead == EXACT


def test_one_mistaken_answer_changes_nothing():
    assert after(90, 90, 600, 90).ahead == WRONG
    assert after(0, 0, 90, 0).ahead == EXACT


def test_a_correction_stands_still_while_the_clock_wanders():
    assert after(90, 90.4, 89.7, 90.8).ahead == WRONG
    assert after(90, 92, 92, 92).ahead == timedelta(seconds=92)


def test_a_clock_that_was_set_right_needs_no_correction_soon_after():
    assert after(90, 90, 90, 0.1).ahead == WRONG
    assert after(90, 90, 90, 0.1, 0.1).ahead == EXACT


def test_a_correction_does_not_come_and_go_at_its_limit():
    assert after(5.2, 4.9, 4.8).ahead == timedelta(seconds=5.2)
    assert after(5.2, 2.9, 2.9).ahead == EXACT


def test_what_was_known_before_a_restart_holds_until_it_is_measured():
    assert Clock(WRONG).ahead == WRONG
    assert after(0, known=WRONG).ahead == EXACT


@pytest.mark.parametrize("took", [1.5, -0.1])
def test_an_answer_that_took_long_or_came_before_it_was_asked_for_says_nothing(took):
    assert after(90, took=took) == Clock()


def event(*lines):
    return Frame(["Event: Newchannel", "Uniqueid: 1.1", "Channel: PJSIP/101-1", *lines])


def test_a_time_of_an_event_is_put_right_and_ours_needs_none():
    dated = event(f"Timestamp: {(BEGAN + WRONG).timestamp():.6f}")

    assert reading.moment(dated, at(1), WRONG).at == BEGAN
    assert reading.moment(dated, at(1)).at == BEGAN + WRONG
    assert reading.moment(event(), at(1), WRONG).at == at(1)


@pytest.mark.parametrize(
    "written",
    [
        (BEGAN + WRONG).astimezone(MOSCOW).replace(tzinfo=None),
        (BEGAN + WRONG).astimezone(MOSCOW).strftime("%Y-%m-%d %H:%M:%S"),
        BEGAN + WRONG,
        (BEGAN + WRONG).timestamp(),
    ],
    ids=["wall clock", "text", "with its zone", "since 1970"],
)
def test_a_time_of_a_table_is_put_right_however_it_is_written(written):
    assert told.moment(written, MOSCOW, WRONG) == BEGAN
    assert told.cel_row({"eventtime": written, "uniqueid": "1.1"}, MOSCOW, WRONG).at == BEGAN
    assert told.cdr_row({"calldate": written, "uniqueid": "1.1"}, MOSCOW, WRONG).at == BEGAN


def test_a_table_without_a_time_has_none():
    assert told.moment("never", UTC, WRONG) is None
