"""Where the demo keeps its data: in servers of its own, or in those that the environment names.

A given database must be empty of accounts: the demo counts what it finds, and never deletes anybody's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from redis import Redis, RedisError

from sandbox.demo.errors import DemoError

SQLITE, POSTGRES = "sqlite:///", ("postgresql://", "postgres://")
CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses as the product takes them; an empty one means: start your own."""

    database: str = ""
    redis: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Servers:
        return cls(environment.get("DATABASE_URL", ""), environment.get("REDIS_URL", ""))

    def check(self) -> None:
        """DemoError in one line, without the address: it may hold a password."""
        if self.database:
            _check_database(self.database)
        if self.redis:
            _check_redis(self.redis)

    def database_in(self, folder: Path) -> str:
        return self.database or f"{SQLITE}{folder / 'mostik.db'}"


def _check_database(url: str) -> None:
    if url.startswith(SQLITE):
        is_used = Path(url.removeprefix(SQLITE)).exists()
    elif url.startswith(POSTGRES):
        is_used = _holds_accounts(url)
    else:
        raise DemoError("DATABASE_URL must begin with postgresql:// or sqlite:///")
    if is_used:
        raise DemoError("the database of DATABASE_URL is in use already; give the demo an empty one")


def _holds_accounts(url: str) -> bool:
    try:
        connection = psycopg2.connect(url, connect_timeout=CONNECT_SECONDS)
    except psycopg2.Error as error:
        raise DemoError(f"the database of DATABASE_URL cannot be reached ({_first_line(error)})") from error
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('accounts') IS NOT NULL")
            if cursor.fetchone() == (False,):
                return False
            cursor.execute("SELECT EXISTS (SELECT FROM accounts)")
            return cursor.fetchone() == (True,)
    except psycopg2.Error as error:
        raise DemoError(f"the database of DATABASE_URL cannot be read ({_first_line(error)})") from error
    finally:
        connection.close()


def _check_redis(url: str) -> None:
    try:
        with Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS) as redis:
            redis.ping()
    except (RedisError, ValueError) as error:
        raise DemoError(f"the server of REDIS_URL cannot be reached ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
