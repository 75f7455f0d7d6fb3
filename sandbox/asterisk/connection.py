"""One connection to the manager port, served by one thread: what was read is answered, what was written is
sent as fast as the other side reads, and who does not read is cut off.
"""

from __future__ import annotations

import hashlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from sandbox.asterisk import packets
from sandbox.asterisk.packets import Pairs
from sandbox.asterisk.rights import ACTIONS, Account

TICK = 0.05
CLOSES_AFTER = 1.0  # seconds between a refused login and the end

Handler = Callable[["Connection", str, Pairs], None]


class Pbx(Protocol):
    """What a connection needs of the whole."""

    greeting: str
    pieces: Callable[[], int] | None
    awake: threading.Event

    def account(self, name: str) -> Account | None: ...
    def note_login(self, name: str, is_good: bool) -> None: ...
    def note_action(self, account: str, pairs: Pairs) -> None: ...
    def act(self, connection: Connection, action: str, pairs: Pairs) -> None: ...
    def challenge(self) -> str: ...
    def left(self, connection: Connection) -> None: ...


class Connection(threading.Thread):
    def __init__(self, pbx: Pbx, opened: socket.socket) -> None:
        super().__init__(name="asterisk-connection", daemon=True)
        self.pbx, self._socket = pbx, opened
        self.account: Account | None = None
        self.hears_events = False
        self._out = bytearray()
        self._lock = threading.Lock()
        self._came = b""
        self._challenge = ""
        self._closes_at: float | None = None
        self._stuck_since: float | None = None
        self._is_cut = threading.Event()

    # From outside, by any thread

    def send(self, data: bytes) -> None:
        with self._lock:
            self._out += data

    def tell(self, privilege: str, block: bytes) -> None:
        """An event, when this account may hear it and wants to."""
        account = self.account
        if account is not None and self.hears_events and account.hears(privilege):
            self.send(block)

    def cut(self) -> None:
        """Ends at once; what was not sent is lost."""
        self._is_cut.set()

    def answer(self, response: str, asked: Pairs, *more: tuple[str, str]) -> None:
        name = packets.value(asked, "ActionID")
        own = [("ActionID", name)] if name else []
        self.send(packets.write([("Response", response), *own, *more]))

    # The thread's own

    def run(self) -> None:
        try:
            self.pbx.awake.wait()
            self._secure()
            self.send(self.pbx.greeting.encode() + packets.BREAK)
            while not self._is_cut.is_set() and self._goes_on():
                self.pbx.awake.wait()
        except OSError:  # the other side went away
            pass
        finally:
            with suppress(OSError):
                self._socket.close()
            self.pbx.left(self)

    def _secure(self) -> None:
        self._socket.settimeout(5)
        if isinstance(self._socket, ssl.SSLSocket):
            self._socket.do_handshake()
        self._socket.setblocking(False)

    def _goes_on(self) -> bool:
        if self._closes_at is not None and time.monotonic() >= self._closes_at and not self._out:
            return False
        waiting = [self._socket] if self._out else []
        readable, writable, _ = select.select([self._socket], waiting, [], TICK)
        return (not readable or self._read()) and self._write(bool(writable))

    def _read(self) -> bool:
        try:
            data = self._socket.recv(65536)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        if not data:
            return False
        *blocks, self._came = (self._came + data).split(packets.END)
        return all(self._heard(packets.read(block)) for block in blocks)

    def _write(self, is_writable: bool) -> bool:
        """False when the other side has not read for longer than the account's `writetimeout`."""
        if not self._out:
            self._stuck_since = None
            return True
        now = time.monotonic()
        if is_writable and self._sent():
            self._stuck_since = None
            return True
        self._stuck_since = self._stuck_since or now
        patience = self.account.writetimeout if self.account else 30.0
        return now - self._stuck_since < patience

    def _sent(self) -> bool:
        with self._lock:
            size = min(len(self._out), self.pbx.pieces()) if self.pbx.pieces else min(len(self._out), 65536)
            try:
                sent = self._socket.send(self._out[:size])
            except (BlockingIOError, ssl.SSLWantWriteError):
                return False
            del self._out[:sent]
        return sent > 0

    # What is asked

    def _heard(self, pairs: Pairs) -> bool:
        wanted = packets.value(pairs, "Action").lower()
        action = next((name for name in ACTIONS if name.lower() == wanted), "")
        if action == "Logoff":
            self.answer("Goodbye", pairs, ("Message", "Thanks for all the fish."))
            self._closes_at = time.monotonic()
        elif action == "Challenge":
            self._challenge = self.pbx.challenge()
            self.answer("Success", pairs, ("Challenge", self._challenge))
        elif action == "Login" and self.account is None:
            self._log_in(pairs)
        elif self.account is None:
            self.answer("Error", pairs, ("Message", "Permission denied"))
        else:
            self._ask(action, wanted, pairs)
        return True

    def _ask(self, action: str, wanted: str, pairs: Pairs) -> None:
        assert self.account is not None
        self.pbx.note_action(self.account.name, pairs)
        if not action:
            hint = "Use Action: ListCommands to show available commands."
            self.answer("Error", pairs, ("Message", f"Invalid/unknown command: {wanted}. {hint}"))
        elif not self.account.may(action):
            self.answer("Error", pairs, ("Message", "Permission denied"))
        else:
            self.pbx.act(self, action, pairs)

    def _log_in(self, pairs: Pairs) -> None:
        account = self.pbx.account(packets.value(pairs, "Username"))
        is_good = account is not None and self._fits(account, pairs)
        self.pbx.note_login(packets.value(pairs, "Username"), is_good)
        if account is None or not is_good:
            self.answer("Error", pairs, ("Message", "Authentication failed"))
            self._closes_at = time.monotonic() + CLOSES_AFTER
            return
        self.answer("Success", pairs, ("Message", "Authentication accepted"))
        self.account = account
        self.hears_events = packets.value(pairs, "Events").lower() != "off"
        booted = [("Event", "FullyBooted"), ("Privilege", "system,all"), ("Status", "Fully Booted")]
        self.tell("system,all", packets.write(booted))

    def _fits(self, account: Account, pairs: Pairs) -> bool:
        if packets.value(pairs, "AuthType").lower() == "md5":
            key = hashlib.md5((self._challenge + account.secret).encode(), usedforsecurity=False).hexdigest()
            return bool(self._challenge) and packets.value(pairs, "Key") == key
        return packets.value(pairs, "Secret") == account.secret
