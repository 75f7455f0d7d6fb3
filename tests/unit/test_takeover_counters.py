"""The counters of a salon that moves over: when each is green, and what it lists when it is not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from backend.core.money import Kopecks
from backend.core.rules.configuration import Mode
from backend.core.rules.options import Money
from backend.core.salon import Client, Phase
from backend.core.sync.links import Role
from backend.core.takeover import agreement, counters
from backend.core.takeover.counters import Carried, Code, Creations, Odd, Own, Seen
from tests.support.facts import (
    BOOKED,
    COMPLAINT,
    CONFIRMED,
    COSMETOLOGY,
    KEY,
    LEAD,
    LOST,
    NOW,
    RULES,
    TO_BE_MOVED,
    WON,
    booking,
    lead,
    line,
    link,
    rules,
)

PRICE = Kopecks(250_000)
TOMORROW, YESTERDAY = NOW + timedelta(days=1), NOW - timedelta(days=1)
LONG_AGO = NOW - timedelta(days=31)


def seen(phase=Phase.WAITING, lead_=None, link_=None, **more):
    """A booking of tomorrow with its lead at the right stage and with the right sum."""
    found = lead(BOOKED, price=PRICE) if lead_ is None else lead_
    about = booking(phase, starts_at=more.pop("starts_at", TOMORROW), **more.pop("of", {}))
    owns = more.pop("owns", (Own(link_ or link(), found),))
    return Seen(about, owns, **more)


def without_lead(**more):
    return seen(owns=(), **more)


def codes(counter):
    return [odd.why for odd in counter.exceptions]


# Bookings and their leads


def test_every_booking_ahead_has_its_lead():
    counter = counters.future([seen(), seen(Phase.ARRIVED), seen(starts_at=YESTERDAY)], RULES, NOW)

    assert (counter.code, counter.value, counter.is_green) == (Code.FUTURE, {"n": 1, "of": 1}, True)
    assert counter.target == "takeover_counters.target.future"


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (without_lead(told="no_route"), "no_lead"),
        (seen(link_=link(role=Role.HISTORY)), "no_lead"),
        (seen(owns=(Own(link(), None),)), "lead_gone"),
        (seen(lead_=lead(is_deleted=True)), "lead_gone"),
    ],
)
def test_a_booking_ahead_without_its_lead_is_listed(one, why):
    counter = counters.future([one], RULES, NOW)

    assert (counter.value, counter.is_green, codes(counter)) == ({"n": 0, "of": 1}, False, [why])


@pytest.mark.parametrize(
    "one",
    [
        without_lead(told="waits_its_turn"),
        without_lead(is_under_way=True),
        without_lead(of={"client": None}),
        without_lead(of={"branch_id": 999}),
    ],
)
def test_what_the_rules_want_no_lead_for_is_no_miss(one):
    assert counters.future([one], RULES, NOW).value == {"n": 0, "of": 0}


def test_the_lead_of_a_common_visit_is_a_lead():
    assert counters.future([seen(link_=link(role=Role.ADDITIONAL))], RULES, NOW).is_green


def test_of_the_last_month_one_in_two_hundred_may_be_missing():
    linked = [seen(Phase.ARRIVED, starts_at=YESTERDAY)] * 199
    missing = without_lead(phase=Phase.ARRIVED, starts_at=YESTERDAY)

    enough = counters.recent([*linked, missing], RULES, NOW)
    less = counters.recent([*linked, missing, missing], RULES, NOW)

    assert (enough.value, enough.is_green, codes(enough)) == ({"n": 199, "of": 200}, True, ["no_lead"])
    assert not less.is_green


def test_history_is_linked_and_what_is_cancelled_or_older_is_not_asked_about():
    history = seen(starts_at=YESTERDAY, link_=link(role=Role.HISTORY))
    gone = seen(starts_at=YESTERDAY, owns=(Own(link(role=Role.HISTORY), None),))
    cancelled = without_lead(phase=Phase.CANCELLED, starts_at=YESTERDAY)

    assert counters.recent([history, cancelled, without_lead(starts_at=LONG_AGO)], RULES, NOW).is_green
    assert codes(counters.recent([gone], RULES, NOW)) == ["no_lead"]


def test_a_key_that_no_salon_knows_is_listed():
    counter = counters.keys([Carried(1, KEY, True), Carried(2, "yclients:41001:5", False)])

    assert (counter.value, counter.is_green) == ({"n": 1, "of": 2}, False)
    assert counter.exceptions == (Odd("yclients:41001:5", 2, "key_unknown"),)


def test_two_leads_of_one_booking_are_red():
    other = lead(BOOKED, id=LEAD + 1)
    counter = counters.doubles([seen(carriers=(lead(), other)), seen(carriers=(lead(),))])

    assert (counter.value, counter.is_green) == ({"n": 1}, False)
    assert counter.exceptions[0].details == {"leads": f"{LEAD}, {LEAD + 1}"}


@pytest.mark.parametrize("other", [lead(LOST, id=LEAD + 1), lead(id=LEAD + 1, is_deleted=True)])
def test_a_second_lead_closed_as_lost_is_put_right(other):
    assert counters.doubles([seen(carriers=(other,))]).is_green


def test_the_lead_of_another_direction_is_meant_to_be():
    satellite = lead(BOOKED, COSMETOLOGY, id=LEAD + 1)
    owns = (Own(link(), lead()), Own(link(LEAD + 1, role=Role.SATELLITE, share="cosmetology"), satellite))

    assert counters.doubles([seen(owns=owns, carriers=(satellite,)), without_lead()]).is_green


# What leads show


def stage_of(one, rules_=RULES):
    return agreement.misplaced([one], rules_, NOW)


def test_a_lead_at_the_stage_of_its_attendance_is_green():
    assert stage_of(seen()).value == {"n": 0, "of": 1}


def test_a_lead_that_did_not_follow_the_attendance_is_listed():
    counter = stage_of(seen(Phase.NO_SHOW))

    assert (counter.is_green, codes(counter)) == (False, ["stage"])
    assert counter.exceptions[0].details == {"pipeline": 8001, "stage": BOOKED, "wanted": TO_BE_MOVED}


OURS_WON = link(stage_id=WON, stage_at=NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    "one",
    [
        seen(Phase.NO_SHOW, lead(BOOKED, tags=("не двигать",))),
        seen(lead_=lead(CONFIRMED)),  # people know more than the journal
        seen(Phase.ARRIVED, lead(COMPLAINT)),
        seen(lead_=lead(WON)),
        seen(lead_=lead(WON), link_=link(stage_id=WON)),
        seen(lead_=lead(WON), link_=link(stage_id=WON, stage_at=LONG_AGO)),
        seen(lead_=lead(BOOKED, 4444)),  # a pipeline of people's own
    ],
)
def test_what_people_or_time_have_locked_is_not_compared(one):
    assert stage_of(one).is_green


@pytest.mark.parametrize(
    "one",
    [
        seen(lead_=lead(WON), link_=OURS_WON),
        seen(lead_=lead(CONFIRMED), link_=link(stage_id=CONFIRMED)),  # we put it there
        seen(lead_=lead(TO_BE_MOVED)),
    ],
)
def test_what_we_moved_ourselves_has_to_follow(one):
    assert not stage_of(one).is_green


@pytest.mark.parametrize(
    "one",
    [
        seen(Phase.NO_SHOW, is_under_way=True),
        seen(Phase.ARRIVED, told="waits_for_payment"),
        seen(Phase.NO_SHOW, link_=link(role=Role.ADDITIONAL)),
        without_lead(),
        seen(Phase.NO_SHOW, owns=(Own(link(), None),)),
    ],
)
def test_what_rests_or_is_not_there_has_no_stage(one):
    assert stage_of(one).value == {"n": 0, "of": 0}


def money_of(*found, rules_=RULES, day=None):
    pairs = agreement.pairs(found, rules_)
    causes = agreement.causes(pairs, {one.booking.key: one for one in found}, rules_, NOW)
    days = {one.booking.key: one.booking.starts_at.date() for one in found}
    if day:
        return agreement.yesterday(pairs, causes, days, day)
    return agreement.budgets(pairs, causes)


def test_money_that_agrees_to_the_ruble_is_green():
    nearly = lead(BOOKED, price=Kopecks(PRICE + 50))

    assert money_of(seen()).value == {"n": 0, "of": 1}
    assert money_of(seen(lead_=nearly)).is_green


def test_a_budget_that_nothing_explains_is_listed():
    counter = money_of(seen(lead_=lead(BOOKED, price=Kopecks(100_000))))

    assert (counter.is_green, codes(counter)) == (False, ["money"])
    assert counter.exceptions[0].details == {"leads": 100_000, "record": 250_000, "cause": "unexplained"}


def test_the_parts_of_two_directions_add_up():
    cleaning = line(503, 4000, 90021, "Чистка лица")
    satellite = lead(BOOKED, COSMETOLOGY, id=LEAD + 1, price=Kopecks(400_000))
    owns = (Own(link(), lead(BOOKED, price=PRICE)), Own(link(LEAD + 1, role=Role.SATELLITE), satellite))

    assert money_of(seen(owns=owns, of={"lines": (line(), cleaning)})).is_green
    assert not money_of(seen(of={"lines": (line(), cleaning)})).is_green


def test_a_sum_that_people_typed_is_green_only_where_the_rules_keep_it():
    typed = seen(lead_=lead(BOOKED, price=Kopecks(300_000)), link_=link(applied={"price": str(PRICE)}))

    assert not money_of(typed).is_green
    assert money_of(typed, rules_=rules(money=Money(keep_typed_budget=True))).is_green


def test_a_closed_lead_keeps_its_old_sum_once_the_price_may_not_change_any_more():
    closed = lead(WON, price=Kopecks(100_000))
    lately = seen(Phase.ARRIVED, closed, starts_at=YESTERDAY)
    before = seen(Phase.ARRIVED, closed, starts_at=NOW - timedelta(days=8))

    assert not money_of(lately).is_green
    assert money_of(before).is_green


def test_a_booking_without_a_lead_is_told_by_another_counter():
    assert money_of(without_lead()).value == {"n": 0, "of": 0}
    assert money_of(seen(owns=(Own(link(), None),))).is_green


def test_the_sums_of_yesterday_stand_beside_each_other():
    good = seen(Phase.ARRIVED, lead(WON, price=Kopecks(PRICE + 50)), starts_at=YESTERDAY)
    bad = seen(
        Phase.ARRIVED, lead(WON, id=2, price=Kopecks(1)), link(2), starts_at=YESTERDAY, of={"record_id": 7}
    )
    none = without_lead(phase=Phase.ARRIVED, starts_at=YESTERDAY, of={"record_id": 8})
    tomorrow = seen(lead_=lead(id=3), link_=link(3), of={"record_id": 9})
    day = date(2026, 3, 9)

    counter = money_of(good, bad, none, tomorrow, day=day)

    assert counter.value == {"leads": 250_051, "records": 750_000, "explained": 50}
    assert [odd.details["cause"] for odd in counter.exceptions] == ["closed", "no_lead"]
    assert money_of(good, day=day).is_green


# Since the switch


def test_as_many_leads_as_were_asked_for():
    counter = counters.created(Creations(frozenset({"a", "b"}), {"b": 2, "c": 3}))

    assert (counter.value, counter.is_green) == ({"n": 2, "expected": 2}, False)
    assert counter.exceptions == (Odd("a", None, "created_lost"), Odd("c", 3, "created_extra"))
    assert counters.created(Creations(frozenset({"a"}), {"a": 1})).is_green


def test_what_the_brake_holds_and_what_others_wrote_is_listed():
    assert counters.held([KEY]).exceptions == (Odd(KEY, None, "held"),)
    assert counters.held([]).is_green
    assert counters.foreign([Odd(KEY, LEAD, "foreign")]).value == {"n": 1}
    assert counters.foreign([]).is_green


# How the work goes


def test_of_a_hundred_news_five_may_be_slow():
    quick = [1.0] * 95

    assert counters.lag([*quick, *[500.0] * 5], 0).value == {"seconds": 1, "missed": 0, "of": 100}
    assert not counters.lag([*quick, *[500.0] * 6], 0).is_green


@pytest.mark.parametrize(("missed", "is_green"), [(0, True), (1, True), (2, False)])
def test_less_than_one_in_a_hundred_may_be_found_by_looking(missed, is_green):
    assert counters.lag([1.0] * 150, missed).is_green is is_green


def test_a_salon_without_messages_has_no_lag():
    assert counters.lag([], 12).value == {"seconds": -1, "missed": 12, "of": 12}
    assert counters.lag([], 12).is_green


@pytest.mark.parametrize(
    ("refused", "asked", "is_green"), [(0, 0, True), (4, 1000, True), (5, 1000, False), (1, 0, False)]
)
def test_vendors_may_refuse_one_request_in_two_hundred(refused, asked, is_green):
    assert counters.errors(refused, asked).is_green is is_green


@pytest.mark.parametrize(
    ("length", "oldest", "is_green"), [(0, 0, True), (99, 119, True), (100, 0, False), (1, 120, False)]
)
def test_the_queue_is_short_and_young(length, oldest, is_green):
    assert counters.queue(length, oldest).is_green is is_green


def test_a_salon_that_is_only_watched_is_counted_all_the_same():
    branches = tuple(replace(one, mode=Mode.OBSERVE) for one in RULES.configuration.branches)
    watched = replace(RULES, configuration=replace(RULES.configuration, branches=branches))
    nobody = without_lead(of={"client": Client("yclients:41001:1", "Без телефона")})

    assert counters.future([nobody], watched, NOW).value == {"n": 0, "of": 1}
