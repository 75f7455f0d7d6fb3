"""The manager port of an Asterisk that does not exist: calls are recorded ones, played again.

`with Asterisk() as pbx: pbx.play("inbound-answered")`. What it answers and when it closes is the vendor's way
(telephony.md); tests and demos say what happens on it: calls, a cut cable, a frozen host, a restart.
"""

from __future__ import annotations

import itertools
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from sandbox.asterisk import packets, replay
from sandbox.asterisk.answers import Answers
from sandbox.asterisk.connection import Connection
from sandbox.asterisk.live import Live
from sandbox.asterisk.packets import Pairs
from sandbox.asterisk.recorded import Name
from sandbox.asterisk.replay import AS_RECORDED, Cast, Counters, Played
from sandbox.asterisk.rights import Account

VERSIONS = {
    "16": ("Asterisk Call Manager/5.0.4", "16.28.0"),
    "22": ("Asterisk Call Manager/11.0.0", "22.10.0"),
}
BURST = 200  # events that are sent together when a call is played at once


@dataclass(frozen=True, slots=True)
class Asked:
    """An action that came, and when (seconds since 1970)."""

    account: str
    pairs: Pairs
    at: float

    @property
    def name(self) -> str:
        return packets.value(self.pairs, "Action")


class Asterisk:
    """`now` is the clock of the host; `tls` makes the port speak TLS."""

    def __init__(
        self,
        port: int = 0,
        accounts: Iterable[Account] = (Account(),),
        *,
        version: str = "16",
        tls: ssl.SSLContext | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.greeting, self.version = VERSIONS[version]
        self.now, self.live, self.counters = now, Live(), Counters()
        self.pieces: Callable[[], int] | None = None
        self.awake = threading.Event()
        self.awake.set()
        self.logins: list[tuple[str, bool]] = []
        self.asked: list[Asked] = []
        self.answers = Answers(self)
        self.course = "answered"
        """What becomes of a click: a key of answers.COURSES."""
        self.stands_still_at = ""
        """The host freezes with this action in its hands, once; it is carried out after the thaw."""
        self._suite, self._tls, self._port = version, tls, port
        self._accounts = {account.name: account for account in accounts}
        self._connections: set[Connection] = set()
        self._lock = threading.Lock()
        self._challenges = itertools.count(100_000_001)
        self._listening: socket.socket | None = None

    # Life

    def __enter__(self) -> Asterisk:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._port

    def start(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self._port), backlog=32)
        self._port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def stop(self) -> None:
        """Every connection ends and nobody is let in; all calls are over."""
        listening, self._listening = self._listening, None
        if listening is not None:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        with self._lock:
            for connection in self._connections:
                connection.cut()
        self.awake.set()
        self.drop()
        self.live.forget()

    def restart(self, away: float = 0.0) -> None:
        """With counters that begin anew."""
        self.stop()
        self.counters.begin()
        time.sleep(away)
        self.start()

    def freeze(self) -> None:
        """The host stands still: connections stay open and nothing is said on them."""
        self.awake.clear()

    def thaw(self) -> None:
        self.awake.set()

    def drop(self, *, in_the_middle: bool = False) -> int:
        """Ends every connection, on request within an event; returns how many there were."""
        with self._lock:
            found = sorted(self._connections, key=lambda one: not one.hears_events)
        for connection in found:
            if in_the_middle and connection.hears_events:
                connection.send(b"Event: Newstate\r\nPrivilege: call,all\r\nChannel: PJSIP/1")
                time.sleep(0.1)
            connection.cut()
            connection.join(2)
        return len(found)

    def break_into_pieces(self, seed: int = 1, longest: int = 700) -> None:
        """What is sent from now on comes in pieces of random length."""
        source = random.Random(seed)  # noqa: S311  where packets break is no secret
        self.pieces = lambda: source.randint(1, longest)

    def allow(self, account: Account) -> None:
        """A new account, or new rights and another secret of a known one: from its next login on."""
        self._accounts[account.name] = account

    # Calls

    def prepare(self, scenario: str | Name, cast: Cast = AS_RECORDED, *, at_once: bool = False) -> Played:
        """A recorded call that begins now, or has just ended; `go_on` sends it."""
        name = scenario if isinstance(scenario, Name) else Name(self._suite, "all", scenario)
        return replay.again(name, self.now(), self.counters, cast, at_once=at_once)

    def play(
        self,
        scenario: str | Name,
        cast: Cast = AS_RECORDED,
        *,
        speed: float = 0.0,
        until: float | None = None,
    ) -> Played:
        """A recorded call: at once (it has just ended then), or `speed` times as fast as it was. `until`: no
        event later than so many seconds after its beginning, the rest is in what is returned.
        """
        played = self.prepare(scenario, cast, at_once=not speed)
        self.go_on(played, speed=speed, until=until)
        return played

    def go_on(
        self, played: Played, *, after: float = -1.0, speed: float = 0.0, until: float | None = None
    ) -> None:
        """Sends the events of a call later than `after` and up to `until`."""
        events = [one for one in played.events if after < one.after and (until is None or one.after <= until)]
        began = time.monotonic() - (max(after, 0.0) / speed if speed else 0.0)
        for number, event in enumerate(events):
            if speed:
                time.sleep(max(0.0, event.after / speed - (time.monotonic() - began)))
            elif number % BURST == BURST - 1:
                time.sleep(0)
            self.emit(event.block)

    def emit(self, block: bytes) -> None:
        """Something happened: whoever may hear it does. A frozen host has nothing happen to it."""
        self.awake.wait()
        pairs = packets.read(block)
        self.live.take(pairs)
        privilege = packets.value(pairs, "Privilege")
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.tell(privilege, block)

    def clicks(self) -> list[Asked]:
        return [one for one in self.asked if one.name == "Originate"]

    # What connections need

    def account(self, name: str) -> Account | None:
        return self._accounts.get(name)

    def note_login(self, name: str, is_good: bool) -> None:
        self.logins.append((name, is_good))

    def note_action(self, account: str, pairs: Pairs) -> None:
        self.asked.append(Asked(account, pairs, time.time()))

    def challenge(self) -> str:
        return str(next(self._challenges))

    def act(self, connection: Connection, action: str, pairs: Pairs) -> None:
        if action == self.stands_still_at:
            self.stands_still_at = ""
            self.freeze()
            self.awake.wait()
        self.answers.give(connection, action, pairs)

    def left(self, connection: Connection) -> None:
        with self._lock:
            self._connections.discard(connection)

    def connections(self) -> int:
        with self._lock:
            return len(self._connections)

    def has_listeners(self) -> bool:
        """Whether somebody has logged in who wants events."""
        with self._lock:
            return any(one.hears_events for one in self._connections)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                opened, _ = listening.accept()
            except OSError:
                return
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                opened = self._tls.wrap_socket(opened, server_side=True, do_handshake_on_connect=False)
            connection = Connection(self, opened)
            with self._lock:
                self._connections.add(connection)
                connection.start()
