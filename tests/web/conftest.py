"""The doors of a whole running stand: emulators, real store, real Redis."""

import pytest

from backend.store import connections
from tests.support.stand import TVERSKAYA
from tests.support.stand_fixtures import stand

__all__ = ["stand"]


@pytest.fixture
def client(stand):
    return stand.app.test_client()


@pytest.fixture
def hook_path(stand):
    """The path of the first salon's hook, its secret included."""
    return f"/hooks/yclients/{connections.get(stand.account.id, TVERSKAYA).hook_secret}"
