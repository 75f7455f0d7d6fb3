"""Everybody who takes part, as processes: both emulators with GET8 beside them, and the product."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

from redis import Redis

from sandbox.demo.errors import DemoError
from sandbox.demo.frame import Place
from sandbox.demo.http import Control
from sandbox.demo.play import Calm, Clock
from sandbox.demo.processes import Children
from sandbox.demo.product import Product
from sandbox.get8 import network
from sandbox.get8.settings import Style
from sandbox.migration.scene import Scene

CLOCK_KEY = "mostik:migration:clock"
OPENS = clock_time(10)
MOSCOW = ZoneInfo("Europe/Moscow")
CALM_SECONDS = 300.0
MOST_AT_ONCE = 1800.0


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

    def __init__(self, place: Place) -> None:
        self.place, self.product = place, Product(place)
        self.tokens = {company_id: secrets.token_urlsafe(16) for company_id in network.TITLES}

    def start(self, seed: int, style: Style) -> Scene:
        """Everybody but the product: it comes when the salons have a history."""
        self.redis_url = self.place.redis()
        redis = Redis.from_url(self.redis_url)
        redis.delete(CLOCK_KEY)
        self.place.start_sandbox("--get8-port", str(self.place.ports.guest), "--seed", str(seed))
        scene = self._scene(seed, style)
        self.place.wait_for_sandbox()
        self.clock = Clock(redis, CLOCK_KEY, scene.salons)
        self.clock.go_to(_next_morning())
        self.rest = Rest(scene, self.clock, self.product.metrics, self.place.children)
        return scene

    def _scene(self, seed: int, style: Style) -> Scene:
        ports = self.place.ports
        amocrm, yclients, get8 = map(ports.address, (ports.amocrm, ports.yclients, ports.guest))
        return Scene(
            crm=Control("amoCRM", amocrm),
            salons=Control("YCLIENTS", yclients),
            get8=Control("GET8", get8),
            amocrm=amocrm,
            yclients=yclients,
            get8_address=get8,
            seed=seed,
            style=style,
            partner=self.product.partner,
        )

    def open_product(self) -> None:
        tokens = {f"YC_{company_id}": token for company_id, token in self.tokens.items()}
        told = self.product.settings(self.redis_url, RECONCILE_SECONDS="60", CLOCK_KEY=CLOCK_KEY, **tokens)
        self.product.start(told)
        self.product.wait()

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
            self.place.children.check()
            if time.monotonic() > deadline:
                raise DemoError(f"nothing came of waiting for {seconds:.0f} s")
            time.sleep(1.0)


def _next_morning() -> datetime:
    """When the salons open: tomorrow, if they have opened today."""
    now = datetime.now(UTC).astimezone(MOSCOW)
    opens = datetime.combine(now.date(), OPENS, MOSCOW)
    return opens if opens > now else opens + timedelta(days=1)
