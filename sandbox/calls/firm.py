"""Everybody who takes part, as processes; how people install, configure and use the product."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
import yaml

from sandbox.demo.errors import DemoError
from sandbox.demo.frame import Place, say_places
from sandbox.demo.http import Control, pending
from sandbox.demo.product import CLIENT_ID, Product

FIRM = Path(__file__).with_name("firm.yaml")
REST_SECONDS = 60.0
LOOK_SECONDS = 0.1
QUIET_LOOKS = 5
Plain = dict[str, Any]


class Firm:
    """`users`: phone → amoCRM's user."""

    def __init__(self, place: Place) -> None:
        self.place, self.product = place, Product(place)
        self.amocrm = place.ports.address(place.ports.amocrm)
        self.crm = Control("amoCRM", self.amocrm)
        self.salons = Control("YCLIENTS", place.ports.address(place.ports.yclients))
        told: Plain = yaml.safe_load(FIRM.read_text(encoding="utf-8"))
        self.domain: str = told["domain"]
        self.account: Plain = {"domain": self.domain, **told["amocrm"]}
        self.document: str = told["configuration"]
        people = yaml.safe_load(self.document)["telephony"]["people"]
        self.users = {str(one["extension"]): int(one["user"]) for one in people}
        self.monitor = place.folder / "monitor"
        """Where the exchange leaves what it records."""
        self.monitor.mkdir(exist_ok=True)

    # Beginning

    def start(self) -> None:
        redis_url = self.place.redis()
        self.place.start_sandbox("--widget", str(self.product.widget()))
        self.product.start(self._settings(redis_url))
        self.place.wait_for_sandbox()
        self.salons("partner", token=self.product.partner)
        self.crm("account", **self.account)
        self.product.wait()

    def _settings(self, redis_url: str) -> dict[str, str]:
        return self.product.settings(
            redis_url,
            RECORDINGS_DIR=str(self.place.folder / "recordings"),
            RECORDINGS_FROM=str(self.monitor),
            PRIVATE_NETWORKS="127.0.0.0/8 ::1",
            TABLES_FROM=str(self.monitor.parents[1]),
        )

    def install(self) -> None:
        self.product.install(self.crm, self.domain)
        self.crm("widget/save", domain=self.domain, client_id=CLIENT_ID, fields={})
        self.rest()
        document = self.place.folder / "calls.yaml"
        document.write_text(self.document, encoding="utf-8")
        self.product.flask("config", "import", self.domain, str(document))

    def connect(self, fields: Mapping[str, str]) -> str:
        """An exchange, as an administrator fills in the screen; returns what its dialplan asks."""
        given = json.dumps({"title": "Офис", "is_on": "on", **fields})
        made: Plain = json.loads(self.product.flask("telephony", "pbx", self.domain, "office", typed=given))
        self.product.flask(
            "telephony", "recordings", self.domain, "office", typed=json.dumps({"folder": "."})
        )
        return str(made["door"])

    def wait_until_connected(self) -> None:
        deadline = time.monotonic() + REST_SECONDS
        while True:
            (state,) = json.loads(self.product.flask("telephony", "state", self.domain))
            if state["connected_since"]:
                return
            if time.monotonic() > deadline:
                raise DemoError(f"the exchange is not connected: {state['trouble']} {state['details']}")
            time.sleep(1.0)

    # People

    def ticket(self, user_id: int) -> str:
        """What this person's widget asks for when the page opens."""
        return str(self._widget("calls/ticket", user_id)["url"])

    def click(self, user_id: int, number: str) -> Plain:
        """A press on a number in a card."""
        return self._widget("calls/dial", user_id, number=number)

    def _widget(self, verb: str, user_id: int, **sent: object) -> Plain:
        asked = self.crm("widget/token", domain=self.domain, client_id=CLIENT_ID, user_id=user_id)
        headers = {"X-Auth-Token": asked["token"], "Origin": self.amocrm}
        answer = requests.post(
            f"{self.product.address}/widget/{verb}", json=sent, headers=headers, timeout=30
        )
        if not answer.ok:
            raise DemoError(f"the widget was refused {verb}: {answer.status_code} {answer.text[:200]}")
        found: Plain = answer.json()
        return found

    # What there is to see

    def rest(self, after: float = 0.0) -> None:
        """Until nothing is left to do; a call counts as over only some moments `after` its last sound."""
        time.sleep(after)
        deadline, quiet = time.monotonic() + REST_SECONDS, 0
        while quiet < QUIET_LOOKS:
            self.place.children.check()
            quiet = 0 if self._left() else quiet + 1
            if time.monotonic() > deadline:
                raise DemoError(f"no rest after {REST_SECONDS:.0f} s: {self._left()} events are pending")
            time.sleep(LOOK_SECONDS)

    def state(self) -> Plain:
        found: Plain = self.crm.read("state", domain=self.domain)
        return found

    def tell(self) -> None:
        say_places(
            [
                ("Список сделок: карточки всплывают здесь", f"{self.amocrm}/{self.domain}/leads/list/"),
                ("Песочница", f"{self.amocrm}/"),
                *self.product.doors(),
                ("Журналы процессов", str(self.place.folder)),
            ]
        )

    def _left(self) -> int:
        return pending(self.product.metrics) + len(self.crm.read("hooks/pending"))
