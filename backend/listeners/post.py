"""Everything about one PBX: its lease, its connection, its calls, its clicks, its state.

One copy in the world serves a PBX, told by a lease on a lane of its account. Two threads: the link reads and
hands over (backend/listeners/link.py); this one folds, stores and shows.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime
from queue import Empty

from peewee import PeeweeException
from redis.exceptions import RedisError

from backend import logs
from backend.core.errors import AppError, TryLater
from backend.flows.context import Context
from backend.flows.telephony.live import Live
from backend.integrations.asterisk import actions
from backend.integrations.asterisk.actions import Finding, Watcher
from backend.integrations.asterisk.session import Answer
from backend.listeners import clicks
from backend.listeners.clicks import Clicks, Sent
from backend.listeners.health import Health
from backend.listeners.link import Down, Heard, Link, Message, Said, Up
from backend.store import db, lanes
from backend.store.lanes import Lease, LeaseLost
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

LEASE_SECONDS, RENEW_SECONDS = 10.0, 3.0
TICK_SECONDS = 0.5  # calls end a moment after their last channel, so somebody has to look
DIALS_SECONDS = 3.0  # a click knocks; this is for knocks that got lost
CHANNELS, LOOK, SETTINGS, RIGHTS = "channels", "look", "settings", "rights"
LOOK_SECONDS = 300.0
AGAIN_SECONDS, CRASHED_SECONDS = 1.0, 10.0
AT_ONCE = 50  # messages folded before they are stored


class Post(threading.Thread):
    def __init__(self, ctx: Context, pbx: Pbx) -> None:
        super().__init__(name=f"pbx-{pbx.id}", daemon=True)
        self.pbx = pbx
        self._ctx = ctx
        self._is_over = threading.Event()
        self._link: Link | None = None

    def stop(self) -> None:
        self._is_over.set()
        self.knock()

    def knock(self) -> None:
        """Somebody has clicked, or it is time to stop."""
        if self._link is not None:
            self._link.messages.put(None)

    def run(self) -> None:
        with logs.about(self.pbx.account_id):
            while not self._is_over.is_set():
                lease = self._leased()
                if lease is not None:
                    self._serve(lease)
                self._is_over.wait(AGAIN_SECONDS)

    def _leased(self) -> Lease | None:
        try:
            with db.connection():
                lane_id = lanes.lane_id(self.pbx.account_id, f"pbx:{self.pbx.id}")
                return lanes.take(lane_id, f"{self._ctx.owner}:{self.name}", LEASE_SECONDS)
        except (AppError, PeeweeException) as error:
            log.warning("lease not taken pbx=%d error=%s", self.pbx.id, error)
            return None

    def _serve(self, lease: Lease) -> None:
        """Until we are stopped or somebody else has the PBX. What a failure of ours leaves behind is put
        together again from open rows and the PBX's list of channels.
        """
        log.info("pbx taken id=%d", self.pbx.id)
        try:
            with db.connection():
                watch = Watch(self._ctx, self.pbx, lease)
            self._link = watch.link
            watch.link.start()
            while not self._is_over.is_set():
                with db.connection():
                    watch.turn()
        except LeaseLost:
            log.warning("pbx lost to another listener id=%d", self.pbx.id)
        except (AppError, PeeweeException, RedisError) as error:
            log.warning("pbx begun anew id=%d error=%s", self.pbx.id, error)
        except Exception:  # a mistake of ours about one PBX must not silence the others
            log.exception("pbx begun anew id=%d", self.pbx.id)
            self._is_over.wait(CRASHED_SECONDS)
        finally:
            if self._link is not None:
                self._link.stop()
            self._link = None
            _let_go(lease)


def _let_go(lease: Lease) -> None:
    try:
        with db.connection():
            lanes.release(lease)
    except (AppError, PeeweeException) as error:
        log.warning("lease not released lane=%d error=%s", lease.lane_id, error)


class Watch:
    """The calls of one PBX while its lease is ours."""

    def __init__(self, ctx: Context, pbx: Pbx, lease: Lease) -> None:
        self._ctx, self._pbx, self._lease = ctx, pbx, lease
        self._live = Live(ctx, pbx)
        self.link = Link(pbx, self._live.wanted | clicks.EVENTS | actions.WATCHED, ctx.now)
        self._clicks = Clicks(ctx, pbx.id)
        self._health = Health(pbx.id, ctx.now)
        self._watcher = Watcher()
        self._rights: list[Finding] = []
        self._up_since: datetime | None = None
        self._is_final = self._is_deaf = False
        self._due = dict.fromkeys(("renew", "tick", "dials"), 0.0) | {"look": time.monotonic() + LOOK_SECONDS}

    def turn(self) -> None:
        """One round: what has come, then what is due."""
        oldest: datetime | None = None
        for message in self._waiting():
            if message is None:
                self._due["dials"] = 0.0
            else:
                oldest = oldest or (message.at if isinstance(message, Heard) else None)
                self._handle(message)
        if oldest is not None or self._is_due("tick", TICK_SECONDS):
            self._clicks.look(self._ctx.now())
            self._store(oldest)
        self._keep()

    def _store(self, heard_at: datetime | None) -> None:
        """A database that is away costs nothing but time: what is folded stays, and is stored later."""
        try:
            self._live.store(self._ctx.now())
        except (TryLater, PeeweeException) as error:
            log.warning("calls not stored yet pbx=%d error=%s", self._pbx.id, error)
            return
        if heard_at is not None:
            self._health.stored(heard_at)

    def _waiting(self) -> list[Message | None]:
        """What has come by now; waits for the first a little."""
        found: list[Message | None] = []
        try:
            found.append(self.link.messages.get(timeout=TICK_SECONDS))
            while len(found) < AT_ONCE:
                found.append(self.link.messages.get_nowait())
        except Empty:
            pass
        return found

    def _keep(self) -> None:
        if self._is_due("renew", RENEW_SECONDS):
            lanes.renew(self._lease, LEASE_SECONDS)
        if self._up_since is not None:
            if self._is_due("dials", DIALS_SECONDS):
                self._clicks.dial(self.link)
            if self._is_due("look", LOOK_SECONDS):
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
        self._live.take(message.frames, message.at)
        self._clicks.take(message.frames, message.at)
        self._watcher.take(message.frames)
        self._health.heard(len(message.frames), message.at)
        self._health.clock(message.frames[-1].get("Timestamp"), message.at)

    def _begin(self, up: Up) -> None:
        """Events are on: now what is there already (telephony.md §10)."""
        log.info("pbx connected id=%d", self._pbx.id)
        self._up_since = up.at
        self.link.ask(actions.show_channels(), CHANNELS, among_events=True)
        self.link.ask(actions.core_settings(), SETTINGS)
        self.link.ask(actions.list_commands(), RIGHTS)
        self._health.note(connected_since=up.at, trouble="", details={})

    def _end(self, down: Down) -> None:
        log.warning("pbx not connected id=%d error=%s", self._pbx.id, down.error)
        self._up_since, self._is_final = None, down.is_final
        details = {name: str(value) for name, value in down.error.details.items()}
        self._health.note(connected_since=None, trouble=down.error.code, details=details)

    def _take_answer(self, said: Said) -> None:
        answer = said.answer
        if isinstance(said.about, Sent):
            self._clicks.said(said.about, answer)
        elif answer is None or self._up_since is None:
            return
        elif not answer.is_good:
            log.warning("pbx refused id=%d asked=%s message=%s", self._pbx.id, said.about, answer.message)
        elif said.about == CHANNELS:
            self._live.resync(answer.items, since=self._up_since, at=said.at)
        elif said.about == LOOK:
            self._compare(answer, said.at)
        elif said.about == SETTINGS:
            self._health.note(version=actions.version(answer))
        elif said.about == RIGHTS:
            self._rights = actions.rights(answer)
            self._health.hurry()  # somebody may be looking at the status just now

    def _compare(self, answer: Answer, at: datetime) -> None:
        """What the PBX has now and then against what we heard: a hangup may have been lost, and an account
        may have no right to hear anything.
        """
        if answer.items:
            self._is_deaf = self._health.last_event_at is None
        elif self._live.open_calls:
            self._live.resync((), since=at, at=at)

    def _findings(self) -> list[Finding]:
        deaf: list[Finding] = (
            [{"code": "pbx.right_missing", "setting": "read = call"}] if self._is_deaf else []
        )
        return [*deaf, *self._rights, *self._watcher.findings(self.link.client.unwanted)]
