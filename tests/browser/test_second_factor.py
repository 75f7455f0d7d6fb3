"""The second step of signing in, set up and used; and what a person who guesses is told."""

import pyotp
import pytest
from playwright.sync_api import expect

from backend.store import operators
from tests.browser.visitor import PASSWORD

STEP_SECONDS, AN_HOUR = 30, 3600


@pytest.fixture
def phone(live, owner):
    """The application with codes, after it was shown the panel's key."""
    owner.follow("irina")
    owner.follow("Настроить")
    assert owner.complaints() == []
    return pyotp.TOTP(owner.page.locator("code").inner_text().replace(" ", ""))


def test_a_code_is_asked_after_the_password(live, owner, phone):
    owner.page.get_by_label("Нынешний пароль").fill(PASSWORD)
    owner.page.get_by_label("Код", exact=True).fill(phone.at(live.stand.now()))
    owner.press("Включить", exact=True)
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("Запасные коды")
    assert owner.complaints() == []
    spare = owner.page.locator("code, main li").first.inner_text().strip()
    owner.press("Выйти")
    live.stand.world.clock.advance(STEP_SECONDS)

    owner.expect(422)
    owner.sign_in()
    assert owner.complaints() == []
    code = owner.page.get_by_label("Код из приложения")
    code.fill("000000")
    owner.press("Войти")
    expect(owner.page.get_by_text("Код не подошёл.")).to_be_visible()
    code.fill(phone.at(live.stand.now()))
    owner.press("Войти")
    expect(owner.page.get_by_role("link", name="irina")).to_be_visible()

    owner.press("Выйти")
    owner.sign_in()
    code.fill(spare)
    owner.press("Войти")
    expect(owner.page.get_by_role("link", name="irina")).to_be_visible()


def test_whoever_guesses_is_told_to_wait(live, visit):
    visitor = visit(live)
    visitor.expect(422, 429)
    for _ in range(operators.LOGIN_FAILURES):
        visitor.sign_in(password="a guess")

    visitor.sign_in()
    told = visitor.text()
    live.stand.world.clock.advance(AN_HOUR)
    visitor.sign_in()

    assert "Слишком много неверных попыток входа. Подождите несколько минут." in told
    expect(visitor.page.get_by_role("link", name="irina")).to_be_visible()
