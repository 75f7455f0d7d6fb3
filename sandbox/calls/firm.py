"""Everybody who takes part, as processes; how people install, configure and use the product."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from deploy.build_widget import build
from sandbox.demo.driver import KEPT, say
from sandbox.demo.errors import DemoError
from sandbox.demo.http import Control, text_of
from sandbox.demo.processes import ROOT, Children, check_port, python, run
from sandbox.demo.servers import Servers

FIRM = Path(__file__).with_name("firm.yaml")
CLIENT_ID = "11111111-2222-4333-8444-777777777777"
REST_SECONDS = 60.0
LOOK_SECONDS = 0.1
QUIET_LOOKS = 5
PENDING = "mostik_events_pending"
LOGIN = "demo"
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ports:
    web: int

    @property
    def amocrm(self) -> int:
        return self.web + 1

    @property
    def yclients(self) -> int:
        return self.web + 2

    @property
    def pbx(self) -> int:
        return self.web + 3

    @property
    def stream(self) -> int:
        return self.web + 4

    def check(self) -> None:
        for port in (self.web, self.amocrm, self.yclients, self.pbx, self.stream):
            check_port(port)

    def address(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"


class Firm:
    """`users`: phone → amoCRM's user."""

    def __init__(self, ports: Ports, folder: Path, children: Children, servers: Servers) -> None:
        self.ports, self.folder, self.children, self.servers = ports, folder, children, servers
        self.web, self.amocrm = ports.address(ports.web), ports.address(ports.amocrm)
        self.crm = Control("amoCRM", self.amocrm)
        self.salons = Control("YCLIENTS", ports.address(ports.yclients))
        told: Plain = yaml.safe_load(FIRM.read_text(encoding="utf-8"))
        self.domain: str = told["domain"]
        self.account: Plain = {"domain": self.domain, **told["amocrm"]}
        self.document: str = told["configuration"]
        people = yaml.safe_load(self.document)["telephony"]["people"]
        self.users = {str(one["extension"]): int(one["user"]) for one in people}
        self.monitor = folder / "monitor"
        """Where the exchange leaves what it records."""
        self.monitor.mkdir(exist_ok=True)
        self.environment: dict[str, str] = {}

    # Beginning

    def start(self) -> None:
        redis_url = self.servers.redis or self.children.redis()
        archive = self.folder / "widget.zip"
        build(ROOT, self.web, archive)
        sandbox = ["--amocrm-port", str(self.ports.amocrm), "--yclients-port", str(self.ports.yclients)]
        self.children.start("sandbox", python("sandbox", *sandbox, "--widget", str(archive)))
        self.environment = self._settings(redis_url)
        self.children.start("product", python("backend.run"), self.environment)
        self.children.wait_for(f"{self.salons.address}/__control/counts")
        self.salons("partner", token=self.environment["YCLIENTS_PARTNER_TOKEN"])
        self.crm("account", **self.account)
        self.children.wait_for(f"{self.web}/ready")

    def install(self) -> None:
        callback, gone = f"{self.web}/oauth/amocrm/callback", f"{self.web}/oauth/amocrm/uninstall"
        secret = self.environment["AMOCRM_CLIENT_SECRET"]
        self.crm("app", client_id=CLIENT_ID, client_secret=secret, redirect_uri=callback, uninstall_uri=gone)
        answer = self.crm("install", domain=self.domain, client_id=CLIENT_ID, way="server")
        if answer["status"] not in (200, 201, 204, 302):
            raise DemoError(f"the product refused the installation with status {answer['status']}")
        self.crm("widget/save", domain=self.domain, client_id=CLIENT_ID, fields={})
        self.rest()
        document = self.folder / "calls.yaml"
        document.write_text(self.document, encoding="utf-8")
        self.flask("config", "import", self.domain, str(document))

    def connect(self, fields: Mapping[str, str]) -> str:
        """An exchange, as an administrator fills in the screen; returns what its dialplan asks."""
        given = json.dumps({"title": "Офис", "is_on": "on", **fields})
        made: Plain = json.loads(self.flask("telephony", "pbx", self.domain, "office", typed=given))
        self.flask("telephony", "recordings", self.domain, "office", typed=json.dumps({"folder": "."}))
        return str(made["door"])

    def wait_until_connected(self) -> None:
        deadline = time.monotonic() + REST_SECONDS
        while True:
            (state,) = json.loads(self.flask("telephony", "state", self.domain))
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
        answer = requests.post(f"{self.web}/widget/{verb}", json=sent, headers=headers, timeout=30)
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
            self.children.check()
            quiet = 0 if self._left() else quiet + 1
            if time.monotonic() > deadline:
                raise DemoError(f"no rest after {REST_SECONDS:.0f} s: {self._left()} events are pending")
            time.sleep(LOOK_SECONDS)

    def state(self) -> Plain:
        found: Plain = self.crm.read("state", domain=self.domain)
        return found

    def tell(self) -> None:
        """Where to look."""
        say("")
        password = secrets.token_urlsafe(9)
        self.flask("operator", "add", LOGIN, "--password-stdin", typed=password)
        for title, address in (
            ("Список сделок: карточки всплывают здесь", f"{self.amocrm}/{self.domain}/leads/list/"),
            ("Песочница", f"{self.amocrm}/"),
            ("Вход в панель одним нажатием", self.flask("operator", "link", LOGIN).strip()),
            ("Вход в панель по паролю", f"{LOGIN}, пароль {password}"),
            ("Журналы процессов", str(self.folder)),
        ):
            say(f"{title + ':':<44}{address}")

    def flask(self, *arguments: str, typed: str = "") -> str:
        command = python("flask", "--app", "wsgi", *arguments)
        return run(command, self.environment, self.folder / "commands.log", typed)

    def _left(self) -> int:
        text = text_of(f"{self.web}/metrics")
        if text is None:
            raise DemoError("the product does not answer")
        values = [float(line.split()[-1]) for line in text.splitlines() if line.startswith(PENDING)]
        return int(sum(values)) + len(self.crm.read("hooks/pending"))

    def _settings(self, redis_url: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        return {
            **kept,
            "PUBLIC_URL": self.web,
            "WEB_BIND": f"127.0.0.1:{self.ports.web}",
            "STREAM_BIND": f"127.0.0.1:{self.ports.stream}",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": self.servers.database_in(self.folder),
            "REDIS_URL": redis_url,
            "AMOCRM_CLIENT_ID": CLIENT_ID,
            "AMOCRM_CLIENT_SECRET": secrets.token_urlsafe(32),
            "AMOCRM_API_URL": f"{self.amocrm}/{{domain}}",
            "AMOCRM_OAUTH_URL": f"{self.amocrm}/oauth",
            "YCLIENTS_API_URL": f"{self.salons.address}/api/v1",
            "YCLIENTS_PARTNER_TOKEN": secrets.token_urlsafe(16),
            "SWEEP_SECONDS": "0.2",
            "RECORDINGS_DIR": str(self.folder / "recordings"),
            "RECORDINGS_FROM": str(self.monitor),
            "PRIVATE_NETWORKS": "127.0.0.0/8 ::1",
            "TABLES_FROM": str(self.monitor.parents[1]),
            "PYTHONUNBUFFERED": "1",
        }
