"""Without a mouse: Tab reaches everything, the focus is seen, and is not lost when a part is swapped."""

import pytest
from playwright.sync_api import expect

from tests.browser.live import PASSWORD
from tests.support.stand import COSMETOLOGY, DOMAIN, LASER_ARMPITS, TVERSKAYA, UNMAPPED

HOME = f"/admin/accounts/{DOMAIN}"
MOST_TABS = 80
SEEN = """e => {
  const look = getComputedStyle(e);
  const hasRing = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0;
  return e.matches(':focus-visible') && (hasRing || look.boxShadow !== 'none');
}"""


class Keys:
    """A person with a keyboard only."""

    def __init__(self, live, visitor):
        self.live, self.visitor, self.page = live, visitor, visitor.page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def reach(self, role, name, exact=True):
        """Tabs on until the thing has the focus, and shows it."""
        wanted = self.page.get_by_role(role, name=name, exact=exact).first
        wanted.wait_for(state="attached")
        for _ in range(MOST_TABS):
            if wanted.evaluate("e => e === document.activeElement"):
                assert wanted.evaluate(SEEN), f"the focus on «{name}» is not seen"
                return wanted
            self.press("Tab")
        raise AssertionError(f"Tab never reaches «{name}»")

    def follow(self, name):
        self.reach("link", name)
        self.press("Enter")
        self.page.wait_for_load_state()

    def choose(self, name, label):
        """A list of choices is walked by the arrows."""
        found = self.reach("combobox", name)
        for _ in range(found.locator("option").count()):
            if found.evaluate("e => e.selectedOptions[0].textContent.trim()") == label:
                return
            self.press("ArrowDown")
        raise AssertionError(f"«{name}» offers no «{label}»")

    def focused(self):
        """Where the focus is, in words; empty when it was lost."""
        return self.page.evaluate(
            "document.activeElement === document.body ? '' : document.activeElement.textContent.trim()"
        )


@pytest.fixture
def keys(live, visit):
    """Signed in by the keyboard already."""
    visitor = visit(live)
    found = Keys(live, visitor)
    visitor.go(HOME)
    found.reach("textbox", "Логин")
    visitor.page.keyboard.type("irina")
    found.press("Tab")
    visitor.page.keyboard.type(PASSWORD)
    found.press("Enter")
    expect(visitor.page).to_have_url(live.url + HOME)
    return found


def test_from_the_first_tab_to_a_salon(keys):
    keys.press("Tab")
    assert keys.focused() == "К содержанию"
    keys.press("Enter")
    keys.visitor.go(HOME)
    keys.follow("Салоны")
    keys.follow("Тверская")
    keys.reach("textbox", "Название")
    keys.press("Control+a")
    keys.page.keyboard.type("Тверская, 7")
    keys.reach("button", "Сохранить")
    keys.press("Enter")

    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Тверская, 7")


def test_a_category_is_moved_and_the_focus_stays(live, keys):
    keys.visitor.go(f"{HOME}/directions")
    keys.reach("checkbox", "Маникюр")
    keys.press("Space")
    keys.choose("Отмеченные перенести в", "Косметология")
    keys.reach("button", "Перенести")
    keys.press("Enter")
    expect(keys.page.get_by_role("heading", name="Все категории разобраны")).to_be_visible()
    focused = keys.focused()
    live.stand.work()
    record = live.stand.book(UNMAPPED)
    live.stand.settle()

    assert focused == "Перенести"
    assert live.stand.lead_of(record)["pipeline_id"] == COSMETOLOGY


def test_a_complaint_takes_the_focus_to_its_field(keys):
    keys.visitor.expect(422)
    keys.visitor.go(f"{HOME}/directions")
    keys.reach("button", "Перенести")
    keys.press("Enter")
    field = keys.page.get_by_role("combobox", name="Отмеченные перенести в")

    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_cell_and_a_stage_are_saved_and_the_focus_stays(keys):
    keys.visitor.go(f"{HOME}/routes")
    keys.reach("checkbox", "Тверская, Эпиляция")
    keys.press("Space")
    keys.choose("Ответственный", "Ольга")
    keys.reach("button", "Применить к отмеченным")
    keys.press("Enter")
    expect(keys.page.get_by_role("cell", name="Тверская, Эпиляция")).to_contain_text("Ольга")
    expect(keys.page.get_by_text("Сохранено.")).to_be_visible()
    at_routes = keys.focused()

    keys.visitor.go(f"{HOME}/stages")
    funnel = keys.page.get_by_role("region", name="Эпиляция", exact=True)
    phase = funnel.get_by_role("group", name="Подтвердил", exact=True)
    phase.get_by_role("radio", name="Подтвердил").focus()
    keys.press("ArrowDown")
    keys.reach("button", "Сохранить")
    keys.press("Enter")
    expect(keys.page.get_by_text("Сохранено.")).to_be_visible()

    assert (at_routes, keys.focused()) == ("Применить к отмеченным", "Сохранить")
    expect(phase.get_by_role("radio", name="Подтвердил")).not_to_be_checked()


def test_a_booking_is_replayed_from_its_story(live, keys):
    record = live.stand.book(LASER_ARMPITS, company=TVERSKAYA)
    live.stand.settle()
    keys.follow("Журнал")
    keys.follow(f"Запись № {record['id']}")
    keys.reach("button", "Обработать заново")
    keys.press("Enter")
    expect(keys.page.get_by_text("Повтор по просьбе сотрудника")).to_be_visible()
    live.stand.settle()

    assert [event.source for event in live.stand.events(record)].count("replay") == 1
    assert len(live.stand.leads_of(record)) == 1


def test_what_has_the_focus_is_not_replaced(live, keys):
    live.stand.world.yclients.change_password("salon-token", "fresh-token")
    live.stand.reconcile()
    keys.page.clock.install()
    keys.visitor.go(HOME)
    link = keys.reach("link", "Дать доступ заново")
    live.stand.pass_time(3600)

    for _ in range(6):
        keys.page.clock.run_for(5_000)
        keys.page.wait_for_timeout(100)

    expect(link).to_be_focused()
