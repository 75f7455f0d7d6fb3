"""The panel over a whole stand, with browsers of an owner and of a viewer."""

import pytest

from backend.store import operators
from tests.support.stand import DOMAIN, LASER_ARMPITS, LASER_LEGS
from tests.support.stand_fixtures import field_id, stand

PASSWORD = "a long enough password"
HOME = f"/admin/accounts/{DOMAIN}"

__all__ = ["field_id", "stand"]


class Browser:
    """A test client that fills in the form token like a browser does."""

    def __init__(self, stand):
        self.client = stand.app.test_client()

    def get(self, path, **more):
        return self.client.get(path, **more)

    def fragment(self, path):
        return self.client.get(path, headers={"HX-Request": "true"})

    def token(self, path="/admin/sign-in"):
        return self.client.get(path).text.split('name="csrf" value="')[1].split('"')[0]

    def post(self, path, **fields):
        return self.client.post(path, data={"csrf": self.token(), **fields})

    def sign_in(self, login, password=PASSWORD, **fields):
        return self.post("/admin/sign-in", login=login, password=password, **fields)


@pytest.fixture
def browser(stand):
    """Nobody is signed in."""
    return Browser(stand)


@pytest.fixture
def owner(stand):
    operators.add("irina", PASSWORD, "owner", stand.now())
    opened = Browser(stand)
    assert opened.sign_in("irina").status_code == 303
    return opened


@pytest.fixture
def viewer(stand):
    operators.add("guest", PASSWORD, "viewer", stand.now())
    opened = Browser(stand)
    assert opened.sign_in("guest").status_code == 303
    return opened


@pytest.fixture
def booked(stand):
    """A booking of two services that has become a lead."""
    record = stand.book(LASER_ARMPITS, LASER_LEGS, comment="Аллергия на лидокаин")
    stand.settle()
    return record
