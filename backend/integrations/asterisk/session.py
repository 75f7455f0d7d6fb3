"""One AMI connection as a conversation: greeting, login, questions with their answers, pings with a deadline.

No sockets and no clock: whoever owns them hands in bytes and the time, and sends what `output` holds.
A frozen PBX closes nothing, so everything that is expected has a moment by which it must have come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from backend.core.errors import NeedsHuman, TryLater
from backend.integrations.asterisk.protocol import Frame, Pair, Parser, encode

PING_SECONDS = 10.0
ANSWER_SECONDS = 5.0
LONGEST_LIST = 1 << 24  # characters: tens of thousands of channels
LISTED = (b"CoreShowChannel", b"CoreShowChannelsComplete")  # the items of the lists that we ask for


@dataclass(frozen=True, slots=True)
class Answer:
    """`items` are the events of a list."""

    frame: Frame
    items: tuple[Frame, ...] = ()

    @property
    def is_good(self) -> bool:
        return self.frame.get("Response") in ("Success", "Goodbye")

    @property
    def message(self) -> str:
        return self.frame.get("Message")


Then = Callable[[Answer], None]


@dataclass(slots=True)
class Asked:
    """A question under way. `due`: after this moment the PBX counts as frozen."""

    due: float
    then: Then
    head: Frame | None = None
    items: list[Frame] = field(default_factory=list)
    size: int = 0


class Session:
    """`hears_events`: the first of the two connections; the second only asks."""

    def __init__(
        self, login: str, secret: str, now: float, *, hears_events: bool, wanted: Iterable[bytes] = ()
    ) -> None:
        self.output = bytearray()
        self.parser = Parser({*wanted, *LISTED} if hears_events else LISTED)
        self.is_ready = False
        self.last_pong: float | None = None
        self._login, self._secret, self._hears_events = login, secret, hears_events
        self._asked: dict[str, Asked] = {}
        self._now, self._number = now, 0
        self._ping_at = now + PING_SECONDS
        self._ready_by: float | None = now + ANSWER_SECONDS
        self._is_greeted = False

    def receive(self, data: bytes, now: float) -> list[Frame]:
        """The events among it. Raises what ends the connection."""
        self._now = now
        frames = self.parser.feed(data)
        if self.parser.greeting and not self._is_greeted:
            self._is_greeted = True
            self.ask([("Action", "Challenge"), ("AuthType", "MD5")], self._log_in)
        return [frame for frame in frames if not self._is_answer(frame)]

    def ask(self, action: Sequence[Pair], then: Then, seconds: float = 0.0) -> None:
        """`then` is called with the answer, when it is complete. An action may bring its own id."""
        name = dict(action).get("ActionID", "")
        if not name:
            self._number += 1
            name = f"{'listen' if self._hears_events else 'act'}-{self._number}"
            action = [*action, ("ActionID", name)]
        self.output += encode(action)
        self._asked[name] = Asked(self._now + (seconds or ANSWER_SECONDS), then)

    def look(self, now: float) -> None:
        """Pings when it is time; TryLater when something that had to come did not."""
        self._now = now
        overdue = any(asked.due <= now for asked in self._asked.values())
        if overdue or (self._ready_by is not None and self._ready_by <= now):
            raise TryLater("pbx.frozen" if self._is_greeted else "pbx.silent")
        if self.is_ready and self._ping_at <= now:
            self._ping_at = now + PING_SECONDS
            self.ask([("Action", "Ping")], self._ponged)

    @property
    def next_look(self) -> float:
        """When `look` has something to do."""
        moments = [asked.due for asked in self._asked.values()]
        return min([*moments, self._ping_at if self._ready_by is None else self._ready_by])

    def ended(self) -> TryLater:
        """The peer closed the connection: what that means."""
        if self.parser.is_in_the_middle:
            return TryLater("pbx.cut")
        return TryLater("pbx.closed" if self.is_ready else "pbx.turned_away")

    # What comes

    def _is_answer(self, frame: Frame) -> bool:
        asked = self._asked.get(frame.get("ActionID"))
        if asked is None:
            return frame.kind == "Response"  # of nobody: nothing to do with it
        if asked.head is None and frame.kind == "Response":
            asked.head = frame
            if frame.get("EventList").lower() != "start":
                self._close(frame.get("ActionID"), asked)
            return True
        if asked.head is None:
            return False
        asked.due = max(asked.due, self._now + ANSWER_SECONDS)  # a long list goes on as long as it comes
        if frame.get("EventList").lower() == "complete":
            self._close(frame.get("ActionID"), asked)
        else:
            asked.items.append(frame)
            asked.size += frame.size
            if asked.size > LONGEST_LIST:
                raise TryLater("pbx.not_asterisk")
        return True

    def _close(self, name: str, asked: Asked) -> None:
        del self._asked[name]
        assert asked.head is not None
        asked.then(Answer(asked.head, tuple(asked.items)))

    def _log_in(self, answer: Answer) -> None:
        """With an answer to the PBX's challenge: the secret itself is never sent."""
        challenge = answer.frame.get("Challenge")
        if not answer.is_good or not challenge:
            raise _refusal(answer)
        key = hashlib.md5((challenge + self._secret).encode(), usedforsecurity=False).hexdigest()
        action = [("Action", "Login"), ("AuthType", "MD5"), ("Username", self._login), ("Key", key)]
        self.ask([*action, ("Events", "on" if self._hears_events else "off")], self._logged_in)

    def _logged_in(self, answer: Answer) -> None:
        if not answer.is_good:
            raise _refusal(answer)
        self.is_ready, self._ready_by = True, None

    def _ponged(self, _: Answer) -> None:
        self.last_pong = self._now  # even an error is a sign of life


def _refusal(answer: Answer) -> NeedsHuman | TryLater:
    """A wrong password is never tried again: the PBX's guard would lock our whole host out. The same words
    come for an address that is not permitted.
    """
    if answer.message == "Authentication failed":
        return NeedsHuman("pbx.wrong_password")
    return TryLater("pbx.login_refused", message=answer.message[:200])
