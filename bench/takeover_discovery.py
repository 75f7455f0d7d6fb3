"""What reading both systems before a move costs: requests against the fewest, our own seconds, memory.

The past of two years is invented by the sandbox's stand-in for the former widget; the emulators limit nothing
here and our own pace is taken away, so that seconds are those of the work and not of waiting.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from backend import wiring
from backend.flows.accounts import accounts as account_flow
from backend.flows.context import Context
from backend.flows.road import inbox
from backend.flows.rules import configuration_import
from backend.flows.takeover.reading import discovery
from backend.flows.vendors import clients
from backend.flows.works import long_work
from backend.settings import Settings
from backend.store import accounts, lanes, long_works, migrate, takeover_found, takeover_pulls
from backend.store import mirror as index
from bench import salon
from bench.report import Figure
from bench.world import CLIENT_ID, CLIENT_SECRET, World
from sandbox.amocrm.journal import collection
from sandbox.get8 import network
from sandbox.get8.history import invent
from sandbox.get8.past import Writer
from sandbox.get8.settings import Layout, Setup, Style

NAMES = ("migration_requests_ratio", "migration_discovery_s", "migration_discovery_mb")
DOMAIN = "tri.amocrm.ru"
RECORDS = 20_000
LIMITS = {"events": 100}  # rows of a page where it is not 250
NO_WAITING = ((100_000, 1.0), (1_000_000, 60.0))
MEGABYTE = 1_000_000


@dataclass
class Meter:
    """Seconds inside requests, and the most memory this process has had."""

    session: requests.Session
    inside: float = 0.0

    def __post_init__(self) -> None:
        send = self.session.send

        def timed(request: Any, **more: Any) -> Any:
            started = time.perf_counter()
            try:
                return send(request, **more)
            finally:
                self.inside += time.perf_counter() - started

        self.session.send = timed  # type: ignore[method-assign]


def run(world: World) -> Iterator[Figure]:
    before, clients.YCLIENTS_WINDOWS = clients.YCLIENTS_WINDOWS, NO_WAITING
    try:
        yield from _measured(world)
    finally:
        clients.YCLIENTS_WINDOWS = before


def _measured(world: World) -> Iterator[Figure]:
    _past(world)
    ctx = _product(world)
    meter, began = Meter(ctx.session), time.perf_counter()
    before = _last(world)
    account = _installed(world, ctx)
    asked = _asked(world, before, ("leads", "contacts"))
    before = _last(world)
    start_rss = _rss()
    work_id = discovery.start(ctx, account, "bench")
    sizes = list(_go_on(ctx, account, work_id))
    wall = time.perf_counter() - began
    work = long_works.get(work_id)
    assert work is not None
    assert work.state == "done", work.note
    asked += _asked(world, before)
    fewest = {name: -(-rows // LIMITS.get(name, 250)) + 1 for name, rows in _rows(account).items()}
    unknown = set(asked) - set(fewest)
    assert not unknown, unknown
    rows = sum(pull.found for pull in discovery.progress(account).pulls)
    worst = max(asked, key=lambda name: asked[name] / fewest[name])
    yield Figure(
        "migration_requests_ratio",
        asked[worst] / fewest[worst],
        "",
        detail=f"the worst collection is {worst}: {asked[worst]}; all: {sum(asked.values())} requests, "
        f"{sum(fewest.values())} is the least",
    )
    yield Figure(
        "migration_discovery_s", wall - meter.inside, "s",
        detail=f"{index.count(account, 'leads')} leads, {rows} rows; vendors' answers {meter.inside:.0f} s",
    )  # fmt: skip
    middle = max(sizes[: len(sizes) // 2])
    yield Figure(
        "migration_discovery_mb", (max(sizes) - start_rss) / MEGABYTE, "MB",
        detail=f"more than before it; {(max(sizes) - middle) / MEGABYTE:.1f} MB of it in the second half",
    )  # fmt: skip


def _past(world: World) -> None:
    """Two years of three salons on the former widget, in both emulators."""
    world.salons("reset")
    world.salons("partner", token=salon.PARTNER)
    world.salons("limits", on=False)
    for place in network.salons():
        world.salons("company", **place)
    world.salons("user", token=salon.TOKENS["YC_TOKEN"], companies=list(network.TITLES))
    layout = Layout.by_seed(1)
    described = network.account(DOMAIN)
    for number, (part, (name, kind)) in enumerate(layout.wanted(Style.FIELD).items()):
        layout.ids[part] = 9200 + number
        described["lead_fields"].append({"id": 9200 + number, "name": name, "type": kind})
    world.crm("account", **described)
    world.crm("limits", domain=DOMAIN, on=False)
    world.crm("hooks", loss=1.0)
    setup = Setup.of(network.setup(DOMAIN, "http://get8.invalid", world.amocrm, world.yclients, "secret"))
    now = float(world.salons("clock")["now"])
    writer = Writer(world.crm, world.salons, setup, layout, Style.FIELD, now)
    writer.write(invent(1, RECORDS, now))


def _product(world: World) -> Context:
    environment = world.environment(f"sqlite:///{world.folder / 'moving.db'}")
    ctx = replace(wiring.build_context(Settings.from_env(environment)), ring=lambda _lane_id: None)
    lanes.forget_ids()
    migrate.upgrade()
    return ctx


def _installed(world: World, ctx: Context) -> int:
    """Installed and configured by the product's own flows; the mirror's first full pass is part of it."""
    callback = f"{world.web}/oauth/amocrm/callback"
    world.crm("app", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri=callback)
    url = world.crm("install", domain=DOMAIN, client_id=CLIENT_ID, way="browser")["url"]
    account = account_flow.install(ctx, domain=DOMAIN, code=parse_qs(urlsplit(url).query)["code"][0])
    lane = lanes.lane_id(account.id, account_flow.MIRROR_LANE)
    while not all(index.mark(account.id, name).is_complete for name in ("leads", "contacts")):
        inbox.drain(ctx, lane)
    document = json.dumps(_document())
    result = configuration_import.import_yaml(ctx, account, document, "bench", env=salon.TOKENS)
    assert result.number, result.problems
    return int(accounts.by_id(account.id).id)


def _document() -> dict[str, Any]:
    return {
        "account": {"timezone": "Europe/Moscow"},
        "branches": [
            {"company_id": company, "title": title, "user_token": "env:YC_TOKEN", "mode": "observe"}
            for company, title in network.TITLES.items()
        ],
        "directions": [{"key": "all", "title": "Всё", "priority": 1, "default": True}],
        "routes": [],
    }


def _go_on(ctx: Context, account_id: int, work_id: int) -> Iterator[int]:
    """Slices of the lane until it is done; the memory after each page."""
    lane, sizes = lanes.lane_id(account_id, long_work.LANE), []
    step = ctx.steps[discovery.KIND]

    def watched(task: Any) -> Any:
        done = step(task)
        sizes.append(_rss())
        return done

    watching = replace(ctx, steps={**ctx.steps, discovery.KIND: watched})
    while (work := long_works.get(work_id)) is not None and work.is_open:
        long_work.run(watching, lane)
        assert not work.note, work.note
    return iter(sizes)


def _last(world: World) -> int:
    """The number of the newest request."""
    return max((int(row["n"]) for row in world.crm.read("journal", domain=DOMAIN)), default=0)


def _asked(world: World, since: int, only: tuple[str, ...] = ()) -> Counter[str]:
    """Reading requests of ours by collection."""
    found = Counter(
        collection(row["path"])
        for row in world.crm.read("journal", domain=DOMAIN, since=since)
        if row["method"] == "GET" and "/api/v4/" in row["path"]
    )
    return Counter({name: n for name, n in found.items() if not only or name in only})


def _rows(account_id: int) -> dict[str, int]:
    """Rows that each collection has for us."""
    small = (
        "account", "leads/pipelines", "users", "leads/custom_fields", "contacts/custom_fields",
        "leads/loss_reasons", "catalogs", "widgets", "webhooks", "leads/tags",
    )  # fmt: skip
    return {
        **dict.fromkeys(small, 0),
        "leads": index.count(account_id, "leads"),
        "contacts": index.count(account_id, "contacts"),
        "leads/notes": takeover_found.count_notes(account_id),
        "events": sum(row["count"] for row in takeover_pulls.surroundings(account_id)[0]["events"]),
    }


def _rss() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096
