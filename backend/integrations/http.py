"""Outgoing HTTP, the same for every vendor: one rate limit for all workers, time-outs, error mapping."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol

import redis
import requests

from backend.core.errors import NeedsHuman, TryLater

JsonObject = dict[str, Any]
Session = requests.Session
Adapter = requests.adapters.BaseAdapter
Params = Mapping[str, str | int | Sequence[str | int]]

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
NAP_SECONDS = 5.0  # the longest silence between two calls of `before_request`
LATE_SECONDS = 0.2  # a slower request may fall into a later second than the one it was granted
NOT_THERE = 404  # an answer like any other: a record was deleted
LONGEST_WAIT = 30.0  # a longer queue is better waited for without holding a lane


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the queue: wait `seconds`, then send. `number` is None when the queue is too long."""

    seconds: float
    number: int | None = None


class Limiter(Protocol):
    """Shares a vendor's rate limit between all processes."""

    def reserve(self) -> Slot:
        """Take the next free place."""
        ...

    def postpone(self, slot: Slot) -> None:
        """Say that this request may have arrived as late as now."""
        ...

    def penalise(self, at_least: float = 0) -> float:
        """The vendor complained: nobody sends for the returned seconds (1, 2, 4, … as it goes on)."""
        ...


class NoLimit:
    """For calls that no limit counts, and for tests."""

    def reserve(self) -> Slot:
        return Slot(0, 0)

    def postpone(self, slot: Slot) -> None:
        pass

    def penalise(self, at_least: float = 0) -> float:
        return at_least


# KEYS: log of grants (sorted set), counter, pause-until, complaints. Redis' own clock: hosts need not agree.
_NOW = "local t = redis.call('TIME'); local now = tonumber(t[1]) + tonumber(t[2]) / 1e6\n"

_RESERVE = (
    _NOW
    + """
local at = math.max(now, tonumber(redis.call('GET', KEYS[3]) or '0'))
local keep, forget = tonumber(ARGV[2]), 0
for i = 3, #ARGV, 2 do
  local count, seconds = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local row = redis.call('ZRANGE', KEYS[1], -count, -count, 'WITHSCORES')
  if row[2] and redis.call('ZCARD', KEYS[1]) >= count then at = math.max(at, tonumber(row[2]) + seconds) end
  keep, forget = math.max(keep, count), math.max(forget, seconds)
end
if at - now > tonumber(ARGV[1]) then return {string.format('%.6f', at - now)} end
local number = redis.call('INCR', KEYS[2])
redis.call('ZADD', KEYS[1], string.format('%.6f', at), number)
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -(keep + 1))
local ttl = math.ceil(at - now + forget) + 60
redis.call('EXPIRE', KEYS[1], ttl)
redis.call('EXPIRE', KEYS[2], ttl)
return {string.format('%.6f', at - now), number}
"""
)

_POSTPONE = _NOW + "return redis.call('ZADD', KEYS[1], 'XX', 'GT', string.format('%.6f', now), ARGV[1])"

_PENALISE = (
    _NOW
    + """
local complaints = redis.call('INCR', KEYS[4])
redis.call('EXPIRE', KEYS[4], 120)
local pause = math.max(math.min(2 ^ (complaints - 1), 60), tonumber(ARGV[1]))
local till = math.max(now + pause, tonumber(redis.call('GET', KEYS[3]) or '0'))
redis.call('SET', KEYS[3], string.format('%.6f', till), 'EX', math.ceil(till - now) + 1)
return string.format('%.6f', pause)
"""
)


class RedisLimiter:
    """A sliding log in Redis: per window at most `count` grants in `seconds`, first come first served.

    A caller reserves one place at a time, so a busy account cannot push an idle one out of a shared window.
    Callers of one key may have windows of different size: what the smaller leave free is kept for the larger
    (`remembered` is the largest count among them).
    """

    def __init__(  # noqa: PLR0913 - a limit has that many sides
        self,
        client: redis.Redis,
        key: str,
        windows: Sequence[tuple[int, float]],
        longest_wait: float = LONGEST_WAIT,
        on_grant: Callable[[], None] = lambda: None,
        remembered: int = 0,
    ) -> None:
        self._keys = [f"limit:{{{key}}}:{part}" for part in ("log", "number", "pause", "complaints")]
        self._windows = [value for window in windows for value in window]
        self._longest_wait = longest_wait
        self._remembered = remembered
        self._on_grant = on_grant
        self._reserve = client.register_script(_RESERVE)
        self._postpone = client.register_script(_POSTPONE)
        self._penalise = client.register_script(_PENALISE)

    def reserve(self) -> Slot:
        try:
            answer = self._reserve(self._keys, [self._longest_wait, self._remembered, *self._windows])
        except redis.RedisError as error:
            raise TryLater("limiter.unreachable", error=type(error).__name__) from error
        if len(answer) == 1:
            return Slot(float(answer[0]))
        self._on_grant()
        return Slot(float(answer[0]), int(answer[1]))

    def postpone(self, slot: Slot) -> None:
        if slot.number is not None:
            with suppress(redis.RedisError):  # the vendor's answer is worth more than our bookkeeping
                self._postpone(self._keys, [slot.number])

    def penalise(self, at_least: float = 0) -> float:
        try:
            return float(self._penalise(self._keys, [at_least]))
        except redis.RedisError:
            return max(at_least, 1.0)


def windows_for(rate: float, burst: int) -> list[tuple[int, float]]:
    """`burst` requests in `burst / rate` seconds: 7 in 1.08 s for 6.5/s, so no second holds more than 7."""
    return [(burst, burst / rate)]


def new_session() -> requests.Session:
    """A session that repeats nothing, keeps no cookies and takes no password from the machine's files."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return session


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `data` is the parsed JSON, None for an empty or another body."""

    status: int
    data: Any = None
    is_json: bool = False

    @property
    def body(self) -> JsonObject:
        """The answer as an object; an empty one for anything else."""
        return self.data if isinstance(self.data, dict) else {}


@dataclass(slots=True)
class Http:
    """One vendor's line. `vendor` begins the error codes. `before_request` runs before each network call
    and each nap: there the holder of a lane renews its lease.
    """

    vendor: str
    limiter: Limiter
    before_request: Callable[[], None] = lambda: None
    session: requests.Session = field(default_factory=new_session)
    timeout: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS)
    on_refusal: Callable[[], None] = lambda: None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Params | None = None,
        body: object = None,
    ) -> Answer:
        """Send once. TryLater when nobody knows what happened: a write is never repeated from here."""
        slot = self._wait()
        self.before_request()
        started = self.clock()
        try:
            response = self.session.request(
                method,
                url,
                headers={**headers, **({"Content-Type": "application/json"} if body is not None else {})},
                params=params,
                data=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self.limiter.postpone(slot)
            raise TryLater(f"{self.vendor}.unreachable", error=type(error).__name__) from error
        if self.clock() - started > LATE_SECONDS:  # the vendor may have counted it late
            self.limiter.postpone(slot)
        return self._judged(response)

    def _wait(self) -> Slot:
        slot = self.limiter.reserve()
        if slot.number is None:
            raise TryLater(f"{self.vendor}.busy", timedelta(seconds=slot.seconds), wait=round(slot.seconds))
        left = slot.seconds
        until = self.clock() + left
        while left > 0:
            if left > NAP_SECONDS:
                self.before_request()
            self.sleep(min(left, NAP_SECONDS))
            left = until - self.clock()
        return slot

    def _judged(self, response: requests.Response) -> Answer:
        answer = _read(response)
        if response.status_code >= 400 and response.status_code != NOT_THERE:
            self.on_refusal()
        if response.status_code == 429:
            pause = self.limiter.penalise(_seconds(answer.body.get("retry_after")))
            raise TryLater(f"{self.vendor}.too_many_requests", timedelta(seconds=pause))
        if response.status_code == 403 and not answer.is_json:
            raise NeedsHuman(f"{self.vendor}.blocked")
        if response.status_code >= 500 or 300 <= response.status_code < 400:
            raise TryLater(f"{self.vendor}.failing", status=response.status_code)
        if response.ok and response.content and not answer.is_json:
            raise TryLater(f"{self.vendor}.failing", status=response.status_code, error="not JSON")
        return answer


def _read(response: requests.Response) -> Answer:
    if not response.content:
        return Answer(response.status_code)
    try:
        data = json.loads(response.content, parse_float=Decimal)
    except (ValueError, RecursionError):
        return Answer(response.status_code)
    return Answer(response.status_code, data, is_json=True)


def _seconds(value: object) -> float:
    return min(float(value), 600.0) if isinstance(value, int | Decimal) else 0.0
