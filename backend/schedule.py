"""Periodic work as a plain list: what, how often. One process is enough; two do no harm."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from peewee import PeeweeException
from redis.exceptions import RedisError

from backend import logs
from backend.core.errors import AppError
from backend.flows.accounts import accounts
from backend.flows.actions import unfinished
from backend.flows.context import Context
from backend.flows.reminders import looks
from backend.flows.road import inbox, reconcile
from backend.flows.takeover.beside import shadow
from backend.flows.takeover.returning import watch as takeover_watch
from backend.flows.takeover.switching import cutover
from backend.flows.telephony.after import known_since
from backend.flows.telephony.desk import dialling
from backend.flows.telephony.health import sentinel
from backend.flows.telephony.hearing import cloud_history, table_rounds
from backend.flows.telephony.recordings import recording_jobs, recordings
from backend.flows.vendors import figures, tokens
from backend.flows.watch import rounds
from backend.flows.works import long_work, night_round
from backend.settings import Settings
from backend.store import db, maintenance
from backend.wiring import build_context

log = logging.getLogger(__name__)

HOUR, DAY = 3600.0, 86400.0
KEEP_DAYS = 30  # how long closed events stay in the journal


@dataclass(frozen=True, slots=True)
class Periodic:
    """`seconds` between two runs, on the real clock: simulated time must not make us hammer anybody."""

    run: Callable[[Context], object]
    seconds: float


def periodic(settings: Settings) -> tuple[Periodic, ...]:
    return (
        Periodic(inbox.sweep, settings.sweep_seconds),
        Periodic(reconcile.ring_all, settings.reconcile_seconds),
        Periodic(rounds.ring_all, settings.reconcile_seconds),
        Periodic(night_round.order, 600.0),
        Periodic(accounts.order_missing_preparations, 60.0),
        Periodic(long_work.ring_all, 30.0),
        Periodic(shadow.ring_all, 60.0),
        Periodic(cutover.ring_all, 2.0),
        Periodic(dialling.sweep, 2.0),
        Periodic(takeover_watch.ring_all, 60.0),
        Periodic(unfinished.settle, 60.0),
        Periodic(looks.look, 30.0),
        Periodic(figures.roll_up, 15.0),
        Periodic(figures.roll_up_day, HOUR / 2),
        Periodic(cloud_history.ring_all, 60.0),
        Periodic(recording_jobs.ring_all, 2.0),
        Periodic(recordings.forget_old, HOUR),
        Periodic(recording_jobs.tidy, HOUR),
        Periodic(table_rounds.ring_all, 30.0),
        Periodic(table_rounds.close_abandoned, 600.0),
        Periodic(known_since.look, 60.0),
        Periodic(sentinel.look_all, 60.0),
        Periodic(tokens.refresh_idle, HOUR),
        Periodic(lambda ctx: maintenance.prune(ctx.now(), KEEP_DAYS), DAY),
    )


def main() -> None:
    settings = Settings.from_env()
    logs.configure(settings.log_level)
    ctx = build_context(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs = periodic(settings)
    due = dict.fromkeys(range(len(jobs)), time.monotonic())
    while not stop.is_set():
        position = min(due, key=lambda i: due[i])
        if stop.wait(max(0.0, due[position] - time.monotonic())):
            return
        due[position] = time.monotonic() + jobs[position].seconds
        _run(ctx, jobs[position])


def _run(ctx: Context, job: Periodic) -> None:
    """A job that fails is logged and tried again at its next time; the others do not suffer."""
    try:
        with db.connection():
            job.run(ctx)
    except (AppError, RedisError, PeeweeException) as error:
        log.warning("periodic job postponed error=%s", error)


if __name__ == "__main__":
    main()
