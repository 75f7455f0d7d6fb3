"""Whom to ring: the order of the rules, working hours, who is busy and who has left."""

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from backend.core.telephony import ringing
from backend.core.telephony.ringing import Asking
from backend.core.telephony.rules import Hours, Line, Person, RingTo, TelephonyRules

ANNA, OLGA, PETR = 1, 2, 3
MONDAY = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)
LINE = Line("msk", default_user_id=PETR)
RULES = TelephonyRules(
    is_on=True,
    people=(Person(ANNA, "101", ("101m",)), Person(OLGA, "102"), Person(PETR, "103", pbx="office")),
    ring=(RingTo.RESPONSIBLE, RingTo.LAST_TALKER, RingTo.LINE_DEFAULT, RingTo.FIRST),
    first_responsible_id=OLGA,
)
ASKING = Asking(MONDAY, pbx="office", line=LINE, responsible_id=ANNA, last_talker_id=OLGA)


def rung(rules=RULES, **changes):
    return ringing.extensions(replace(ASKING, **changes), rules)


def test_the_order_of_the_rules_is_the_order_of_the_phones_and_nobody_is_named_twice():
    assert rung() == ("101", "102", "103")
    assert rung(replace(RULES, ring=RULES.ring[::-1])) == ("102", "103", "101")


def test_nobody_known_nobody_named():
    assert (
        rung(replace(RULES, first_responsible_id=None), line=None, responsible_id=None, last_talker_id=None)
        == ()
    )


def test_everybody_is_everybody_of_this_pbx():
    everybody = replace(RULES, ring=(RingTo.EVERYBODY,))

    assert rung(everybody) == ("101", "102", "103")
    assert rung(everybody, pbx="other") == ("101", "102")


def test_a_user_without_a_phone_is_passed_over():
    assert rung(responsible_id=99) == ("102", "103")


def test_who_talks_is_passed_over_by_any_of_their_phones_unless_that_is_wanted():
    assert rung(busy=frozenset({"101m", "102"})) == ("103",)
    assert rung(replace(RULES, rings_busy=True), busy=frozenset({"101m"})) == ("101", "102", "103")


def test_who_has_left_the_account_is_passed_over():
    assert rung(works=frozenset({OLGA, PETR})) == ("102", "103")


def test_a_phone_on_the_black_list_is_never_named():
    assert rung(replace(RULES, black=("101",))) == ("102", "103")


def test_off_means_that_the_pbx_decides():
    assert rung(replace(RULES, is_on=False)) == ()


@pytest.mark.parametrize(
    ("hour", "is_open"), [(8, False), (9, True), (17, True), (18, False)],
)  # fmt: skip
def test_working_hours_end_before_their_last_minute(hour, is_open):
    hours = Hours({0: (time(9), time(18))})

    assert bool(rung(replace(RULES, hours=hours), at=MONDAY.replace(hour=hour))) is is_open


def test_a_day_without_hours_is_free_and_no_hours_mean_always():
    assert rung(replace(RULES, hours=Hours({1: (time(9), time(18))}))) == ()
    assert ringing.is_open(Hours(), MONDAY)
