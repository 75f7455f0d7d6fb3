"""F. Money: the budget is what the client has to pay, and who paid what stands beside it."""

import json

import pytest

from tests.support.stand import LASER_ARMPITS, LASER_LEGS, TVERSKAYA
from tests.support.wishes import MONEY, money, told, wish

DAY = 86_400


@pytest.fixture
def desk(stand):
    """What staff does at the cash desk, by the record."""
    ui = stand.world.yclients

    class Desk:
        def pay(self, record, amount):
            ui.ui_pay(TVERSKAYA, record["id"], amount)

        def refund(self, record):
            ui.ui_refund(TVERSKAYA, record["id"])

        def sell(self, record, title, cost, amount=1):
            ui.ui_sell(TVERSKAYA, record["id"], title, cost, amount)

        def withdraw(self, record, kind, amount):
            ui.ui_withdraw(TVERSKAYA, record["id"], kind, amount)

        def sell_abonement(self, record, price, count):
            card = record["client"]["id"]
            ui.ui_sell_abonement(TVERSKAYA, card, "Эпиляция 10", price, 501, count)

    return Desk()


@pytest.fixture
def booked(stand):
    """A booking with its lead; fields of money are filled."""
    wish(stand, fields=MONEY)
    record = stand.book(LASER_ARMPITS, LASER_LEGS)
    stand.settle()
    return record


def visit_requests(stand):
    return [row for row in stand.world.yclients.journal() if "visit/details" in row["path"]]


def past(stand, record):
    """The visit took place and was marked: the lead is won."""
    stand.pass_time(2 * DAY)
    stand.mark(record, 1)
    stand.settle()
    assert stand.lead_of(record)["status_id"] == 142


def test_F1_discount_on_one_line_lowers_the_budget(stand):
    record = stand.book({"id": LASER_ARMPITS, "discount": 20}, LASER_LEGS)

    stand.settle()

    assert stand.lead_of(record)["price"] == 2000 + 4500


def test_F1_discount_given_later_lowers_the_budget(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.edit(record, services=[{"id": LASER_ARMPITS, "discount": 50}])

    stand.settle()

    assert stand.lead_of(record)["price"] == 1250


def test_F2_quantity_is_counted_once(stand):
    record = stand.book({"id": LASER_ARMPITS, "amount": 2})

    stand.settle()

    assert stand.lead_of(record)["price"] == 5000
    assert stand.value(stand.lead_of(record), "MOSTIK_SERVICES") == ["Лазер: подмышки × 2 — 5 000 ₽"]


def test_F3_price_changed_soon_after_the_visit_changes_the_budget_and_is_told(stand):
    record = stand.book(LASER_ARMPITS, at="+1")
    past(stand, record)
    stand.pass_time(3 * DAY)
    stand.edit(record, services=[{"id": LASER_ARMPITS, "cost": 2000}])

    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["price"], lead["status_id"]) == (2000, 142)
    assert "было 2 500 ₽, стало 2 000 ₽" in stand.notes(lead)[-1]


def test_F3_price_changed_late_is_only_told(stand):
    record = stand.book(LASER_ARMPITS, at="+1")
    past(stand, record)
    stand.pass_time(9 * DAY)
    stand.edit(record, services=[{"id": LASER_ARMPITS, "cost": 2000}])

    stand.settle()
    stand.edit(record, comment="ещё раз")
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["price"], lead["status_id"]) == (2500, 142)
    assert sum("стало 2 000 ₽" in note for note in stand.notes(lead)) == 1


def test_F4_typed_budget_stays_until_the_salon_changes_its_price(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.edit_lead(stand.lead_of(record), price=9999)
    stand.edit(record, comment="перезвонить")
    stand.settle()
    assert stand.lead_of(record)["price"] == 9999

    stand.edit(record, services=[{"id": LASER_ARMPITS}, {"id": LASER_LEGS}])
    stand.settle()

    assert stand.lead_of(record)["price"] == 7000


def test_F4_typed_budget_is_locked_by_option(stand):
    wish(stand, options={"money": {"keep_typed_budget": True}})
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.edit_lead(stand.lead_of(record), price=9999)
    stand.work()
    stand.edit(record, services=[{"id": LASER_ARMPITS}, {"id": LASER_LEGS}])

    stand.settle()

    assert stand.lead_of(record)["price"] == 9999
    assert "Лазер: голени — 4 500 ₽" in "".join(stand.value(stand.lead_of(record), "MOSTIK_SERVICES")[0])


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


def test_F8_goods_sold_with_the_visit_are_added_to_the_budget(stand, desk):
    wish(stand, fields=MONEY)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    desk.sell(record, "Крем", 1200, amount=2)

    stand.settle()

    assert stand.lead_of(record)["price"] == 2500 + 1200
    assert money(stand, record, "goods") == "Крем × 2 — 1 200 ₽"
    assert money(stand, record, "planned") == "3700"


def test_F8_goods_have_a_field_of_their_own_by_option(stand, desk):
    wish(stand, options={"money": {"goods": "field"}}, fields=MONEY)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    desk.sell(record, "Крем", 1200)

    stand.settle()

    assert stand.lead_of(record)["price"] == 2500
    assert money(stand, record, "goods") == "Крем — 1 200 ₽"


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


def test_F13_free_consultation_is_a_lead_without_a_budget(stand):
    record = stand.book({"id": LASER_ARMPITS, "cost": 0})

    stand.settle()

    lead = stand.lead_of(record)
    assert lead["price"] == 0
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Эпиляция"]


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


def test_F15_the_price_of_the_booking_counts_not_the_catalogues(stand):
    record = stand.book({"id": LASER_ARMPITS, "cost": 3100, "first_cost": 3100})

    stand.settle()

    assert stand.lead_of(record)["price"] == 3100


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


def test_services_are_products_of_the_lead(stand):
    wish(stand, products="create")
    record = stand.book({"id": LASER_ARMPITS, "amount": 2}, LASER_LEGS)

    stand.settle()

    crm, lead = stand.crm(), stand.lead_of(record)
    (catalog,) = crm["catalogs"]
    titles = {element["id"]: element["name"] for element in catalog["elements"]}
    linked = {titles[row["to_entity_id"]]: row["metadata"]["quantity"] for row in crm["products"][lead["id"]]}
    prices = {element["name"]: stand.value(element, "PRICE")[0] for element in catalog["elements"]}
    assert catalog["type"] == "products"
    assert linked == {"Лазер: подмышки": 2, "Лазер: голени": 1}
    assert prices == {"Лазер: подмышки": "2500", "Лазер: голени": "4500"}


def test_service_taken_out_of_the_booking_is_no_product_of_the_lead(stand):
    wish(stand, products="create")
    record = stand.book(LASER_ARMPITS, LASER_LEGS)
    stand.settle()
    stand.edit(record, services=[{"id": LASER_LEGS}])

    stand.settle()

    crm, lead = stand.crm(), stand.lead_of(record)
    titles = {e["id"]: e["name"] for e in crm["catalogs"][0]["elements"]}
    assert [titles[row["to_entity_id"]] for row in crm["products"][lead["id"]]] == ["Лазер: голени"]


def test_lead_that_the_next_booking_continues_has_the_products_of_that_one_alone(stand):
    wish(stand, products="create")
    missed = stand.book(LASER_ARMPITS, at="-1")
    stand.settle()
    stand.mark(missed, -1)
    stand.settle()
    record = stand.book(LASER_LEGS, at="+2")
    stand.settle()
    stand.edit(missed, comment="не дозвонились")

    stand.settle()

    crm, lead = stand.crm(), stand.lead_of(record)
    titles = {e["id"]: e["name"] for e in crm["catalogs"][0]["elements"]}
    assert len(stand.leads()) == 1
    assert [titles[row["to_entity_id"]] for row in crm["products"][lead["id"]]] == ["Лазер: голени"]


def test_one_service_of_many_bookings_is_one_product(stand):
    wish(stand, products="create")
    for day in ("+2", "+3", "+4"):
        stand.book(LASER_ARMPITS, client=(f"Клиент {day}", f"+7999000000{day[1]}"), at=day)

    stand.settle()

    assert len(stand.crm()["catalogs"][0]["elements"]) == 1
    assert len(stand.crm()["products"]) == 3
