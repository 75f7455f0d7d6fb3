"""From an empty account to the first booking that became a deal, by nothing but clicks."""

import pytest
from playwright.sync_api import expect

from backend.store import accounts
from deploy import build_widget
from pathlib import Path
from tests.browser.guide_steps import Guide
from tests.support.stand import CLIENT, DOMAIN

LOGIN, SECRET = "+7 900 000-00-01", "salon-password"


@pytest.fixture
def empty(open_live):
    """Nobody has installed anything; the salons exist, and somebody has a login there."""
    live = open_live(is_empty=True)
    live.stand.world.yclients.user("salon-token", login=LOGIN, password=SECRET)
    return live


def test_from_the_widget_to_the_first_deal(empty, visit, tmp_path):
    visitor = visit(empty)
    panel = enter_from_widget(empty, visitor, tmp_path)
    guide = Guide(empty, panel)
    guide.open()
    print(panel.locator("main").inner_text())
    guide.give_access(LOGIN, SECRET)
    print(panel.locator("main").inner_text())
    guide.choose_salons()
    print(panel.locator("main").inner_text())
    guide.sort_categories()
    guide.open()
    print(panel.locator("main").inner_text())
    guide.choose_pipelines("Анна")
    guide.open()
    print(panel.locator("main").inner_text())
    assert 0


def enter_from_widget(live, visitor, folder):
    """amoCRM's settings: install, allow, and one click into the panel."""
    archive = folder / "widget.zip"
    build_widget.build(Path(), live.url, archive)
    live.stand.world.amocrm.widget(client_id=CLIENT, archive=str(archive))
    page = visitor.page
    page.goto(f"{live.at.amo}/{DOMAIN}/settings/widgets/")
    page.locator("[data-open-widget]").click()
    page.get_by_label("Разрешаю интеграции доступ").check()
    page.get_by_role("button", name="Установить").click()
    enter = page.get_by_role("button", name="Открыть панель")
    enter.wait_for()
    live.stand.work()
    live.stand.account = accounts.by_domain(DOMAIN)
    with visitor.context.expect_page() as opened:
        enter.click()
    expect(opened.value.locator("main h1").first).to_be_visible()
    return opened.value
