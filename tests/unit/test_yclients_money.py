"""What YCLIENTS tells of payments, cards and abonements, in all its looseness."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backend.core.errors import InvalidInput
from backend.core.payments import PaidBy
from backend.integrations.yclients import money, parse

ZONE = "Europe/Moscow"
PAID = {"amount": "10300.00", "date": "2026-09-16 16:35:00"}


def taken(**more):
    row = {"amount": "-2500", "type_id": 0, "type": {"id": 0, "title": "Списание с абонемента"}}
    return {**row, **more}


def test_dues_are_sums_of_each_bookings_lines():
    items = [
        {"record_id": 1, "cost": 2250}, {"record_id": "1", "cost": "4050.00"},
        {"record_id": 2, "cost": Decimal(4000)}, "nothing",
    ]  # fmt: skip

    assert money.visit({"items": items}, ZONE).dues == {1: 630_000, 2: 400_000}


def test_payments_have_the_salons_time():
    (payment,) = money.visit({"payment_transactions": [PAID]}, ZONE).payments

    assert (payment.by, payment.amount) == (PaidBy.MONEY, 1_030_000)
    assert payment.at == datetime(2026, 9, 16, 13, 35, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "by"),
    [
        (taken(), PaidBy.ABONEMENT),
        (taken(type_id=8, type=[]), PaidBy.CERTIFICATE),
        (taken(type_id="11", type={"title": ""}), PaidBy.DEPOSIT),
        (taken(type={"title": "Списание с личного счета"}), PaidBy.DEPOSIT),
        (taken(type={"title": "Списание бонусов"}), PaidBy.BONUS),
        (taken(type={"title": "Кэшбэк"}, is_loyalty_withdraw=True), PaidBy.BONUS),
    ],
)
def test_what_covers_a_visit_without_money(row, by):
    (payment,) = money.visit({"loyalty_transactions": [row]}, ZONE).payments

    assert (payment.by, payment.amount) == (by, 250_000)


@pytest.mark.parametrize(
    "row",
    [
        taken(type={"title": "Начисление по программам лояльности"}),
        taken(type={"title": "Скидка по акции"}, is_discount=True),
        taken(is_discount=1),
        taken(type={"title": "Кэшбэк"}),
        taken(amount=0),
    ],
)
def test_discounts_and_accruals_pay_nothing(row):
    assert money.visit({"loyalty_transactions": [row]}, ZONE).payments == ()


def test_a_visit_that_cannot_be_read_says_so():
    with pytest.raises(InvalidInput, match="money_malformed"):
        money.visit({"items": [{"record_id": 1, "cost": "дорого"}]}, ZONE)


def test_a_card_with_everything():
    card = money.card(
        {
            "id": "5001", "name": "Мария", "surname": "Пробная", "phone": 79990000001, "visits": "34",
            "categories": [{"id": 1, "title": "VIP"}, {"id": 2, "title": ""}], "sms_not": "1",
            "spent": 71842.5, "discount": 10, "card": "A-1", "birth_date": "1990-05-01",
            "last_change_date": "2026-09-01T12:00:00+0300",
        } | {"spent": Decimal("71842.5")},
        41001,
    )  # fmt: skip

    assert (card.card, card.name, card.phone) == ("yclients:41001:5001", "Мария Пробная", "+79990000001")
    assert (card.labels, card.do_not_send, card.spent) == (("VIP",), True, 7_184_250)
    assert (card.visits, card.discount, card.loyalty_card, card.birthday) == (34, 10, "A-1", "1990-05-01")
    assert card.changed_at == datetime(2026, 9, 1, 9, tzinfo=UTC)


def test_a_card_with_next_to_nothing():
    bare = {"id": 5, "birth_date": "1970-01-01", "categories": []}
    card = money.card(bare, 41001)

    assert (card.name, card.visits, card.do_not_send, card.spent, card.birthday) == ("", None, None, None, "")


def test_a_card_that_is_none_says_so():
    with pytest.raises(InvalidInput, match="client_malformed"):
        money.card({"name": "Мария"}, 41001)


def abonement(**more):
    row = {
        "id": 659878, "number": "788376", "balance_string": "Эпиляция (x7)", "period": 30,
        "period_unit_id": 1,
        "activated_date": "2026-09-01T12:00:00+0300", "status": {"id": 2, "title": "Активирован"},
        "type": {"title": "Эпиляция 10", "balance_container": {"links": [{"count": 10}, "?"]}},
    }  # fmt: skip
    return {**row, **more}


def test_an_abonement_as_the_desk_names_it():
    (found,) = money.abonements([abonement()], ZONE)

    assert (found.number, found.title, found.balance, found.visits) == (
        "788376", "Эпиляция 10", "Эпиляция (x7)", 10,
    )  # fmt: skip
    assert found.until == datetime(2026, 9, 1, 9, tzinfo=UTC) + timedelta(days=30)


def test_a_common_balance_of_all_services_counts_once():
    (found,) = money.abonements([abonement(type={"united_balance_services_count": 5})], ZONE)

    assert found.visits == 5


def test_an_abonement_without_an_end_has_none():
    (found,) = money.abonements([abonement(activated_date=None, period=0)], ZONE)

    assert found.until is None


def test_abonements_that_are_over_are_left_out():
    assert money.abonements([abonement(status={"id": 3})], ZONE) == ()


def test_an_abonement_that_cannot_be_read_says_so():
    with pytest.raises(InvalidInput, match="abonement_malformed"):
        money.abonements([abonement(id="первый")], ZONE)


def test_goods_of_a_record():
    record = {
        "id": 1, "company_id": 41001, "attendance": 0, "date": "2026-09-16 14:30:00",
        "create_date": "2026-09-14T10:05:11+0300",
        "goods_transactions": [{"title": "Крем", "amount": -2, "cost_to_pay": "1200.00"}, {"cost": 5}],
    }  # fmt: skip
    cream, other = parse.booking(record, ZONE).goods

    assert (cream.title, cream.amount, cream.price) == ("Крем", 2, 120_000)
    assert (other.title, other.amount, other.price) == ("", 1, 500)
