"""With a thumb: the folded menu, and what a person sets up on the way, on a screen 390 points wide."""

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE
from tests.support.stand import COSMETOLOGY, DOMAIN, LASER_ARMPITS, OLGA, UNMAPPED

HOME = f"/admin/accounts/{DOMAIN}"
THUMB = 24  # the least that WCAG lets a target be
SMALL = """all => all.filter(e => e.offsetParent).map(e => [e.getBoundingClientRect(), e.textContent.trim()])
  .filter(([box]) => box.width > 1 && box.height < THUMB).map(([, words]) => words)"""


class Thumb:
    def __init__(self, live, visitor):
        self.live, self.visitor, self.page = live, visitor, visitor.page

    def menu(self, name):
        """Unfolds the menu, taps an entry, and looks whether the page fits."""
        sections = self.page.get_by_role("navigation", name="Разделы")
        expect(sections).to_be_hidden()
        self.page.locator("summary").first.tap()
        sections.get_by_role("link", name=name, exact=True).tap()
        self.look(name)

    def look(self, heading):
        """The page has come, and it fits."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        buttons = self.page.locator("main button:not(.link):not(.unseen), main a.button")
        assert not self.visitor.is_too_wide()
        assert buttons.evaluate_all(SMALL.replace("THUMB", str(THUMB))) == []

    def tap(self, name):
        self.page.get_by_role("button", name=name, exact=True).first.tap()


@pytest.fixture
def thumb(live, visit):
    visitor = visit(live, viewport=PHONE, has_touch=True, is_mobile=True)
    visitor.sign_in()
    visitor.go(HOME)
    return Thumb(live, visitor)


def test_a_category_and_a_route_are_set_on_a_phone(live, thumb):
    thumb.menu("Направления")
    thumb.page.get_by_role("checkbox", name="Маникюр").check()
    thumb.page.get_by_label("Отмеченные перенести в").select_option(label="Косметология")
    thumb.tap("Перенести")
    expect(thumb.page.get_by_role("heading", name="Все категории разобраны")).to_be_visible()
    thumb.menu("Маршруты")
    thumb.page.get_by_role("checkbox", name="Тверская, Косметология").check()
    thumb.page.get_by_label("Ответственный").select_option(label="Ольга")
    thumb.tap("Применить к отмеченным")
    expect(thumb.page.get_by_role("cell", name="Тверская, Косметология")).to_contain_text("Ольга")
    live.stand.work()
    record = live.stand.book(UNMAPPED)
    live.stand.settle()

    lead = live.stand.lead_of(record)
    assert (lead["pipeline_id"], lead["responsible_user_id"]) == (COSMETOLOGY, OLGA)


def test_a_salon_is_only_observed_and_works_again(live, thumb):
    thumb.menu("Салоны")
    thumb.page.get_by_role("link", name="Тверская").tap()
    thumb.look("Тверская")
    thumb.tap("Только наблюдать")
    expect(thumb.page.get_by_text("в amoCRM больше ничего не пишем")).to_be_visible()
    record = live.stand.book(LASER_ARMPITS)
    live.stand.settle()
    unwritten = live.stand.leads_of(record)
    thumb.page.get_by_role("link", name="Включить…").tap()
    thumb.look("Включить салон")
    thumb.tap("Включить")
    expect(thumb.page.get_by_text("записи становятся сделками").first).to_be_visible()
    live.stand.settle()

    assert unwritten == []
    assert live.stand.lead_of(record)["price"] == 2500


def test_the_story_of_a_deal_is_read_on_a_phone(live, thumb):
    record = live.stand.book(LASER_ARMPITS)
    live.stand.settle()
    thumb.menu("Почему эта сделка?")
    thumb.page.locator("main input[name=q]").fill(str(live.stand.lead_of(record)["id"]))
    thumb.page.locator("main button[type=submit]").first.tap()
    expect(thumb.page.get_by_text("создана новая").first).to_be_visible()

    thumb.look("Почему")
    assert thumb.visitor.complaints() == []
