"""An office to measure in: people with phones, a PBX that does not exist, SQLite; web, the listener and the
stream are processes of their own, as in production.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey

from backend.core.crm import CrmUser
from backend.core.telephony.rules import Person
from backend.embedded import die_with_parent, redis_server
from backend.flows.rules import schemas
from backend.flows.telephony.desk import channel
from backend.flows.telephony.desk.channel import Seat
from backend.run import GUNICORN
from backend.store.telephony import pbxes
from bench.world import Stuck
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.rights import Account
from tests.support.calls import PEOPLE, CallStand
from tests.support.stand import ANNA, CLIENT, DOMAIN, PUBLIC

ORIGIN = "http://amo.test"
PATIENCE = 30.0
NEWCOMERS = ANNA + 100  # ids of those who are no part of the stand begin here


class Office:
    """An account with a PBX, many people with phones, and the processes that serve them."""

    def __init__(self, stand: Any, pbx: Asterisk, start: Callable[[list[str]], Any]) -> None:
        self.stand, self.pbx, self.port, web = stand, pbx, _free_port(), _free_port()
        self.web = f"http://127.0.0.1:{web}"
        self.stream = start(["backend.stream", f"127.0.0.1:{self.port}"])
        start(["backend.listeners.ami"])
        start(["gunicorn", "--config", str(GUNICORN), "--bind", f"127.0.0.1:{web}", "wsgi:app"])
        _until(lambda: pbxes.state(stand.pbx.id).version)
        _until(lambda: _serves(self.port))
        _until(lambda: _serves(web))

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

    def wait_for_click(self, known: int) -> None:
        """Until the PBX has heard of one more."""
        _until(lambda: len(self.pbx.clicks()) > known)


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
def opened(people: int) -> Iterator[Office]:
    """With so many more people than the stand has."""
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as redis_url, Asterisk() as pbx:
        made: Callable[..., Any] = CallStand
        stand = made(f"sqlite:///{folder}/cards.db", redis_url)
        _by_real_clock(stand, pbx, people)
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
            yield Office(stand, pbx, start)
        finally:
            for process in processes:
                process.kill()
                process.wait()
            stand.close()


def _by_real_clock(stand: Any, pbx: Asterisk, people: int) -> None:
    """The listener lives by the clock of the machine, so everybody does."""
    ctx = dataclasses.replace(stand.ctx, now=lambda: datetime.now(UTC))
    stand.app.extensions["mostik"] = ctx
    account = Account()
    changes = {"port": pbx.port, "login": account.name, "secret": account.secret}
    stand.pbx = pbxes.save(dataclasses.replace(stand.pbx, **changes))
    others = tuple(Person(NEWCOMERS + n, str(300 + n)) for n in range(people))
    schema = schemas.load(stand.account.id)
    users = (*schema.users, *(CrmUser(person.user_id, f"Сотрудник {person.extension}") for person in others))
    schemas.save(stand.account.id, dataclasses.replace(schema, users=users))
    stand.rules(people=(*PEOPLE, *others))


def _environment(stand: Any) -> dict[str, str]:
    settings = stand.ctx.settings
    return {
        "PATH": os.environ["PATH"], "PUBLIC_URL": settings.public_url, "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url,
        "AMOCRM_CLIENT_ID": settings.amocrm_client_id, "AMOCRM_CLIENT_SECRET": settings.amocrm_client_secret,
        "AMOCRM_API_URL": settings.amocrm_api_url, "YCLIENTS_PARTNER_TOKEN": "partner",
        "LOG_LEVEL": "WARNING", "PRIVATE_NETWORKS": "127.0.0.0/8",
    }  # fmt: skip


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise Stuck("a click, or a process that does not start")
        select.select([], [], [], 0.002)


def _serves(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
