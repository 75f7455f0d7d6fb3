"""What a visit was paid by, shared out among its bookings to the kopeck."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.money import Kopecks
from backend.core.payments import PaidBy, Payment, Payments, VisitMoney, of_booking, split
from tests.support.facts import NOW

sums = st.integers(min_value=0, max_value=10**9)
weights = st.dictionaries(st.integers(1, 99), st.integers(0, 10**7), min_size=1, max_size=6)


def money(*amounts, at=NOW, by=PaidBy.MONEY):
    return tuple(Payment(by, Kopecks(amount), at) for amount in amounts)


@given(sums, weights)
def test_parts_add_up_to_the_whole(total, shares):
    assert sum(split(Kopecks(total), shares).values()) == total


@given(sums, weights)
def test_no_part_is_further_from_its_share_than_a_kopeck(total, shares):
    whole = sum(shares.values())
    parts = split(Kopecks(total), shares)

    assert whole == 0 or all(abs(parts[key] - total * shares[key] / whole) < 1 for key in shares)


def test_without_any_weight_the_first_gets_it_all():
    assert split(Kopecks(500), {7: 0, 8: 0}) == {7: 500, 8: 0}


def test_nobody_shares_nothing():
    assert split(Kopecks(500), {}) == {}


def test_a_visit_of_one_booking_keeps_its_kinds_apart():
    visit = VisitMoney(
        {1: Kopecks(10_000)},
        (
            *money(1_000, at=NOW - timedelta(days=1)), *money(2_000), *money(3_000, by=PaidBy.ABONEMENT),
            *money(400, by=PaidBy.CERTIFICATE), *money(50, by=PaidBy.BONUS), *money(6, by=PaidBy.DEPOSIT),
        ),
    )  # fmt: skip

    found = of_booking(visit, 1, NOW)

    assert found == Payments(*map(Kopecks, (10_000, 3_000, 1_000, 3_000, 400, 50, 6)))
    assert found.covered == 6_456
    assert found.debt == 3_544
    assert not found.is_settled


@given(st.lists(sums, max_size=5), weights)
def test_bookings_of_a_visit_share_each_payment_once(amounts, dues):
    visit = VisitMoney(dues, money(*amounts))

    assert sum(of_booking(visit, record, NOW).paid for record in dues) == sum(amounts)


def test_a_payment_without_a_time_is_no_prepayment():
    visit = VisitMoney({1: Kopecks(100)}, (Payment(PaidBy.MONEY, Kopecks(100)),))

    assert of_booking(visit, 1, NOW).prepaid == 0


def test_a_stranger_to_the_visit_has_no_part():
    assert of_booking(VisitMoney({1: Kopecks(100)}, money(100)), 2, NOW) == Payments(Kopecks(0))


@pytest.mark.parametrize(("paid", "debt"), [(0, 100), (100, 0), (130, 0)])
def test_paid_over_is_nobodys_debt(paid, debt):
    found = Payments(Kopecks(100), Kopecks(paid))

    assert (found.debt, found.is_settled) == (debt, debt == 0)
