"""What every page carries, and how errors look to people and to machines."""

import dataclasses

import pytest

from backend.app import create_app


@pytest.fixture
def public(stand):
    """The same application as the internet would see it."""
    settings = dataclasses.replace(stand.ctx.settings, public_url="https://mostik.example")
    return create_app(dataclasses.replace(stand.ctx, settings=settings)).test_client()


@pytest.mark.parametrize(
    "path", ["/admin/sign-in", "/nowhere", "/oauth/amocrm/callback", "/static/admin.css"]
)
def test_pages_run_nothing_foreign_and_sit_in_no_frame(client, path):
    headers = client.get(path, buffered=True).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_cookie_is_for_our_server_only(public):
    cookie = public.get("/admin/sign-in", base_url="https://mostik.example").headers["Set-Cookie"]

    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_https_is_remembered_by_browsers(public, client):
    assert "Strict-Transport-Security" in public.get("/admin/sign-in").headers
    assert "Strict-Transport-Security" not in client.get("/admin/sign-in").headers


def test_a_person_sees_a_sentence_and_a_way_back(client):
    answer = client.get("/nowhere")

    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.text
    assert 'href="/admin/"' in answer.text


def test_our_own_bug_shows_no_traceback(stand, client, monkeypatch):
    monkeypatch.delitem(stand.app.extensions, "mostik")

    answer = client.get("/metrics")

    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "KeyError" not in answer.text


def test_static_files_are_named_by_their_content(client):
    page = client.get("/admin/sign-in").text

    assert "/static/admin.css?v=" in page
    assert client.get("/static/admin.css", buffered=True).status_code == 200


def test_no_template_carries_code_or_style(client):
    page = client.get("/admin/sign-in").text

    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page
