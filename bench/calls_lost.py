"""Calls that nobody knows of afterwards: a real Asterisk at work, on a line that breaks again and again."""

from __future__ import annotations

import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL

from backend.flows.rules import configuration_import
from backend.flows.telephony.hearing import table_rounds
from backend.store import db, lanes
from backend.store.telephony import calls, pbxes
from backend.store.telephony.calls import CallFilters
from backend.store.telephony.pbxes import Pbx
from bench import salon
from bench.report import Figure
from bench.world import Office, World, office, wait_until
from sandbox.demo.processes import python
from tests.asterisk.rig import script
from tests.asterisk.rig.configuration import LOGIN, SECRET
from tests.asterisk.rig.pbx import Pbx as Exchange
from tests.asterisk.rig.phones import CALLERS_PORT

NAMES = ("calls_lost",)
CALLS, RATE, BREAKS, SEED = 500, 8, 20, 6
TALK_SECONDS = 1.0
REPAIR_SECONDS = 5.0  # the scheduler's 30 s, in the proportion of a short day
LONGEST_SECONDS = 300.0
LINE, CLIENT = "74950000101", "79020000001"
DOMAIN = "calls.amocrm.ru"
RULES = """
telephony:
  is_on: true
  people: [{user: USER, extension: '101'}]
  lines: [{trunk: city, title: Город}]
"""


def run(world: World) -> Iterator[Figure]:
    url = f"sqlite:///{world.folder / 'lost.db'}"
    folder = world.folder / "asterisk"
    with office(world, url, DOMAIN, TABLES_FROM=str(folder)) as here, Exchange(folder) as exchange:
        _configure(here)
        line = Line(exchange)
        pbx = _connect(here, exchange, line)
        with world.family() as family:
            family.start("listener", python("backend.listeners.ami"), world.environment(url))
            wait_until(lambda: pbxes.state(pbx.id).connected_since is not None)
            seconds = _call(here, exchange, line)
            _repair_until_whole(here)
        known, unique = _known(here)
        lost = CALLS - len(unique)
        doubles = known - len(unique)
        detail = f"{CALLS} calls in {seconds:.0f} s, {line.broken} broken connections, {doubles} doubles"
        yield Figure("calls_lost", float(lost + doubles), "calls", detail=detail)


@dataclass
class Line:
    """A cable between us and the exchange that can be cut: what is on its way is lost with it."""

    exchange: Exchange
    broken: int = 0
    pairs: list[tuple[socket.socket, socket.socket]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    def cut(self) -> None:
        pairs, self.pairs = self.pairs, []
        for one in (end for pair in pairs for end in pair):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.broken += 1

    def _accept(self) -> None:
        place = self.exchange.place
        while True:
            here, _ = self.listening.accept()
            there = socket.create_connection((place.own_address, place.ami_tls))
            self.pairs.append((here, there))
            for source, target in ((here, there), (there, here)):
                threading.Thread(target=_carry, args=(source, target), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _configure(here: Office) -> None:
    text = salon.configuration(0) + RULES.replace("USER", str(salon.USER))
    result = configuration_import.import_yaml(here.ctx, here.account, text, "bench", env=salon.TOKENS)
    assert result.number, result.problems


def _connect(here: Office, exchange: Exchange, line: Line) -> Pbx:
    options = {"tables": f"sqlite:///{exchange.place.tables}", "zone": "UTC",
               "fingerprint": exchange.place.fingerprint}  # fmt: skip
    return pbxes.save(
        Pbx(here.account.id, "office", "Офис", host="127.0.0.1", port=line.port, tls=True, login=LOGIN,
            secret=SECRET, options=options)
    )  # fmt: skip


def _call(here: Office, exchange: Exchange, line: Line) -> float:
    """All calls at their rate; the cable is cut at moments that nobody has chosen."""
    chance = random.Random(SEED)  # noqa: S311 - repeatable
    length = CALLS / RATE
    breaks = sorted(chance.uniform(1.0, length) for _ in range(BREAKS))
    started = time.monotonic()
    called, calling = _people(exchange)
    try:
        repaired = started
        while calling.poll() is None:
            now = time.monotonic()
            if breaks and now - started > breaks[0]:
                breaks.pop(0)
                line.cut()
            if now - repaired > REPAIR_SECONDS:
                repaired = now
                _repair(here)
            assert now - started < LONGEST_SECONDS, "the calls do not end"
            time.sleep(0.02)
        assert calling.returncode == 0, "not every call was made"
    finally:
        for process in (calling, called):
            process.kill()
            process.wait()
    return time.monotonic() - started


def _people(exchange: Exchange) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
    """One phone that takes any number of calls, and a client who makes them."""
    place = exchange.place
    common = ["-nostdin", "-m", str(CALLS), "-l", str(CALLS), "-d", str(int(TALK_SECONDS * 1000))]
    texts = {"101": script.answers(after=200), "city": script.talks()}
    ports = {"101": place.sip, "city": place.sip + CALLERS_PORT}
    more = {"101": [], "city": ["-r", str(RATE), "-s", LINE, "-key", "cid", CLIENT]}
    found = []
    for who, text in texts.items():
        path = place.run / f"load-{who}.xml"
        path.write_text(script.silent(text))
        command = [str(place.root / "run"), "/usr/bin/sipp", "-sf", str(path), "-i", place.address(who), "-p"]
        command += [str(ports[who]), *common, *more[who], f"{place.own_address}:{place.sip}"]
        nowhere = {"stdin": DEVNULL, "stdout": DEVNULL, "stderr": DEVNULL}
        found.append(subprocess.Popen(command, cwd=place.run, **nowhere))  # type: ignore[call-overload]
        time.sleep(0.5)
    return found[0], found[1]


def _repair(here: Office) -> None:
    table_rounds.run(here.ctx, lanes.lane_id(here.account.id, table_rounds.LANE))


def _repair_until_whole(here: Office) -> None:
    """As long as anything is still open, and some rounds more."""
    quiet, deadline = 0, time.monotonic() + LONGEST_SECONDS
    while quiet < 3 and time.monotonic() < deadline:
        time.sleep(2.0)
        _repair(here)
        quiet = 0 if _open(here) else quiet + 1


def _open(here: Office) -> int:
    return len(calls.portion(here.account.id, CallFilters(state=calls.OPEN), limit=1))


def _known(here: Office) -> tuple[int, set[str]]:
    """How many rows there are, and the different calls among those that are whole."""
    with db.connection():
        rows = calls.portion(here.account.id, CallFilters(), limit=10 * CALLS)
    whole = {min(row.call.linked, default=row.uniq) for row in rows if row.ended_at and row.answered_at}
    return len(rows), whole
