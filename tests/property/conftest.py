"""Stands for generated histories."""

import pytest

from backend.flows.vendors import clients
from tests.property.histories import Stage
from tests.support.stand_fixtures import NO_WAITING


@pytest.fixture
def stage(tmp_path, redis_url, monkeypatch):
    """Opens a network in which nothing has happened yet, as often as asked."""
    monkeypatch.setattr(clients, "YCLIENTS_WINDOWS", NO_WAITING)
    return Stage(tmp_path, redis_url)
