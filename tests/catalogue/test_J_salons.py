"""J. Many salons, pipelines and people."""

from tests.support.stand import (
    ANNA,
    CLEANING,
    CONFIGURATION,
    COSMETOLOGY,
    EPILATION,
    LASER_ARMPITS,
    OLGA,
    PETR,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

SVETLANA = ("Светлана", "+79990000009")
NEW_SALON = 41003
BRANCH = "  - {company_id: 41003, title: Новый, user_token: env:YC_TOKEN, mode: active}\ndirections:"
CATEGORY = "41002: [601], 41003: [701]}"
ROUTE = """
  - {branch: 41003, direction: epilation, pipeline: 8001, responsible_id: 7000002, attachable: [8100],
     stages: {waiting: 8101, confirmed: 8102, arrived: 142, no_show: 8105, cancelled: 143}}
"""


def test_J1_two_salons_book_one_new_client_in_the_same_minute(stand):
    here = stand.book(LASER_ARMPITS, client=SVETLANA)
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=SVETLANA)

    stand.settle()

    (contact,) = stand.contacts()
    assert stand.lead_of(here)["id"] != stand.lead_of(there)["id"]
    assert sorted(contact["leads"]) == sorted(lead["id"] for lead in stand.leads())
    assert len(stand.leads()) == 2


def test_J2_each_booking_goes_by_the_route_of_its_salon_and_direction(stand):
    laser = stand.book(LASER_ARMPITS, client=("Мария", "+79990000001"))
    cleaning = stand.book(CLEANING, client=("Ольга", "+79990000002"))
    elsewhere = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=SVETLANA)

    stand.settle()

    leads = [stand.lead_of(record) for record in (laser, cleaning, elsewhere)]
    assert [lead["pipeline_id"] for lead in leads] == [EPILATION, COSMETOLOGY, EPILATION]
    assert [lead["responsible_user_id"] for lead in leads] == [ANNA, OLGA, PETR]
    assert [stand.value(lead, "MOSTIK_SALON") for lead in leads] == [["Тверская"], ["Тверская"], ["Урал"]]


def test_J3_lead_of_another_salon_in_the_same_pipeline_is_left_alone(stand, field_id):
    theirs = stand.open_lead(EPILATION, 8100, client=SVETLANA, fields={field_id("MOSTIK_SALON"): "Урал"})
    here = stand.book(LASER_ARMPITS, client=SVETLANA)
    stand.settle()
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=SVETLANA)

    stand.settle()

    assert stand.lead_of(here)["id"] != theirs["id"]
    assert stand.lead_of(there)["id"] == theirs["id"]
    assert len(stand.leads()) == 2


def test_J4_salon_without_routes_is_only_read(stand):
    connect_new_salon(stand, CONFIGURATION.read_text(encoding="utf-8").replace("directions:", BRANCH, 1))
    record = stand.book(701001, company=NEW_SALON, staff=84)

    stand.settle()

    (event,) = stand.events(record)
    assert stand.leads() == []
    assert stand.contacts() == []
    assert stand.reason(record) == "no_route"
    assert event.decision["details"] == {"branch": "Новый", "direction": "Прочее"}


def test_J4_booking_of_a_salon_gets_its_lead_once_routes_are_set(stand):
    text = CONFIGURATION.read_text(encoding="utf-8").replace("directions:", BRANCH, 1)
    connect_new_salon(stand, text)
    record = stand.book(701001, company=NEW_SALON, staff=84)
    stand.settle()

    stand.configure(text.replace("41002: [601]}", CATEGORY) + ROUTE)
    stand.settle()

    lead = stand.lead_of(record)
    assert (lead["pipeline_id"], lead["responsible_user_id"]) == (EPILATION, OLGA)
    assert stand.value(lead, "MOSTIK_SALON") == ["Новый"]


def connect_new_salon(stand, text):
    """The network opens a third salon; the configuration knows it and nothing else about it."""
    stand.world.yclients.company(
        NEW_SALON, title="Новый", timezone_name="Europe/Moscow",
        categories=[{"id": 701, "title": "Эпиляция"}],
        services=[{"id": 701001, "category_id": 701, "title": "Лазер", "price": 2000, "duration": 3600}],
        staff=[{"id": 84, "name": "Зоя"}],
    )  # fmt: skip
    stand.world.yclients.user("salon-token", companies=[TVERSKAYA, URAL, NEW_SALON])
    stand.configure(text)
