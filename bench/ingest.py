"""How many hooks a second are taken in, durably, compared with an empty route of the same server."""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench import salon
from bench.report import Figure
from bench.world import Office, World, free_port, office, postgres
from sandbox.demo.processes import ROOT, python

DEFAULT_SETTLE = 30  # seconds; what a new booking rests for by default
SLICES = 5
SLICE_SECONDS = 1.5
NAMES = ("ingest_ratio_postgres", "ingest_ratio_sqlite", "hooks_per_s_postgres", "hooks_per_s_sqlite")


@dataclass
class Target:
    """A server under load and how fast each slice of it was."""

    port: int
    path: str
    template: bytes
    rates: list[float] = field(default_factory=list)

    def slice(self, first: int, seconds: float) -> float:
        command = python("bench.loader", str(self.port), self.path, str(seconds), str(first))
        done = subprocess.run(command, cwd=ROOT, input=self.template, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the loader stopped: {done.stderr.decode()[-500:]}")
        told = json.loads(done.stdout)
        return float(told["requests"] / told["seconds"])


def run(world: World) -> Iterator[Figure]:
    with (
        postgres() as server,
        office(world, server.fresh_url(), "ingest.amocrm.ru", settle=DEFAULT_SETTLE) as at,
    ):
        yield from _figures("postgres", at)
    with office(
        world, f"sqlite:///{world.folder / 'ingest.db'}", "lite.amocrm.ru", settle=DEFAULT_SETTLE, number=1
    ) as at:
        yield from _figures("sqlite", at)


def _figures(engine: str, at: Office) -> Iterator[Figure]:
    hooks, empty = _compare(at)
    yield Figure(f"ingest_ratio_{engine}", hooks / empty, "of empty route", empty, hooks / empty)
    yield Figure(f"hooks_per_s_{engine}", hooks, "hooks/s", empty, hooks / empty)


def _compare(at: Office) -> tuple[float, float]:
    """Medians of alternating slices, so that a busy moment of the machine hits both sides."""
    world, environment = at.world, at.world.environment(at.url)
    hooks = Target(free_port(), f"/hooks/yclients/{at.branch.hook_secret}", _template(world.template))
    empty = Target(free_port(), "/", hooks.template)
    numbers = itertools.count(100_000_000, 100_000)
    with world.family() as family:
        world.start_gunicorn(family, "wsgi:app", hooks.port, environment)
        world.start_gunicorn(family, "bench.empty:app", empty.port, environment)
        for target in (hooks, empty):
            target.slice(next(numbers), 0.5)  # warm: connections, caches, the first pages of the log
        for _ in range(SLICES):
            for target in (empty, hooks):
                target.rates.append(target.slice(next(numbers), SLICE_SECONDS))
    return statistics.median(hooks.rates), statistics.median(empty.rates)


def _template(record: dict[str, Any]) -> bytes:
    """A hook's body with a mark where the numbers of the record, the client and the phone stand."""
    (hook,) = salon.hooks(record, [1])
    marked = json.dumps(hook, ensure_ascii=False)
    for value in (str(hook["resource_id"]), str(hook["data"]["client"]["id"])):
        marked = marked.replace(value, "@@")
    return marked.replace(hook["data"]["client"]["phone"], "79@@").encode()
