"""How soon a person sees a call and a PBX hears of a click: through the listener and the stream as processes
of their own, an Asterisk that does not exist, and SQLite.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import random
import select
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from backend.core.crm import Contact, CrmUser, Lead
from backend.core.money import Kopecks
from backend.core.telephony.call import Call
from backend.core.telephony.rules import Person
from backend.embedded import die_with_parent, redis_server
from backend.flows.rules import schemas
from backend.flows.sync.mirror import person_keys
from backend.flows.telephony.desk import channel
from backend.flows.telephony.desk.channel import Seat
from backend.store import mirror
from backend.store.telephony import calls, pbxes
from backend.store.telephony.calls import Seen
from bench.memory import MEGABYTE
from bench.network import p95, timed
from bench.report import Figure
from bench.world import Stuck, World
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.recorded import Name
from sandbox.asterisk.replay import Cast
from sandbox.asterisk.rights import Account
from tests.support import make
from tests.support.calls import PEOPLE, CallStand
from tests.support.stand import ANNA, CLIENT, DOMAIN, PUBLIC

NAMES = ("ring_to_popup_p95_ms", "click_to_originate_p95_ms", "route_answer_p95_ms", "stream_500_mb")
RINGS, CLICKS, ROUTES, STREAMS = 60, 60, 400, 500
CONTACTS, CALLS = 20_000, 20_000
ORIGIN = "http://amo.test"
PATIENCE = 30.0
CALLER = Cast({"79990001122": "79990000001"})
PORTION = 1_000


def run(_world: World) -> Iterator[Figure]:
    with _office() as office:
        yield from office.rings()
        yield from office.clicks()
        yield from office.routes()
        yield from office.streams()


class Office:
    """An account with a PBX, many people with phones, and the two processes that serve them."""

    def __init__(self, stand: Any, pbx: Asterisk, start: Callable[[list[str]], Any], port: int) -> None:
        self.stand, self.pbx, self.port = stand, pbx, port
        self.stream = start(["backend.stream", f"127.0.0.1:{port}"])
        start(["backend.listeners.ami"])
        _until(lambda: pbxes.state(stand.pbx.id).version)
        _until(self._serves)

    def rings(self) -> Iterator[Figure]:
        """From the PBX's word that a phone is called to the card in a browser, one call after another."""
        tab, times = self.tab(ANNA), []
        tab.until("sync")
        for _ in range(RINGS):
            played = self.pbx.prepare(Name("16", "all", "inbound-answered"), CALLER)
            called = next(
                event.after for event in played.events if event.block.startswith(b"Event: DialBegin")
            )
            begun = time.perf_counter()
            self.pbx.go_on(played, until=called + 0.2)
            tab.until("ringing")
            times.append(time.perf_counter() - begun)
            self.pbx.go_on(played, after=called + 0.2)
            tab.until("ended")
        yield Figure(
            "ring_to_popup_p95_ms", p95(times) * 1000, "ms", detail=f"middle {_middle(times):.0f} ms"
        )

    def clicks(self) -> Iterator[Figure]:
        """From the widget's request to the order at the PBX, each of another person."""
        client, times = self.stand.app.test_client(), []
        for number in range(CLICKS):
            headers = {"X-Auth-Token": self.token(ANNA + 100 + number), "Origin": ORIGIN}
            known, begun = len(self.pbx.clicks()), time.time()
            body = {"number": "+79995550011"}
            assert client.post("/widget/calls/dial", headers=headers, json=body).status_code == 201
            self._clicked(known)
            times.append(self.pbx.clicks()[-1].at - begun)
        detail = f"middle {_middle(times):.0f} ms"
        yield Figure("click_to_originate_p95_ms", p95(times) * 1000, "ms", detail=detail)

    def routes(self) -> Iterator[Figure]:
        """Answers to the dialplan from a store of some years, of known and of unknown numbers."""
        self._fill()
        client, chance = self.stand.app.test_client(), random.Random(6)  # noqa: S311 - repeatable
        address, named = f"/telephony/route/{self.stand.pbx.token}", 0

        def ask() -> None:
            nonlocal named
            phone = f"+7901{chance.randrange(CONTACTS * 5 // 4):07}"
            answer = client.get(address, query_string={"phone": phone, "trunk": make.TRUNK})
            assert answer.status_code == 200
            named += bool(answer.data)

        times = [timed(ask) for _ in range(ROUTES)][20:]
        detail = f"{CONTACTS} contacts, {CALLS} calls; {named} of {ROUTES} answers named somebody"
        yield Figure("route_answer_p95_ms", p95(times) * 1000, "ms", detail=detail)

    def streams(self) -> Iterator[Figure]:
        """What the stream's process holds with so many tabs open, all of which hear of a call of theirs."""
        users = range(1, STREAMS + 1)
        tabs = [self.tab(user) for user in users]
        for tab in tabs:
            tab.until("sync")
        for user in users:
            told = {"type": "ringing", "call": f"1:{user}", "users": [user], "number": "+79990001122"}
            channel.send(self.stand.ctx.redis, self.stand.account.id, told)
        for tab in tabs:
            tab.until("ringing")
        yield Figure("stream_500_mb", _rss(self.stream.pid) / MEGABYTE, "MB")
        for tab in tabs:
            tab.close()

    def tab(self, user: int) -> Tab:
        ticket = channel.issue(self.stand.ctx.redis, Seat(self.stand.account.id, user, ORIGIN))
        return Tab(self.port, f"/cards?ticket={ticket}")

    def token(self, user: int) -> str:
        now = int(time.time())
        claims = {
            "iss": f"https://{DOMAIN}", "aud": PUBLIC, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
            "exp": now + 1800, "account_id": self.stand.account.crm_id, "user_id": user,
            "client_uuid": CLIENT, "subdomain": "lotos", "is_admin": False,
        }  # fmt: skip
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("sandbox-client-secret"))

    def _serves(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False

    def _clicked(self, known: int) -> None:
        _until(lambda: len(self.pbx.clicks()) > known)

    def _fill(self) -> None:
        account_id, now = self.stand.account.id, datetime.now(UTC)
        owners = [person.user_id for person in PEOPLE]
        for begin in range(0, CONTACTS, PORTION):
            numbers = range(begin, begin + PORTION)
            contacts = [
                Contact(
                    10**8 + n, f"Клиент {n}", (f"+7901{n:07}",), updated_at=now,
                    responsible_id=owners[n % len(owners)],
                )
                for n in numbers
            ]  # fmt: skip
            mirror.save_contacts(account_id, contacts, person_keys)
            leads = [
                Lead(
                    2 * 10**8 + n,
                    8001,
                    8100,
                    Kopecks(0),
                    f"Сделка {n}",
                    owners[0],
                    (10**8 + n,),
                    updated_at=now,
                )
                for n in numbers
            ]
            mirror.save_leads(account_id, leads)
        for begin in range(0, CALLS, PORTION):
            calls.save_many(account_id, [self._former(n, now) for n in range(begin, begin + PORTION)], now)

    def _former(self, number: int, now: datetime) -> Seen:
        phone = f"+7901{number % CONTACTS:07}"
        at = now - timedelta(minutes=number + 60)
        made: Callable[..., Call] = make.call
        call = made(talks=[("102", 5, 60)], at=at, client=phone, uniq=f"1:{10**9 + number}.1")
        return Seen(call, phone, PEOPLE[1].user_id)


class Tab:
    """A browser's open stream, without a thread of its own."""

    def __init__(self, port: int, path: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.connection.request("GET", path, headers={"Origin": ORIGIN})
        self.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.status

    def until(self, kind: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            line = self.answer.readline()
            if not line:
                break
            if line.startswith(b"data: "):
                message: dict[str, Any] = json.loads(line[6:])
                if message["type"] == kind:
                    return message
        raise Stuck(f"no {kind}")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.connection.close()


@contextlib.contextmanager
def _office() -> Iterator[Office]:
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as redis_url, Asterisk() as pbx:
        opened: Callable[..., Any] = CallStand
        stand = opened(f"sqlite:///{folder}/cards.db", redis_url)
        _by_real_clock(stand, pbx)
        processes: list[subprocess.Popen[bytes]] = []
        environment = _environment(stand)

        def start(module: list[str]) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", *module]
            process = subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                preexec_fn=die_with_parent(),
            )  # fmt: skip
            processes.append(process)
            return process

        try:
            yield Office(stand, pbx, start, _free_port())
        finally:
            for process in processes:
                process.kill()
                process.wait()
            stand.close()


def _by_real_clock(stand: Any, pbx: Asterisk) -> None:
    """The listener lives by the clock of the machine, so everybody does."""
    ctx = dataclasses.replace(stand.ctx, now=lambda: datetime.now(UTC))
    stand.app.extensions["mostik"] = ctx
    account = Account()
    changes = {"port": pbx.port, "login": account.name, "secret": account.secret}
    stand.pbx = pbxes.save(dataclasses.replace(stand.pbx, **changes))
    others = tuple(Person(ANNA + 100 + n, str(300 + n)) for n in range(CLICKS))
    schema = schemas.load(stand.account.id)
    users = (*schema.users, *(CrmUser(person.user_id, f"Сотрудник {person.extension}") for person in others))
    schemas.save(stand.account.id, dataclasses.replace(schema, users=users))
    stand.rules(people=(*PEOPLE, *others))


def _environment(stand: Any) -> dict[str, str]:
    settings = stand.ctx.settings
    return {
        "PATH": os.environ["PATH"], "PUBLIC_URL": settings.public_url, "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url, "AMOCRM_CLIENT_ID": "client",
        "AMOCRM_CLIENT_SECRET": "secret", "YCLIENTS_PARTNER_TOKEN": "partner", "LOG_LEVEL": "WARNING",
        "PRIVATE_NETWORKS": "127.0.0.0/8",
    }  # fmt: skip


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise Stuck("a click, or a process that does not start")
        select.select([], [], [], 0.002)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _rss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def _middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2] * 1000
