"""Both services, one clock, one queue of outgoing hooks; for tests and for the server process."""

from __future__ import annotations

import heapq
import importlib
import itertools
import random
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import requests

from sandbox.amocrm.app import create_app as create_amocrm_app
from sandbox.amocrm.control import AmoCrm
from sandbox.clock import Clock
from sandbox.page.mount import mount, mount_journal
from sandbox.sender import Post, Sender, new_session, post_by

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Get = Callable[[str, float], int]
CONNECTIONS = frozenset({"http", "get", "amocrm_wsgi", "_yclients_wsgi"})


class World:
    """`post(url, body, headers, timeout)` and `get(url, timeout)` return a status; both use `self.http`
    when they are not given."""

    def __init__(self, seed: int = 1, post: Post | None = None, get: Get | None = None) -> None:
        self.seed = seed
        self.random = random.Random(seed)  # noqa: S311  # a repeatable choice is the point
        self.clock = Clock()
        self.http = new_session()
        self.sender = Sender(self.clock, self.random, post or post_by(self.http))
        self.get = get or self._get
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timer_order = itertools.count()
        self._timer_lock = threading.Lock()
        self._services_lock = threading.RLock()
        self.amocrm = AmoCrm(self)
        self._yclients: Yclients | None = None
        self._open_doors()

    def _open_doors(self) -> None:
        self.amocrm_wsgi: Wsgi = mount(self, create_amocrm_app(self))
        self._yclients_wsgi: Wsgi | None = None

    # A copy of a world (by pickle) has connections of its own.

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in CONNECTIONS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.http, self.get = new_session(), self._get
        self.sender.post = post_by(self.http)
        self._open_doors()

    # The YCLIENTS half is made on first use: a test of one service does not pay for the other.

    @property
    def yclients(self) -> Yclients:
        with self._services_lock:
            if self._yclients is None:
                self._yclients = importlib.import_module("sandbox.yclients.state").Yclients(self)
            return self._yclients

    @property
    def yclients_wsgi(self) -> Wsgi:
        with self._services_lock:
            if self._yclients_wsgi is None:
                api = importlib.import_module("sandbox.yclients.app").create_app(self)
                self._yclients_wsgi = mount_journal(self, api)
            return self._yclients_wsgi

    def _get(self, url: str, timeout: float) -> int:
        try:
            return self.http.get(url, timeout=timeout, allow_redirects=False).status_code
        except requests.RequestException:
            return 0

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something when the virtual clock has moved on by so much."""
        with self._timer_lock:
            heapq.heappush(self._timers, (self.clock.now() + seconds, next(self._timer_order), act))

    @property
    def timers(self) -> int:
        with self._timer_lock:
            return len(self._timers)

    def run_timers(self) -> None:
        while self._timers and self._timers[0][0] <= self.clock.now():
            with self._timer_lock:
                if not self._timers or self._timers[0][0] > self.clock.now():
                    return
                act = heapq.heappop(self._timers)[2]
            act()

    def forget_timers(self) -> None:
        with self._timer_lock:
            self._timers.clear()

    def deliver(self) -> int:
        """Run robots and send hooks that are due, in this thread; returns the number of hooks sent."""
        total = 0
        while True:
            self.run_timers()
            sent = self.sender.deliver()
            if not sent:
                return total
            total += sent
