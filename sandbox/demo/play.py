"""The day goes by: steps of staff and managers, troubles of hooks, and the clock that everybody shares."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from redis import Redis

from sandbox.demo.checker import key_of
from sandbox.demo.errors import DemoError
from sandbox.demo.http import Control, pending
from sandbox.demo.stage import Stage

CALM_SECONDS = 60.0
STEP = 45.0
"""How far the clock goes while somebody waits for a settle time; the longest one is five minutes."""
LOOK_SECONDS = 0.1
Plain = dict[str, Any]


class Clock:
    """One offset for the product (a key in Redis) and for the sandbox (its control address)."""

    def __init__(self, redis: Redis, key: str, control: Control) -> None:
        self.redis = redis
        self.key = key
        self.control = control
        self.offset = 0.0

    def advance(self, seconds: float) -> None:
        self.offset += seconds
        self.redis.set(self.key, self.offset)
        self.control("clock", offset=self.offset)

    def follow(self) -> None:
        """Somebody may have moved the sandbox's clock on its page: the product's goes along."""
        offset = float(self.control("clock")["offset"])
        if offset != self.offset:
            self.offset = offset
            self.redis.set(self.key, offset)

    def go_to(self, moment: datetime) -> None:
        """Never backwards: a day that took longer than planned goes on from where it is."""
        ahead = moment.timestamp() - (time.time() + self.offset)
        if ahead > 0:
            self.advance(ahead)


class Services(Protocol):
    """Whoever has both emulators at hand."""

    @property
    def crm(self) -> Control: ...

    @property
    def salons(self) -> Control: ...


class Calm:
    """Waiting until nothing is left to do: hooks on their way, events stored and not handled."""

    def __init__(
        self,
        stage: Services,
        clock: Clock,
        metrics: str,
        alive: Callable[[], None],
        most: float = CALM_SECONDS,
    ) -> None:
        self.stage = stage
        self.most = most
        self.clock = clock
        self.metrics = metrics
        self.alive = alive

    def wait(self) -> None:
        deadline = time.monotonic() + self.most
        quiet = 0
        while quiet < 2:
            if time.monotonic() > deadline:
                raise DemoError(
                    f"no rest after {self.most:.0f} s: {self._pending()} events are still pending"
                )
            quiet = 0 if self.step() else quiet + 1
            time.sleep(LOOK_SECONDS)

    def step(self) -> int:
        """How much is left; the clock goes on while anything is, so that settle times pass."""
        self.alive()
        left = self._on_their_way() + self._pending()
        if left:
            self.clock.advance(STEP)
        return left

    def _on_their_way(self) -> int:
        queued = len(self.stage.salons.read("hooks/pending")) + len(self.stage.crm.read("hooks/pending"))
        return queued + int(self.stage.salons.read("counts")["flying"])

    def _pending(self) -> int:
        return pending(self.metrics)


class Play:
    """The verbs of the script. Each is one deed of one person."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.salons = stage.salons

    def do(self, verb: str, given: Any) -> None:
        deeds: dict[str, Callable[[Any], object]] = {
            "create": self.stage.create,
            "hooks": lambda settings: self.salons("hooks", **settings),
            "edit": self._edit,
            "move": self._move,
            "attend": self._edit,
            "pay": self._pay,
            "delete": self._delete,
            "crm_move": self._crm_move,
        }
        if verb not in deeds:
            raise DemoError(f"the script names an unknown step: {verb}")
        deeds[verb](given)

    def _edit(self, given: Plain) -> None:
        changes = {name: value for name, value in given.items() if name != "id"}
        self.salons("ui/edit", **self.stage.where(given["id"]), **changes)

    def _move(self, given: Plain) -> None:
        changes = {name: value for name, value in given.items() if name not in ("id", "when")}
        wall = self.stage.day.wall(given["when"])
        self.salons("ui/move", **self.stage.where(given["id"]), datetime=wall, **changes)

    def _pay(self, given: Plain) -> None:
        self.salons("ui/pay", **self.stage.where(given["id"]), amount=given["amount"])

    def _delete(self, given: Plain) -> None:
        self.salons("ui/delete", **self.stage.where(given["id"]))

    def _crm_move(self, given: Plain) -> None:
        """A manager drags the card of a booking; without the card there is nothing to drag."""
        where = self.stage.where(given["booking"])
        key = f"yclients:{where['company_id']}:{where['record_id']}"
        lead = next((lead for lead in self.stage.state()["leads"] if key_of(lead) == key), None)
        if lead is not None:
            self.stage.crm(
                "ui/move",
                domain=self.stage.day.domain,
                user_id=given["user"],
                lead_id=lead["id"],
                stage_id=given["stage"],
            )
