"""Signing in, seen from the browser: the way in, the way out, and what a stranger meets."""

import re

from playwright.sync_api import expect

from tests.support.stand import DOMAIN

HOME = f"/admin/accounts/{DOMAIN}"


def test_a_person_signs_in_and_is_led_on(live, visit):
    visitor = visit(live)
    visitor.go(f"{HOME}/why")

    visitor.page.fill("input[name=login]", "irina")
    visitor.page.fill("input[name=password]", "a long enough password")
    visitor.page.press("input[name=password]", "Enter")

    expect(visitor.page).to_have_url(live.url + f"{HOME}/why")


def test_a_wrong_password_is_told_beside_the_field(live, visit):
    visitor = visit(live)
    visitor.expect(422)

    visitor.sign_in(password="wrong")

    field = visitor.page.locator("input[name=password]")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(visitor.page.locator(f"#{field.get_attribute('aria-describedby')}")).to_contain_text("не подошли")


def test_leaving_closes_the_panel(live, owner):
    owner.press("Выйти")

    owner.go(HOME)

    expect(owner.page).to_have_url(re.compile("/admin/sign-in"))


def test_a_session_that_ended_leads_to_the_sign_in(live, owner):
    owner.context.clear_cookies()

    owner.go(f"{HOME}/events")

    expect(owner.page.locator("input[name=password]")).to_be_visible()
