"""The RQ process: answers doorbells. A job carries one integer, the lane that has something due.

`python -m backend.worker` serves all queues in their order, `python -m backend.worker calls` only the named.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Sequence
from functools import cache

from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from backend import logs
from backend.flows.context import Context
from backend.flows.road import inbox, reconcile
from backend.flows.takeover.beside import shadow
from backend.flows.takeover.returning import watch as takeover_watch
from backend.flows.telephony.hearing import cloud_history, table_rounds
from backend.flows.telephony.recordings import recording_jobs
from backend.flows.watch import rounds
from backend.flows.works import long_work
from backend.settings import Settings
from backend.store import db, lanes
from backend.wiring import QUEUES, bell, build_context

log = logging.getLogger(__name__)

# Every other lane holds events and is drained.
LANES = {
    reconcile.LANE: reconcile.run, long_work.LANE: long_work.run, rounds.LANE: rounds.run,
    shadow.LANE: shadow.run, takeover_watch.LANE: takeover_watch.run, recording_jobs.LANE: recording_jobs.run,
    table_rounds.LANE: table_rounds.run, cloud_history.LANE: cloud_history.run,
}  # fmt: skip


@cache
def context() -> Context:
    """One context per process; forked jobs inherit it and open connections of their own."""
    return build_context(Settings.from_env())


def run(lane_id: int) -> int:
    """The job. The mark goes first: whatever is stored from now on may ring again."""
    ctx = context()
    ctx.redis.delete(bell(lane_id))
    with db.connection():
        account_id, name = lanes.get(lane_id)
        with logs.about(account_id):
            return LANES.get(name, inbox.drain)(ctx, lane_id)


def main(names: Sequence[str] = QUEUES) -> None:
    settings = Settings.from_env()
    logs.configure(settings.log_level)
    ctx = context()
    if unknown := set(names) - set(QUEUES):
        raise SystemExit(f"mostik: no such queue: {', '.join(sorted(unknown))}")
    queues = [Queue(name, connection=ctx.redis, serializer=JSONSerializer) for name in names]
    worker = Worker(queues, connection=ctx.redis, serializer=JSONSerializer, log_job_description=False)
    gc.collect()
    gc.freeze()  # a job runs in a fork: the collector copies nothing of what is loaded already
    try:
        worker.work(logging_level="WARNING", with_scheduler=False)  # a line per doorbell says nothing
    except RedisError:
        log.exception("redis went away")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main(sys.argv[1:] or QUEUES)
