"""F1–F4, F8, F13, F15. The budget is what the client has to pay; services are products of the lead."""

from tests.support.cash_desk import DAY, desk, past
from tests.support.stand import LASER_ARMPITS, LASER_LEGS
from tests.support.wishes import MONEY, money, wish

__all__ = ["desk"]


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


def test_F13_free_consultation_is_a_lead_without_a_budget(stand):
    record = stand.book({"id": LASER_ARMPITS, "cost": 0})

    stand.settle()

    lead = stand.lead_of(record)
    assert lead["price"] == 0
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Эпиляция"]


def test_F15_the_price_of_the_booking_counts_not_the_catalogues(stand):
    record = stand.book({"id": LASER_ARMPITS, "cost": 3100, "first_cost": 3100})

    stand.settle()

    assert stand.lead_of(record)["price"] == 3100


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
