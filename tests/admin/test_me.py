"""«Мой вход»: one's own password and second factor."""

import re

import pyotp
import pytest

from backend.flows.people import second_factor
from backend.store import db, operators, second_factors, secrets
from tests.admin.conftest import PASSWORD, Browser
from tests.admin.reading import text_of

NEW = "another long password"
PEOPLE = "/admin/operators"


@pytest.fixture
def guest(stand):
    return operators.by_id(operators.add("guest", PASSWORD, "viewer", stand.now()))


def code_of(operator, stand, later=0):
    """What the application on the phone shows now."""
    step = int(stand.now().timestamp()) // 30 + later
    return pyotp.TOTP(second_factors.secret(operator.id)).generate_otp(step)


@pytest.fixture
def protected(stand, owner):
    """The owner has switched the second factor on; her recovery codes."""
    irina = operators.by_login("irina")
    owner.get("/admin/me/second-factor")
    answer = owner.post("/admin/me/second-factor", old=PASSWORD, code=code_of(irina, stand))
    stand.world.clock.advance(60)
    return re.findall(r"<code>([\w-]{19})</code>", answer.text)


# One's own password


def test_a_password_is_changed_and_other_devices_are_out(stand, owner):
    other = Browser(stand)
    other.sign_in("irina")

    answer = owner.post("/admin/me/password", old=PASSWORD, new=NEW, again=NEW)

    assert answer.status_code == 303
    assert owner.get("/admin/me").status_code == 200
    assert other.get("/admin/me").status_code == 302
    assert operators.verify("irina", NEW, stand.now()) is not None


def test_the_old_password_is_asked_and_guessing_is_stopped(stand, owner):
    for _ in range(5):
        answer = owner.post("/admin/me/password", old="guess", new=NEW, again=NEW)
        assert answer.status_code == 422
        assert "Пароль не подошёл" in answer.text

    assert owner.post("/admin/me/password", old=PASSWORD, new=NEW, again=NEW).status_code == 429


def test_a_viewer_may_change_their_own_password(viewer):
    assert viewer.post("/admin/me/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303


# The second factor


def test_it_is_switched_on_by_a_code_and_asked_at_the_next_sign_in(stand, owner, protected):
    browser = Browser(stand)
    assert len(protected) == second_factor.RECOVERY_CODES

    first = browser.sign_in("irina", next="/admin/me")
    assert first.location == "/admin/sign-in/code"
    assert browser.get("/admin/").status_code == 302
    second = browser.post("/admin/sign-in/code", code=code_of(operators.by_login("irina"), stand))

    assert (second.status_code, second.location) == (303, "/admin/me")
    assert browser.get("/admin/").status_code == 200


def test_a_wrong_code_switches_nothing_on(owner):
    owner.get("/admin/me/second-factor")

    answer = owner.post("/admin/me/second-factor", old=PASSWORD, code="000000")

    assert answer.status_code == 422
    assert not operators.by_login("irina").has_second_factor


def test_reading_the_page_twice_proposes_the_same_secret(owner):
    pages = [owner.get("/admin/me/second-factor").text for _ in range(2)]

    keys = [re.search(r"<code>([A-Z2-7 ]+)</code>", page).group(1) for page in pages]
    assert keys[0] == keys[1]
    assert "data:image/svg+xml" in pages[0]


def test_a_code_is_refused_the_second_time(stand, owner, protected):
    irina, browsers = operators.by_login("irina"), [Browser(stand), Browser(stand)]
    code = code_of(irina, stand)
    for browser in browsers:
        browser.sign_in("irina")

    answers = [browser.post("/admin/sign-in/code", code=code).status_code for browser in browsers]

    assert answers == [303, 422]


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (1, 303), (2, 422)])
def test_a_phone_may_be_half_a_minute_off(stand, owner, protected, steps, status):
    stand.world.clock.advance(300)
    browser = Browser(stand)
    browser.sign_in("irina")
    code = code_of(operators.by_login("irina"), stand, steps)

    assert browser.post("/admin/sign-in/code", code=code).status_code == status


def test_a_recovery_code_stands_in_for_the_phone_once(stand, owner, protected):
    browsers = [Browser(stand), Browser(stand)]
    for browser in browsers:
        browser.sign_in("irina")
    typed = protected[0].upper().replace("-", " ")

    answers = [browser.post("/admin/sign-in/code", code=typed).status_code for browser in browsers]

    assert answers == [303, 422]
    assert second_factors.recovery_left(operators.by_login("irina").id) == 9


def test_guessing_codes_is_stopped(stand, owner, protected):
    browser = Browser(stand)
    browser.sign_in("irina")
    for _ in range(5):
        assert browser.post("/admin/sign-in/code", code="000000").status_code == 422

    irina = operators.by_login("irina")
    assert browser.post("/admin/sign-in/code", code=code_of(irina, stand)).status_code == 429


def test_the_code_is_waited_for_ten_minutes(stand, owner, protected):
    browser = Browser(stand)
    browser.sign_in("irina")
    stand.world.clock.advance(601)

    answer = browser.post("/admin/sign-in/code", code=code_of(operators.by_login("irina"), stand))

    assert answer.location == "/admin/sign-in"
    assert browser.get("/admin/").status_code == 302


def test_nobody_comes_to_the_second_step_without_the_first(browser):
    assert browser.get("/admin/sign-in/code").location == "/admin/sign-in"
    assert browser.post("/admin/sign-in/code", code="123456").location == "/admin/sign-in"


def test_it_is_switched_off_by_a_code_only(stand, owner, protected):
    assert owner.post("/admin/me/second-factor", code="000000", deed="off").status_code == 422
    assert operators.by_login("irina").has_second_factor

    owner.post("/admin/me/second-factor", code=protected[0], deed="off")

    assert not operators.by_login("irina").has_second_factor
    assert Browser(stand).sign_in("irina").location == "/admin/"


def test_new_recovery_codes_replace_the_old_ones(stand, owner, protected):
    answer = owner.post("/admin/me/second-factor", code=protected[0], deed="codes")

    fresh = re.findall(r"<code>([\w-]{19})</code>", answer.text)
    assert len(fresh) == 10
    assert set(fresh).isdisjoint(protected)
    irina = operators.by_login("irina")
    assert not second_factor.check(irina, protected[1], stand.now(), "")
    assert second_factor.check(irina, fresh[0], stand.now(), "")


def test_an_owner_resets_it_for_a_lost_phone(stand, owner, guest):
    second_factor.proposed(guest)
    assert second_factor.confirm(guest, code_of(guest, stand), stand.now(), "")
    assert "Сбросить" in owner.get(f"{PEOPLE}/guest").text

    owner.post(f"{PEOPLE}/guest/reset-factor")

    assert Browser(stand).sign_in("guest").location == "/admin/"


def test_neither_secrets_nor_recovery_codes_lie_readable_in_the_database(stand, owner, protected):
    irina = operators.by_login("irina")
    secret = second_factors.secret(irina.id)
    ((sealed, hashes),) = db.rows("SELECT totp_secret, recovery_hashes FROM operators")

    assert secret not in sealed
    assert secrets.box().open(sealed) == secret
    assert not any(code in hashes for code in protected)
    secrets.rotate()
    assert second_factors.secret(irina.id) == secret


def test_neither_secrets_nor_codes_lie_in_the_trail(owner, protected):
    page = text_of(owner.get("/admin/audit"))

    assert "Включён второй фактор" in page
    assert not any(code in page for code in protected)


def test_it_is_switched_on_with_the_password_only(stand, owner):
    irina = operators.by_login("irina")
    owner.get("/admin/me/second-factor")

    answer = owner.post("/admin/me/second-factor", old="not the password", code=code_of(irina, stand))

    assert answer.status_code == 422
    assert "Пароль не подошёл" in answer.text
    assert not operators.by_id(irina.id).has_second_factor
