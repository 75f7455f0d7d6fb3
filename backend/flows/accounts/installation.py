"""Facts of this installation for its owners: where it lives, what it runs on, whether its parts answer."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from redis.exceptions import RedisError

from backend.core.errors import AppError
from backend.flows.context import Context
from backend.store import accounts, db, migrate, operators

LIBRARIES = ("flask", "peewee", "rq")


@dataclass(frozen=True, slots=True)
class Facts:
    """No token and no key is among them. `protected` operators have a second factor."""

    public_url: str
    amocrm_client_id: str
    amocrm_api_url: str
    yclients_api_url: str
    amocrm_rate: float
    is_https: bool
    database: str
    is_database_fine: bool
    is_redis_fine: bool
    queued: int
    python: str
    libraries: tuple[tuple[str, str], ...]
    accounts: int
    operators: int
    protected: int


def look(ctx: Context) -> Facts:
    settings, people = ctx.settings, [one for one in operators.all_operators() if one.is_active]
    queued = _queued(ctx)
    return Facts(
        public_url=settings.public_url,
        amocrm_client_id=settings.amocrm_client_id,
        amocrm_api_url=settings.amocrm_api_url,
        yclients_api_url=settings.yclients_api_url,
        amocrm_rate=settings.amocrm_rate,
        is_https=settings.is_https,
        database="SQLite" if db.is_sqlite() else "PostgreSQL",
        is_database_fine=_is_current(),
        is_redis_fine=queued is not None,
        queued=queued or 0,
        python=platform.python_version(),
        libraries=tuple((name, _version(name)) for name in LIBRARIES),
        accounts=sum(accounts.count_by_state().values()),
        operators=len(people),
        protected=sum(one.has_second_factor for one in people),
    )


def _is_current() -> bool:
    try:
        return migrate.is_current()
    except AppError:
        return False


def _queued(ctx: Context) -> int | None:
    """Doorbells that wait in all queues; None when the queue does not answer."""
    try:
        names = ctx.redis.smembers("rq:queues")
        return sum(int(ctx.redis.llen(name)) for name in names)
    except RedisError:
        return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "—"
