"""Where one exchange lives: its folder, its ports and its own net of loopback addresses.

Several may run side by side (other test processes, the demo): each takes a free slot and holds a lock on it
for as long as it lives, and everything it listens on follows from the number of the slot.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).parents[3]
SLOTS, PORTS = 8, 20
PHONES = ("101", "102", "103")
TRUNKS = ("city", "mobile")


@dataclass(frozen=True, slots=True)
class Place:
    """`root` are the programs, `run` is everything that this exchange writes."""

    root: Path
    run: Path
    slot: int
    lock: IO[str]

    @property
    def net(self) -> str:
        return f"127.77.{self.slot}"

    @property
    def sip(self) -> int:
        return 15060 + PORTS * self.slot

    @property
    def ami(self) -> int:
        """Plain, for the rig itself; `ami_tls` is what the product connects to."""
        return self.sip + 1

    @property
    def ami_tls(self) -> int:
        return self.sip + 2

    @property
    def rtp(self) -> tuple[int, int]:
        return 16000 + 400 * self.slot, 16398 + 400 * self.slot

    @property
    def own_address(self) -> str:
        return f"{self.net}.1"

    def address(self, party: str) -> str:
        """Phones and providers each have one of their own."""
        last = 100 + PHONES.index(party) + 1 if party in PHONES else 200 + TRUNKS.index(party) + 1
        return f"{self.net}.{last}"

    @property
    def recordings(self) -> Path:
        return self.run / "spool" / "monitor"

    @property
    def tables(self) -> Path:
        """CDR and CEL of everything that was called here."""
        return self.run / "log" / "master.db"

    @property
    def certificate(self) -> Path:
        return self.run / "etc" / "ami.crt"

    @property
    def fingerprint(self) -> str:
        """Of the certificate, as a person would compare it."""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.certificate.read_text())).hexdigest()


def take(run: Path) -> Place:
    """The first free slot. RuntimeError when there is none."""
    programs = installed()
    for slot in range(SLOTS):
        path = Path(tempfile.gettempdir()) / f"mostik-asterisk-{os.getuid()}-{slot}.lock"
        lock = path.open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        found = Place(programs, run, slot, lock)
        if _is_free(found):
            return found
        lock.close()
    raise RuntimeError("eight exchanges run already on this machine, or their ports are taken")


def _is_free(place: Place) -> bool:
    """Nobody else listens on a port of the exchange or of the company beside it."""
    try:
        for port in range(place.sip, place.sip + PORTS):
            for address in (place.own_address, "127.0.0.1"):
                socket.create_server((address, port)).close()
    except OSError:
        return False
    return True


def installed() -> Path:
    """The programs; downloaded first when they are not there."""
    done = subprocess.run(
        ["sh", "deploy/asterisk.sh", "--where"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return Path(done.stdout.strip())
