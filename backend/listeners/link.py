"""The thread that holds the connection to one PBX: it reads and hands over, and does nothing slower.

What it says comes out of one queue, in the order in which it happened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue

from backend.core.errors import AppError, NeedsHuman, TryLater
from backend.flows.telephony.exchanges.kind_asterisk import address
from backend.integrations.asterisk import actions
from backend.integrations.asterisk.client import FIRST_PAUSE, Backoff, Client
from backend.integrations.asterisk.protocol import Frame, Pair, encode
from backend.integrations.asterisk.session import Answer
from backend.store.telephony.pbxes import Pbx

LIST_SECONDS = 30.0  # a large PBX may list thousands of channels
MOST_WAITING = 5_000  # pieces that nobody took: whoever stores them is stuck, so begin anew instead
HURRIED = 600.0  # seconds
LARGEST_WAITING = 1 << 25  # characters of them: one PBX must not take the memory of all


@dataclass(frozen=True, slots=True)
class Heard:
    frames: Sequence[Frame]
    at: datetime
    size: int = 0


@dataclass(frozen=True, slots=True)
class Up:
    """Logged in; events have been heard since then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Down:
    """`is_final`: only a person can mend it, so nothing is tried any more."""

    error: AppError
    is_final: bool


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to something we asked; None when the connection ended before. `about` is the asker's.
    `was_sent`: it may have reached the PBX.
    """

    about: object
    answer: Answer | None
    at: datetime
    was_sent: bool = True


Message = Heard | Up | Down | Said


class Link:
    def __init__(self, pbx: Pbx, wanted: frozenset[bytes], now: Callable[[], datetime]) -> None:
        self.messages: SimpleQueue[Message | None] = SimpleQueue()
        """None is somebody's knock: look what there is to do."""
        self.client = Client(address(pbx), wanted)
        self._now = now
        self._heard_size = self._taken_size = 0  # each counted by one thread only
        self._hurry_until = 0.0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"pbx-{pbx.id}-link", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        self.client.close()
        self._thread.join(10)

    def ask_awake(self, action: Sequence[Pair], about: object, until: datetime) -> None:
        """Sent right after a sign of life, and not when that came too late: a PBX that stands still would
        carry it out when it goes on. No thread but the link's own may come between the two.
        """
        encode(action)

        def said(answer: Answer | None) -> None:
            self.messages.put(Said(about, answer, self._now()))

        def awake(answer: Answer | None) -> None:
            if answer is None or until <= self._now():
                self.messages.put(Said(about, None, self._now(), was_sent=False))
            else:
                self.client.ask(action, said)

        self.client.ask(actions.ping(), awake)

    def hurry(self) -> None:
        """For a while no pause between two attempts is longer than the first: something must be known as soon
        as the PBX speaks again.
        """
        self._hurry_until = time.monotonic() + HURRIED

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def ask(self, action: Sequence[Pair], about: object, *, among_events: bool = False) -> None:
        """The answer comes as a message. InvalidInput for an action that must not be sent."""

        def said(answer: Answer | None) -> None:
            self.messages.put(Said(about, answer, self._now()))

        seconds = LIST_SECONDS if among_events else 0.0
        self.client.ask(action, said, seconds, among_events=among_events)

    def _run(self) -> None:
        backoff = Backoff()
        while not self._is_over.is_set():
            began = time.monotonic()
            try:
                self.client.run(self._heard, lambda: self.messages.put(Up(self._now())))
            except AppError as error:
                is_final = isinstance(error, NeedsHuman)
                self.messages.put(Down(error, is_final))
                if is_final:
                    return
                self._pause(backoff.after(time.monotonic() - began))

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._is_over.wait(min(left, FIRST_PAUSE)):
            if time.monotonic() < self._hurry_until:
                return

    def _heard(self, frames: Sequence[Frame]) -> None:
        waits = self._heard_size - self._taken_size
        if self.messages.qsize() > MOST_WAITING or waits > LARGEST_WAITING:
            raise TryLater("pbx.overwhelmed")
        heard = Heard(frames, self._now(), sum(frame.size for frame in frames))
        self._heard_size += heard.size
        self.messages.put(heard)

    def taken(self, heard: Heard) -> None:
        """It was folded: its memory is free."""
        self._taken_size += heard.size
