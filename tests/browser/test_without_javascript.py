"""With scripts off everything is still done: plain forms and links, from the sign-in to the first deal."""

import pytest
from playwright.sync_api import expect

from backend.flows.works import long_work
from backend.store import accounts, lanes
from tests.browser.guide_steps import Guide
from tests.browser.test_first_run import LOGIN, SECRET
from tests.support.stand import ANNA, CLEANING, COSMETOLOGY, DOMAIN, LASER_ARMPITS, STAGES

HOME = f"/admin/accounts/{DOMAIN}"


@pytest.fixture
def plain(visit):
    """Opens a visitor whose browser runs no scripts."""
    return lambda live: visit(live, java_script_enabled=False)


def test_the_whole_set_up(open_live, plain):
    live = open_live(is_empty=True)
    live.add("irina")
    live.stand.world.yclients.user("salon-token", login=LOGIN, password=SECRET)
    visitor = plain(live)
    visitor.sign_in()

    visitor.follow("Подключить amoCRM")
    visitor.page.get_by_role("link", name=DOMAIN).click()
    visitor.page.get_by_role("link").first.click()
    live.stand.work()
    live.stand.account = accounts.by_domain(DOMAIN)

    guide = Guide(live, visitor, has_scripts=False)
    guide.give_access(LOGIN, SECRET)
    guide.choose_salons("Тверская", "Урал")
    guide.sort_categories()
    guide.choose_pipelines("Анна")
    guide.choose_stages("Косметология", "Не пришёл", "Жалоба")
    record = live.stand.book(CLEANING)
    live.stand.settle()
    guide.open()
    guide.see_booking()
    guide.switch_on()

    lead = live.stand.lead_of(record)
    assert (lead["pipeline_id"], lead["status_id"]) == (COSMETOLOGY, STAGES[COSMETOLOGY] + 1)
    assert (lead["price"], lead["responsible_user_id"]) == (4000, ANNA)


def test_a_day_of_work(live, plain):
    visitor = plain(live)
    visitor.sign_in()
    visitor.go(f"{HOME}/directions?only=unmapped")
    visitor.page.get_by_role("checkbox", name="Маникюр").check()
    visitor.page.get_by_label("Отмеченные перенести в").select_option(label="Новое направление…")
    visitor.page.get_by_label("Название нового направления").fill("Ногти")
    visitor.press("Перенести", exact=True)
    expect(visitor.page.get_by_text("Сохранено.")).to_be_visible()
    visitor.go(f"{HOME}/directions")
    expect(visitor.page.get_by_role("region", name="Ногти")).to_contain_text("Маникюр")

    record = live.stand.book(LASER_ARMPITS)
    live.stand.settle()
    visitor.follow("Журнал")
    visitor.page.get_by_role("searchbox", name="Номер записи").fill(str(record["id"]))
    visitor.press("Найти")
    visitor.page.get_by_role("checkbox", name=f"Запись № {record['id']}").check()
    visitor.press("Обработать отмеченные заново")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Долгие дела")
    long_work.run(live.stand.ctx, lanes.lane_id(live.stand.account.id, long_work.LANE))
    live.stand.settle()

    assert [event.source for event in live.stand.events(record)].count("replay") == 1
    assert len(live.stand.leads_of(record)) == 1
