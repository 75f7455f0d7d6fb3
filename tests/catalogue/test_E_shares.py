"""E13. A booking with several leads that is given to another client: what we opened goes along."""

import pytest

from tests.support.stand import CLEANING, COSMETOLOGY, EPILATION, LASER_ARMPITS, STAGES
from tests.support.wishes import wish

MARIA, SVETLANA = ("Мария", "+79990000001"), {"name": "Светлана", "phone": "+79990000002"}
BOTH = (LASER_ARMPITS, CLEANING)  # 2 500 of epilation, 4 000 of cosmetology


@pytest.fixture
def split(stand):
    wish(stand, {"multi_category": "split"})
    record = stand.book(*BOTH, client=MARIA)
    stand.settle()
    assert len(stand.leads()) == 2
    return record


def given(stand, record):
    stand.edit(record, client=SVETLANA)
    stand.settle()
    stand.edit(record, comment="ещё раз")
    stand.settle()


def owners(stand):
    """Names of the contacts of each lead."""
    names = {contact["id"]: contact["name"] for contact in stand.contacts()}
    return [[names[one["id"]] for one in lead["_embedded"]["contacts"]] for lead in stand.leads()]


@pytest.mark.parametrize("is_known", [False, True])
def test_E13_all_leads_that_we_opened_go_along(stand, split, is_known):
    if is_known:
        stand.open_lead(EPILATION, STAGES[EPILATION] + 9, client=("Светлана", "+79990000002"))
        stand.work()

    given(stand, split)

    assert owners(stand)[:2] == [["Светлана"], ["Светлана"]]
    assert len(stand.contacts()) == 2
    assert [lead["price"] for lead in stand.leads()][:2] == [2500, 4000]


def test_E13_lead_beside_the_main_one_that_people_worked_on_keeps_its_contact(stand, split):
    stand.move(stand.leads()[1], STAGES[COSMETOLOGY] + 9)
    stand.work()

    given(stand, split)

    tasks = [(task["entity_id"], task["text"]) for task in stand.crm()["tasks"]]
    asked = "В записи теперь другой клиент: Светлана. Проверьте контакт сделки."
    assert owners(stand) == [["Светлана"], ["Мария"]]
    assert tasks == [(stand.leads()[1]["id"], asked)]


def test_E13_lead_that_the_former_client_had_before_stays_with_that_one(stand):
    wish(stand, {"multi_category": "hybrid"})
    own = stand.open_lead(COSMETOLOGY, STAGES[COSMETOLOGY], client=MARIA)
    stand.work()
    record = stand.book(*BOTH, client=MARIA)
    stand.settle()
    assert {lead["id"]: lead["price"] for lead in stand.leads()}[own["id"]] == 4000

    given(stand, record)

    left = next(lead for lead in stand.leads() if lead["id"] == own["id"])
    main = stand.lead_of(record)
    assert (left["status_id"], left["price"], main["price"]) == (STAGES[COSMETOLOGY], 0, 6500)
    assert stand.value(left, "MOSTIK_KEY") == []
    assert owners(stand) == [["Мария"], ["Светлана"]]
