"""One PBX as this process serves it: a thread that takes its lease and keeps watch while it has it.

One copy in the world serves a PBX, told by a lease on a lane of its account. Beside this thread, which folds
and stores, the link's reads and hands over (backend/listeners/link.py).
"""

from __future__ import annotations

import logging
import threading

from peewee import PeeweeException
from redis.exceptions import RedisError

from backend import logs
from backend.core.errors import AppError
from backend.flows.context import Context
from backend.listeners.link import Link
from backend.listeners.watch import LEASE_SECONDS, Watch
from backend.store import db, lanes
from backend.store.lanes import Lease, LeaseLost
from backend.store.telephony.pbxes import Pbx

log = logging.getLogger(__name__)

AGAIN_SECONDS, CRASHED_SECONDS = 1.0, 10.0


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
        watch: Watch | None = None
        try:
            with db.connection():
                watch = Watch(self._ctx, self.pbx, lease)
            self._link = watch.link
            watch.link.start()
            while not self._is_over.is_set():
                messages = watch.wait()
                with db.connection():
                    watch.turn(messages)
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
            _let_go(watch.lease if watch else lease)


def _let_go(lease: Lease) -> None:
    try:
        with db.connection():
            lanes.release(lease)
    except (AppError, PeeweeException) as error:
        log.warning("lease not released lane=%d error=%s", lease.lane_id, error)
