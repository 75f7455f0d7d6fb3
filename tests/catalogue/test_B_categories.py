"""B. Categories of services: what direction a booking belongs to."""

from tests.support.stand import CLEANING, EPILATION, LASER_ARMPITS, LASER_LEGS, OTHER, UNMAPPED


def test_B1_two_categories_are_one_lead_of_the_main_direction(stand):
    cheaper_legs = {"id": LASER_LEGS, "cost": 3800}
    record = stand.book(CLEANING, LASER_ARMPITS, cheaper_legs)

    stand.settle()

    lead = stand.lead_of(record)
    assert len(stand.leads()) == 1
    assert lead["pipeline_id"] == EPILATION
    assert lead["price"] == 4000 + 2500 + 3800
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Эпиляция", "Косметология"]


def test_B1_every_service_stands_in_the_card_with_its_price(stand):
    record = stand.book(CLEANING, LASER_ARMPITS)

    stand.settle()

    (services,) = stand.value(stand.lead_of(record), "MOSTIK_SERVICES")
    assert services.splitlines() == ["Чистка лица — 4 000 ₽", "Лазер: подмышки — 2 500 ₽"]


def test_B1_amounts_of_the_directions_add_up_to_the_budget(stand):
    cheaper_legs = {"id": LASER_LEGS, "cost": 3800}
    record = stand.book(CLEANING, LASER_ARMPITS, cheaper_legs)

    stand.settle()

    (amounts,) = stand.value(stand.lead_of(record), "MOSTIK_AMOUNTS")
    assert amounts.splitlines() == ["Эпиляция — 6 300 ₽", "Косметология — 4 000 ₽"]


def test_B9_unmapped_category_goes_to_the_default_direction(stand):
    record = stand.book(UNMAPPED)

    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["status_id"]) == (OTHER, 8301)
    assert stand.value(lead, "MOSTIK_DIRECTION") == ["Прочее"]


def test_B9_unmapped_category_raises_one_alarm(stand, alarm_codes):
    stand.book(UNMAPPED, client=("Мария", "+79990000001"))
    stand.settle()
    stand.book(UNMAPPED, client=("Ольга", "+79990000002"))

    stand.settle()

    assert len(stand.leads()) == 2
    assert alarm_codes() == ["category_unmapped"]
