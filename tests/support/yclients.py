"""A salon in the YCLIENTS emulator and raw HTTP to it, without any client of ours."""

import json

import pytest
import requests

from sandbox.world import World
from tests.support.wsgi_adapter import WsgiAdapter

BASE = "https://api.yclients.com"
SALON, STAFF, LASER, CARE = 41001, 81, 90001, 90021
FULL, CUT = "full-token", "cut-token"


class Raw:
    """`api.get("/records/41001")`; every answer is a `requests.Response`."""

    def __init__(self, session, partner="partner-token", user=FULL):
        self.session = session
        self.headers = {"Accept": "application/vnd.yclients.v2+json"}
        self.headers["Authorization"] = f"Bearer {partner}" + (f", User {user}" if user else "")

    def call(self, method, path, prefix="/api/v1", **more):
        return self.session.request(method, BASE + prefix + path, headers=self.headers, **more)

    def get(self, path, **query):
        return self.call("GET", path, params=query)

    def post(self, path, body):
        return self.call("POST", path, json=body)

    def put(self, path, body):
        return self.call("PUT", path, json=body)

    def delete(self, path):
        return self.call("DELETE", path)

    def data(self, path, **query):
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]


class Salon:
    """A world with one salon; `sent` holds every webhook that arrived, `answers` what the receiver says."""

    def __init__(self):
        self.sent = []
        self.statuses = []
        self.world = World(seed=7, post=self._receive)
        self.yclients = self.world.yclients
        self.yclients.limits(on=False)
        self.yclients.hooks(delay=0)
        self.session = requests.Session()
        self.session.mount(BASE, WsgiAdapter(self.world.yclients_wsgi))
        self.api = Raw(self.session)
        self._furnish()

    def _receive(self, url, body, headers, _timeout):
        assert headers["Content-Type"] == "application/json"
        self.sent.append((url, json.loads(body)))
        return self.statuses.pop(0) if self.statuses else 200

    def _furnish(self):
        categories = [{"id": 501, "title": "Эпиляция"}, {"id": 503, "title": "Косметология"}]
        services = [
            {"id": LASER, "category_id": 501, "title": "Лазер", "price": 2500, "duration": 1800},
            {"id": CARE, "category_id": 503, "title": "Чистка лица", "price": 4000, "duration": 5400},
        ]
        staff = [{"id": STAFF, "name": "Вера Образцова"}, {"id": 82, "name": "Инна Пробная"}]
        self.yclients.company(
            SALON, title="Тверская", categories=categories, services=services, staff=staff, group_id=9001
        )
        self.yclients.user(FULL, login="79000000001", password="secret-example")
        self.yclients.user(CUT, restricted=True)

    def book(self, day="2026-12-01", clock="10:00", **more):
        booking = {
            "company_id": SALON,
            "staff_id": STAFF,
            "datetime": f"{day} {clock}:00",
            "services": [{"id": LASER}],
            "client": {"name": "Мария", "phone": "+7 900 000-00-11"},
        }
        return self.yclients.ui_create(**{**booking, **more})

    def deliver(self):
        """What arrives now: the events of every address, arrays taken apart."""
        self.sent.clear()
        self.world.deliver()
        return [event for _url, body in self.sent for event in (body if isinstance(body, list) else [body])]


@pytest.fixture
def salon():
    return Salon()


@pytest.fixture
def api(salon):
    return salon.api


def new_record(**more):
    booking = {
        "staff_id": STAFF,
        "services": [{"id": LASER, "first_cost": 2500, "discount": 10, "cost": 2250}],
        "client": {"phone": "79000000022", "name": "Нина", "email": "n@example.test"},
        "save_if_busy": False,
        "datetime": "2026-12-02 14:30:00",
        "seance_length": 1800,
        "send_sms": False,
        "comment": "создано из карточки сделки",
        "api_id": "amo-lead-501",
    }
    return {**booking, **more}
