"""F5–F7, F9–F12, F14. Who paid what stands beside the budget: in parts, beforehand, taken back."""

import json

import pytest

from tests.support.cash_desk import DAY, desk, past
from tests.support.stand import LASER_ARMPITS, LASER_LEGS, TVERSKAYA
from tests.support.wishes import MONEY, money, told, wish

__all__ = ["desk"]


@pytest.fixture
def booked(stand):
    """A booking with its lead; fields of money are filled."""
    wish(stand, fields=MONEY)
    record = stand.book(LASER_ARMPITS, LASER_LEGS)
    stand.settle()
    return record


def visit_requests(stand):
    return [row for row in stand.world.yclients.journal() if "visit/details" in row["path"]]


def test_F5_prepayment_fills_its_field_and_leaves_the_budget(stand, booked, desk):
    desk.pay(booked, 1000)
    stand.edit(booked, prepaid_confirmed=True)

    stand.settle()

    assert stand.lead_of(booked)["price"] == 7000
    assert [money(stand, booked, name) for name in ("prepaid", "paid", "debt")] == ["1000", "1000", "6000"]


def test_F5_payment_at_the_visit_is_no_prepayment(stand, booked, desk):
    stand.pass_time(3 * DAY)
    desk.pay(booked, 7000)

    stand.settle()

    assert [money(stand, booked, name) for name in ("prepaid", "paid", "debt")] == ["0", "7000", "0"]


def test_F6_visit_paid_by_an_abonement_keeps_its_full_value(stand, booked, desk):
    desk.withdraw(booked, "abonement", 2500)
    stand.mark(booked, 1)

    stand.settle()

    assert stand.lead_of(booked)["price"] == 7000
    assert money(stand, booked, "by_abonement") == "2500"
    assert money(stand, booked, "debt") == "4500"


def test_F6_visit_paid_by_an_abonement_is_worth_nothing_by_option(stand, desk):
    wish(stand, options={"money": {"abonement": "zero"}})
    record = stand.book(LASER_ARMPITS, LASER_LEGS)
    stand.settle()
    desk.withdraw(record, "abonement", 2500)
    stand.mark(record, 1)

    stand.settle()

    assert stand.lead_of(record)["price"] == 4500


def test_F6_visit_paid_by_an_abonement_has_the_price_of_one_visit_by_option(stand, desk):
    wish(stand, options={"money": {"abonement": "visit"}})
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    desk.sell_abonement(record, price=18000, count=10)
    stand.settle()
    desk.withdraw(record, "abonement", 2500)
    stand.mark(record, 1)

    stand.settle()

    assert stand.lead_of(record)["price"] == 1800


def test_F6_balance_of_the_abonement_stands_at_the_contact(stand, desk):
    wish(stand, fields=MONEY, contact=["abonements"])
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    desk.sell_abonement(record, price=18000, count=10)
    stand.settle()
    desk.withdraw(record, "abonement", 2500)
    stand.mark(record, 1)

    stand.settle()

    (contact,) = stand.contacts()
    assert "Эпиляция (x9)" in told(stand, contact, "abonements")


@pytest.mark.parametrize("kind", ["certificate", "bonus", "deposit"])
def test_F7_what_is_paid_without_money_lowers_the_debt(stand, booked, desk, kind):
    desk.withdraw(booked, kind, 3000)
    desk.pay(booked, 1000)
    stand.mark(booked, 1)

    stand.settle()

    names = ("planned", "paid", "by_abonement", "debt")
    assert [money(stand, booked, name) for name in names] == ["7000", "1000", "0", "3000"]


def test_F9_abonement_sold_without_a_booking_stands_at_the_contact(stand, desk):
    wish(stand, contact=["abonements"])
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    before = len(stand.leads())
    desk.sell_abonement(record, price=18000, count=10)

    stand.settle()

    (contact,) = stand.contacts()
    assert "Эпиляция 10 · Эпиляция (x10)" in told(stand, contact, "abonements")
    assert len(stand.leads()) == before


def test_F10_refund_lowers_what_is_paid_and_is_told(stand, booked, desk):
    desk.pay(booked, 4000)
    desk.pay(booked, 3000)
    past(stand, booked)
    stage = stand.lead_of(booked)["status_id"]
    desk.refund(booked)

    stand.settle()

    lead = stand.lead_of(booked)
    assert money(stand, booked, "paid") == "4000"
    assert "Возврат: было оплачено 7 000 ₽, осталось 4 000 ₽" in stand.notes(lead)
    assert lead["status_id"] == stage


def test_F11_payments_of_two_days_add_up(stand, booked, desk):
    desk.pay(booked, 3000)
    stand.mark(booked, 2)
    stand.settle()
    stand.pass_time(DAY)
    first = money(stand, booked, "paid")
    desk.pay(booked, 4000)

    stand.settle()

    assert (first, money(stand, booked, "paid"), money(stand, booked, "debt")) == ("3000", "7000", "0")


def test_F11_payment_whose_own_hook_alone_came_is_noticed(stand, booked, desk):
    desk.pay(booked, 3000)
    hooks = [hook["event"] for hook in stand.world.yclients.hooks_pending()]
    stand.world.sender.drop("yclients")
    (payment,) = [event for event in hooks if event["resource"] == "finances_operation"]
    url = stand.world.yclients.state(TVERSKAYA)["companies"][0]["urls"][0]
    stand.world.yclients.hooks_send(url, json.dumps(payment))

    stand.settle()

    assert money(stand, booked, "paid") == "3000"


def test_F12_payment_of_a_visit_is_split_among_its_bookings(stand, desk):
    wish(stand, fields=MONEY)
    first = stand.book(LASER_ARMPITS)
    visit = int(first["visit_id"])
    second = stand.book(LASER_LEGS, staff=82, visit_id=visit)
    stand.settle()
    desk.pay(first, 5000)

    stand.settle()

    parts = [float(money(stand, record, "paid")) for record in (first, second)]
    assert sum(parts) == 5000
    assert parts == [1785.71, 3214.29]


def test_F14_without_the_right_to_payments_their_fields_stay_empty(stand, booked, desk, alarm_codes):
    stand.world.yclients.options(money_hidden=True)
    desk.pay(booked, 7000)
    stand.mark(booked, 1)

    stand.settle()

    assert [money(stand, booked, name) for name in ("paid", "prepaid", "by_abonement", "debt")] == [None] * 4
    assert money(stand, booked, "planned") == "7000"
    assert "money_hidden" in alarm_codes()


def test_F14_with_the_right_back_the_next_change_fills_them(stand, booked, desk, alarm_codes):
    stand.world.yclients.options(money_hidden=True)
    desk.pay(booked, 7000)
    stand.settle()
    stand.world.yclients.options(money_hidden=False)
    stand.edit(booked, comment="оплачено")

    stand.settle()

    assert money(stand, booked, "paid") == "7000"
    assert "money_hidden" not in alarm_codes()


def test_nobody_is_asked_for_money_that_the_account_does_not_use(stand, desk):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    desk.pay(record, 2500)
    stand.mark(record, 1)

    stand.settle()

    assert visit_requests(stand) == []


def test_unpaid_bookings_cost_no_request(stand, booked):
    stand.edit(booked, comment="перезвонить")

    stand.settle()

    assert visit_requests(stand) == []
