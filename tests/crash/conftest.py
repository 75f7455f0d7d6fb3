"""Installations for the tests of death: each is stopped at the end, whatever happened."""

import pytest

from tests.crash.world import Installation
from tests.support.postgres import postgres_server


@pytest.fixture(scope="package")
def durable_postgres():
    with postgres_server(fsync=True) as server:
        yield server


@pytest.fixture
def database(request, tmp_path):
    """A database as durable as in production."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'mostik.db'}"
    return request.getfixturevalue("durable_postgres").fresh_url()


@pytest.fixture
def installation(tmp_path):
    """`installation(database_url, accounts_count, workers=3, text=configuration, **settings)` is up, with
    nothing booked.
    """
    made = []

    def make(database_url, accounts_count, workers=3, web=1, **settings):
        made.append(Installation(tmp_path, database_url, accounts_count, **settings))
        made[-1].start(web, workers)
        return made[-1]

    yield make
    for one in made:
        one.stop()
