"""The exchange that does not exist: recorded calls are played on it; when a phone rings is noted.

`Exchange` is what the story needs of any exchange; sandbox/calls/real.py is the other one.
"""

from __future__ import annotations

import math
import struct
import threading
import time
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sandbox.asterisk import packets
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.recorded import Name
from sandbox.asterisk.replay import Cast
from sandbox.calls import plays
from sandbox.calls.plays import DESKS, Play
from sandbox.demo.errors import DemoError

RATE, HZ, LOUD = 8000, 440, 6000
CLICK_SECONDS = 30.0
PAUSE = 0.4  # seconds between two calls at one desk


class Exchange(Protocol):
    """`rings`: (number of the client, phone) → when it began to ring, in seconds since 1970. `connection` are
    fields of the screen «АТС».
    """

    @property
    def rings(self) -> Mapping[tuple[str, str], float]: ...
    @property
    def connection(self) -> dict[str, str]: ...

    def route(self, address: str) -> None:
        """Whom the dialplan is to ask whom to ring."""
        ...

    def calls(self, fresh: Iterator[str]) -> list[Play]:
        """What can be played here, with clients from `fresh`."""
        ...

    def pressed(self, fresh: Iterator[str]) -> list[Play]:
        """The same for what begins with a click."""
        ...

    def perform(self, played: Sequence[Play]) -> None:
        """All of them, to their end."""
        ...

    def click(self, play: Play, press: Callable[[], object]) -> None:
        """Somebody presses a number, and the call goes the way of this play to its end."""
        ...


class Emulated(Asterisk):
    """Its recordings are tones: files appear where a real Asterisk would leave them."""

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(port)
        self.rings: dict[tuple[str, str], float] = {}
        self.folder = folder

    def __enter__(self) -> Emulated:
        self.start()
        return self

    @property
    def connection(self) -> dict[str, str]:
        return {
            "host": "127.0.0.1", "port": str(self.port), "login": "crm", "secret": "least-rights",
            "zone": "UTC",
        }  # fmt: skip

    def route(self, address: str) -> None:
        """Recorded calls have been routed already."""

    def calls(self, fresh: Iterator[str]) -> list[Play]:
        return plays.recorded_plays(fresh)

    def pressed(self, fresh: Iterator[str]) -> list[Play]:
        return plays.clicks(fresh)

    def perform(self, played: Sequence[Play]) -> None:
        """Each desk takes its calls one after another; the desks work side by side."""
        threads = [
            threading.Thread(target=self._desk, args=(played[place :: len(DESKS)],), daemon=True)
            for place in range(len(DESKS))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def click(self, play: Play, press: Callable[[], object]) -> None:
        """Waits for the end of its own course: before the first channel is there nothing goes on either, and
        the next click would say what becomes of this one. Whoever presses a number afterwards is answered.
        """
        usual, before = self.course, self.answers.courses_over
        self.course = play.course
        press()
        deadline = time.monotonic() + CLICK_SECONDS
        while self.answers.courses_over == before:
            if time.monotonic() > deadline:
                raise DemoError(f"a click came to nothing: {play.title}")
            time.sleep(0.1)
        self.course = usual

    def emit(self, block: bytes) -> None:
        """What is heard of a call; a ring is noted before it is told."""
        pairs = packets.read(block)
        if (
            packets.value(pairs, "Event") == "Newstate"
            and packets.value(pairs, "ChannelStateDesc") == "Ringing"
        ):
            phone = packets.value(pairs, "Channel").rpartition("/")[2].rpartition("-")[0]
            self.rings.setdefault((packets.value(pairs, "ConnectedLineNum"), phone), time.time())
        if name := _recording(pairs):
            self._record(name)
        super().emit(block)

    def _desk(self, played: Sequence[Play]) -> None:
        for play in played:
            self.play(Name("16", "all", play.scenario), Cast(play.words), speed=1.0)
            time.sleep(PAUSE)

    def _record(self, name: str) -> None:
        """A file that is there already has been begun by an earlier event of the same call."""
        path = self.folder / f"{datetime.now(UTC):%Y/%m/%d}" / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path)


def _recording(pairs: packets.Pairs) -> str:
    for name, text in pairs:
        if name.endswith("ChanVariable") and text.startswith("CALLFILENAME="):
            return text.partition("=")[2]
    return ""


def write_tone(path: Path, seconds: float = 2.0) -> None:
    samples = [round(LOUD * math.sin(2 * math.pi * HZ * n / RATE)) for n in range(int(RATE * seconds))]
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
