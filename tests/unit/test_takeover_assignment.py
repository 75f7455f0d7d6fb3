"""One lead for one booking (§12.3): who gets whom, and what is left to a person."""

from dataclasses import replace
from datetime import UTC, timedelta

from backend.core.takeover import assignment, pairing
from backend.core.takeover.pairing import Pair, State, Tier, Why
from backend.core.takeover.sides import Named, When
from tests.support.facts import NOW
from tests.support.pairs import MADE, VERA, deal, found, later, named, one, states, visit


def livelier(number, people, **changes):
    return named(number, activity=(people, True, NOW), **changes)


def test_m3_of_two_leads_the_livelier_is_adopted_and_the_other_listed():
    pairs = found([visit()], [livelier(101, 0), livelier(102, 2)])

    assert states(pairs) == {("1", 102): ("A", "accepted"), ("1", 101): ("A", "duplicate")}
    assert Why.DUPLICATE in next(pair for pair in pairs if pair.lead_id == 101).reasons


def test_m3_three_leads_of_one_booking():
    pairs = found([visit()], [livelier(101, 0), livelier(102, 2), livelier(103, 1)])

    assert sorted(states(pairs).values()) == [("A", "accepted"), ("A", "duplicate"), ("A", "duplicate")]


def test_m3_the_persons_own_lead_comes_before_a_livelier_stranger():
    pairs = found([visit()], [livelier(101, 0), livelier(102, 5, phones=frozenset({VERA}))])

    assert states(pairs) == {("1", 101): ("A", "accepted"), ("1", 102): ("A-", "duplicate")}


def test_m3_equally_lively_leads_are_for_a_person():
    pairs = found([visit()], [livelier(101, 1), livelier(102, 1)])

    assert {pair.state for pair in pairs} == {State.PROPOSED}
    assert all(Why.TIE in pair.reasons for pair in pairs)
    assert [pair.is_best for pair in pairs].count(True) == 1


def test_a_lead_with_two_numbers_is_for_a_person():
    pairs = found([visit(1), visit(2)], [deal(named=(Named(1), Named(2)))])

    assert {pair.state for pair in pairs} == {State.PROPOSED}


def test_two_bookings_of_one_minute_and_one_lead():
    pairs = found([visit(1), visit(2)], [deal()])

    assert {pair.state for pair in pairs} == {State.PROPOSED}
    assert {pair.key[-1] for pair in pairs} == {"1", "2"}


def test_a_note_tells_two_bookings_of_one_minute_apart():
    deals = [deal(101, mentioned=(Named(1),)), deal(102, mentioned=(Named(2),))]

    pairs = found([visit(1), visit(2)], deals)

    assert states(pairs) == {("1", 101): ("B", "accepted"), ("2", 102): ("B", "accepted")}


def test_a_note_that_names_another_booking_speaks_against_the_minute():
    pairs = found([visit(1), visit(2, starts_at=NOW + timedelta(days=5))], [deal(mentioned=(Named(2),))])

    assert {pair.state for pair in pairs} == {State.PROPOSED}


def test_a_lead_taken_over_for_the_next_booking_mentions_both():
    """The widget wrote both numbers into its notes; the time is that of the booking it has now."""
    past = visit(1, starts_at=NOW - timedelta(days=5), created_at=MADE - timedelta(days=9))

    pairs = found([past, visit(2)], [deal(mentioned=(Named(1), Named(2)))])

    assert states(pairs)["2", 101] == ("B", "accepted")


def test_what_a_surer_pair_has_taken_stands_in_nobodys_way():
    deals = [named(101, 1), deal(102)]

    pairs = found([visit(1), visit(2)], deals)

    assert states(pairs) == {("1", 101): ("A", "accepted"), ("2", 102): ("B", "accepted")}


def test_a_weaker_rival_stands_in_nobodys_way():
    rival = replace(later(2), id=102)

    assert states(found([visit()], [deal(), rival]))["1", 101] == ("B", "accepted")


def test_a_tie_about_one_booking_does_not_hold_up_another():
    """Two leads name one booking and are equally lively; the other booking has one of its own."""
    pairs = found([visit(1), visit(2)], [livelier(101, 1), livelier(102, 1), deal(103)])

    assert states(pairs)["2", 103] == ("B", "accepted")
    assert {state for (key, _), (_, state) in states(pairs).items() if key == "1"} == {"proposed"}


def test_only_the_best_of_many_open_pairs_are_shown():
    visits = [visit(n) for n in range(1, 9)]

    pairs = found(visits[:1], [deal(100 + n) for n in range(8)])

    assert len(pairs) == assignment.FEW
    assert sum(pair.is_best for pair in pairs) == 1


def test_bookings_that_have_nothing_in_common_are_solved_apart():
    later_on = NOW + timedelta(days=1)
    visits = [visit(1), visit(2, phone=VERA, starts_at=later_on), visit(3, phone=VERA, starts_at=later_on)]
    deals = [deal(101), deal(102, phones=frozenset({VERA}), when=When(frozenset({later_on})))]

    groups = assignment.components(pairing.candidates(pairing.index(visits), deals, NOW))

    assert sorted(sorted({one.visit.record_id for one in group}) for group in groups) == [[1], [2, 3]]


def test_a_number_that_hundreds_book_with_is_nobodys():
    crowd = [visit(n, starts_at=NOW + timedelta(hours=n)) for n in range(1, pairing.CROWD + 3)]
    lead = deal(when=When(frozenset({NOW + timedelta(minutes=5)})), services=())

    assert found(crowd, [lead]) == []
    assert found(crowd[:5], [lead]) != []


def test_a_pair_shows_what_speaks_for_it_in_order():
    assert one([visit()], [deal()]) == Pair(
        "yclients:41001:1", 101, Tier.B,
        (Why.PERSON, Why.TIME, Why.DAY, Why.PRICE, Why.SERVICES, Why.LAG, Why.WRITER), State.ACCEPTED, True,
    )  # fmt: skip
    assert visit().starts_at.tzinfo is UTC
