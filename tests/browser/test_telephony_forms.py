"""Long forms of telephony in a real browser: the buttons stay in view and hide nothing, the index leads to a
section, and what is not saved yet is said.
"""

import pytest
from playwright.sync_api import expect

from backend.flows.rules import configuration
from tests.support.calls import CallStand
from tests.support.stand import DOMAIN

RULES = f"/admin/accounts/{DOMAIN}/telephony/rules"
SIZES = ((1280, 800), (390, 844))
PLACE = """() => {
    const one = document.activeElement.getBoundingClientRect();
    const bar = document.querySelector('.save-bar').getBoundingClientRect();
    const inside = document.activeElement.closest('.save-bar') !== null;
    return { hidden: !inside && one.bottom > bar.top + 1 && one.top < bar.bottom };
}"""


@pytest.fixture
def live(open_live):
    opened = open_live(network=CallStand)
    opened.add("irina")
    return opened


@pytest.fixture
def visitor(live, visit):
    opened = visit(live)
    opened.sign_in()
    return opened


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_buttons_stay_in_view_and_hide_no_field_that_a_keyboard_reaches(visitor, width, height):
    page = visitor.page
    page.set_viewport_size({"width": width, "height": height})
    visitor.go(RULES)

    expect(page.locator("#save")).to_be_in_viewport()
    page.locator("[name=is_on]").focus()
    for _ in range(45):
        page.keyboard.press("Tab")
        assert not page.evaluate(PLACE)["hidden"]
    expect(page.locator("#save")).to_be_in_viewport()


def test_the_index_leads_to_its_section_and_says_where_one_is(visitor):
    visitor.go(RULES)
    index = visitor.page.get_by_role("navigation", name="Разделы страницы")

    index.get_by_role("link", name="Пропущенные").click()

    expect(visitor.page.get_by_role("heading", name="Пропущенные")).to_be_in_viewport()
    expect(index.locator("[aria-current]")).to_have_text("Пропущенные")


def test_what_is_not_saved_is_said_until_it_is(live, visitor):
    visitor.go(RULES)
    page, hint = visitor.page, visitor.page.get_by_text("Есть несохранённые изменения")
    expect(hint).to_be_hidden()

    page.get_by_label("Задача и по скрытому номеру").check()
    expect(hint).to_be_visible()
    page.get_by_label("Задача и по скрытому номеру").uncheck()
    expect(hint).to_be_hidden()

    page.get_by_label("Задача и по скрытому номеру").check()
    visitor.press("Посмотреть на прошлых звонках")
    expect(hint).to_be_visible()
    visitor.press("Сохранить")
    expect(hint).to_be_hidden()
    assert configuration.current(live.stand.account.id).telephony.missed.hidden


def test_everything_works_without_javascript(live, visit):
    opened = visit(live, java_script_enabled=False)
    opened.sign_in()
    opened.go(RULES)
    page = opened.page

    expect(page.locator("#save")).to_be_in_viewport()
    page.get_by_role("link", name="Кого не записывать").click()
    expect(page.get_by_role("heading", name="Кого не записывать")).to_be_in_viewport()
    page.get_by_label("Чёрный список").fill("150-159")
    page.locator("#save").click()

    assert configuration.current(live.stand.account.id).telephony.black == ("150-159",)


def test_what_is_wrong_far_below_is_shown_where_it_is(visitor):
    page = visitor.page
    visitor.go(f"{RULES}/line?trunk=msk")
    visitor.expect(422)

    page.get_by_label("Телефон сотрудника (канал)").fill("PJSIP/101 & Local/9")
    page.get_by_label("Контекст").fill("from crm")
    visitor.press("Сохранить")

    expect(page.get_by_text("Других знаков АТС не получит")).to_be_in_viewport()
    expect(page.get_by_label("Телефон сотрудника (канал)")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_text("Не сохранено. Исправьте 2 поля")
