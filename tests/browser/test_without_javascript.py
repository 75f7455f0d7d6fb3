"""With scripts off everything is still done: plain forms and links, from the sign-in to the first deal."""

import pytest

from backend.store import accounts
from tests.browser.guide_steps import Guide
from tests.browser.test_first_run import LOGIN, SECRET
from tests.support.stand import ANNA, CLEANING, COSMETOLOGY, DOMAIN, STAGES

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
