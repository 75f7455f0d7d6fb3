"""People with phones: who is called, who calls, and when all of them have put down."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.asterisk.rig import script
from tests.asterisk.rig.pbx import PATIENCE, Pbx, until
from tests.asterisk.rig.place import PHONES

LONGEST_SECONDS = 120  # until everybody is done, on a busy machine
CALLERS_PORT = 19  # above the port of called phones: one party may call and be called at once


@dataclass
class Party:
    name: str
    process: subprocess.Popen[bytes]
    path: Path
    is_expected: bool = True
    """Whether it must come to its end by itself."""

    @property
    def is_waiting(self) -> bool:
        """Nobody has called it yet, or the call goes on."""
        return self.process.poll() is None

    def told(self) -> str:
        texts = [
            p.read_text(errors="replace") for p in sorted(self.path.parent.glob(f"{self.path.stem}.*out"))
        ]
        texts += [
            p.read_text(errors="replace") for p in sorted(self.path.parent.glob(f"{self.path.stem}.err"))
        ]
        return f"{self.path.stem} ended with {self.process.poll()}: " + "\n".join(
            text[-1500:] for text in texts
        )


@dataclass
class Phones:
    """`phone(…)` waits for a call, `call(…)` makes one, `finish()` waits until everybody is done."""

    pbx: Pbx
    folder: Path
    parties: list[Party] = field(default_factory=list)

    def phone(self, who: str, text: str, seconds: float = 2.0, is_expected: bool = True) -> Party:
        """Somebody at whose address a call may arrive: a phone of ours, or a client behind a provider."""
        party = self._start(who, text, self.pbx.place.sip, seconds, [])
        party.is_expected = is_expected
        until(lambda: self._listens(who, party), PATIENCE, party.told)
        return party

    def call(self, who: str, number: str, text: str, seconds: float = 2.0, shows: str = "") -> Party:
        """`who` calls a number; a client comes through a provider and `shows` a number of its own."""
        more = ["-s", number, "-key", "cid", shows or who]
        return self._start(who, text, self.pbx.place.sip + CALLERS_PORT, seconds, more)

    def client(
        self, number: str, line: str, text: str = "", seconds: float = 2.0, trunk: str = "city"
    ) -> Party:
        """A client calls one of our numbers."""
        return self.call(trunk, line, text or script.talks(), seconds, shows=number)

    def finish(self, seconds: float = LONGEST_SECONDS) -> None:
        """Everybody has done what was expected of them, and no channel is left: sooner than a phone loses its
        patience.
        """
        deadline = time.monotonic() + seconds
        while waiting := [
            party for party in self.parties if party.process.poll() is None and party.is_expected
        ]:
            for party in self.parties:
                if party.process.poll() and party.is_expected:
                    raise AssertionError(party.told())
            if time.monotonic() > deadline:
                raise AssertionError(f"not done: {[party.told() for party in waiting]}")
            time.sleep(0.05)
        wrong = [party.told() for party in self.parties if party.process.poll() and party.is_expected]
        assert not wrong, wrong
        self.until_quiet(max(1.0, deadline - time.monotonic()))
        self.hang_up()

    def until_quiet(self, seconds: float = LONGEST_SECONDS) -> None:
        until(lambda: not self.pbx.channels(), seconds, "channels are left")

    def hang_up(self) -> None:
        for party in self.parties:
            if party.process.poll() is None:
                party.process.kill()
            party.process.wait()
        self.parties.clear()

    def _start(self, who: str, text: str, port: int, seconds: float, more: list[str]) -> Party:
        place = self.pbx.place
        voice = place.run / "sounds" / ("us.al" if who in PHONES else "client.al")
        path = self.folder / f"{len(list(self.folder.glob('*.xml')))}-{who}.xml"
        path.write_text(text.replace("@VOICE@", str(voice)))
        address = place.address(who)
        command = [
            str(place.root / "run"), "/usr/bin/sipp", "-sf", str(path), "-i", address, "-mi", address,
            "-p", str(port), "-m", "1", "-d", str(int(seconds * 1000)), "-nostdin", "-trace_err",
            "-timeout", str(int(seconds) + 2 * LONGEST_SECONDS), "-timeout_error",
            "-error_file", str(path.with_suffix(".err")),
            *more, f"{place.own_address}:{place.sip}",
        ]  # fmt: skip
        with path.with_suffix(".out").open("wb") as out:
            process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )
        self.parties.append(Party(who, process, path))
        return self.parties[-1]

    def _listens(self, who: str, party: Party) -> bool:
        assert party.process.poll() is None, party.told()
        host = "".join(f"{int(part):02X}" for part in reversed(self.pbx.place.address(who).split(".")))
        wanted = f"{host}:{self.pbx.place.sip:04X}"
        return any(line.split()[1] == wanted for line in Path("/proc/net/udp").read_text().splitlines()[1:])


@contextlib.contextmanager
def phones(pbx: Pbx) -> Iterator[Phones]:
    """Whoever is still on the phone at the end is cut off."""
    with tempfile.TemporaryDirectory(prefix="mostik-phones-") as folder:
        people = Phones(pbx, Path(folder))
        try:
            yield people
        finally:
            people.hang_up()
            for channel in pbx.channels() if pbx.process else ():
                pbx.ask(f"channel request hangup {channel}")
