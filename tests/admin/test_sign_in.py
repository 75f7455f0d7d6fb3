"""Who may enter the panel."""

import pytest

from backend.store import operators
from tests.admin.conftest import HOME, PASSWORD, Browser

SCREENS = ["/admin/", HOME, f"{HOME}/events", f"{HOME}/events/1", f"{HOME}/why", f"{HOME}/rules"]


@pytest.mark.parametrize("path", SCREENS)
def test_nobody_sees_a_screen_without_signing_in(browser, path):
    answer = browser.get(path)

    assert answer.status_code == 302
    assert answer.location.startswith("/admin/sign-in?next=/admin/")


@pytest.mark.parametrize("path", SCREENS)
def test_the_owner_sees_every_screen(owner, path):
    assert owner.get(path).status_code == 200


def test_the_root_leads_to_the_panel(browser):
    assert browser.get("/").location == "/admin/"


def test_the_right_password_leads_on(stand, browser):
    operators.add("irina", PASSWORD, "owner", stand.now())

    answer = browser.sign_in("irina", next=f"{HOME}/why")

    assert (answer.status_code, answer.location) == (303, f"{HOME}/why")


@pytest.mark.parametrize(
    "trick",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/admin/\\evil",
        "javascript:alert(1)",
        "/hooks",
        "",
    ],
)
def test_signing_in_never_leads_elsewhere(stand, browser, trick):
    operators.add("irina", PASSWORD, "owner", stand.now())

    assert browser.sign_in("irina", next=trick).location == "/admin/"


def test_a_wrong_password_is_told_and_the_login_kept(stand, browser):
    operators.add("irina", PASSWORD, "owner", stand.now())

    answer = browser.sign_in("irina", "wrong")

    assert answer.status_code == 422
    assert "не подошли" in answer.text
    assert 'value="irina"' in answer.text
    assert "wrong" not in answer.text


def test_an_unknown_login_looks_the_same(stand, browser):
    operators.add("irina", PASSWORD, "owner", stand.now())

    answers = {browser.sign_in(login, "wrong").text.replace(login, "") for login in ("irina", "nobody")}

    assert len({_without_token(text) for text in answers}) == 1


def _without_token(text):
    return "".join(part.split('"', 1)[-1] for part in text.split('name="csrf" value="'))


def test_empty_fields_are_all_named_at_once(browser):
    answer = browser.sign_in("", "")

    assert answer.status_code == 422
    assert answer.text.count("Заполните это поле") == 2


def test_guessing_is_stopped(stand, browser):
    operators.add("irina", PASSWORD, "owner", stand.now())
    for _ in range(5):
        browser.sign_in("irina", "wrong")

    answer = browser.sign_in("irina")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    stand.world.clock.advance(600)
    assert browser.sign_in("irina").status_code == 303


def test_leaving_ends_the_session(owner):
    assert owner.post("/admin/sign-out").status_code == 303

    assert owner.get("/admin/").status_code == 302


def test_a_session_starts_anew_with_the_sign_in(stand, browser):
    operators.add("irina", PASSWORD, "owner", stand.now())
    planted = browser.token()

    browser.sign_in("irina")

    assert browser.token() != planted


def test_a_deactivated_person_is_out_at_once(stand, owner):
    operators.add("olga", PASSWORD, "owner", stand.now())
    irina = operators.by_login("irina")

    operators.set_active(irina.id, is_active=False)

    assert owner.get("/admin/").status_code == 302


def test_a_new_password_ends_old_sessions(stand, owner):
    operators.add("irina", "another long password", "owner", stand.now())

    assert owner.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "path",
    [f"{HOME}/pause", f"{HOME}/resume", f"{HOME}/events/1/replay", "/admin/sign-out", "/admin/language"],
)
@pytest.mark.parametrize("token", [None, "", "guessed", "пропуск"])
def test_a_form_without_its_token_does_nothing(stand, owner, path, token):
    fields = {} if token is None else {"csrf": token}

    answer = owner.client.post(path, data=fields)

    assert answer.status_code == 403
    assert owner.get("/admin/").status_code == 200


def test_a_token_of_another_browser_is_not_ours(stand, owner):
    foreign = Browser(stand).token()

    assert owner.client.post(f"{HOME}/pause", data={"csrf": foreign}).status_code == 403


def test_the_language_stays_chosen(owner):
    assert 'lang="ru"' in owner.get("/admin/").text

    owner.post("/admin/language", language="en", next="/admin/")

    page = owner.get("/admin/").text
    assert 'lang="en"' in page
    assert "Everything works" in page
    assert "Русский" in page


def test_an_unknown_language_changes_nothing(owner):
    owner.post("/admin/language", language="de")

    assert 'lang="ru"' in owner.get("/admin/").text


@pytest.mark.parametrize("path", ["/admin/", HOME, f"{HOME}/events", "/static/admin.css"])
def test_an_answer_that_changes_nothing_does_not_write_the_session_again(owner, path):
    owner.get(HOME)

    with owner.get(path) as answer:
        assert "Set-Cookie" not in answer.headers
