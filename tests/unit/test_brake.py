"""The storm brake as a rule: what is one act of the desk, and where the usual ends."""

from dataclasses import replace
from datetime import timedelta

from backend.core.rules.options import Brake
from backend.core.sync.brake import FEWEST, Act, Recent, act, held
from tests.support.facts import booking

BOOKING = booking()

BRAKE = Brake(per_person=3, times_usual=3)


def acts(count, person="p", salon=1, start=0):
    """So many bookings, each made by itself; a name with {n} makes each another person's."""
    return [
        Act(f"k{start + n}", salon, person.format(n=start + n), f"s{start + n}", start + n + 1)
        for n in range(count)
    ]


def test_three_an_hour_pass_and_the_fourth_waits():
    assert held(acts(4), Recent(), BRAKE) == {"k3": "person:p"}


def test_what_passed_within_the_hour_counts():
    assert held(acts(2, start=9), Recent(tuple(acts(2))), BRAKE) == {"k10": "person:p"}


def test_other_people_are_not_held_by_a_storm_of_one():
    others = [Act("other", 1, "q", "s", 0)]

    assert list(held([*acts(5), *others], Recent(), BRAKE)) == ["k3", "k4"]


def test_one_schedule_is_one_act():
    schedule = [Act(f"k{n}", 1, "p", "same", n + 1) for n in range(20)]

    assert held(schedule, Recent(), BRAKE) == {}


def test_one_visit_is_one_act():
    visit = [Act(f"k{n}", 1, "p", f"s{n}", 7) for n in range(5)]

    assert held([*acts(2), *visit], Recent(), BRAKE) == {}


def test_bookings_without_a_visit_are_not_one_visit():
    several = [Act(f"k{n}", 1, "p", f"s{n}", 0) for n in range(4)]

    assert held(several, Recent(), BRAKE) == {"k3": "person:p"}


def test_one_that_passed_before_and_failed_passes_again():
    passed = acts(3)

    assert held([passed[0]], Recent(tuple(passed)), BRAKE) == {}


def test_whom_a_person_let_go_is_not_held():
    assert held(acts(9), Recent(released=frozenset({"person:p"})), BRAKE) == {}


def test_salon_with_far_more_than_usual_is_held():
    usual = {1: 10}
    found = held(acts(31, person="p{n}"), Recent(usual=usual), BRAKE)

    assert found == {"k30": "salon:1"}


def test_what_the_salon_had_within_the_hour_counts():
    recent = Recent(salons={1: 29}, usual={1: 10})

    assert held(acts(2, person="p{n}"), recent, BRAKE) == {"k1": "salon:1"}


def test_quiet_salon_is_not_held_for_a_busy_hour():
    assert held(acts(FEWEST, person="p{n}"), Recent(usual={1: 1}), BRAKE) == {}
    assert held(acts(FEWEST + 1, person="p{n}"), Recent(usual={1: 1}), BRAKE) == {f"k{FEWEST}": "salon:1"}


def test_salon_without_a_usual_pace_is_not_held():
    assert held(acts(200, person="p{n}"), Recent(), BRAKE) == {}


def test_salon_that_a_person_let_go_is_not_held():
    recent = Recent(usual={1: 1}, released=frozenset({"salon:1"}))

    assert held(acts(100, person="p{n}"), recent, BRAKE) == {}


def test_neighbours_do_not_count():
    recent = Recent(salons={2: 50}, usual={1: 10, 2: 10})

    assert held(acts(5, person="p{n}", start=100), recent, BRAKE) == {}


def test_repeating_bookings_share_their_series_and_a_person_has_no_name():
    first = act(BOOKING)
    later = act(replace(BOOKING, record_id=2, visit_id=9, starts_at=BOOKING.starts_at + timedelta(days=7)))
    another = act(replace(BOOKING, record_id=3, created_at=BOOKING.created_at + timedelta(minutes=5)))

    assert first.series == later.series
    assert first.series != another.series
    assert first.person == later.person
    assert BOOKING.client.name not in first.person


def test_booking_without_a_client_is_a_person_of_its_own():
    alone = [act(replace(BOOKING, client=None, record_id=n)) for n in (1, 2)]

    assert alone[0].person != alone[1].person
