"""The product as it runs in production: an import, then hook after hook, counted at the emulator."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests

from bench import memory, salon
from bench.report import Figure
from bench.world import CLIENT_ID, CLIENT_SECRET, World, postgres, wait_until
from sandbox.demo.http import text_of
from sandbox.demo.processes import Child, python
from sandbox.demo.processes import run as run_command

DOMAIN = "live.amocrm.ru"
BOOKINGS, CLIENTS = 5000, 3000
LIVE = 30  # bookings that come one after another
FIRST_LIVE = 1_000_000  # numbers of bookings and clients that nobody has seen
PATIENCE = 180.0
PENDING = "mostik_events_pending"
NOTES = "POST leads/notes"
NAMES = (
    "import_requests_per_booking",
    "rss_mb",
    "hook_to_lead_p95_s",
    "live_requests_new",
    "live_requests_update",
    "live_requests_note",
)


def run(world: World) -> Iterator[Figure]:
    with postgres() as server, world.family() as family:
        environment = world.environment(server.fresh_url())
        for number in range(BOOKINGS):
            world.salons("ui/create", **salon.booking(number, number * CLIENTS // BOOKINGS))
        product = family.start("product", python("backend.run"), environment)
        live = Live(world, environment, product)
        live.install()
        watched = memory.Watch(product.process.pid)
        with watched:
            yield live.import_bookings()
            live.switch_hooks_on()
            made = [live.new(FIRST_LIVE + n) for n in range(LIVE)]
        yield Figure("rss_mb", watched.highest, "MB of PSS")
        yield from live.figures(made)


@dataclass(frozen=True)
class Watched:
    """A booking that staff made: its record, how soon it was a lead, and what that took."""

    record: dict[str, Any]
    seconds: float
    requests: Counter[str]


@dataclass
class Live:
    world: World
    environment: dict[str, str]
    product: Child

    def install(self) -> None:
        world = self.world
        salon.open_account(world.crm, DOMAIN)
        callback = f"{world.web}/oauth/amocrm/callback"
        world.crm("app", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri=callback)
        wait_until(lambda: text_of(f"{world.web}/ready") is not None, self.product)
        assert world.crm("install", domain=DOMAIN, client_id=CLIENT_ID, way="server")["status"] == 200
        self.rest()
        path = world.folder / "configuration.yaml"
        path.write_text(salon.configuration(0), encoding="utf-8")
        self.flask("config", "import", DOMAIN, str(path))

    def flask(self, *arguments: str) -> str:
        command = python("flask", "--app", "wsgi", *arguments)
        return run_command(command, self.environment, self.world.folder / "commands.log")

    def switch_hooks_on(self) -> None:
        for line in self.flask("config", "hooks", DOMAIN).splitlines():
            company_id, _, url = line.partition("\t")
            self.world.salons("hooks/url", company_id=int(company_id), urls=[url.strip()])

    def rest(self) -> None:
        """Nothing is on its way and nothing is pending, twice in a row: what is done may cause a hook."""
        for _ in range(2):
            wait_until(self._is_idle, self.product, PATIENCE, look=0.1)
            time.sleep(0.1)

    def _is_idle(self) -> bool:
        world = self.world
        if world.salons.read("hooks/pending") or world.crm.read("hooks/pending"):
            return False
        text = text_of(f"{world.web}/metrics") or ""
        values = [float(line.split()[-1]) for line in text.splitlines() if line.startswith(PENDING)]
        return bool(values) and not sum(values)

    def counted(self, act: Callable[[], object]) -> Counter[str]:
        before = Counter(self.world.amocrm_requests())
        act()
        self.rest()
        return Counter(self.world.amocrm_requests()) - before

    def import_bookings(self) -> Figure:
        asked = self.counted(lambda: self.flask("bookings", "import", DOMAIN))
        state = self.world.crm.read("state", domain=DOMAIN)
        assert len(state["contacts"]) == CLIENTS, len(state["contacts"])
        return Figure("import_requests_per_booking", asked["total"] / BOOKINGS, "requests", 4.0)

    # Hook after hook

    def new(self, number: int) -> Watched:
        """A booking of an unknown client, until its lead is in the CRM."""
        seen = self._newest_request()
        times: list[float] = []
        record: list[dict[str, Any]] = []

        def act() -> None:
            started = time.time()
            record.append(self.world.salons("ui/create", **salon.booking(number)))
            times.append(self._lead_at(seen) - started)

        asked = self.counted(act)
        return Watched(record[0], times[0], asked)

    def _newest_request(self) -> int:
        rows = self.world.crm.read("journal", domain=DOMAIN)
        return max(int(row["n"]) for row in rows)

    def _lead_at(self, seen: int) -> float:
        """The moment at which the emulator had the lead, by its own journal."""
        found: list[float] = []

        def is_made() -> bool:
            rows = self.world.crm.read("journal", domain=DOMAIN, since=seen)
            found.extend(row["at"] for row in rows if row["path"].endswith("/leads/complex"))
            return bool(found)

        wait_until(is_made, self.product, look=0.03)
        return found[0]

    def edit(self, booking: Watched) -> Counter[str]:
        """Only a field changes."""
        change = {"comment": "Придёт на десять минут позже"}
        where = {"company_id": booking.record["company_id"], "record_id": booking.record["id"]}
        return self.counted(lambda: self.world.salons("ui/edit", **where, **change))

    def figures(self, made: list[Watched]) -> Iterator[Figure]:
        edits = [self.edit(booking) for booking in made]
        slowest = _p95([booking.seconds for booking in made])
        bare = _p95([self._bare(number) for number in range(LIVE)])
        yield Figure("hook_to_lead_p95_s", slowest, "s", bare, slowest / bare)
        created = [booking.requests for booking in made]
        yield Figure("live_requests_new", _mean(created, without_notes), "requests")
        yield Figure("live_requests_update", _mean(edits, without_notes), "requests")
        yield Figure("live_requests_note", _mean(created, lambda asked: asked[NOTES]), "requests")

    def _bare(self, number: int) -> float:
        """The same calls by a script that knows everything beforehand."""
        token = self.world.crm("token", domain=DOMAIN, client_id=CLIENT_ID)["access_token"]
        phone = salon.phone(2 * FIRST_LIVE + number)
        field = {"field_code": "PHONE", "values": [{"value": phone}]}
        contact = {"name": "Клиент", "custom_fields_values": [field]}
        lead = {
            "name": "Запись",
            "pipeline_id": 8001,
            "status_id": 8101,
            "_embedded": {"contacts": [contact]},
        }
        with requests.Session() as session:
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {token}"
            api = f"{self.world.amocrm}/{DOMAIN}/api/v4"
            started = time.perf_counter()
            session.get(f"{api}/contacts", params={"order[updated_at]": "desc", "limit": "250"})
            session.post(f"{api}/leads/complex", json=[lead]).raise_for_status()
            return time.perf_counter() - started


def without_notes(asked: Counter[str]) -> int:
    return asked["total"] - asked[NOTES]


def _mean(counted: list[Counter[str]], of: Callable[[Counter[str]], int]) -> float:
    return statistics.mean(of(asked) for asked in counted)


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]
