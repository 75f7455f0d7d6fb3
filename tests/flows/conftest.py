"""Flows on the Stand: the real store, both emulators, a worker that is stepped by hand."""

from pathlib import Path

import pytest

from tests.support.call_tables import CallTables
from tests.support.forwarding import forwarded
from tests.support.stand_fixtures import (
    alarm_codes,
    calls,
    caught_hooks,
    field_id,
    get8,
    new_get8,
    post_hook,
    stand,
)

__all__ = ["alarm_codes", "calls", "caught_hooks", "field_id", "get8", "new_get8", "post_hook", "stand"]


@pytest.fixture(params=["sqlite", "mysql", "postgresql"])
def engine(request):
    return request.param


@pytest.fixture
def played(engine, request, tmp_path):
    """Empty call tables in a database of this kind."""
    if engine == "sqlite":
        address = f"sqlite:///{tmp_path / 'master.db'}"
    else:
        address = request.getfixturevalue("mariadb_url" if engine == "mysql" else "postgres_address")
    opened = CallTables(address)
    yield opened
    opened.close()


@pytest.fixture
def postgres_address(postgres, postgres_url):
    """As a PBX's owner would give it: a server with a port."""
    name = postgres_url.rpartition("@/")[2].partition("?")[0]
    with forwarded(Path(postgres.directory) / ".s.PGSQL.5432") as port:
        yield f"postgresql://postgres@127.0.0.1:{port}/{name}"


@pytest.fixture
def file_tables(tmp_path):
    opened = CallTables(f"sqlite:///{tmp_path / 'master.db'}")
    yield opened
    opened.close()
