"""What every page carries: headers, cookies, and addresses that a stranger cannot bend."""

import dataclasses

import pytest

from backend.app import create_app
from backend.store import operators
from tests.security.conftest import CSRF, PASSWORD
from tests.support import screens
from tests.support.stand import DOMAIN

HOME = f"/admin/accounts/{DOMAIN}"
EVIL = "evil.example"
POLICY = ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
POISON = [
    {"Host": EVIL},
    {"X-Forwarded-Host": EVIL},
    {"Forwarded": f"host={EVIL}"},
    {"X-Original-Host": EVIL},
]


@pytest.fixture
def pages(stand):
    return screens.pages(stand.app, screens.samples(stand, screens.live_through(stand)))


@pytest.fixture
def over_https(stand):
    """The application as the internet sees it."""
    settings = dataclasses.replace(stand.ctx.settings, public_url="https://mostik.example")
    return create_app(dataclasses.replace(stand.ctx, settings=settings)).test_client()


def test_every_page_carries_its_headers(comes, pages):
    owner = comes("owner")

    for _, path in pages:
        answer = owner().get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert all(part in policy for part in POLICY), path
        assert "unsafe" not in policy, path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["X-Frame-Options"] == "DENY", path
        assert answer.headers["Referrer-Policy"] == "same-origin", path


def test_no_page_of_a_person_is_kept_by_a_browser(comes, pages):
    owner = comes("owner")

    answers = {path: owner().get(path) for _, path in pages}

    kept = [path for path, answer in answers.items() if answer.cache_control.no_store != bool(answer.text)]
    assert [path for path in kept if answers[path].status_code == 200] == []


def test_no_page_has_inline_code_or_style(comes, pages):
    owner = comes("owner")

    for _, path in pages:
        text = owner().get(path).text
        assert " style=" not in text, path
        assert "<style" not in text, path
        assert "javascript:" not in text, path
        assert not [part for part in text.split("<script")[1:] if " src=" not in part.split(">")[0]], path


@pytest.mark.parametrize("poison", POISON)
def test_a_forged_host_appears_nowhere(comes, pages, poison):
    owner = comes("owner")

    for _, path in pages:
        answer = owner().get(path, headers=poison)
        assert EVIL not in answer.text, path
        assert EVIL not in answer.headers.get("Location", ""), path


@pytest.mark.parametrize("poison", POISON)
def test_a_forged_host_does_not_bend_a_redirect(stand, comes, poison):
    nobody, owner = comes("anonymous"), comes("owner")

    away = [
        nobody().get(HOME, headers=poison),
        nobody().get("/", headers=poison),
        nobody().get(f"{HOME}/", headers=poison),
        owner().post(f"{HOME}/pause", data={"csrf": CSRF}, headers=poison),
        owner().get("/oauth/amocrm/start", headers=poison),
    ]

    assert EVIL not in " ".join(answer.headers.get("Location", "") for answer in away)


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/admin/\\evil.example",
        "/admin/\r\nLocation: https://evil.example",
        "/admin//evil.example/..",
        "javascript:alert(1)",
        "/admin@evil.example",
    ],
)
def test_nothing_leads_out_of_the_panel(stand, comes, onward):
    operators.add("irina", PASSWORD, "owner", stand.now())
    form = {"csrf": CSRF, "login": "irina", "password": PASSWORD, "next": onward, "to": onward}
    nobody = comes("anonymous")

    answers = [
        nobody().post("/admin/sign-in", data=form),
        nobody().post("/admin/language", data={**form, "language": "en"}),
        nobody().get("/admin/sign-in", query_string={"next": onward}),
    ]

    for answer in answers[:2]:
        assert answer.location.startswith("/admin/"), answer.location
        assert "evil" not in answer.location.partition("//")[0] or answer.location.startswith("/admin//evil")
    assert 'href="https://evil' not in answers[2].text


def test_the_cookie_is_out_of_reach(stand, over_https):
    answer = over_https.get("/admin/sign-in", base_url="https://mostik.example")

    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain=" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_body_without_end_is_refused(comes):
    owner = comes("owner")
    heavy = "x" * (3 * 1024 * 1024)

    answer = owner().post(f"{HOME}/pause", data={"csrf": CSRF, "note": heavy})

    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_do_nothing(comes, pages, method):
    owner = comes("owner")

    answers = {path: owner().open(path, method=method).status_code for _, path in pages}

    assert set(answers.values()) == {405}


def test_a_file_is_kept_not_opened(comes):
    """Words of people stand in it as they are: no browser may take it for a page."""
    answer = comes("owner")().get(f"{HOME}/rules/1/file")

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.mimetype.endswith("html")
