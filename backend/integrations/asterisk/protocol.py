"""The manager protocol of Asterisk (AMI): bytes in, frames out, and the one way back. No sockets, no clock.

Packets of lines `Name: value`, ended by an empty line. Bytes are decoded when a whole packet is there, so no
letter is ever cut in two. Events that nobody wants are dropped by their name, before they cost anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from backend.core.errors import InvalidInput, TryLater

GREETING = b"Asterisk Call Manager"
BREAK, END = b"\r\n", b"\r\n\r\n"
EVENT = b"Event: "
LONGEST = 1 << 18  # bytes of one packet; a peer that sends more is no Asterisk
UNWANTED = 200  # names of dropped events that are remembered, each so long:
UNWANTED_NAME = 80
CLEAN = bytes.maketrans(bytes((*range(10), 11, 12, *range(14, 32), 127)), b" " * 31)
"""Nothing of a value may begin a line of a journal, end a text in a database or steer a terminal."""
REFUSED = re.compile(r"[\x00-\x1f\x7f]")

Pair = tuple[str, str]


class Frame:
    """One packet. Names are asked for as the vendor writes them, or in any other case, for they differ
    between events; repeated ones are kept. What is kept are flat strings: thousands of little lists would
    keep the garbage collector busy.
    """

    __slots__ = ("_first", "_folded", "_lines")

    def __init__(self, lines: Sequence[str]) -> None:
        """`lines` are «Name: value»."""
        self._lines = lines
        try:
            self._first = dict([line.split(": ", 1) for line in reversed(lines)])
        except ValueError:  # a text of an old Asterisk stands among them, or a value without its space
            self._first = dict(_pairs(reversed(lines)))
        self._folded: dict[str, str] | None = None

    @property
    def kind(self) -> str:
        """«Event» or «Response»; "" for anything else."""
        return "Event" if "Event" in self._first else "Response" if "Response" in self._first else ""

    @property
    def name(self) -> str:
        """Of an event: which one. Of an answer: Success, Error, Goodbye."""
        return self._first.get("Event") or self._first.get("Response", "")

    @property
    def size(self) -> int:
        """About how much memory it takes."""
        return sum(map(len, self._lines))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """(name, value) in the order in which they came."""
        return tuple(_pairs(self._lines))

    def get(self, name: str, default: str = "") -> str:
        """The first value of that name."""
        found = self._first.get(name)
        if found is None:
            if self._folded is None:  # most are asked for as they are written, so this is seldom made
                self._folded = {known.lower(): value for known, value in self._first.items()}
            found = self._folded.get(name.lower(), default)
        return found

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that name; some say of which channel: «ChanVariable(PJSIP/101-0000001f)»."""
        wanted = name.lower()
        return tuple(value for found, value in self.pairs if found.partition("(")[0].lower() == wanted)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frame) and self.pairs == other.pairs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


class Parser:
    """Keeps what is not complete yet. `wanted` are names of events, None for all; answers always pass."""

    def __init__(self, wanted: Iterable[bytes] | None = None) -> None:
        self._wanted = None if wanted is None else frozenset(wanted)
        self._rest = b""
        self.greeting = ""
        self.skipped = 0
        self.unwanted: set[bytes] = set()
        """How many events were dropped, and their names."""

    @property
    def is_in_the_middle(self) -> bool:
        """Whether a packet has begun and not ended: a connection that closes now was cut."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are complete with this piece. TryLater when the peer does not speak AMI."""
        data = self._rest + data
        if not self.greeting:
            data = self._greeted(data)
        blocks = data.split(END)
        self._rest = blocks.pop()
        if len(self._rest) > LONGEST:
            raise TryLater("pbx.not_asterisk")
        return list(self._frames(blocks))

    def _greeted(self, data: bytes) -> bytes:
        """What follows the first line, which is no packet."""
        line, found, rest = data.partition(BREAK)
        size = min(len(line), len(GREETING))
        if line[:size] != GREETING[:size] or len(line) > 200:
            raise TryLater("pbx.not_asterisk")
        if not found or len(line) < len(GREETING):
            return data
        self.greeting = line.decode("ascii", "replace")
        return rest

    def _frames(self, blocks: list[bytes]) -> Iterator[Frame]:
        wanted = self._wanted
        for block in blocks:
            if wanted is not None and block.startswith(EVENT):
                end = block.find(BREAK)
                name = block[len(EVENT) : end if end >= 0 else None]
                if name not in wanted:
                    self.skipped += 1
                    if len(self.unwanted) < UNWANTED:
                        self.unwanted.add(name[:UNWANTED_NAME])
                    continue
            if block:
                yield Frame(_lines(block.translate(CLEAN)))


def _lines(block: bytes) -> list[str]:
    lines = block.decode("utf-8", "replace").split("\r\n")
    if block.count(b"\n") + block.count(b"\r") != 2 * (len(lines) - 1):  # one of them alone, in a value
        lines = [line.replace("\r", " ").replace("\n", " ") for line in lines]
    return lines


def _pairs(lines: Iterable[str]) -> Iterator[Pair]:
    for line in lines:
        name, found, value = line.partition(":")
        if found:
            yield name, value.removeprefix(" ")


def encode(action: Sequence[Pair]) -> bytes:
    """The bytes of one action. A line break would begin a header, or an action, of somebody else's choosing:
    it is refused, never taken out.
    """
    for name, value in action:
        if REFUSED.search(name) or REFUSED.search(value) or ":" in name or not name:
            raise InvalidInput("pbx.line_break", header=repr(name[:40]))
    lines = [f"{name}: {value}" for name, value in action]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
