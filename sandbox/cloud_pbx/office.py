"""The office behind the cloud: extensions and numbers, the calls under way, and the notices about them."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.clock import Clock
from sandbox.cloud_pbx import sound
from sandbox.sender import Hook, Policy, Sender, Trouble

SERVICE = "cloud_pbx"
POLICY = Policy(timeout=5.0, delays=(1, 5, 30, 120, 600))
FORBIDDEN = (
    "8809",
    "7809",
    "979",
    "882",
    "883",
)  # premium numbers, as such PBXes sell them: not from a click

Plain = dict[str, Any]


class Refused(Exception):
    """What the PBX will not do: the status and the word of its answer."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


@dataclass(slots=True)
class Phone:
    title: str
    is_online: bool = True
    call_id: str = ""  # the call that it is in


@dataclass(slots=True)
class Sound:
    """A recording; `ready_at` on the clock of the PBX."""

    data: bytes
    ready_at: float


@dataclass(slots=True)
class CloudCall:
    """A call in the hands of a test: what the parties do, told as it happens."""

    office: Office
    id: str
    direction: str
    client: str
    number: str
    extension: str = ""
    request_id: str = ""
    ringing: set[str] = field(default_factory=set)
    talking: set[str] = field(default_factory=set)
    recordings: list[str] = field(default_factory=list)
    has_talked: bool = False
    is_over: bool = False

    def ring(self, *extensions: str) -> CloudCall:
        for extension in extensions:
            self.ringing.add(extension)
            self.office.tell(self, "call.ringing", extension=extension)
        return self

    def dial(self, extension: str | None = None) -> CloudCall:
        """After a click: the operator took the phone."""
        extension = extension or self.extension
        self.ringing.discard(extension)
        self.office.tell(self, "call.dialling", extension=extension)
        return self

    def answer(self, extension: str | None = None) -> CloudCall:
        extension = extension or self.extension
        self.ringing.clear()
        self.talking.add(extension)
        self.has_talked = True
        self.office.phones[extension].call_id = self.id
        self.office.tell(self, "call.answered", extension=extension)
        return self

    def leave(self, extension: str) -> CloudCall:
        """Passes the client on."""
        self.talking.discard(extension)
        self.office.free(extension)
        self.office.tell(self, "call.left", extension=extension)
        return self

    def record(self, seconds: float = 1.0, ready_in: float = 0.0) -> CloudCall:
        """A file of this call's sound; several parts are several files."""
        address = self.office.keep(self, sound.tone(seconds), ready_in)
        self.recordings.append(address)
        self.office.tell(self, "call.recorded", recording=address)
        return self

    def hang_up(self, by: str = "client", result: str = "") -> CloudCall:
        self.is_over = True
        for extension in {*self.talking, *self.ringing, self.extension} - {""}:
            self.office.free(extension)
        result = result or ("answered" if self.has_talked else "no_answer")
        self.office.tell(self, "call.ended", result=result, ended_by=by)
        return self


class Office:
    """`key` is the customer's, `signing` what notices are signed with; `address`: where the PBX itself is."""

    def __init__(  # noqa: PLR0913 - what a customer's account is made of
        self, clock: Clock, sender: Sender, *, address: str, key: str, signing: str, seed: int = 1
    ) -> None:
        self.clock = clock
        self.sender = sender
        self.address = address.rstrip("/")
        self.key = key
        self.signing = signing
        self.webhook = ""
        self.trouble = Trouble()
        self.phones: dict[str, Phone] = {}
        self.numbers: dict[str, str] = {}
        self.calls: dict[str, CloudCall] = {}
        self.events: list[Plain] = []
        self.sounds: dict[str, Sound] = {}
        self.requests: dict[str, str] = {}
        self.failing = 0  # how many of the next requests are answered with 500
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable choice is the point
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def furnish(self, phones: dict[str, str], numbers: dict[str, str]) -> None:
        self.phones.update({extension: Phone(title) for extension, title in phones.items()})
        self.numbers.update(numbers)

    # Calls

    def arrive(self, client: str, number: str) -> CloudCall:
        """A client calls; nobody is rung yet."""
        return self._begin("in", client, number)

    def leave_for(self, extension: str, client: str, number: str) -> CloudCall:
        """An employee dials by hand."""
        call = self._begin("out", client, number, extension)
        self.phones[extension].call_id = call.id
        return call

    def among(self, extension: str, other: str) -> CloudCall:
        call = self._begin("internal", other, "", extension)
        return call.ring(other)

    def click(self, extension: str, number: str, request_id: str) -> CloudCall:
        """What POST /v1/calls does; the same request is the same call."""
        with self._lock:
            if request_id and request_id in self.requests:
                return self.calls[self.requests[request_id]]
            self._check(extension, number)
            line = next(iter(self.numbers), "")
            call = self._begin("out", number, line, extension, request_id)
            self.phones[extension].call_id = call.id
            self.requests[request_id] = call.id
            return call.ring(extension)

    def _check(self, extension: str, number: str) -> None:
        phone = self.phones.get(extension)
        if phone is None:
            raise Refused(404, "unknown_extension")
        if not number.isascii() or not number.lstrip("+").isdigit() or not 3 <= len(number) <= 16:
            raise Refused(422, "malformed")
        if number.lstrip("+").startswith(FORBIDDEN):
            raise Refused(403, "forbidden_number")
        if not phone.is_online:
            raise Refused(409, "extension_offline")
        if phone.call_id:
            raise Refused(409, "extension_busy")

    def _begin(
        self, direction: str, client: str, number: str, extension: str = "", request_id: str = ""
    ) -> CloudCall:
        call = CloudCall(self, f"c-{self._id()}", direction, client, number, extension, request_id)
        self.calls[call.id] = call
        self.tell(call, "call.started", extension=extension)
        return call

    def free(self, extension: str) -> None:
        if extension in self.phones:
            self.phones[extension].call_id = ""

    # Sound

    def keep(self, call: CloudCall, data: bytes, ready_in: float) -> str:
        name = f"{call.id}-{len(call.recordings) + 1}.wav"
        self.sounds[name] = Sound(data, self.clock.now() + ready_in)
        return f"{self.address}/v1/recordings/{name}"

    def heard(self, name: str) -> bytes | None:
        """None while the sound is not written, or when there is none."""
        found = self.sounds.get(name)
        return found.data if found and found.ready_at <= self.clock.now() else None

    # Notices

    def tell(self, call: CloudCall, event: str, **more: str) -> None:
        at = datetime.fromtimestamp(self.clock.now(), UTC)
        notice = {
            "event_id": f"e-{self._id()}", "event": event, "call_id": call.id,
            "at": at.isoformat(timespec="milliseconds"), "direction": call.direction,
            "client": call.client or "anonymous", "number": call.number, "request_id": call.request_id,
            **more,
        }  # fmt: skip
        with self._lock:
            self.events.append(notice)
        if self.webhook:
            self._send(notice)

    def _send(self, notice: Plain) -> None:
        body = json.dumps(notice, ensure_ascii=False).encode()
        signature = hmac.new(self.signing.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Signature": f"sha256={signature}"}
        self.sender.send(Hook(SERVICE, self.webhook, body, headers, POLICY), self.trouble)

    def told(self, since: str, after: str, limit: int) -> tuple[list[Plain], str]:
        """A portion of the history and where the next one begins, "" at its end."""
        begin = int(after) if after.isdigit() else 0
        with self._lock:
            rows = list(enumerate(self.events))[begin:]
        wanted = [(place, row) for place, row in rows if _moment(row["at"]) >= _moment(since)]
        portion = wanted[:limit]
        following = str(portion[-1][0] + 1) if len(wanted) > limit else ""
        return [row for _, row in portion], following

    def _id(self) -> str:
        with self._lock:
            return f"{next(self._numbers)}{self._chance.randrange(10_000):04d}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.fromtimestamp(0, UTC)
