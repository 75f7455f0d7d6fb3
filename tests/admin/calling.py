"""For the screens of telephony: a stand with a telephone exchange, and calls kept without being worked on."""

import pytest

from backend.store.telephony import calls
from tests.support.calls import CallStand


@pytest.fixture
def stand(tmp_path, redis_url):
    opened = CallStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    yield opened
    opened.close()


def keep(stand, way="in", *, user_id=None, client_key="", line="", **more):
    """A call that has ended; nothing is done about it."""
    call = stand.call(way, **more)
    seen = {"user_id": user_id, "client_key": client_key, "line": line}
    return calls.save(stand.account.id, call, now=stand.now(), **seen)
