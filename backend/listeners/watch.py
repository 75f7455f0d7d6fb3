"""The calls of one PBX while its lease is ours: what has come is folded, stored, shown and answered.

A database or a Redis that is away costs time and nothing else: what is folded stays and is stored later.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from queue import Empty

from peewee import PeeweeException
from redis.exceptions import RedisError

from backend.core.errors import TryLater
from backend.core.telephony.hearing import clock, reading
from backend.core.telephony.hearing.clock import Clock
from backend.flows.context import Context
from backend.flows.telephony.hearing.live import Live
from backend.integrations.asterisk import actions
from backend.integrations.asterisk.actions import Finding, Watcher
from backend.integrations.asterisk.session import Answer
from backend.listeners import clicks, strays
from backend.listeners.clicks import Clicks, Sent
from backend.listeners.health import Health
from backend.listeners.link import Down, Heard, Link, Message, Said, Up
from backend.listeners.strays import Stray, Strays
from backend.store import lanes
from backend.store.lanes import Lease, LeaseLost
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

LEASE_SECONDS, RENEW_SECONDS = 10.0, 3.0
TICK_SECONDS = 0.5  # calls end a moment after their last channel, so somebody has to look
RULES_SECONDS = 2.0  # a channel is what the rules say at its first event, so they may not be old
DIALS_SECONDS = 3.0  # a click knocks; this is for knocks that got lost
CHANNELS, LOOK, SETTINGS, RIGHTS = "channels", "look", "settings", "rights"
LOOK_SECONDS, AGAIN_SECONDS = 300.0, 1.0
CLOCK_SECONDS = 10.0
AT_ONCE = 50  # messages folded before they are stored


@contextmanager
def patient(what: str, pbx_id: int) -> Iterator[None]:
    """What could not be written now is said, and is no reason to forget what was heard."""
    try:
        yield
    except (TryLater, PeeweeException, RedisError) as error:
        log.warning("postponed pbx=%d what=%s error=%s", pbx_id, what, error)


@dataclass(frozen=True, slots=True)
class ClockAsked:
    """What time is it there? Asked at this moment."""

    at: datetime


class Watch:
    """The calls of one PBX while its lease is ours."""

    def __init__(self, ctx: Context, pbx: Pbx, lease: Lease) -> None:
        self._ctx, self._pbx, self.lease = ctx, pbx, lease
        self._live = Live(ctx, pbx)
        wanted = self._live.wanted | clicks.EVENTS | strays.EVENTS | actions.WATCHED
        self.link = Link(pbx, wanted, ctx.now)
        self._clicks, self._strays = Clicks(ctx, pbx.id), Strays(ctx, pbx.id, self.link)
        self._health = Health(pbx.id, ctx.now)
        self._clock = Clock(pbxes.state(pbx.id).clock_ahead)
        self._live.clock_ahead = self._health.clock_ahead = self._clock.ahead
        self._watcher = Watcher()
        self._rights: list[Finding] = []
        self._up_since: datetime | None = None
        self._is_final = self._is_deaf = self._wants_channels = False
        self._heard_at: datetime | None = None  # the oldest that is not stored
        self._due = dict.fromkeys(("renew", "tick", "dials", "channels", "rules", "clock"), 0.0)
        self._due["look"] = time.monotonic() + LOOK_SECONDS

    def wait(self) -> list[Message | None]:
        """What has come by now; waits for the first a little. Holds no connection to the database."""
        found: list[Message | None] = []
        try:
            found.append(self.link.messages.get(timeout=TICK_SECONDS))
            while len(found) < AT_ONCE:
                found.append(self.link.messages.get_nowait())
        except Empty:
            pass
        return found

    def turn(self, messages: Sequence[Message | None]) -> None:
        """One round: what has come, then what is due."""
        if self._is_due("rules", RULES_SECONDS):
            with patient("rules", self._pbx.id):
                self._live.refresh()
        for message in messages:
            if message is None:
                self._due["dials"] = 0.0
            else:
                self._handle(message)
        if self._heard_at is not None or self._is_due("tick", TICK_SECONDS):
            self._store()
        self._hold()
        self._keep()

    def _store(self) -> None:
        with patient("calls", self._pbx.id):
            self._live.store(self._ctx.now())
            if self._heard_at is not None:
                self._health.stored(self._heard_at)
            self._heard_at = None
        with patient("clicks", self._pbx.id):
            self._clicks.look(self._ctx.now())
        with patient("strays", self._pbx.id):
            self._strays.look()

    def _hold(self) -> None:
        """A lease that ran out while the database was away is still ours when nobody had it since."""
        if not self._is_due("renew", RENEW_SECONDS):
            return
        with patient("lease", self._pbx.id):
            try:
                lanes.renew(self.lease, LEASE_SECONDS)
            except LeaseLost:
                again = lanes.take(self.lease.lane_id, self.lease.owner, LEASE_SECONDS)
                if again is None or again.fencing != self.lease.fencing + 1:
                    self.lease = again or self.lease
                    raise
                self.lease = again

    def _keep(self) -> None:
        if self._up_since is not None:
            if self._is_due("dials", DIALS_SECONDS):
                with patient("clicks", self._pbx.id):
                    self._clicks.dial(self.link)
            if self._is_due("clock", CLOCK_SECONDS):
                self.link.ask(actions.ping(), ClockAsked(self._ctx.now()))
            if self._wants_channels and self._is_due("channels", AGAIN_SECONDS):
                self._wants_channels = False
                self.link.ask(actions.show_channels(), CHANNELS, among_events=True)
            if self._is_due("look", LOOK_SECONDS):
                self._live.about_to_look()
                self.link.ask(actions.show_channels(), LOOK, among_events=True)
        elif not self._is_final and not self.link.is_alive:
            raise TryLater("pbx.link_died")
        self._health.beat(self.link.client.last_pong, self._live.open_calls, self._findings)

    def _is_due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._due[what]:
            return False
        self._due[what] = now + seconds
        return True

    # What comes

    def _handle(self, message: Message) -> None:
        if isinstance(message, Heard):
            self._hear(message)
        elif isinstance(message, Said):
            self._take_answer(message)
        elif isinstance(message, Up):
            self._begin(message)
        else:
            self._end(message)

    def _hear(self, message: Heard) -> None:
        self._heard_at = self._heard_at or message.at
        self.link.taken(message)
        self._live.take(message.frames, message.at)
        with patient("clicks", self._pbx.id):
            self._clicks.take(message.frames, message.at)
        with patient("strays", self._pbx.id):
            self._strays.take(message.frames)
        self._watcher.take(message.frames)
        self._health.heard(len(message.frames), message.at)

    def _begin(self, up: Up) -> None:
        """Events are on: now what is there already (telephony.md §10)."""
        log.info("pbx connected id=%d", self._pbx.id)
        self._up_since = up.at
        self._wants_channels, self._due["channels"], self._due["clock"] = True, 0.0, 0.0
        self.link.ask(actions.core_settings(), SETTINGS)
        self.link.ask(actions.list_commands(), RIGHTS)
        self._health.note(connected_since=up.at, trouble="", details={})

    def _end(self, down: Down) -> None:
        log.warning("pbx not connected id=%d error=%s", self._pbx.id, down.error)
        self._up_since, self._is_final = None, down.is_final
        details = {name: str(value) for name, value in down.error.details.items()}
        self._health.note(connected_since=None, trouble=down.error.code, details=details)

    def _take_answer(self, said: Said) -> None:
        if isinstance(said.about, Sent):
            with patient("clicks", self._pbx.id):
                self._clicks.said(self.link, said.about, said)
        elif isinstance(said.about, Stray):
            with patient("strays", self._pbx.id):
                self._strays.said(said.about, said.answer)
        elif said.answer is None or self._up_since is None:
            return
        elif not said.answer.is_good:
            message = said.answer.message
            log.warning("pbx refused id=%d asked=%s message=%s", self._pbx.id, said.about, message)
        else:
            self._take_told(said.about, said.answer, said.at)

    def _take_told(self, about: object, answer: Answer, at: datetime) -> None:
        if isinstance(about, ClockAsked):
            self._set_clock(about, answer, at)
        elif about in (CHANNELS, LOOK):
            self._take_list(about, answer, at)
        elif about == SETTINGS:
            self._health.note(version=actions.version(answer))
        elif about == RIGHTS:
            self._rights = actions.rights(answer)
            self._health.hurry()  # somebody may be looking at the status just now

    def _set_clock(self, asked: ClockAsked, answer: Answer, at: datetime) -> None:
        if (told := reading.time(answer.frame.get("Timestamp"))) is not None:
            self._clock = clock.measured(self._clock, told, asked.at, at)
            self._live.clock_ahead = self._health.clock_ahead = self._clock.ahead

    def _take_list(self, asked: object, answer: Answer, at: datetime) -> None:
        """What is there now: after a login it is believed, later it is compared with what we heard."""
        if asked == LOOK:
            self._compare(answer, at)
        else:
            assert self._up_since is not None
            self._wants_channels = True  # until they are taken
            with patient("channels", self._pbx.id):
                self._live.resync(answer.items, since=self._up_since, at=at)
                self._wants_channels = False
        with patient("strays", self._pbx.id):
            self._strays.listed(answer.items)

    def _compare(self, answer: Answer, at: datetime) -> None:
        """What the PBX has now and then against what we heard: a hangup may have been lost, and an account
        may have no right to hear anything.
        """
        if answer.items:
            self._is_deaf = self._health.last_event_at is None
        self._live.compare(answer.items, at)

    def _findings(self) -> list[Finding]:
        deaf: list[Finding] = (
            [{"code": "pbx.right_missing", "setting": "read = call"}] if self._is_deaf else []
        )
        return [*deaf, *self._rights, *self._watcher.findings(self.link.client.unwanted)]
