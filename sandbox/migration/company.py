"""Everybody who takes part, as processes: both emulators with GET8 beside them, and the product."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

from redis import Redis

from sandbox.demo.driver import KEPT
from sandbox.demo.errors import DemoError
from sandbox.demo.http import Control
from sandbox.demo.play import Calm, Clock
from sandbox.demo.processes import Children, check_port, python
from sandbox.demo.servers import Servers
from sandbox.get8 import network
from sandbox.get8.settings import Style
from sandbox.migration.scene import Scene

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
CLOCK_KEY = "mostik:migration:clock"
OPENS = clock_time(10)
MOSCOW = ZoneInfo("Europe/Moscow")
CALM_SECONDS = 300.0
MOST_AT_ONCE = 1800.0


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
    def get8(self) -> int:
        return self.web + 3

    @property
    def stream(self) -> int:
        return self.web + 4

    def check(self) -> None:
        for port in (self.web, self.amocrm, self.yclients, self.get8, self.stream):
            check_port(port)

    def address(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"


class Rest(Calm):
    """Rest also means that GET8 has nothing left to do."""

    def __init__(self, scene: Scene, clock: Clock, metrics: str, children: Children) -> None:
        super().__init__(scene, clock, metrics, children.check, CALM_SECONDS)
        self.scene = scene
        self.get8_waits = 0

    def step(self) -> int:
        """The clock stands while GET8 is at work: our minutes would be its hours."""
        told = self.scene.get8("waiting")
        self.get8_waits = int(told["waiting"])
        return 1 if told["is_busy"] else super().step()

    def _on_their_way(self) -> int:
        return super()._on_their_way() + self.get8_waits


class Company:
    """Starts everybody and lets time pass; `scene` is the world without the product."""

    def __init__(self, ports: Ports, folder: Path, children: Children, servers: Servers) -> None:
        self.ports, self.folder, self.children, self.servers = ports, folder, children, servers
        self.web = ports.address(ports.web)
        self.client_secret = secrets.token_urlsafe(32)
        self.tokens = {company_id: secrets.token_urlsafe(16) for company_id in network.TITLES}
        self.environment: dict[str, str] = {}

    def start(self, seed: int, style: Style) -> Scene:
        redis_url = self.servers.redis or self.children.redis()
        redis = Redis.from_url(redis_url)
        redis.delete(CLOCK_KEY)
        ports, address = self.ports, self.ports.address
        arguments = ["--amocrm-port", str(ports.amocrm), "--yclients-port", str(ports.yclients)]
        arguments += ["--get8-port", str(ports.get8), "--seed", str(seed)]
        self.children.start("sandbox", python("sandbox", *arguments))
        scene = Scene(
            crm=Control("amoCRM", address(ports.amocrm)),
            salons=Control("YCLIENTS", address(ports.yclients)),
            get8=Control("GET8", address(ports.get8)),
            amocrm=address(ports.amocrm),
            yclients=address(ports.yclients),
            get8_address=address(ports.get8),
            seed=seed,
            style=style,
        )
        self.children.wait_for(f"{address(ports.yclients)}/__control/counts")
        self.clock = Clock(redis, CLOCK_KEY, scene.salons)
        self.clock.go_to(_next_morning())
        self.environment = self._settings(redis_url, scene.partner)
        self.rest = Rest(scene, self.clock, f"{self.web}/metrics", self.children)
        return scene

    def open_product(self) -> None:
        self.children.start("product", python("backend.run"), self.environment)
        self.children.wait_for(f"{self.web}/ready")

    # Time

    def go_to_hour(self, hour: int, days: int = 0) -> None:
        """Moscow's clock, never backwards: an hour that has passed today is that of tomorrow."""
        now = datetime.fromtimestamp(time.time() + self.clock.offset, MOSCOW)
        wanted = datetime.combine(now.date() + timedelta(days=days), clock_time(hour), MOSCOW)
        self.clock.go_to(wanted)

    def pass_time(self, seconds: float) -> None:
        """In steps of some minutes, so that nobody is late for what falls due in them."""
        while seconds > 0:
            self.clock.advance(min(seconds, MOST_AT_ONCE))
            self.rest.wait()
            seconds -= MOST_AT_ONCE

    def until(self, is_so: Callable[[], bool], seconds: float) -> None:
        """Wait for something that the product does by itself, on the real clock."""
        deadline = time.monotonic() + seconds
        while not is_so():
            self.children.check()
            if time.monotonic() > deadline:
                raise DemoError(f"nothing came of waiting for {seconds:.0f} s")
            time.sleep(1.0)

    def _settings(self, redis_url: str, partner: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        address = self.ports.address
        return {
            **kept,
            "PUBLIC_URL": self.web,
            "WEB_BIND": f"127.0.0.1:{self.ports.web}",
            "STREAM_BIND": f"127.0.0.1:{self.ports.stream}",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": self.servers.database_in(self.folder),
            "REDIS_URL": redis_url,
            "AMOCRM_CLIENT_ID": CLIENT_ID,
            "AMOCRM_CLIENT_SECRET": self.client_secret,
            "AMOCRM_API_URL": f"{address(self.ports.amocrm)}/{{domain}}",
            "AMOCRM_OAUTH_URL": f"{address(self.ports.amocrm)}/oauth",
            "YCLIENTS_API_URL": f"{address(self.ports.yclients)}/api/v1",
            "YCLIENTS_PARTNER_TOKEN": partner,
            "SWEEP_SECONDS": "0.2",
            "RECONCILE_SECONDS": "60",
            "CLOCK_KEY": CLOCK_KEY,
            "PYTHONUNBUFFERED": "1",
            **{f"YC_{company_id}": token for company_id, token in self.tokens.items()},
        }


def _next_morning() -> datetime:
    """When the salons open: tomorrow, if they have opened today."""
    now = datetime.now(UTC).astimezone(MOSCOW)
    opens = datetime.combine(now.date(), OPENS, MOSCOW)
    return opens if opens > now else opens + timedelta(days=1)
