"""A listener in this process, an Asterisk that does not exist beside it."""

import dataclasses
from datetime import UTC, datetime

import pytest

from backend.listeners.posts import Posts
from backend.store import db
from backend.store.telephony import pbxes
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.rights import Account
from tests.support.calls import CallStand
from tests.support.talks import until

ACCOUNT = Account()


class Listening:
    """Posts of a stand, tended as the process's main thread would. Calls happen by the real clock."""

    def __init__(self, stand):
        self.stand = stand
        self.ctx = dataclasses.replace(stand.ctx, now=lambda: datetime.now(UTC))
        self._opened = []

    def connect(self, pbx, **changes):
        """The account's PBX is this one from now on."""
        settings = {"port": pbx.port, "login": ACCOUNT.name, "secret": ACCOUNT.secret, **changes}
        self.stand.pbx = pbxes.save(dataclasses.replace(self.stand.pbx, **settings))
        return self.stand.pbx

    def listen(self, owner="first"):
        posts = Posts(dataclasses.replace(self.ctx, owner=owner))
        self._opened.append(posts)
        posts.tend(pbxes.revisions("asterisk"))
        return posts

    def state(self):
        return pbxes.state(self.stand.pbx.id)

    def is_up(self):
        return self.state().connected_since is not None

    def calls(self):
        rows = db.rows("SELECT uniq, state, way, stage FROM calls ORDER BY id")
        return [dict(zip(("uniq", "state", "way", "stage"), row, strict=True)) for row in rows]

    def close(self):
        for posts in self._opened:
            posts.stop()


@pytest.fixture
def listening(tmp_path, redis_url):
    stand = CallStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    opened = Listening(stand)
    yield opened
    opened.close()
    stand.close()


@pytest.fixture
def pbx():
    with Asterisk() as opened:
        yield opened


@pytest.fixture
def up(listening, pbx):
    """Connected, and all that is asked at the beginning is answered."""
    listening.connect(pbx)
    listening.listen()
    until(listening.is_up)
    until(lambda: listening.state().version)
    return listening
