"""An amoCRM account in the emulator and a plain HTTP client of it, for tests of the emulator itself."""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests

from sandbox.world import World
from tests.support.wsgi_adapter import WsgiAdapter

DOMAIN = "one.amocrm.ru"
CLIENT = {
    "client_id": "0b0832f6-0000-4000-8000-00000000abcd",
    "client_secret": "sandbox-client-secret",
    "redirect_uri": "https://mostik.test/oauth/amocrm/callback",
}
ADMIN, SELLER, GONE = 7000001, 7000002, 7000003
SALES, REPEAT = 8001, 8002
KEY, SOURCE, VISIT, EXACT, TOTAL, AGREED, SERVICES = 9001, 9002, 9003, 9004, 9005, 9006, 9007
SOURCES = [{"id": 11, "value": "Сайт"}, {"id": 12, "value": "Звонок"}]
WORKS = [{"id": 21, "value": "А"}, {"id": 22, "value": "Б"}]
ACCOUNT = {
    "domain": DOMAIN,
    "id": 30000001,
    "users": [
        {"id": ADMIN, "name": "Анна"},
        {"id": SELLER, "name": "Борис", "is_admin": False},
        {"id": GONE, "name": "Вера", "is_active": False},
    ],
    "pipelines": [
        {
            "id": SALES,
            "name": "Продажи",
            "stages": [
                {"id": 8100, "name": "Неразобранное", "type": 1},
                {"id": 8101, "name": "Ожидает"},
                {"id": 8102, "name": "Подтвердил"},
            ],
        },
        {"id": REPEAT, "name": "Повторные", "stages": [{"id": 8201, "name": "Новая"}]},
    ],
    "loss_reasons": [{"id": 501, "name": "Отменил"}],
    "lead_fields": [
        {"id": KEY, "name": "Ключ", "type": "text"},
        {"id": SOURCE, "name": "Источник", "type": "select", "enums": SOURCES},
        {"id": VISIT, "name": "День", "type": "date"},
        {"id": EXACT, "name": "Визит", "type": "date_time"},
        {"id": TOTAL, "name": "Сумма", "type": "numeric"},
        {"id": AGREED, "name": "Согласие", "type": "checkbox"},
        {"id": SERVICES, "name": "Услуги", "type": "multiselect", "enums": WORKS},
    ],
}  # fmt: skip


class Api:
    """REST calls with a token of the account."""

    def __init__(self, world, user_id=ADMIN):
        self.world = world
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount("https://", WsgiAdapter(world.amocrm_wsgi))
        self.tokens = world.amocrm.token(domain=DOMAIN, client_id=CLIENT["client_id"], user_id=user_id)

    def call(self, method, path, json=None, timeout=5, **params):
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        url = f"https://{DOMAIN}/api/v4/{path}"
        return self.session.request(method, url, json=json, params=params, headers=headers, timeout=timeout)

    def get(self, path, **params):
        return self.call("GET", path, **params)

    def post(self, path, json):
        return self.call("POST", path, json)

    def patch(self, path, json):
        return self.call("PATCH", path, json)

    def delete(self, path, json=None):
        return self.call("DELETE", path, json)

    def lead(self, **keys):
        """The id of a new lead."""
        return self.post("leads", [keys]).json()["_embedded"]["leads"][0]["id"]

    def contact(self, phone="+79990000001", **keys):
        fields = [{"field_code": "PHONE", "values": [{"value": phone, "enum_code": "WORK"}]}]
        answer = self.post("contacts", [{"name": "Иван", "custom_fields_values": fields, **keys}])
        return answer.json()["_embedded"]["contacts"][0]["id"]


class Receiver:
    """Where hooks go: remembers every delivery and answers what it is told to."""

    def __init__(self, status=200):
        self.status = status
        self.bodies = []

    def post(self, url, body, headers, timeout):
        self.url, self.headers, self.timeout = url, headers, timeout
        self.bodies.append(dict(parse_qsl(body.decode(), keep_blank_values=True)))
        return self.status

    def keys(self):
        """`leads[add]`, `contacts[update]` … in the order of arrival."""
        return ["".join(list(body)[3].partition("][")[:1]) + "]" for body in self.bodies]


def new_world(**how):
    world = World(seed=7, **how)
    world.amocrm.account(**ACCOUNT)
    world.amocrm.app(**CLIENT, uninstall_uri="https://mostik.test/oauth/amocrm/uninstall")
    world.amocrm.limits(domain=DOMAIN, on=False)
    return world


def query_of(url):
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def problems(answer):
    """`{request_id: [(code, path), …]}` of a refused batch."""
    assert answer.status_code == 400, answer.text
    found = answer.json()["validation-errors"]
    return {item["request_id"]: [(e["code"], e["path"]) for e in item["errors"]] for item in found}


def value(field_id, value):
    return {"field_id": field_id, "values": [{"value": value}]}


@pytest.fixture
def world():
    return new_world()


@pytest.fixture
def api(world):
    return Api(world)


def rows(answer, name):
    return answer.json()["_embedded"][name]
