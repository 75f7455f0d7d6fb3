"""The product and the sandbox as processes, the clock they share, the troubles, and the waiting for rest."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis import Redis

from bench.soak.network import CONFIGURATION, DOMAIN, SALONS, account, company
from sandbox.demo.http import Control, text_of
from sandbox.demo.play import Clock
from sandbox.demo.processes import Children, check_port, python, run

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
CLOCK_KEY = "mostik:soak:clock"
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "SSL_CERT_FILE")
PENDING, LAG = "mostik_events_pending", "mostik_lag_seconds"
CALM_SECONDS = 150.0
LOOK_SECONDS = 0.05
ROUND_SECONDS = 6
"""Real seconds between two rounds of the product: news that nobody told of, copies that people made."""
LONGEST_SETTLE = 320.0
STEP = 45.0
"""How far the clock goes while somebody waits for hooks, for robots or for the next attempt."""
Plain = dict[str, Any]


class Stuck(Exception):
    """The work does not end."""


@dataclass(frozen=True, slots=True)
class Ports:
    web: int
    amocrm: int
    yclients: int

    @classmethod
    def from_base(cls, base: int) -> Ports:
        ports = cls(base, base + 1, base + 2)
        for port in (ports.web, ports.amocrm, ports.yclients):
            check_port(port)
        return ports

    @staticmethod
    def address(port: int) -> str:
        return f"http://127.0.0.1:{port}"


class Road:
    """`start()`, act through `crm` and `salons`, `calm()` until all is done."""

    def __init__(self, ports: Ports, folder: Path, children: Children, database: str, seed: int) -> None:
        self.ports = ports
        self.folder = folder
        self.children = children
        self.database = database or f"sqlite:///{folder / 'mostik.db'}"
        self.random = random.Random(seed)  # noqa: S311  # repeatable is the point
        self.web, amocrm, yclients = map(ports.address, (ports.web, ports.amocrm, ports.yclients))
        self.crm, self.salons = Control("amoCRM", amocrm), Control("YCLIENTS", yclients)
        self.killed = 0

    def start(self) -> None:
        redis_url = self.children.redis()
        redis = Redis.from_url(redis_url)
        redis.delete(CLOCK_KEY)
        ports = ["--amocrm-port", str(self.ports.amocrm), "--yclients-port", str(self.ports.yclients)]
        self.children.start("sandbox", python("sandbox", *ports))
        self.environment = self._settings(redis_url)
        self.children.wait_for(f"{self.salons.address}/__control/counts")
        self.clock = Clock(redis, CLOCK_KEY, self.salons)
        self._open()
        self.product = self.children.start("product", python("backend.run"), self.environment)
        self.children.wait_for(f"{self.web}/ready")
        self._install()

    def _settings(self, redis_url: str) -> dict[str, str]:
        """What the product is told; nothing of the surrounding environment decides anything."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return {
            **kept,
            "PUBLIC_URL": self.web,
            "WEB_BIND": self.web.removeprefix("http://"),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": self.database,
            "REDIS_URL": redis_url,
            "AMOCRM_CLIENT_ID": CLIENT_ID,
            "AMOCRM_CLIENT_SECRET": "soak-secret",
            "AMOCRM_API_URL": f"{self.crm.address}/{{domain}}",
            "AMOCRM_OAUTH_URL": f"{self.crm.address}/oauth",
            "YCLIENTS_API_URL": f"{self.salons.address}/api/v1",
            "YCLIENTS_PARTNER_TOKEN": "partner",
            "PRIVATE_NETWORKS": "127.0.0.0/8 ::1",
            "AMOCRM_RATE": "10000",
            "SWEEP_SECONDS": "0.4",
            "RECONCILE_SECONDS": str(ROUND_SECONDS),
            "UNCERTAIN_SECONDS": "1",
            "CLOCK_KEY": CLOCK_KEY,
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
            "YC_TOKEN": "salon-token",
        }

    def _open(self) -> None:
        self.crm("account", **account())
        self.crm("limits", domain=DOMAIN, on=False)
        self.salons("partner", token="partner")  # noqa: S106  # of the emulator
        for salon in SALONS:
            self.salons("company", **company(salon))
        self.salons("user", token="salon-token", companies=[salon.id for salon in SALONS])  # noqa: S106
        self.salons("limits", on=False)
        self.salons("hooks", delay=0)

    def _install(self) -> None:
        callback = f"{self.web}/oauth/amocrm/callback"
        self.crm("app", client_id=CLIENT_ID, client_secret="soak-secret", redirect_uri=callback)  # noqa: S106
        self.crm("install", domain=DOMAIN, client_id=CLIENT_ID, way="server")
        self.calm()
        self.flask("config", "import", DOMAIN, str(CONFIGURATION))
        for line in self.flask("config", "hooks", DOMAIN).splitlines():
            company_id, _, url = line.partition("\t")
            if url:
                self.salons("hooks/url", company_id=int(company_id), urls=[url.strip()])
        self.calm()

    def flask(self, *arguments: str) -> str:
        command = python("flask", "--app", "wsgi", *arguments)
        return run(command, self.environment, self.folder / "commands.log")

    # Troubles

    def trouble(self) -> None:
        """What both vendors and the network do to everybody, all the time, a little of each."""
        for kind in ("504", "500", "reset_after_commit", "504_after_commit"):
            self.crm("faults", kind=kind, probability=0.004, match="/api/v4/")
        for kind in ("500", "reset_after_commit", "success_false"):
            self.salons("faults", kind=kind, probability=0.004)
        for address in (self.crm, self.salons):
            address("hooks", loss=0.015, duplicate=3, shuffle=40.0)

    def no_more_trouble(self) -> None:
        for address in (self.crm, self.salons):
            address._json("faults", "DELETE")
            address("hooks", loss=0.0, duplicate=1, shuffle=0.0)

    def silence(self) -> None:
        """A request to each vendor that is answered by nothing at all."""
        self.crm("faults", kind="timeout", seconds=12, next=1, match="/api/v4/leads")
        self.salons("faults", kind="timeout", seconds=12, next=1)

    def hurry_less(self) -> None:
        """A 429 of each vendor. The pauses that follow grow, on the real clock: twice is enough."""
        self.crm("faults", kind="429", next=1, match="/api/v4/")
        self.salons("faults", kind="429", next=1)

    def forbid(self) -> None:
        """The page 403 of amoCRM: the account stops until a person has spoken with the support."""
        self.crm("faults", kind="403", next=1, match="/api/v4/")

    def resume(self) -> None:
        """Somebody has read the alarm and pressed «Возобновить», not before the page was seen."""
        self._settle()
        deadline = time.monotonic() + CALM_SECONDS
        while not self.crm.read("counts").get("403") and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        self.flask("account", "resume", DOMAIN)

    def kill_worker(self) -> None:
        """SIGKILL to one of the product's own workers, in the middle of whatever it does."""
        pids = [pid for pid in _descendants(self.product.process.pid) if _is_worker(pid)]
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(pids), signal.SIGKILL)
                self.killed += 1

    # Rest

    def calm(self, seconds: float = CALM_SECONDS) -> float:
        """Settle times pass, then everything that is due is done; answers how long that took.

        The clock goes on only while nothing is due: in life nobody's minutes fly while the product works.
        """
        self._settle()
        started = time.monotonic()
        quiet = 0
        while quiet < 2:
            self.children.check()
            coming, (events, lag) = self._on_the_way(), self._waiting()
            quiet = 0 if coming or events else quiet + 1
            if lag == 0 and (coming or events):
                self.clock.advance(STEP)
            if time.monotonic() - started > seconds:
                raise Stuck(f"no rest after {seconds:.0f} s: {events} events, {coming} hooks and robots")
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - started

    def _settle(self) -> None:
        """What is on its way arrives, some seconds of the clock later, and its settle time passes."""
        deadline = time.monotonic() + CALM_SECONDS
        self.clock.advance(STEP)
        while self._flying() and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        self.clock.advance(LONGEST_SETTLE)

    def _flying(self) -> int:
        return int(self.salons.read("counts")["flying"])

    def _on_the_way(self) -> int:
        """Hooks, and robots of amoCRM that will act in a minute."""
        counts = self.salons.read("counts")
        return int(counts["flying"]) + int(counts["queued"]) + int(counts["robots"])

    def _waiting(self) -> tuple[int, float]:
        """Events that are not done yet, and by how many seconds the oldest that is due is late."""
        text = text_of(f"{self.web}/metrics")
        if text is None:
            return 1, 1.0  # the web server is busy or starting again
        told = dict(line.split() for line in text.splitlines() if line.startswith((PENDING, LAG)))
        return int(float(told[PENDING])), float(told[LAG])

    def requests(self) -> dict[str, int]:
        """What amoCRM was asked, by kind; `total` is all of it."""
        counts: dict[str, int] = self.crm.read("counts")
        return counts


def _descendants(pid: int) -> list[int]:
    parents = {child: parent for child, parent in _processes()}
    found = []
    for child in parents:
        above = child
        while above in parents and above != pid:
            above = parents[above]
        if above == pid and child != pid:
            found.append(child)
    return found


def _processes() -> list[tuple[int, int]]:
    """(process, parent) of everything that runs."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                found.append((int(entry.name), int(status[1])))
    return found


def _is_worker(pid: int) -> bool:
    try:
        return b"backend.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
