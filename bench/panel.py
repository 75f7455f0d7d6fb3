"""How long the slowest screen of the panel takes when a million events are stored."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from functools import partial

from backend.flows.rules import configuration
from backend.flows.simulation import drafting
from backend.flows.simulation.drafting import Origin
from backend.flows.works import long_work
from backend.flows.works.long_steps import CATALOGUE
from backend.store import db
from bench import card, card_action
from bench.network import CLIENTS, DOMAIN, SALONS, TITLES, Browser, Network, network, p95, timed
from bench.report import Figure
from bench.world import World
from tests.support import screens
from tests.support.postgres import postgres_server

NAMES = ("admin_p95_ms", "card_p95_ms", "card_action_p95_ms", "admin_p95_sqlite_ms")
WARM, ROUNDS, PASSES = 3, 30, 3
HOME = f"/admin/accounts/{DOMAIN}"
JOURNAL, WHY, PREVIEW = f"{HOME}/events", f"{HOME}/why", f"{HOME}/preview"
SHOWN = 3  # of the slowest screens
# Pages of somebody who is not signed in, and one that needs a category of this network.
SAID_OTHERWISE = ("admin.sign_in", "admin.second_step", "admin.enter", "admin.category_services")


def run(world: World) -> Iterator[Figure]:
    """The card is asked in the same store. SQLite is measured beside it, without a bound of its own."""
    with (
        postgres_server(shared_buffers="256MB", max_wal_size="4GB", checkpoint_timeout="30min") as server,
        network(server.fresh_url(), world.redis_url) as opened,
    ):
        yield _slowest("admin_p95_ms", measure(opened))
        value, slowest = card.measure(opened)
        yield Figure("card_p95_ms", value, "ms", detail=f"slowest of all {slowest:.0f} ms; {_load()}")
        value, slowest = card_action.measure(opened)
        told = f"without the vendor's time; slowest of all {slowest:.0f} ms; {_load()}"
        yield Figure("card_action_p95_ms", value, "ms", detail=told)
    with network(f"sqlite:///{world.folder / 'panel.db'}", world.redis_url) as opened:
        yield _slowest("admin_p95_sqlite_ms", measure(opened))


def _slowest(name: str, found: dict[str, float]) -> Figure:
    ordered = sorted(found, key=lambda path: found[path], reverse=True)
    told = ", ".join(f"{path} {found[path]:.0f}" for path in ordered[:SHOWN])
    return Figure(name, found[ordered[0]], "ms", detail=f"{len(found)} pages; slowest: {told}; {_load()}")


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def measure(opened: Network) -> dict[str, float]:
    """Address → the middle of three 95th percentiles, in milliseconds. Passes go over all screens, so that a
    busy moment of the machine meets one pass of a screen and not all of them.
    """
    browser = Browser(opened)
    paths = addresses(opened)
    found: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(PASSES):
        for path in paths:
            times = [timed(partial(_open, browser, path)) for _ in range(WARM + ROUNDS)]
            found[path].append(p95(times[WARM:]) * 1000)
    return {path: statistics.median(passes) for path, passes in found.items()}


def _open(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    assert len(answer.data) > 0


def addresses(opened: Network) -> list[str]:
    """Every page of the route map, and the questions that people ask of some of them."""
    return list(dict.fromkeys([*_pages(opened), *_questions(opened)]))


def _pages(opened: Network) -> Iterator[str]:
    account = opened.account.id
    sql = (
        "SELECT max(id) FROM inbound_events WHERE account_id = %s AND reason = 'updated' AND status = 'done'"
    )
    known = {
        "domain": DOMAIN,
        "event_id": db.rows(sql, (account,))[0][0],
        "company_id": SALONS[0],
        "work_id": long_work.start(opened.ctx, account, CATALOGUE, {}, "bench"),
        "draft_id": _draft(opened),
        "login": "bench",
        "number": 2,
        "pipeline_id": 8001,
        "deed": "off",
        "what": "amocrm",
    }
    for endpoint, path in screens.pages(opened.app, known):
        if endpoint not in SAID_OTHERWISE:
            yield path


def _draft(opened: Network) -> int:
    """The version in force, held against the one before."""
    account, number = opened.account, configuration.number(opened.account.id)
    rules = configuration.version(account.id, number)
    return drafting.of_rules(opened.ctx, account, rules, number - 1, Origin("bench"))


def _questions(opened: Network) -> Iterator[str]:
    """About the youngest booking, the regular client, whoever shares her first name, and the last day."""
    sql = "SELECT key, record_id FROM bookings WHERE account_id = %s ORDER BY starts_at DESC, id LIMIT 1"
    ((key, record),) = db.rows(sql, (opened.account.id,))
    full, day = CLIENTS[0].replace(" ", "+"), f"{opened.now():%Y-%m-%d}"
    first, phone = full.partition("+")[0], "%2B79990000000"
    journal = ("what=all", "status=done", "status=trouble", "status=waiting", "branch=1&status=rejected")
    yield from (f"{JOURNAL}?{asked}" for asked in (*journal, f"text={record}", f"text={full}", f"day={day}"))
    yield from (f"{WHY}?q={asked}" for asked in (record, full, first, phone))
    yield from (f"{PREVIEW}?{asked}" for asked in (f"q={full}", f"day={day}", f"key={key}"))
    yield from (f"{HOME}/directions?q={TITLES[0]}", f"{HOME}/directions/services?card={SALONS[0]}:1001")
    yield from (f"{HOME}/audit?person=operator7", "/admin/audit?action=account.paused")
    yield "/admin/accounts?mood=late"
