"""Servers of a measurement: the sandbox, Redis, PostgreSQL with fsync, and the product's own processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from redis import Redis
from rq import Worker

from backend import wiring
from backend.flows.accounts import accounts as account_flow
from backend.flows.context import Context
from backend.flows.road import inbox
from backend.flows.rules import configuration_import
from backend.settings import Settings
from backend.store import accounts, connections, db, events, lanes, migrate
from backend.store.accounts import Account
from backend.store.connections import BranchRow
from bench import salon
from bench.salon import Plain
from sandbox.demo.http import Control
from sandbox.demo.processes import Child, Children, children, python
from tests.support.postgres import PostgresServer, postgres_server

CLIENT_ID = "0b0832f6-0000-4000-8000-00000000be9c"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - of an integration that only the emulator knows
START_SECONDS = 60.0
GUNICORN = Path(__file__).parents[1] / "deploy" / "gunicorn.conf.py"
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


class Stuck(Exception):
    """Something did not happen in the time it was given."""


@dataclass(frozen=True)
class World:
    folder: Path
    children: Children
    web_port: int
    redis_url: str
    amocrm: str
    yclients: str
    crm: Control
    salons: Control
    template: Plain

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    def environment(self, database_url: str, **more: str) -> dict[str, str]:
        """What a process of the product is told; the rate limit is far away unless a figure is about it."""
        return {
            **{name: value for name, value in os.environ.items() if name in KEPT},
            "PUBLIC_URL": self.web,
            "WEB_BIND": f"127.0.0.1:{self.web_port}",
            "SECRET_KEY": "benchmark-" * 5,
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis_url,
            "AMOCRM_CLIENT_ID": CLIENT_ID,
            "AMOCRM_CLIENT_SECRET": CLIENT_SECRET,
            "AMOCRM_API_URL": f"{self.amocrm}/{{domain}}",
            "AMOCRM_OAUTH_URL": f"{self.amocrm}/oauth",
            "AMOCRM_RATE": "10000",
            "YCLIENTS_API_URL": f"{self.yclients}/api/v1",
            "YCLIENTS_PARTNER_TOKEN": salon.PARTNER,
            "PRIVATE_NETWORKS": "127.0.0.0/8 ::1",
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
            **salon.TOKENS,
            **more,
        }

    def amocrm_requests(self) -> dict[str, int]:
        counts: dict[str, int] = self.crm.read("counts")
        return counts

    @contextlib.contextmanager
    def family(self) -> Iterator[Children]:
        """Processes of one measurement, gone when it is over."""
        family = Children(self.folder)
        try:
            yield family
        finally:
            family.stop()

    def start_worker(self, family: Children, module: str, environment: dict[str, str]) -> Child:
        """An RQ worker that is up and waits for jobs: starting it is nobody's figure."""
        child = family.start(module, python(module), environment)
        with Redis.from_url(self.redis_url) as memory:
            wait_until(lambda: any(w.pid == child.process.pid for w in Worker.all(connection=memory)), child)
        return child

    def start_gunicorn(
        self, family: Children, application: str, port: int, environment: dict[str, str]
    ) -> Child:
        command = python("gunicorn", "--config", str(GUNICORN), application)
        bound = {**environment, "WEB_BIND": f"127.0.0.1:{port}"}
        child = family.start(application.replace(":", "-"), command, bound)
        wait_until(lambda: _listens(port), child)
        return child


@dataclass(frozen=True)
class Office:
    """The product inside this process, on a database of its own, with one account and one salon set up."""

    world: World
    ctx: Context
    database: db.Database
    account: Account
    branch: BranchRow
    _ring: Callable[[int], None]

    @property
    def lane_id(self) -> int:
        return lanes.lane_id(self.account.id, lanes.BOOKINGS)

    @property
    def url(self) -> str:
        return self.ctx.settings.database_url

    def enter(self) -> None:
        """The store is one per process: it points at this office's database from now on."""
        db.release()
        db.database.initialize(self.database)
        lanes.forget_ids()

    def tell(self, numbers: range) -> None:
        """Hooks of these bookings are received, all in one body; nobody is rung."""
        body = salon.array(salon.hooks(self.world.template, numbers))
        receipt = inbox.receive(self.ctx, "yclients", self.branch.hook_secret, body)
        assert receipt.stored == len(numbers), receipt

    def ring(self) -> None:
        """Wakes the workers for what was told."""
        self._ring(self.lane_id)

    def pending(self) -> int:
        return events.pending_count(self.account.id)

    def close(self) -> None:
        self.enter()
        db.release()


@contextlib.contextmanager
def world() -> Iterator[World]:
    """The sandbox over sockets and an embedded Redis; everything is gone with the block."""
    folder = Path(tempfile.mkdtemp(prefix="mostik-bench-"))
    try:
        with children(folder) as family:
            redis_url = family.redis()
            web, amocrm, yclients = (free_port() for _ in range(3))
            ports = ["--amocrm-port", str(amocrm), "--yclients-port", str(yclients)]
            child = family.start("sandbox", python("sandbox", *ports))
            wait_until(lambda: _listens(amocrm) and _listens(yclients), child)
            addresses = f"http://127.0.0.1:{amocrm}", f"http://127.0.0.1:{yclients}"
            crm, salons = Control("amoCRM", addresses[0]), Control("YCLIENTS", addresses[1])
            salon.open_salon(salons)
            yield World(folder, family, web, redis_url, *addresses, crm, salons, salon.template(salons))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgres() -> Iterator[PostgresServer]:
    """As durable as production: a commit is on the disk before it is answered."""
    with postgres_server(
        fsync=True, shared_buffers="256MB", max_wal_size="4GB", checkpoint_timeout="30min"
    ) as server:
        yield server


@contextlib.contextmanager
def office(
    world: World, database_url: str, domain: str, *, settle: int = 0, number: int = 0, **more: str
) -> Iterator[Office]:
    """An account installed by the product's own flows. Its webhooks get lost: no web server listens."""
    salon.open_account(world.crm, domain, number)
    world.crm("hooks", loss=1.0)
    real = _context(world.environment(database_url, **more))
    ctx = replace(real, ring=lambda _lane_id: None)
    lanes.forget_ids()
    migrate.upgrade()
    callback = f"{world.web}/oauth/amocrm/callback"
    world.crm("app", client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri=callback)
    url = world.crm("install", domain=domain, client_id=CLIENT_ID, way="browser")["url"]
    account = account_flow.install(ctx, domain=domain, code=parse_qs(urlsplit(url).query)["code"][0])
    inbox.drain(ctx, lanes.lane_id(account.id, account_flow.MIRROR_LANE))
    result = configuration_import.import_yaml(
        ctx, account, salon.configuration(settle), "bench", env=salon.TOKENS
    )
    assert result.number, result.problems
    branch = connections.get(account.id, salon.COMPANY)
    assert branch is not None
    opened = Office(world, ctx, db.database.obj, accounts.by_id(account.id), branch, real.ring)
    try:
        yield opened
    finally:
        opened.close()


def _context(environment: dict[str, str]) -> Context:
    return wiring.build_context(Settings.from_env(environment))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    is_so: Callable[[], bool], child: Child | None = None, seconds: float = START_SECONDS, look: float = 0.02
) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if child is not None:
            child.check()
        if time.monotonic() > deadline:
            raise Stuck(f"nothing for {seconds:.0f} s")
        time.sleep(look)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
