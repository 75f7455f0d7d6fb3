"""Several bookings of one visit: which of them are one, and what they are together."""

from dataclasses import replace

import pytest

from backend.core.money import Kopecks
from backend.core.payments import Payments
from backend.core.rules.options import Without
from backend.core.salon import Phase
from backend.core.sync import merging, visits
from backend.core.sync.booking import decide
from backend.core.sync.facts import BookingFacts, Sibling
from backend.core.sync.links import Link, Role
from backend.core.sync.matching import Candidate, person_mark
from tests.support.facts import MARIA, NOW, booking, lead, rules

GROUPED = rules(group_by_visit=True)


def one(record, role=None, lead_id=1, **changes):
    own = booking(record_id=record, visit_id=7, **changes)
    link = Link(own.key, lead_id, role, "epilation" if role is Role.MAIN else "") if role else None
    return Sibling(own, link, person_mark(own), lead(id=lead_id) if role else None)


def led_by(deciding, *others, by=GROUPED):
    facts = BookingFacts(deciding.booking, NOW, link=deciding.link, lead=deciding.lead, visit=others)
    found = visits.whole(facts, by)
    return found.booking.record_id, found.link and found.link.lead_id, len(found.booking.lines)


def test_the_leader_is_the_same_from_every_side():
    first, second, third = one(9), one(10, Role.MAIN), one(11, Role.ADDITIONAL)

    seen = {
        led_by(*order) for order in ((first, second, third), (second, third, first), (third, first, second))
    }

    assert seen == {(10, 1, 3)}


def test_two_leads_are_never_put_together_and_each_keeps_those_that_went_with_it():
    first, second, third = one(1, Role.MAIN), one(2, Role.MAIN, 2), one(3, Role.ADDITIONAL, 2)

    assert led_by(first, second, third) == (1, 1, 1)
    assert led_by(third, second, first) == led_by(second, first, third) == (2, 2, 2)


def test_a_booking_whose_leader_has_left_has_no_lead():
    left = one(1, Role.MAIN, starts_at=booking().starts_at.replace(day=20))

    assert led_by(one(2, Role.ADDITIONAL), left) == (2, None, 1)


def test_those_that_a_leader_has_left_go_on_under_the_first_of_them():
    left = one(1, Role.MAIN, starts_at=booking().starts_at.replace(day=20))
    second, third = one(2, Role.ADDITIONAL), one(3, Role.ADDITIONAL)

    assert led_by(second, left, third) == led_by(third, second, left) == (2, None, 2)


@pytest.mark.parametrize(
    "other",
    [
        one(1, Role.MAIN, client=replace(MARIA, card="yclients:41001:9", phone="+79990000099")),
        replace(one(1, Role.MAIN, client=None), person="somebody"),
        replace(one(1, Role.MAIN), booking=booking(record_id=1, visit_id=8)),
        one(1, Role.MAIN, branch_id=41002),
    ],
)
def test_another_person_visit_or_salon_stays_out(other):
    assert led_by(one(2), other) == (2, None, 1)


def test_a_person_is_known_by_the_card_before_the_phone_was_told():
    assert led_by(one(2), one(1, Role.MAIN, client=replace(MARIA, phone=""))) == (1, 1, 2)


def test_a_new_booking_without_services_joins_only_where_it_would_get_a_lead():
    creates, skips = (
        rules(group_by_visit=True, without_services=way) for way in (Without.CREATE, Without.SKIP)
    )
    empty = one(2)
    empty = replace(empty, booking=replace(empty.booking, lines=()))

    assert led_by(empty, one(1, Role.MAIN), by=creates) == (1, 1, 1)
    assert led_by(empty, one(1, Role.MAIN), by=skips) == (2, None, 0)


def test_a_salon_that_is_not_configured_leads_nobody():
    assert led_by(one(1, branch_id=5), one(2, branch_id=5))[1] is None


def test_what_nobody_asked_about_has_paid_nothing():
    paid = Payments(Kopecks(250_000), by_abonement=Kopecks(250_000), abonement_value=Kopecks(90_000))
    first, second = one(1, payments=paid), one(2)

    together = merging.one(first, [second, first]).payments

    assert together == replace(paid, planned=Kopecks(500_000))


def test_an_abonement_of_unknown_value_counts_in_full_beside_a_known_one():
    known = Payments(Kopecks(250_000), by_abonement=Kopecks(250_000), abonement_value=Kopecks(90_000))
    unknown = replace(known, abonement_value=None)

    both = merging.one(one(1), [one(1, payments=known), one(2, payments=unknown)]).payments
    neither = merging.one(one(1), [one(1, payments=unknown), one(2, payments=unknown)]).payments

    assert both.abonement_value == 340_000
    assert neither.abonement_value is None


def test_the_visit_is_missed_only_when_all_are():
    missed, gone = one(1, phase=Phase.NO_SHOW), one(2, phase=Phase.CANCELLED)

    assert (merging.one(gone, [gone, missed]).phase, len(merging.one(gone, [gone, missed]).lines)) == (
        Phase.NO_SHOW, 1,
    )  # fmt: skip


@pytest.mark.parametrize("candidates", [(), (Candidate(lead(id=5)),)])
def test_one_that_is_decided_before_its_leader_goes_along(candidates):
    first, second = one(9), one(10)
    facts = BookingFacts(second.booking, NOW, visit=(first,), candidates=candidates)

    decision = decide(facts, GROUPED)

    assert decision.leader == first.booking.key
    assert decision.joins == (5 if candidates else None)
    assert (second.booking.key in decision.wakes) is not bool(candidates)
