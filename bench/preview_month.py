"""How long rules are tried over a month of 10,000 bookings before they are saved."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from backend.core.rules.configuration import Configuration
from backend.flows.rules import configuration
from backend.flows.simulation import drafting, simulation
from backend.flows.simulation.drafting import Origin
from backend.store import db, drafts, past_bookings
from bench.network import DAYS, Network
from bench.report import Figure
from bench.world import World
from tests.support.postgres import postgres_server

NAMES = ("preview_month_s", "preview_month_sqlite_s")
MONTH = Path(__file__).with_name("month.sql")
ALL = 10_000
PASSES = 3


def run(world: World) -> Iterator[Figure]:
    """In one process, as the worker does it. SQLite is measured beside it, without a bound of its own."""
    with (
        postgres_server(shared_buffers="256MB") as server,
        month(server.fresh_url(), world.redis_url) as opened,
    ):
        yield measure(opened, "preview_month_s")
    with month(f"sqlite:///{world.folder / 'month.db'}", world.redis_url) as opened:
        yield measure(opened, "preview_month_sqlite_s")


@contextlib.contextmanager
def month(database_url: str, redis_url: str) -> Iterator[Network]:
    """A network of 20 salons whose bookings of the last days are ten thousand."""
    opened = Network(database_url, redis_url)
    try:
        opened.live()
        _multiply(opened)
        yield opened
    finally:
        opened.close()


def measure(opened: Network, name: str) -> Figure:
    """The best of three: what else the machine does is nobody's figure."""
    times, tally = [], None
    for _ in range(PASSES):
        draft_id = _draft(opened)
        started, is_done = time.perf_counter(), False
        while not is_done:
            draft = drafts.get(opened.account.id, draft_id)
            assert draft is not None
            _, is_done = simulation.go_on(opened.ctx, draft, simulation.AT_A_TIME)
        times.append(time.perf_counter() - started)
        draft = drafts.get(opened.account.id, draft_id)
        assert draft is not None
        tally = simulation.found(draft)
        assert tally.known >= ALL, (tally.known, tally.unread)
        assert tally.differing, "the draft changes nothing"
    assert tally is not None
    return Figure(
        name,
        min(times),
        "s",
        detail=f"{tally.known} bookings, {tally.looked} decided twice, {tally.differing} go another way",
    )


def _draft(opened: Network) -> int:
    rules = configuration.current(opened.account.id)
    return drafting.of_rules(opened.ctx, opened.account, _changed(rules), 1, Origin("bench"))


def _changed(rules: Configuration) -> Configuration:
    """What people try: one direction joins another in every salon, a route gets another person."""
    first, second, *rest = rules.directions
    categories = {
        company: second.categories[company] | first.categories[company] for company in first.categories
    }
    directions = (replace(first, categories={}), replace(second, categories=categories), *rest)
    routes = (*rules.routes[:-1], replace(rules.routes[-1], responsible_id=7000005))
    return replace(rules, directions=directions, routes=routes)


def _multiply(opened: Network) -> None:
    lived = past_bookings.count(opened.account.id, opened.now() - timedelta(days=DAYS))
    named = {"account": opened.account.id, "copies": -(-ALL // lived)}
    script = MONTH.read_text(encoding="utf-8")
    for name, value in named.items():
        script = script.replace(f":{name}", str(value))
    with db.atomic() if db.is_sqlite() else contextlib.nullcontext():
        for statement in script.split(";\n"):
            db.run(statement)
    if not db.is_sqlite():
        db.run("ANALYZE")
