"""A widget in the sandbox: its one-time tokens, its archive, and how it is put in and taken out."""

import base64
import json
import zipfile

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from sandbox.amocrm.auth import jwt as signed
from tests.support.amocrm_sandbox import ADMIN, CLIENT, DOMAIN, SELLER, Api, query_of
from tests.support.widget_host import (
    CODE,
    MANIFEST,
    TEXTS,
    address,
    archive,
    browser,
    install,
    look_as,
    packed,
    receiver,
    told,
    visited,
    world,
)

__all__ = ["archive", "browser", "receiver", "visited", "world"]

# Claims and key of the public description of one-time tokens, with the token they make.
VECTOR = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL3NhbmRib3guYW1vY3JtLnJ1IiwiYXVkIjoiaHR0cHM6Ly9hcHA"
    "uZXhhbXBsZS50ZXN0IiwianRpIjoiZDYyOGYxMjMtMDAwMC00MDAwLTgwMDAtZWQxMjNlZjMxZjhmIiwiaWF0IjoxNzY3NjA3MjAwLCJuYmY"
    "iOjE3Njc2MDcyMDAsImV4cCI6MTc2NzYwOTAwMCwiYWNjb3VudF9pZCI6MzAwMDAwMDEsInVzZXJfaWQiOjcwMDAwMDEsImNsaWVudF91dWl"
    "kIjoiMGIwODMyZjYtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDBhYmNkIiwic3ViZG9tYWluIjoic2FuZGJveCIsImlzX2FkbWluIjp0cnVlfQ."
    "1BhV6XeZIJJTSOwOWSjUa3Pd38ac3tz9HpBUBGhFe6Q"
)


# Tokens


def test_a_signed_token_is_that_of_the_public_description():
    claims = json.loads(base64.urlsafe_b64decode(VECTOR.split(".")[1] + "=="))

    assert signed(claims, b"sandbox-client-secret") == VECTOR


def test_a_minted_token_says_who_asks_from_where_and_works_for_half_an_hour(world, browser):
    look_as(browser, SELLER)

    answer = browser.post(address(f"ajax/widgets/{CODE}/token"))

    found = jwt.decode(answer.json["token"], OctKey.import_key(CLIENT["client_secret"]), algorithms=["HS256"])
    claims = dict(found.claims)
    moment = claims.pop("iat")
    assert abs(moment - world.clock.now()) < 5
    assert (claims.pop("nbf"), claims.pop("exp")) == (moment, moment + 1800)
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": f"https://{DOMAIN}",
        "aud": "https://mostik.test",
        "account_id": 30000001,
        "user_id": SELLER,
        "client_uuid": CLIENT["client_id"],
        "subdomain": "one",
        "is_admin": False,
    }


def test_the_audience_has_neither_port_nor_path(world):
    world.amocrm.app(**{**CLIENT, "redirect_uri": "http://127.0.0.1:9100/oauth/amocrm/callback"})

    token = world.amocrm.widget_token(domain=DOMAIN, client_id=CLIENT["client_id"])["token"]

    found = jwt.decode(token, OctKey.import_key(CLIENT["client_secret"]), algorithms=["HS256"])
    assert (found.claims["aud"], found.claims["is_admin"]) == ("http://127.0.0.1", True)


def test_every_token_is_another_one(browser):
    tokens = {browser.post(address(f"ajax/widgets/{CODE}/token")).json["token"] for _ in range(3)}

    assert len(tokens) == 3


# The archive


def test_files_of_the_archive_are_served_and_others_are_not(browser):
    script = browser.get(address(f"widgets/{CODE}/script.js?v=1.2.3"))
    gone = [
        browser.get(address(path)).status_code for path in (f"widgets/{CODE}/x.js", "widgets/w0/script.js")
    ]

    assert (script.status_code, script.text) == (200, "define([], () => function () {});")
    assert "javascript" in script.content_type
    assert gone == [404, 404]


def test_a_rebuilt_archive_is_there_after_a_reload(browser, archive):
    packed(archive, **{"script.js": "define([], () => 'new');"})

    assert browser.get(address(f"widgets/{CODE}/script.js")).text == "define([], () => 'new');"


def test_an_unpacked_folder_will_do(world, browser, archive, tmp_path):
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(tmp_path / "open")

    answer = world.amocrm.widget(client_id=CLIENT["client_id"], archive=str(tmp_path / "open"))

    assert answer == {"code": CODE, "version": "1.2.3", "locations": MANIFEST["locations"]}
    assert browser.get(address(f"widgets/{CODE}/i18n/ru.json")).json == TEXTS


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"manifest.json": None}, "manifest.json"),
        ({"manifest.json": "{"}, "manifest.json"),
        ({"manifest.json": '{"widget": {}}'}, "locations"),
        ({"script.js": None}, "script.js"),
        ({"i18n/en.json": None}, "i18n/en.json"),
    ],
)
def test_a_bad_archive_is_refused_in_words(browser, tmp_path, changes, word):
    bad = packed(tmp_path / "bad.zip", **changes)

    answer = browser.post("/__control/widget", json={"client_id": CLIENT["client_id"], "archive": bad})

    assert answer.status_code == 400
    assert word in answer.json["error"]


def test_a_missing_archive_is_told_on_the_page(world, browser, tmp_path):
    world.amocrm.apps[CLIENT["client_id"]].archive = str(tmp_path / "none.zip")

    shown = browser.get(address("settings/widgets/"))

    assert shown.status_code == 200
    assert "make widget" in shown.text
    assert told(shown)["widgets"] == []


# Installing


def test_an_installation_saves_and_calls_the_server_of_the_integration(world, browser, visited):
    answer = install(browser, key="7")

    [url] = visited
    assert answer.json == {
        "installed": True,
        "answered": 204,
        "status": "installed",
        "settings": {"key": "7"},
    }
    assert (query_of(url)["from_widget"], query_of(url)["referer"]) == ("1", DOMAIN)
    code = query_of(url)["code"]
    assert world.amocrm.tokens.codes[code].user_id == ADMIN
    assert Api(world).get(f"widgets/{CODE}").json()["settings"] == {"key": "7"}


def test_saving_again_is_no_installation(browser, visited):
    install(browser, key="7")

    answer = install(browser, key="")

    assert (answer.json["installed"], answer.json["status"]) == (False, "not_configured")
    assert len(visited) == 1


def test_consent_of_another_way_puts_the_widget_into_the_account_as_well(world, browser):
    world.amocrm.install(domain=DOMAIN, client_id=CLIENT["client_id"])

    [widget] = told(browser.get(address("settings/widgets/")))["widgets"]
    assert (widget["code"], widget["status"]) == (CODE, "not_configured")


def test_switching_off_tells_the_server_and_takes_the_widget_out(world, browser, visited):
    install(browser, key="7")
    visited.clear()

    browser.post(address(f"ajax/widgets/{CODE}/disable"))

    [url] = visited
    assert query_of(url).keys() == {"account_id", "client_uuid", "signature"}
    assert world.amocrm.state(DOMAIN)["widgets"] == []
    assert told(browser.get(address("settings/widgets/")))["widgets"][0]["status"] == "install"
