"""The account's pages in the sandbox: archive, one-time tokens, installing, triggers, who may look."""

import base64
import json
import re
import zipfile
from urllib.parse import parse_qsl

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from werkzeug.test import Client

from sandbox.amocrm.archive import code_of
from sandbox.amocrm.auth import jwt as signed
from tests.support.amocrm_sandbox import (
    ADMIN,
    CLIENT,
    DOMAIN,
    SALES,
    SELLER,
    Api,
    Receiver,
    new_world,
    query_of,
)

CODE = code_of(CLIENT["client_id"])
HOOK = "https://mostik.test/widget/pipeline"
TEXTS = {"widget": {"name": "Мостик", "description": "<p>О нём</p>"}, "dp": {"note": "Зачем"}}
MANIFEST = {
    "widget": {"name": "widget.name", "description": "widget.description", "version": "1.2.3",
               "init_once": False, "locale": ["ru", "en"]},
    "locations": ["settings", "advanced_settings", "lcard-1", "llist-0", "digital_pipeline"],
    "settings": {"key": {"name": "settings.key", "type": "text", "required": True}},
    "advanced": {"title": "widget.name"},
    "dp": {"settings": {"note": {"name": "dp.note", "type": "text"}}, "webhook_url": HOOK},
}  # fmt: skip
# Claims and key of the public description of one-time tokens, with the token they make.
VECTOR = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL3NhbmRib3guYW1vY3JtLnJ1IiwiYXVkIjoiaHR0cHM6Ly9hcHA"
    "uZXhhbXBsZS50ZXN0IiwianRpIjoiZDYyOGYxMjMtMDAwMC00MDAwLTgwMDAtZWQxMjNlZjMxZjhmIiwiaWF0IjoxNzY3NjA3MjAwLCJuYmY"
    "iOjE3Njc2MDcyMDAsImV4cCI6MTc2NzYwOTAwMCwiYWNjb3VudF9pZCI6MzAwMDAwMDEsInVzZXJfaWQiOjcwMDAwMDEsImNsaWVudF91dWl"
    "kIjoiMGIwODMyZjYtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDBhYmNkIiwic3ViZG9tYWluIjoic2FuZGJveCIsImlzX2FkbWluIjp0cnVlfQ."
    "1BhV6XeZIJJTSOwOWSjUa3Pd38ac3tz9HpBUBGhFe6Q"
)


def packed(path, **changes):
    """An archive with a manifest, a script and texts; None among the changes leaves a file out."""
    files = {
        "manifest.json": json.dumps(MANIFEST),
        "script.js": "define([], () => function () {});",
        "i18n/ru.json": json.dumps(TEXTS),
        "i18n/en.json": json.dumps({**TEXTS, "widget": {"name": "Bridge"}}),
        **changes,
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    return str(path)


@pytest.fixture
def archive(tmp_path):
    return packed(tmp_path / "widget.zip")


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def visited():
    return []


@pytest.fixture
def world(receiver, visited, archive):
    def get(url, timeout):
        visited.append(url)
        return 204

    made = new_world(post=receiver.post, get=get)
    made.amocrm.widget(client_id=CLIENT["client_id"], archive=archive)
    return made


@pytest.fixture
def browser(world):
    return Client(world.amocrm_wsgi)


@pytest.fixture
def lead_id(world):
    person = {"name": "<b>Иван</b>", "phone": "+79990000001"}
    return world.amocrm.ui_lead(domain=DOMAIN, user_id=SELLER, name="Стрижка", contact=person)["id"]


def address(rest):
    return f"/{DOMAIN}/{rest}"


def told(answer):
    """What the page gives to its scripts."""
    return json.loads(re.search(r'id="host-page">(.*?)</script>', answer.text, re.DOTALL).group(1))


def look_as(browser, user_id, lang="ru"):
    return browser.post(
        address("ajax/who"), data={"user": user_id, "lang": lang, "back": address("leads/list/")}
    )


def install(browser, **fields):
    return browser.post(address(f"ajax/widgets/{CODE}/save"), json={"fields": fields})


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


# Areas


@pytest.mark.parametrize(
    ("path", "location", "name"),
    [
        ("leads/list/", "llist", "leads"),
        (f"leads/list/pipeline/{SALES}/", "llist", "leads"),
        ("leads/detail/20000001", "lcard", "leads_card"),
        ("contacts/detail/40000001", "ccard", "contacts_card"),
        ("settings/widgets/", "", "widgetsSettings"),
        (f"settings/pipeline/leads/{SALES}/", "digital_pipeline", "settings"),
        (f"widgetsSettings/{CODE}/", "advanced_settings", f"advanced-settings:{CODE}"),
    ],
)
def test_every_area_has_its_page(browser, lead_id, path, location, name):
    install(browser, key="7")

    page = browser.get(address(path))

    assert page.status_code == 200
    assert (told(page)["area"]["location"], told(page)["area"]["name"]) == (location, name)
    assert "<b>Иван</b>" not in page.text


def test_the_card_knows_its_people_and_the_list_its_rows(browser, lead_id):
    card, rows = (
        told(browser.get(address(f"leads/detail/{lead_id}"))),
        told(browser.get(address("leads/list/"))),
    )

    assert card["card"] == {"id": lead_id, "name": "Стрижка"}
    assert [(person["name"], person["phones"]) for person in card["contacts"]] == [
        ("<b>Иван</b>", ["+79990000001"])
    ]
    assert rows["list"] == [{"id": lead_id, "type": "lead", "phones": ["+79990000001"], "emails": []}]


def test_the_advanced_page_has_both_containers_and_only_when_installed(browser):
    before = browser.get(address(f"widgetsSettings/{CODE}/")).status_code
    install(browser, key="7")

    page = browser.get(address(f"widgetsSettings/{CODE}/")).text

    assert before == 404
    assert f'id="work-area-{CODE}"' in page
    assert 'id="list_page_holder"' in page


def test_settings_are_for_administrators(world, browser):
    install(browser, key="7")
    look_as(browser, SELLER)

    pages = [f"settings/pipeline/leads/{SALES}/", "settings/widgets/", f"widgetsSettings/{CODE}/"]
    asked = {"code": CODE, "pipeline_id": SALES, "stage_id": 8101, "kind": "lead_added"}
    deeds = [
        (f"ajax/widgets/{CODE}/save", {}),
        (f"ajax/widgets/{CODE}/disable", {}),
        ("ajax/triggers", asked),
    ]

    assert [browser.get(address(page)).status_code for page in pages] == [403, 403, 403]
    assert [browser.post(address(path), json=body).status_code for path, body in deeds] == [403, 403, 403]
    assert world.amocrm.state(DOMAIN)["widget_triggers"] == []


def test_the_language_is_that_of_the_viewer(browser):
    look_as(browser, ADMIN, "en")

    page = browser.get(address("settings/widgets/"))

    assert (told(page)["lang"], told(page)["widgets"][0]["name"]) == ("en", "Bridge")
    assert "Integrations" in page.text


def test_a_form_leads_back_to_the_account_only(browser):
    back = [
        browser.post(address("ajax/who"), data={"back": back}).headers["Location"]
        for back in ("//elsewhere.test/x", "https://elsewhere.test/", address("settings/widgets/"))
    ]

    assert back == [address("leads/list/"), address("leads/list/"), address("settings/widgets/")]


def test_an_unknown_card_is_told_in_words(browser):
    answer = browser.get(address("leads/detail/1"))

    assert (answer.status_code, "Такой страницы нет" in answer.text) == (404, True)


def test_a_link_without_the_account_leads_to_it(browser, lead_id):
    answer = browser.get(f"/leads/detail/{lead_id}")

    assert answer.headers["Location"] == address(f"leads/detail/{lead_id}")


def test_the_api_keeps_its_addresses(browser, lead_id):
    assert browser.get(address("api/v4/leads")).status_code == 401
    assert browser.get("/two.amocrm.ru/leads/list/").status_code == 401


def test_a_person_moves_the_lead_on_its_card(world, browser, lead_id):
    look_as(browser, SELLER)

    answer = browser.post(address(f"ajax/leads/{lead_id}/stage"), data={"stage": 8102})

    [lead] = world.amocrm.state(DOMAIN)["leads"]
    assert (answer.status_code, lead["status_id"], lead["updated_by"]) == (303, 8102, SELLER)


def test_nothing_is_taken_from_elsewhere(browser):
    page = browser.get(address("leads/list/")).text
    with browser.get("/page/host/loader.js") as loader:
        status = loader.status_code

    assert status == 200
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []


# The digital pipeline


def keep_bodies(world):
    """What is sent, as it is: body and headers."""
    sent = []

    def post(url, body, headers, timeout):
        sent.append((body, headers))
        return 200

    world.sender.post = post
    return sent


def add_trigger(browser, kind="lead_appeared_in_status", stage=8102, **settings):
    asked = {"code": CODE, "pipeline_id": SALES, "stage_id": stage, "kind": kind, "settings": settings}
    return browser.post(address("ajax/triggers"), json=asked)


def test_a_lead_that_reaches_the_stage_is_told_once(world, browser, receiver, lead_id):
    install(browser, key="7")
    added = add_trigger(browser, note="Перед звонком")
    receiver.status = 500

    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    world.deliver()
    world.clock.advance(7200)
    world.deliver()

    [body] = receiver.bodies
    assert (added.status_code, receiver.url, receiver.timeout) == (201, HOOK, 2.0)
    assert abs(int(body.pop("event[time]")) - world.clock.now() + 7200) < 5
    assert body == {
        "event[type]": "15",
        "event[type_code]": "lead_appeared_in_status",
        "event[data][id]": str(lead_id),
        "event[data][element_type]": "2",
        "event[data][status_id]": "8102",
        "event[data][pipeline_id]": str(SALES),
        "event[data][direction_of_movement]": "went_to_trigger",
        "action[settings][widget][settings][note]": "Перед звонком",
        "subdomain": "one",
        "account_id": "30000001",
    }


def test_the_body_may_be_json(world, browser, lead_id):
    sent = keep_bodies(world)
    install(browser, key="7")
    add_trigger(browser)
    world.amocrm.options(trigger_encoding="json")

    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    world.deliver()

    [(body, headers)] = sent
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["event"]["data"]["id"] == lead_id


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("lead_added", ["1"]), ("lead_status_changed", ["14"]), ("lead_appeared_in_status", ["15", "15"])],
)
def test_kinds_of_triggers(world, browser, receiver, lead_id, kind, codes):
    install(browser, key="7")
    add_trigger(browser, kind)

    world.amocrm.ui_lead(domain=DOMAIN, user_id=SELLER, name="Новая", stage_id=8102)
    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    world.amocrm.ui_edit(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, price=5)
    world.deliver()

    assert [body["event[type]"] for body in receiver.bodies] == codes


def test_a_trigger_falls_silent_with_its_widget_and_when_removed(world, browser, receiver, lead_id):
    install(browser, key="7")
    first = add_trigger(browser).json["id"]
    browser.post(address(f"ajax/triggers/{first}/remove"), data={"back": address("settings/widgets/")})
    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    add_trigger(browser, stage=8101)
    browser.post(address(f"ajax/widgets/{CODE}/disable"))
    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8101)
    world.deliver()

    assert receiver.bodies == []


def test_a_wrong_trigger_is_refused(browser):
    install(browser, key="7")

    answers = [
        add_trigger(browser, stage=99),
        add_trigger(browser, kind="chat"),
        browser.post(address("ajax/triggers")),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 404]


def test_the_form_of_the_hook_reads_back(world, browser, receiver, lead_id):
    """What the receiver got is the very form: nothing is lost by the brackets."""
    sent = keep_bodies(world)
    install(browser, key="7")
    add_trigger(browser, note="a&b=[c]")

    world.amocrm.ui_move(domain=DOMAIN, user_id=SELLER, lead_id=lead_id, stage_id=8102)
    world.deliver()

    assert dict(parse_qsl(sent[0][0].decode()))["action[settings][widget][settings][note]"] == "a&b=[c]"
