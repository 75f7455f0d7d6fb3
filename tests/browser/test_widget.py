"""The built widget in amoCRM's pages: installed, opened, signed in from, and away again."""

import pytest
from playwright.sync_api import expect

from backend.store import accounts, db
from tests.browser.crm import BLOCK, CODE, Crm
from tests.support.stand import CONFIGURATION, DOMAIN, LASER_ARMPITS

HOME = f"/admin/accounts/{DOMAIN}"
CYCLES = 100


@pytest.fixture
def crm(live, visit, tmp_path):
    found = Crm(live, visit(live), tmp_path / "widget.zip")
    found.install()
    return found


@pytest.fixture
def lead(live):
    record = live.stand.book(LASER_ARMPITS, comment="Аллергия на лидокаин")
    live.stand.settle()
    return live.stand.lead_of(record)


def test_from_the_installation_to_the_card(open_live, visit, tmp_path):
    live = open_live(is_empty=True)
    crm = Crm(live, visit(live), tmp_path / "widget.zip")

    crm.install()
    live.stand.work()
    live.stand.account = accounts.by_domain(DOMAIN)
    live.stand.configure(CONFIGURATION.read_text(encoding="utf-8"))
    record = live.stand.book(LASER_ARMPITS, comment="Аллергия на лидокаин")
    live.stand.settle()
    card = crm.opened_card(live.stand.lead_of(record))

    expect(card).to_contain_text("Лазер: подмышки")
    for words in ("Тверская", "Вера", "2 500", "Аллергия на лидокаин", str(record["id"])):
        expect(card).to_contain_text(words)
    assert crm.problems() == []


def test_the_card_asks_nothing_until_it_is_opened_and_then_once(crm, lead):
    crm.go(f"leads/detail/{lead['id']}")
    before = crm.cards_asked()

    crm.toggle()
    expect(crm.page.locator(f"{BLOCK} .ywx-booking")).to_be_visible()

    assert before == []
    assert len([url for url in crm.cards_asked() if "lead=" in url]) in (1, 2)  # a preflight may go before
    assert crm.problems() == []


def test_one_click_from_the_settings_to_the_panel(crm, lead):
    crm.go("settings/widgets/")
    crm.page.click(f"[data-open-widget={CODE}]")

    with crm.visitor.context.expect_page() as opened:
        crm.page.click("[data-widget-window] [data-ywx=enter]")

    panel = opened.value
    expect(panel.locator("main h1").first).to_be_visible()
    assert panel.url.startswith(crm.live.url + HOME)
    assert panel.locator("a[href='/admin/operators']").count() == 0


def test_an_administrator_sees_no_other_account_and_not_for_ever(crm, lead):
    crm.visitor.expect(404)
    crm.go("settings/widgets/")
    crm.page.click(f"[data-open-widget={CODE}]")
    with crm.visitor.context.expect_page() as opened:
        crm.page.click("[data-widget-window] [data-ywx=enter]")
    panel = opened.value
    panel.locator("main h1").first.wait_for()

    foreign = panel.goto(crm.live.url + "/admin/accounts/sakura.amocrm.ru")
    crm.live.stand.world.clock.advance(13 * 3600)
    panel.goto(crm.live.url + HOME)

    assert foreign.status == 404
    expect(panel.locator("input[name=password]")).to_be_visible()


def test_the_panel_lives_inside_amocrm(crm, lead):
    crm.go(f"widgetsSettings/{CODE}/")

    inside = crm.page.frame_locator(f"#work-area-{CODE} iframe")

    expect(inside.locator("main h1").first).to_be_visible()
    inside.locator(f"a[href='{HOME}/events']").first.click()
    expect(inside.locator("main h1").first).to_have_text("Журнал")
    assert crm.problems() == []


def test_leaving_inside_amocrm_says_how_to_come_back(crm, lead):
    crm.visitor.expect(401)
    crm.go(f"widgetsSettings/{CODE}/")
    inside = crm.page.frame_locator(f"#work-area-{CODE} iframe")

    inside.get_by_role("button", name="Выйти").click()
    expect(inside.get_by_role("heading", level=1)).to_have_text("Сеанс закончился")
    crm.page.get_by_role("button", name="Открыть заново").click()

    expect(inside.get_by_role("navigation", name="Разделы").first).to_be_attached()
    assert crm.problems() == []


def test_the_card_leads_to_the_story_of_its_deal(crm, lead):
    card = crm.opened_card(lead)

    with crm.visitor.context.expect_page() as opened:
        card.get_by_role("button", name="Вся история").click()

    panel = opened.value
    expect(panel.get_by_role("heading", level=1)).to_have_text("Почему эта сделка?")
    assert f"q={lead['id']}" in panel.url
    expect(panel.locator("main")).to_contain_text("создана новая")


def test_the_card_says_so_when_the_bridge_is_away(crm, lead):
    crm.visitor.expect(503)
    crm.visitor.forgive(
        "blocked by CORS policy", "net::ERR_FAILED"
    )  # what a browser says of an answer of nobody
    crm.live.servers[0].app.is_open = False

    card = crm.opened_card(lead)

    expect(card.locator("[data-ywx=again]")).to_be_visible()
    crm.live.servers[0].app.is_open = True
    card.locator("[data-ywx=again]").click()
    expect(card.locator(".ywx-booking")).to_be_visible()
    assert crm.problems() == []


def test_a_second_look_is_asked_for_from_the_card(crm, lead):
    card = crm.opened_card(lead)

    with crm.page.expect_response(lambda answer: answer.url.endswith("/widget/recheck") and answer.ok):
        card.locator("[data-ywx=recheck]").click()
    expect(card.locator(".ywx-note__text")).to_be_visible()
    crm.live.stand.settle()

    assert db.rows("SELECT status FROM inbound_events WHERE source = 'widget'") == [("done",)]


@pytest.mark.long
def test_a_hundred_visits_of_the_card_leave_nothing(crm, lead):
    shown = crm.page.locator(f"{BLOCK} .ywx-booking")
    crm.go(f"leads/detail/{lead['id']}")

    def cycle(times):
        for _ in range(times):
            crm.toggle()
            shown.wait_for()
            crm.toggle()
            shown.wait_for(state="hidden")

    cycle(10)
    before = crm.burden()
    cycle(CYCLES)
    after = crm.burden()

    assert after[0] <= before[0]
    assert after[1] <= before[1] + 50
    assert crm.problems() == []
