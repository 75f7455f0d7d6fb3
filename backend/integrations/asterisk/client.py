"""A PBX as we speak with it: two connections, one that only hears events and one that only asks, so that a
slow answer never holds up the stream. One thread serves both and does nothing else: who reads slowly is cut
off by Asterisk in the middle of an event (telephony.md §10).
"""

from __future__ import annotations

import random
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from typing import NamedTuple

from backend.integrations.asterisk.protocol import Frame, Pair, encode
from backend.integrations.asterisk.session import Answer, Session, Then
from backend.integrations.asterisk.wire import Address, Wire, connect

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
GOOD_WORK = 60.0  # seconds after which an interruption is the first one again
LONGEST_WAIT = 5.0
MOST_A_SECOND = 8 << 20  # bytes: ten times the largest switchboard; who sends more waits, not its neighbours

Hear = Callable[[Sequence[Frame]], None]
Maybe = Callable[[Answer | None], None]
Question = tuple[Sequence[Pair], Maybe, float, bool]


class Line(NamedTuple):
    wire: Wire
    session: Session


class Backoff:
    """Pauses between attempts: 1, 2, 4 … 60 seconds, each up to a fifth longer or shorter."""

    def __init__(self) -> None:
        self._next = FIRST_PAUSE

    def after(self, worked: float) -> float:
        """The pause after a connection that was good for so many seconds."""
        if worked >= GOOD_WORK:
            self._next = FIRST_PAUSE
        pause, self._next = self._next, min(LONGEST_PAUSE, self._next * 2)
        return pause * random.uniform(0.8, 1.2)  # noqa: S311  no secret depends on it


class Client:
    """`run` belongs to one thread; `ask` and `close` may be called by any."""

    def __init__(self, address: Address, wanted: Iterable[bytes] = ()) -> None:
        self._address, self._wanted = address, frozenset(wanted)
        self._lock = threading.Lock()  # guards the two below
        self._bell: socket.socket | None = None  # there while both connections work
        self._questions: deque[Question] = deque()
        self._ear: socket.socket  # hears the bell
        self._open: dict[object, Maybe] = {}
        self._is_closed = threading.Event()
        self._second, self._taken = 0.0, 0  # bytes of this second
        self.last_pong: float | None = None
        """On the monotonic clock; of the connection that has waited longer."""
        self.unwanted: Collection[bytes] = ()
        """Names of events that came and were dropped."""

    def run(self, hear: Hear, connected: Callable[[], None]) -> None:
        """Connects, logs in, calls `connected` once, then `hear` with what has come, until it is closed by
        us. Raises AppError when it ends otherwise. Both are called by this thread and must be quick.
        """
        with ExitStack() as stack:
            bell, self._ear = map(stack.enter_context, map(closing, socket.socketpair()))
            bell.setblocking(False)
            stack.callback(self._abandon)  # nobody may ring a bell that is gone
            selector = stack.enter_context(selectors.DefaultSelector())
            selector.register(self._ear, selectors.EVENT_READ)

            def ready() -> None:
                with self._lock:
                    self._bell = bell
                connected()

            self._serve(stack, selector, hear, ready)

    def ask(
        self,
        action: Sequence[Pair],
        then: Maybe,
        seconds: float = 0.0,
        *,
        among_events: bool = False,
    ) -> None:
        """`then` gets the answer, by the thread of `run`; None when the connection has ended: what became of
        the action is not known then, and it is never sent again by itself. `among_events`: the answer stands
        in the stream where it belongs. InvalidInput for an action that must not be sent.
        """
        encode(action)
        with self._lock:
            bell = self._bell
            if bell is not None:
                self._questions.append((action, then, seconds, among_events))
                with suppress(BlockingIOError):  # it rings already
                    bell.send(b"!")
        if bell is None:
            then(None)

    def close(self) -> None:
        """`run` returns soon."""
        self._is_closed.set()
        with self._lock, suppress(BlockingIOError):
            if self._bell is not None:
                self._bell.send(b"!")

    def _serve(
        self, stack: ExitStack, selector: selectors.BaseSelector, hear: Hear, ready: Callable[[], None]
    ) -> None:
        """The second connection is opened when the first has logged in: a wrong password is tried once."""
        listening = self._opened(stack, selector, hears_events=True)
        lines = [listening]
        while not self._is_closed.is_set():
            self._put_questions(lines)
            self._look_and_send(selector, lines)
            for line in self._wait(selector, lines):
                self._receive(line, hear)
            if listening.session.is_ready and len(lines) == 1:
                lines.append(self._opened(stack, selector, hears_events=False))
            elif self._bell is None and lines[-1].session.is_ready and len(lines) == 2:
                ready()
            self._note(lines)

    def _opened(self, stack: ExitStack, selector: selectors.BaseSelector, *, hears_events: bool) -> Line:
        wire = stack.enter_context(closing(connect(self._address)))
        selector.register(wire, selectors.EVENT_READ)
        login, secret, now = self._address.login, self._address.secret, time.monotonic()
        wanted = self._wanted if hears_events else ()
        return Line(wire, Session(login, secret, now, hears_events=hears_events, wanted=wanted))

    def _put_questions(self, lines: Sequence[Line]) -> None:
        while self._questions:
            action, then, seconds, among_events = self._questions.popleft()
            lines[0 if among_events else 1].session.ask(action, self._once(then), seconds)

    def _once(self, then: Maybe) -> Then:
        """Remembered until it was called."""
        mark = object()
        self._open[mark] = then

        def answered(answer: Answer) -> None:
            del self._open[mark]
            then(answer)

        return answered

    def _abandon(self) -> None:
        """Nobody waits for ever: who still expects an answer is told that there will be none."""
        with self._lock:
            self._bell = None
            waiting = [*self._open.values(), *(then for _, then, _, _ in self._questions)]
            self._open.clear()
            self._questions.clear()
        for then in waiting:
            then(None)

    def _look_and_send(self, selector: selectors.BaseSelector, lines: Sequence[Line]) -> None:
        now = time.monotonic()
        for wire, session in lines:
            session.look(now)
            if session.output:
                wire.write(session.output)
            selector.modify(wire, selectors.EVENT_READ | (selectors.EVENT_WRITE if session.output else 0))

    def _wait(self, selector: selectors.BaseSelector, lines: Sequence[Line]) -> list[Line]:
        """Those that have something to read."""
        until = min(line.session.next_look for line in lines) - time.monotonic()
        ready = selector.select(max(0.0, min(until, LONGEST_WAIT)))
        heard = {key.fd for key, events in ready if events & selectors.EVENT_READ}
        if self._ear.fileno() in heard:
            self._ear.recv(4096)  # the bell was rung: it has done its work
        return [line for line in lines if line.wire.fileno() in heard]

    def _receive(self, line: Line, hear: Hear) -> None:
        data = line.wire.read()
        if data is None:
            return
        self._slow_down(len(data))
        if not data:
            raise line.session.ended()
        if frames := line.session.receive(data, time.monotonic()):
            hear(frames)

    def _slow_down(self, size: int) -> None:
        now = time.monotonic()
        if now >= self._second + 1.0:
            self._second, self._taken = now, 0
        self._taken += size
        if self._taken > MOST_A_SECOND:
            time.sleep(max(0.0, self._second + 1.0 - now))

    def _note(self, lines: Sequence[Line]) -> None:
        pongs = [pong for line in lines if (pong := line.session.last_pong) is not None]
        self.last_pong = min(pongs) if len(pongs) == 2 else None
        self.unwanted = lines[0].session.parser.unwanted
