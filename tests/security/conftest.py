"""People who come to a stand's doors, each with the session that they would have."""

import pytest

from backend.flows.people import sessions
from backend.store import accounts, operators
from tests.support.screens import SPARE
from tests.support.stand import ANNA, CLIENT
from tests.support.stand_fixtures import calls, stand

__all__ = ["calls", "stand"]

STRANGER = "sakura.amocrm.ru"
CSRF = "the token of this session"
PASSWORD = "a long enough password"


def session_of(stand, who):
    """What the session cookie of this person holds. `admin` and `stranger` came through the widget."""
    if who == "anonymous":
        return {}
    if who in operators.ROLES:
        return sessions.begun_by(operators.by_id(operators.add(who, PASSWORD, who, stand.now())))
    account = stand.account if who == "admin" else other_account(stand)
    return sessions.begun_by_admin(account, ANNA, "Анна", stand.now())


def other_account(stand):
    amo = stand.world.amocrm
    if STRANGER not in amo.accounts:
        user = {"id": ANNA, "name": "Анна", "is_admin": True}
        amo.account(STRANGER, id=30000002, timezone="Europe/Moscow", users=[user])
        assert amo.install(STRANGER, CLIENT, "server")["status"] == 200
        stand.work()
    return accounts.by_domain(STRANGER)


@pytest.fixture
def comes(stand):
    """`comes("viewer")` is a browser of this person; each has a form token in their session."""
    operators.add(SPARE, PASSWORD, "owner", stand.now())

    def open_browser(who):
        contents = session_of(stand, who)

        def fresh():
            """Another window of the same person: what one request does to the cookie, no other sees."""
            client = stand.app.test_client()
            with client.session_transaction() as session:
                session.update({**contents, "csrf": CSRF})
            return client

        return fresh

    return open_browser
