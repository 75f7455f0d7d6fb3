"""Outgoing hooks of both services: a queue on the virtual clock, with losses, copies and retries."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from sandbox.clock import Clock

Body = bytes | Callable[[], bytes]
Post = Callable[[str, bytes, dict[str, str], float], int]
TRANSPORT_ERROR = 0
TIMED_OUT = 499
ROUNDS = 100_000


@dataclass(frozen=True, slots=True)
class Policy:
    """How long to wait for an answer, what counts as delivered, and when to try again.

    `delays[n]` is the pause before attempt n + 2; `again(status, attempt)` says whether the answer to that
    attempt deserves another one.
    """

    timeout: float
    delays: tuple[float, ...] = ()
    again: Callable[[int, int], bool] = lambda status, _attempt: not 100 <= status <= 299


@dataclass(slots=True)
class Trouble:
    """What happens to a hook on its way; `duplicate` is the greatest number of copies, 1 means no copies."""

    delay: float = 0.0
    loss: float = 0.0
    duplicate: int = 1
    shuffle: float = 0.0


@dataclass(slots=True)
class Hook:
    service: str
    url: str
    body: Body
    headers: dict[str, str]
    policy: Policy
    due: float = 0.0
    attempt: int = 1
    answered: Callable[[Hook, int], None] | None = None
    about: dict[str, Any] = field(default_factory=dict)

    def content(self) -> bytes:
        """Rendered once and as late as possible, so that a busy emulator does not pay for it."""
        if callable(self.body):
            self.body = self.body()
        return self.body


def post_by(session: requests.Session) -> Post:
    """A `Post` that reports a time-out as 499 and any other failure to connect as 0."""

    def post(url: str, body: bytes, headers: dict[str, str], timeout: float) -> int:
        try:
            answer = session.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False)
        except requests.Timeout:
            return TIMED_OUT
        except requests.RequestException:
            return TRANSPORT_ERROR
        return answer.status_code

    return post


def new_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a proxy of the developer's machine must not see hooks meant for loopback
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=16, pool_maxsize=16))
    return session


class Sender:
    def __init__(self, clock: Clock, chance: random.Random, post: Post) -> None:
        self.post = post
        self._clock = clock
        self._chance = chance
        self._heap: list[tuple[float, int, Hook]] = []
        self._order = itertools.count()
        self._wake = threading.Condition()
        self.sent = 0
        self.lost = 0
        self.flying = 0

    def __getstate__(self) -> dict[str, Any]:
        """Whoever copies us gives the copy its `post`."""
        return {name: value for name, value in vars(self).items() if name != "post"}

    def send(self, hook: Hook, trouble: Trouble) -> None:
        """Queue the hook the way the network would treat it."""
        with self._wake:
            if trouble.loss and self._chance.random() < trouble.loss:
                self.lost += 1
                return
            copies = self._chance.randint(1, trouble.duplicate) if trouble.duplicate > 1 else 1
            for _ in range(copies):
                disorder = self._chance.uniform(0, trouble.shuffle) if trouble.shuffle else 0.0
                self._push(_copy(hook), self._clock.now() + trouble.delay + disorder)
            self._wake.notify()

    def _push(self, hook: Hook, due: float) -> None:
        hook.due = due
        heapq.heappush(self._heap, (due, next(self._order), hook))

    @property
    def queued(self) -> int:
        with self._wake:
            return len(self._heap)

    def _pop(self) -> Hook | None:
        with self._wake:
            if self._heap and self._heap[0][0] <= self._clock.now():
                self.flying += 1  # neither queued nor answered: who waits for rest must not overlook it
                return heapq.heappop(self._heap)[2]
            return None

    def deliver_one(self) -> bool:
        hook = self._pop()
        if hook is None:
            return False
        try:
            status = self.post(hook.url, hook.content(), hook.headers, hook.policy.timeout)
            self.sent += 1
            self._retry(hook, status)
            if hook.answered is not None:
                hook.answered(hook, status)
        finally:
            with self._wake:
                self.flying -= 1
        return True

    def _retry(self, hook: Hook, status: int) -> None:
        tries = hook.attempt
        if tries > len(hook.policy.delays) or not hook.policy.again(status, tries):
            return
        later = _copy(hook)
        later.attempt = tries + 1
        with self._wake:
            self._push(later, self._clock.now() + hook.policy.delays[tries - 1])

    def deliver(self) -> int:
        """Send everything that is due by the virtual clock, also what these deliveries cause."""
        for done in range(ROUNDS):
            if not self.deliver_one():
                return done
        raise RuntimeError("hooks cause hooks without end")

    def pending(self, service: str) -> list[Hook]:
        with self._wake:
            return [
                hook
                for _due, _n, hook in sorted(self._heap, key=lambda item: item[:2])
                if hook.service == service
            ]

    def make_due(self, service: str) -> int:
        """Everything of this service is due now, whatever its delay; retries included."""
        with self._wake:
            mine = [item for item in self._heap if item[2].service == service]
            now = self._clock.now()
            self._heap = [
                (min(due, now) if hook.service == service else due, n, hook) for due, n, hook in self._heap
            ]
            heapq.heapify(self._heap)
            self._wake.notify_all()
        return len(mine)

    def drop(self, service: str) -> None:
        with self._wake:
            self._heap = [item for item in self._heap if item[2].service != service]
            heapq.heapify(self._heap)

    def wait(self, seconds: float) -> None:
        """Sleep until something new is queued, or so long: the virtual clock may jump without notice."""
        with self._wake:
            if not self._heap or self._heap[0][0] > self._clock.now():
                self._wake.wait(seconds)


def _copy(hook: Hook) -> Hook:
    return Hook(
        hook.service,
        hook.url,
        hook.body,
        hook.headers,
        hook.policy,
        hook.due,
        hook.attempt,
        hook.answered,
        hook.about,
    )
