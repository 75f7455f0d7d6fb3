"""A real Asterisk for the tests of this folder, people with phones on it, and a company around it."""

import pytest

from tests.asterisk.company import Company
from tests.asterisk.rig.pbx import Pbx
from tests.asterisk.rig.phones import phones


@pytest.fixture(scope="session")
def exchange(tmp_path_factory):
    """Runs while the tests of this folder do. Whom to ring it asks at an address where nobody is."""
    with Pbx(tmp_path_factory.mktemp("asterisk")) as pbx:
        yield pbx


@pytest.fixture
def people(exchange):
    with phones(exchange) as there:
        yield there


@pytest.fixture(scope="session")
def company(exchange, tmp_path_factory):
    """Every process of ours, connected to the exchange over TLS: started once, called by every test."""
    one = Company(tmp_path_factory.mktemp("company"), exchange)
    try:
        one.open()
        yield one
    finally:
        one.close()
