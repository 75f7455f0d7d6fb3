"""A real Asterisk for the tests of this folder, and people with phones on it."""

import pytest

from tests.asterisk.rig.pbx import Pbx
from tests.asterisk.rig.phones import phones


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    """Runs while the tests of one module do; whom to ring it asks at an address where nobody is."""
    with Pbx(tmp_path_factory.mktemp("asterisk")) as pbx:
        yield pbx


@pytest.fixture
def people(exchange):
    with phones(exchange) as there:
        yield there
