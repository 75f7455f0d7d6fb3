"""Hears when phones begin to ring, as anybody could who listens to the exchange."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

from tests.asterisk.rig.configuration import OWN_LOGIN, SECRET
from tests.asterisk.rig.pbx import PATIENCE
from tests.asterisk.rig.place import Place


class Ears:
    """`rings`: (number that calls, phone) → when it began to ring, in seconds since 1970."""

    def __init__(self, place: Place) -> None:
        self.rings: dict[tuple[str, str], float] = {}
        self._connection = socket.create_connection((place.own_address, place.ami), timeout=PATIENCE)
        login = f"Action: Login\r\nUsername: {OWN_LOGIN}\r\nSecret: {SECRET}\r\nEvents: call\r\n\r\n"
        self._connection.sendall(login.encode())
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._connection.close()

    def _listen(self) -> None:
        rest = b""
        self._connection.settimeout(None)
        with contextlib.suppress(OSError):
            while piece := self._connection.recv(65536):
                now = time.time()
                *packets, rest = (rest + piece).split(b"\r\n\r\n")
                for packet in packets:
                    self._note(packet.decode("utf-8", "replace"), now)

    def _note(self, packet: str, now: float) -> None:
        said = dict(line.split(": ", 1) for line in packet.split("\r\n") if ": " in line)
        if said.get("Event") == "Newstate" and said.get("ChannelStateDesc") == "Ringing":
            phone = said["Channel"].rpartition("/")[2].rpartition("-")[0]
            self.rings.setdefault((said.get("ConnectedLineNum", ""), phone), now)
