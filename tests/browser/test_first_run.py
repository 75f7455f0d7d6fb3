"""From an empty account to the first booking that became a deal, by nothing but clicks."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend.store import accounts
from deploy import build_widget
from tests.browser.guide_steps import Guide
from tests.support.stand import ANNA, CLIENT, DOMAIN, EPILATION, LASER_ARMPITS, STAGES

LOGIN, SECRET = "+7 900 000-00-01", "salon-password"


@pytest.fixture
def empty(open_live):
    """Nobody has installed anything; the salons exist, and somebody has a login there."""
    live = open_live(is_empty=True)
    live.stand.world.yclients.user("salon-token", login=LOGIN, password=SECRET)
    return live


@pytest.mark.long
def test_from_the_widget_to_the_first_deal(empty, visit, tmp_path):
    visitor = visit(empty)
    enter_from_widget(empty, visitor, tmp_path)

    guide = Guide(empty, visitor)
    guide.give_access(LOGIN, SECRET)
    guide.choose_salons("Тверская", "Урал")
    guide.sort_categories()
    guide.choose_pipelines("Анна")
    guide.choose_stages("Эпиляция", "Не пришёл", "Жалоба")
    guide.open()
    guide.look()
    record = empty.stand.book(LASER_ARMPITS)
    empty.stand.settle()
    guide.see_booking()
    before = empty.stand.leads()
    guide.switch_on()

    lead = empty.stand.lead_of(record)
    booked = STAGES[EPILATION] + 1
    visitor.go(f"{empty.at.amo}/{DOMAIN}/leads/detail/{lead['id']}")
    for words in ("Эпиляция", "2 500", "Анна", "Мария"):
        expect(visitor.page.locator("#host-card")).to_contain_text(words)
    assert before == []
    assert (lead["pipeline_id"], lead["status_id"]) == (EPILATION, booked)
    assert (lead["price"], lead["responsible_user_id"]) == (2500, ANNA)


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
    visitor.page = opened.value
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
