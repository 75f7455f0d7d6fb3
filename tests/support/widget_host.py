"""The account's pages of the amoCRM emulator with a widget in them: its archive, a browser, a lead."""

import json
import re
import zipfile

import pytest
from werkzeug.test import Client

from sandbox.amocrm.archive import code_of
from tests.support.amocrm_sandbox import CLIENT, DOMAIN, SELLER, Receiver, new_world

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
