"""Listens to a real exchange over TLS with our own parser and folds what it hears, in this process."""

import contextlib
import socket
import ssl
import threading
import time
from datetime import UTC, datetime

from backend.core.telephony.hearing.channels import FoldRules
from backend.core.telephony.hearing.fold import Fold, advance, settled
from backend.core.telephony.hearing.reading import WANTED, moment
from backend.integrations.asterisk.protocol import Parser, encode
from tests.asterisk.rig.configuration import LOGIN, SECRET
from tests.asterisk.rig.place import PHONES, TRUNKS

LONGEST_SECONDS = 60


class Hearing:
    """`ended()` waits for calls that are over; `changes` is everything that was told on the way."""

    def __init__(self, pbx):
        place = pbx.place
        context = ssl.create_default_context(cafile=str(place.certificate))
        plain = socket.create_connection((place.own_address, place.ami_tls), timeout=LONGEST_SECONDS)
        self.connection = context.wrap_socket(plain, server_hostname=place.own_address)
        self.connection.sendall(
            encode([("Action", "Login"), ("Username", LOGIN), ("Secret", SECRET), ("Events", "on")])
        )
        self.changes = []
        self.state = Fold(1, FoldRules(trunks=frozenset(TRUNKS), phones=frozenset(PHONES)))
        self.connection.settimeout(0.2)
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def ended(self, count=1):
        deadline = time.monotonic() + LONGEST_SECONDS
        while len(found := [change.call for change in self.changes if change.kind == "ended"]) < count:
            assert time.monotonic() < deadline, f"{len(found)} calls have ended: {self.changes}"
            time.sleep(0.05)
        return found

    def told(self, kind):
        return [change.phone for change in self.changes if change.kind == kind]

    def close(self):
        self.is_over.set()
        self.thread.join(5)
        self.connection.close()

    def _listen(self):
        parser = Parser(WANTED)
        while not self.is_over.is_set():
            frames = []
            with contextlib.suppress(TimeoutError):
                frames = parser.feed(self.connection.recv(65536))
            now = datetime.now(UTC)
            for frame in frames:
                told = moment(frame, now) if frame.kind == "Event" else None
                if told is not None:
                    self._keep(advance(self.state, told))
            self._keep(settled(self.state, now))

    def _keep(self, result):
        self.state, changes = result
        self.changes.extend(changes)
