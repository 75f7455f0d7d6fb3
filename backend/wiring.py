"""The one place where real clocks, servers and sessions are put together into a Context."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import redis
from rq import Queue
from rq.serializers import JSONSerializer

from backend.flows.accounts import accounts
from backend.flows.context import Context
from backend.flows.road import reconcile
from backend.flows.takeover import steps
from backend.flows.takeover.beside import shadow
from backend.flows.takeover.returning import watch as takeover_watch
from backend.flows.telephony.hearing import cloud, cloud_dials, cloud_history, live, table_rounds
from backend.flows.telephony.recordings import recording_jobs
from backend.flows.vendors import clients
from backend.flows.watch import rounds
from backend.flows.works import long_work
from backend.integrations import outward
from backend.integrations.http import new_session
from backend.settings import Settings, words
from backend.store import db, lanes
from backend.store import secrets as store_secrets

log = logging.getLogger(__name__)

CALLS_QUEUE, SYNC_QUEUE, BACKGROUND_QUEUE = "calls", "sync", "background"
QUEUES = (CALLS_QUEUE, SYNC_QUEUE, BACKGROUND_QUEUE)  # in the order they are served
CALL_LANES = (live.CALLS_LANE, live.RINGING_LANE, cloud.LANE, cloud_dials.LANE)
BACKGROUND_LANES = (
    reconcile.LANE, accounts.MIRROR_LANE, long_work.LANE, rounds.LANE, shadow.LANE, takeover_watch.LANE,
    recording_jobs.LANE, table_rounds.LANE, table_rounds.PERIODS_LANE, cloud_history.LANE,
)  # fmt: skip
BELL_SECONDS = 30  # a doorbell that nobody answered may be rung again after this
JOB = "backend.worker.run"


def build_context(settings: Settings) -> Context:
    """Connects nothing yet: the first use does, so a web server starts while Redis is still away."""
    db.connect(settings.database_url)
    outward.permit(words(settings.private_networks), words(settings.tables_from))
    store_secrets.configure([key for key in (settings.secret_key, settings.secret_key_old) if key])
    memory = redis.Redis.from_url(settings.redis_url, socket_timeout=10, socket_connect_timeout=5)
    return Context(
        settings=settings,
        now=_clock(settings, memory),
        redis=memory,
        ring=_doorbell(memory),
        session=new_session(),
        outside=outward.new_session(),
        adapter=None,
        owner=f"{owners(os.getpid())}{secrets.token_hex(4)}",
        connect_amo=clients.amo,
        connect_yclients=clients.yclients,
        steps=steps.STEPS,
    )


def owners(pid: int) -> str:
    """How the names begin under which a process of this host holds lanes."""
    return f"{socket.gethostname()}:{pid}:"


def _clock(settings: Settings, memory: redis.Redis) -> Callable[[], datetime]:
    """Business time. In a simulation the named Redis key moves it forward; refused in production by
    Settings.
    """
    if not settings.clock_key:
        return lambda: datetime.now(UTC)

    def shifted() -> datetime:
        offset = memory.get(settings.clock_key or "")
        return datetime.now(UTC) + timedelta(seconds=float(offset or 0))

    return shifted


def _doorbell(memory: redis.Redis) -> Callable[[int], None]:
    """One ring waits per lane: the mark is removed by the worker before it looks into the lane. Of two who
    ring at the same moment both may be heard; the second finds nothing to do.
    """
    queues = {name: Queue(name, connection=memory, serializer=JSONSerializer) for name in QUEUES}

    def ring(lane_id: int) -> None:
        try:
            knock(lane_id)
        except redis.RedisError as error:  # what is stored is safe, and the sweep rings again
            log.warning("doorbell out of order lane=%d error=%s", lane_id, type(error).__name__)

    def knock(lane_id: int) -> None:
        if memory.exists(bell(lane_id)):
            return
        queue = queues[queue_of(lanes.get(lane_id)[1])]
        with memory.pipeline() as both:  # a mark without its job would silence the lane until it expires
            queue.enqueue(JOB, lane_id, result_ttl=0, failure_ttl=3600, job_timeout=600, pipeline=both)
            both.set(bell(lane_id), 1, ex=BELL_SECONDS)
            both.execute()

    return ring


def queue_of(lane: str) -> str:
    """A long sync must not delay what follows from a call; patient work must delay nothing."""
    if lane in CALL_LANES:
        return CALLS_QUEUE
    return BACKGROUND_QUEUE if lane in BACKGROUND_LANES else SYNC_QUEUE


def bell(lane_id: int) -> str:
    return f"mostik:bell:{lane_id}"
