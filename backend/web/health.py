"""/live, /ready and /metrics: for load balancers and Prometheus; numbers only, nothing about a customer."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta

import redis
from flask import Blueprint, Response
from peewee import PeeweeException
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from backend.core.errors import AppError
from backend.flows.context import Context
from backend.store import accounts, alarms, events, migrate, stats
from backend.web.guard import context

log = logging.getLogger(__name__)

bp = Blueprint("health", __name__)


@bp.get("/live")
def live() -> Response:
    """The process answers; nothing else is asked, so a database outage restarts nobody."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/ready")
def ready() -> Response:
    """The database answers, has this code's schema, and Redis answers."""
    problems = [
        name
        for name, is_fine in (("database", _database_is_ready), ("redis", _redis_is_ready))
        if not is_fine()
    ]
    text = "\n".join(f"{name}: not ready" for name in problems) or "ok"
    return Response(f"{text}\n", 503 if problems else 200, mimetype="text/plain")


@bp.get("/metrics")
def metrics() -> Response:
    registry = CollectorRegistry()
    registry.register(Figures(context()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Figures(Collector):
    """Read from the database at the moment of asking: every web process tells the same numbers."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    def describe(self) -> Iterable[Metric]:
        return ()  # registering must not ask the database

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("mostik_events_pending", "Events not yet done.", events.pending_count())
        yield GaugeMetricFamily(
            "mostik_lag_seconds", "How late the oldest due event is.", lag(self.ctx).total_seconds()
        )
        yield _labelled(
            "mostik_events_last_day",
            "Events of the last 24 hours by status.",
            "status",
            stats.by_status(self.ctx.now()),
        )
        yield _labelled("mostik_accounts", "amoCRM accounts by state.", "state", accounts_by_state())
        yield GaugeMetricFamily(
            "mostik_alarms_open", "Things that wait for a person.", len(alarms.open_alarms(None))
        )


def lag(ctx: Context) -> timedelta:
    oldest = events.oldest_pending_at()
    return max(ctx.now() - oldest, timedelta()) if oldest else timedelta()


def accounts_by_state() -> dict[str, int]:
    found = accounts.count_by_state()
    return {state: found.get(state, 0) for state in ("new", "active", "paused", "removed")}


def _labelled(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _database_is_ready() -> bool:
    try:
        return migrate.is_current()
    except (PeeweeException, AppError) as error:
        log.warning("database not ready error=%s", type(error).__name__)
        return False


def _redis_is_ready() -> bool:
    try:
        return bool(context().redis.ping())
    except redis.RedisError as error:
        log.warning("redis not ready error=%s", type(error).__name__)
        return False
