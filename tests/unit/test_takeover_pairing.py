"""The table of §12.3: which lead may belong to which booking, and how sure that is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.money import Kopecks
from backend.core.takeover import pairing
from backend.core.takeover.pairing import State, Tier, Why
from backend.core.takeover.sides import Named, When
from tests.support.facts import NOW
from tests.support.pairs import AHEAD, MADE, PIPELINE, VERA, deal, found, later, named, one, states, visit

# Tiers


def test_a_the_number_of_the_record_and_the_person():
    pair = one([visit()], [named()])

    assert (pair.tier, pair.state, pair.is_best) == (Tier.A, State.ACCEPTED, True)
    assert pair.reasons[:2] == (Why.RECORD_ID, Why.PERSON)
    assert not pair.is_for_a_look


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"phone": VERA}, Why.PERSON_DIFFERS), ({"phone": ""}, Why.PERSON_UNKNOWN)],
)
def test_a_minus_the_number_agrees_and_the_person_does_not(changes, why):
    pair = one([visit(**changes)], [named()])

    assert (pair.tier, pair.state) == (Tier.A_MINUS, State.ACCEPTED)
    assert why in pair.reasons
    assert pair.is_for_a_look


def test_nobody_has_a_phone_on_either_side():
    assert one([visit(phone="")], [named(phones=frozenset())]).tier is Tier.A


def test_b_phone_salon_and_minute():
    pair = one([visit()], [deal()])

    assert (pair.tier, pair.state) == (Tier.B, State.ACCEPTED)
    assert {Why.TIME, Why.DAY, Why.PRICE, Why.SERVICES, Why.LAG, Why.WRITER} <= set(pair.reasons)


def test_b_by_what_the_salons_clock_shows():
    wall = When(walls=frozenset({(NOW + AHEAD).replace(tzinfo=None)}))

    assert one([visit()], [deal(when=wall)]).tier is Tier.B


@pytest.mark.parametrize(
    "lead",
    [
        later(2),
        replace(later(2), services=()),
        replace(later(2), prices=frozenset()),
        deal(when=When(days=frozenset({NOW.date()}))),
    ],
)
def test_c_phone_salon_day_and_money_or_services(lead):
    pair = one([visit()], [lead])

    assert (pair.tier, pair.state) == (Tier.C, State.ACCEPTED)


def test_c_the_day_is_that_of_the_salons_calendar():
    """Half past midnight in Moscow, for which UTC still has the day before."""
    night = NOW.replace(hour=21, minute=30)

    assert (
        one([visit(starts_at=night)], [deal(when=When(frozenset({night + timedelta(hours=9)})))]).tier
        is Tier.C
    )


def test_c_made_by_somebody_else_is_for_a_person():
    pair = one([visit()], [replace(later(2), is_writers=False)])

    assert (pair.tier, pair.state) == (Tier.C, State.PROPOSED)


def test_d_made_at_once_by_the_widget():
    pair = one([visit()], [deal(when=When())])

    assert (pair.tier, pair.state) == (Tier.D, State.PROPOSED)


@pytest.mark.parametrize(("seconds", "pairs"), [(-5, 1), (-6, 0), (299, 1), (300, 0)])
def test_d_within_five_minutes(seconds, pairs):
    lead = deal(when=When(), created_at=MADE + timedelta(seconds=seconds))

    assert len(found([visit()], [lead])) == pairs


def test_d_another_phone_by_now_but_all_else_agrees():
    pair = one([visit(phone=VERA)], [deal()])

    assert (pair.tier, pair.state) == (Tier.D, State.PROPOSED)
    assert Why.PERSON_DIFFERS in pair.reasons


def test_e_a_note_mentions_the_record():
    pair = one([visit(phone=VERA)], [deal(when=When(), mentioned=(Named(1),), is_writers=False)])

    assert (pair.tier, pair.state) == (Tier.E, State.PROPOSED)


@pytest.mark.parametrize(
    "lead",
    [
        deal(when=When(), is_writers=False),
        deal(phones=frozenset({VERA}), services=()),
        deal(when=When(), is_writers=False, phones=frozenset({VERA})),
        replace(later(2), prices=frozenset(), services=(), is_writers=False),
    ],
)
def test_what_says_too_little_is_no_pair(lead):
    assert found([visit()], [lead]) == []


def test_nothing_for_nothing_is_no_equal_sum():
    lead = replace(later(2), services=(), prices=frozenset({Kopecks(0)}), is_writers=False)

    assert found([visit(price=Kopecks(0))], [lead]) == []


def test_the_crm_knows_whole_rubles():
    assert Why.PRICE in one([visit(price=Kopecks(250040))], [deal()]).reasons


# The salon


def test_the_salon_that_the_lead_names_has_to_agree():
    pair = one([visit()], [deal(salons=frozenset({41002}))])

    assert (pair.tier, pair.state) == (Tier.D, State.PROPOSED)
    assert Why.SALON_DIFFERS in pair.reasons


def test_where_the_lead_names_none_its_pipeline_does():
    assert one([visit()], [deal()], homes={PIPELINE: frozenset({41001})}).tier is Tier.B
    assert one([visit()], [deal()], homes={PIPELINE: frozenset({41002})}).tier is Tier.D


def test_m5_the_record_is_believed_about_its_salon_and_a_person_sees_it():
    pair = one([visit()], [named(salons=frozenset({41002}))])

    assert (pair.tier, pair.state) == (Tier.A, State.ACCEPTED)
    assert pair.is_for_a_look


def test_two_disagreements_are_too_many_to_adopt():
    assert one([visit(phone=VERA)], [named(salons=frozenset({41002}))]).state is State.PROPOSED


def test_one_number_in_two_salons_the_salon_named_with_it_decides():
    both = [visit(1), visit(1, branch_id=41002)]

    pair = one(both, [deal(named=(Named(1, 41002),))])

    assert pair.key == "yclients:41002:1"


def test_one_number_in_two_salons_the_person_decides():
    pair = one([visit(1), visit(1, branch_id=41002, phone=VERA)], [named(phones=frozenset({VERA}))])

    assert pair.key == "yclients:41002:1"


def test_one_number_in_two_salons_and_nothing_decides():
    pairs = found([visit(1), visit(1, branch_id=41002)], [named()])

    assert {pair.state for pair in pairs} == {State.PROPOSED}
    assert len(pairs) == 2


def test_whose_a_pipeline_is_is_measured():
    visits = [visit(1), visit(2, branch_id=41002, phone=VERA), visit(3, phone=VERA, branch_id=41002)]
    deals = [named(101, 1), deal(102, pipeline_id=8002, phones=frozenset({VERA})), deal(103, when=When())]

    assert pairing.homes(pairing.index(visits[:2]), deals) == {8001: {41001}, 8002: {41002}}


def test_a_stray_lead_does_not_make_a_pipeline_a_salons():
    visits = [visit(n) for n in range(1, 20)] + [visit(20, branch_id=41002)]
    deals = [named(100 + n, n) for n in range(1, 21)]

    assert pairing.homes(pairing.index(visits), deals) == {PIPELINE: {41001}}


def test_leads_of_two_salons_at_one_minute_measure_nothing():
    both = [visit(1), visit(2, branch_id=41002)]

    assert pairing.homes(pairing.index(both), [deal()]) == {}


# Whole visits


def test_the_number_of_a_visit_that_is_one_booking():
    pair = one([visit(visit_id=60)], [deal(visits=(60,), when=When())])

    assert (pair.tier, pair.reasons[0]) == (Tier.A, Why.VISIT_ID)


def test_the_number_of_a_visit_of_two_bookings_tells_nothing():
    pairs = found([visit(1, visit_id=60), visit(2, visit_id=60)], [deal(visits=(60,), when=When())])

    assert {pair.tier for pair in pairs} == {Tier.D}


# Age and birth


def test_closed_long_ago_only_the_number_counts():
    old = {"is_closed": True, "created_at": NOW - timedelta(days=400)}
    was = visit(created_at=NOW - timedelta(days=400))

    assert one([was], [named(**old)]).state is State.ACCEPTED
    assert one([was], [deal(**old)]).state is State.PROPOSED
    assert one([replace(was, phone=VERA)], [named(**old)]).state is State.PROPOSED


def test_open_and_old_is_no_history():
    pair = one([visit(created_at=NOW - timedelta(days=400))], [deal(created_at=NOW - timedelta(days=400))])

    assert pair.state is State.ACCEPTED


def test_a_lead_that_the_widget_made_before_the_booking_was_made_for_another():
    early = {"created_at": MADE - timedelta(hours=1)}

    assert one([visit()], [deal(**early)]).state is State.PROPOSED
    assert one([visit()], [deal(**early, mentioned=(Named(1),))]).state is State.ACCEPTED
    assert one([visit()], [deal(**early, is_writers=False)]).state is State.ACCEPTED


def test_a_lead_that_names_a_record_nobody_has_is_not_adopted_by_its_time():
    pair = one([visit()], [deal(named=(Named(999),))])

    assert (pair.tier, pair.state) == (Tier.B, State.PROPOSED)
    assert Why.NAMES_ANOTHER in pair.reasons


def test_a_lead_that_names_its_booking_is_compared_with_no_other():
    pairs = found([visit(1), visit(2)], [named(101, 1)])

    assert states(pairs) == {("1", 101): ("A", "accepted")}
