"""F. Money: the budget is what the client has to pay."""

from tests.support.stand import LASER_ARMPITS, LASER_LEGS


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
