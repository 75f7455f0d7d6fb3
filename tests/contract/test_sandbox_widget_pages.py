"""The account's pages in the sandbox: every area a widget lives in, who may look, and in what language."""

import re

import pytest

from tests.support.amocrm_sandbox import ADMIN, DOMAIN, SALES, SELLER
from tests.support.widget_host import (
    CODE,
    address,
    archive,
    browser,
    install,
    lead_id,
    look_as,
    receiver,
    told,
    visited,
    world,
)

__all__ = ["archive", "browser", "lead_id", "receiver", "visited", "world"]


@pytest.mark.parametrize(
    ("path", "location", "name"),
    [
        ("leads/list/", "llist", "leads"),
        (f"leads/list/pipeline/{SALES}/", "llist", "leads"),
        ("leads/detail/20000001", "lcard", "leads_card"),
        ("contacts/detail/40000001", "ccard", "contacts_card"),
        ("settings/widgets/", "", "widgetsSettings"),
        (f"settings/pipeline/leads/{SALES}/", "digital_pipeline", "settings"),
        (f"widgetsSettings/{CODE}/", "advanced_settings", f"advanced-settings:{CODE}"),
    ],
)
def test_every_area_has_its_page(browser, lead_id, path, location, name):
    install(browser, key="7")

    page = browser.get(address(path))

    assert page.status_code == 200
    assert (told(page)["area"]["location"], told(page)["area"]["name"]) == (location, name)
    assert "<b>Иван</b>" not in page.text


def test_the_card_knows_its_people_and_the_list_its_rows(browser, lead_id):
    card, rows = (
        told(browser.get(address(f"leads/detail/{lead_id}"))),
        told(browser.get(address("leads/list/"))),
    )

    assert card["card"] == {"id": lead_id, "name": "Стрижка"}
    assert [(person["name"], person["phones"]) for person in card["contacts"]] == [
        ("<b>Иван</b>", ["+79990000001"])
    ]
    assert rows["list"] == [{"id": lead_id, "type": "lead", "phones": ["+79990000001"], "emails": []}]


def test_the_advanced_page_has_both_containers_and_only_when_installed(browser):
    before = browser.get(address(f"widgetsSettings/{CODE}/")).status_code
    install(browser, key="7")

    page = browser.get(address(f"widgetsSettings/{CODE}/")).text

    assert before == 404
    assert f'id="work-area-{CODE}"' in page
    assert 'id="list_page_holder"' in page


def test_settings_are_for_administrators(world, browser):
    install(browser, key="7")
    look_as(browser, SELLER)

    pages = [f"settings/pipeline/leads/{SALES}/", "settings/widgets/", f"widgetsSettings/{CODE}/"]
    asked = {"code": CODE, "pipeline_id": SALES, "stage_id": 8101, "kind": "lead_added"}
    deeds = [
        (f"ajax/widgets/{CODE}/save", {}),
        (f"ajax/widgets/{CODE}/disable", {}),
        ("ajax/triggers", asked),
    ]

    assert [browser.get(address(page)).status_code for page in pages] == [403, 403, 403]
    assert [browser.post(address(path), json=body).status_code for path, body in deeds] == [403, 403, 403]
    assert world.amocrm.state(DOMAIN)["widget_triggers"] == []


def test_the_language_is_that_of_the_viewer(browser):
    look_as(browser, ADMIN, "en")

    page = browser.get(address("settings/widgets/"))

    assert (told(page)["lang"], told(page)["widgets"][0]["name"]) == ("en", "Bridge")
    assert "Integrations" in page.text


def test_a_form_leads_back_to_the_account_only(browser):
    back = [
        browser.post(address("ajax/who"), data={"back": back}).headers["Location"]
        for back in ("//elsewhere.test/x", "https://elsewhere.test/", address("settings/widgets/"))
    ]

    assert back == [address("leads/list/"), address("leads/list/"), address("settings/widgets/")]


def test_an_unknown_card_is_told_in_words(browser):
    answer = browser.get(address("leads/detail/1"))

    assert (answer.status_code, "Такой страницы нет" in answer.text) == (404, True)


def test_a_link_without_the_account_leads_to_it(browser, lead_id):
    answer = browser.get(f"/leads/detail/{lead_id}")

    assert answer.headers["Location"] == address(f"leads/detail/{lead_id}")


def test_the_api_keeps_its_addresses(browser, lead_id):
    assert browser.get(address("api/v4/leads")).status_code == 401
    assert browser.get("/two.amocrm.ru/leads/list/").status_code == 401


def test_a_person_moves_the_lead_on_its_card(world, browser, lead_id):
    look_as(browser, SELLER)

    answer = browser.post(address(f"ajax/leads/{lead_id}/stage"), data={"stage": 8102})

    [lead] = world.amocrm.state(DOMAIN)["leads"]
    assert (answer.status_code, lead["status_id"], lead["updated_by"]) == (303, 8102, SELLER)


def test_nothing_is_taken_from_elsewhere(browser):
    page = browser.get(address("leads/list/")).text
    with browser.get("/page/host/loader.js") as loader:
        status = loader.status_code

    assert status == 200
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []
