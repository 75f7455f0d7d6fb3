"""A text is seen as it will look while it is written; fields are put in by a click or by the keyboard."""

import pytest
from playwright.sync_api import expect

from backend.core.rules.sections import TaskRule, TaskWhen, TextName
from backend.flows.rules import configuration
from tests.browser.visitor import PHONE
from tests.support.stand import DOMAIN

WORDING = f"/admin/accounts/{DOMAIN}/wording"


@pytest.fixture
def rules(live):
    return lambda: configuration.current(live.stand.account.id)


def test_a_text_is_seen_while_it_is_written(owner):
    owner.go(f"{WORDING}?text=booking_note")
    looks = owner.page.locator("#shown")

    owner.page.fill("#template", "{клиент}: {сумма|руб}")
    expect(looks).to_have_text("Имя Фамилия: 6 500 руб.")

    owner.page.fill("#template", "{клинт}")
    expect(looks).to_contain_text("Похоже: «клиент»")


def test_a_field_is_put_where_the_caret_stands(owner):
    owner.go(f"{WORDING}?text=booking_note")
    owner.page.fill("#template", "Ждём вас!")
    owner.page.locator("#template").evaluate("area => area.setSelectionRange(8, 8)")

    owner.press("клиент", exact=True)
    expect(owner.page.locator("#template")).to_have_value("Ждём вас{клиент}!")
    expect(owner.page.locator("#template")).to_be_focused()
    expect(owner.page.locator("#shown")).to_have_text("Ждём васИмя Фамилия!")


def test_a_field_is_put_in_by_the_keyboard_alone(owner, rules):
    owner.go(f"{WORDING}?text=booking_note")
    owner.page.fill("#template", "")
    owner.page.get_by_role("button", name="мастер", exact=True).first.focus()
    owner.page.keyboard.press("Enter")

    expect(owner.page.locator("#template")).to_have_value("{мастер}")
    owner.page.locator("#save-text").focus()
    owner.page.keyboard.press("Enter")
    expect(owner.page.locator("#text-booking_note")).to_contain_text("свой")
    assert rules().texts == {TextName.BOOKING_NOTE: "{мастер}"}


def test_chosen_words_become_a_part_that_may_vanish(owner):
    owner.go(f"{WORDING}?text=booking_note")
    owner.page.fill("#template", "Ждём у {мастер}")
    owner.page.locator("#template").evaluate("area => area.setSelectionRange(4, area.value.length)")

    owner.press("[[ … ]]")

    expect(owner.page.locator("#template")).to_have_value("Ждём[[ у {мастер}]]")


def test_a_rule_is_counted_while_it_is_written(owner, rules):
    owner.go(WORDING)

    owner.page.select_option("#task_when", "price_changed")
    expect(owner.page.locator("#task-shown")).to_contain_text("заранее не видно")
    expect(owner.page.locator("#task-shown")).to_contain_text("Сумма изменилась после визита")
    owner.page.fill("#task_text", "Сумма {сумма}")
    expect(owner.page.locator("#task-shown")).to_contain_text("Сумма 6 500 ₽")
    with owner.page.expect_navigation():
        owner.page.click("#add-task")

    assert rules().tasks[1:] == (TaskRule(TaskWhen.PRICE_CHANGED, hours=24, text="Сумма {сумма}"),)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_scrolls_sideways_and_nothing_is_hidden(live, visit, scheme):
    visitor = visit(live, viewport=PHONE, color_scheme=scheme)
    visitor.sign_in()
    visitor.expect(422)
    visitor.go(f"{WORDING}?text=booking_note")
    visitor.page.fill("#template", "{клинт} {дата|где}")
    visitor.page.click("#save-text")

    expect(visitor.page.locator("#template")).to_have_attribute("aria-invalid", "true")
    expect(visitor.page.locator("#shown")).to_be_in_viewport()
    assert not visitor.is_too_wide()
    assert visitor.complaints() == []


def test_without_javascript_a_text_is_looked_at_and_saved(live, visit, rules):
    visitor = visit(live, java_script_enabled=False)
    visitor.sign_in()
    visitor.go(WORDING)
    visitor.page.fill("#template", "{клиент} у мастера {мастер}")

    visitor.press("Показать")
    assert "Имя Фамилия у мастера Мастер" in visitor.text()
    assert rules().texts == {}

    visitor.page.click("#save-text")
    assert rules().texts == {TextName.LEAD_NAME: "{клиент} у мастера {мастер}"}
