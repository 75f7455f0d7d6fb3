"""A stand that is installed and configured is kept once in a process, and all that begin alike are copies of
it: installing is most of what a small test takes. A copy begins at the moment at which the first was kept.
"""

import copyreg
import io
import pickle
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from backend.store import db

YOUNG_SECONDS = 60  # business time is the real one at first: a copy must not lag behind it by much
CONNECTED = ("ctx", "app", "at", "rung")  # every stand has its own

_kept = {}


@dataclass(frozen=True)
class Kept:
    state: bytes
    database: bytes
    memory: tuple  # (key, milliseconds to live, dumped value) of Redis
    at: float
    began: float  # the same on a clock that only goes forward


def find(stand):
    """What was kept a moment ago of one that began like this one."""
    found = _kept.get(_kind(stand))
    return found if found and time.monotonic() - found.began < YOUNG_SECONDS else None


def keep(stand):
    """Nothing is on its way and nothing is due; see Stand.work."""
    at = time.time()
    state = {name: value for name, value in vars(stand).items() if name not in CONNECTED}
    memory = tuple(_remembered(stand.ctx.redis))
    _kept[_kind(stand)] = Kept(_dumped(state), _copied(), memory, at, time.monotonic())


def _kind(stand):
    return type(stand), stand.at


def put(kept, database_url, redis_url):
    """Database and memory as they were, and what the stand knew of itself; its clock goes on from there."""
    Path(database_url.removeprefix("sqlite:///")).write_bytes(kept.database)
    with redis.Redis.from_url(redis_url) as memory, memory.pipeline() as at_once:
        for key, milliseconds, value in kept.memory:
            at_once.restore(key, milliseconds, value, replace=True)
        at_once.execute()
    state = pickle.loads(kept.state)  # noqa: S301  our own bytes, a moment old
    state["world"].clock.offset -= time.time() - kept.at
    return state


def _copied():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stand.db"
        db.run("VACUUM INTO %s", (str(file),))
        return file.read_bytes()


def _remembered(memory):
    for key in memory.scan_iter():
        yield key, max(0, memory.pttl(key)), memory.dump(key)


def _dumped(state):
    file = io.BytesIO()
    _Pickler(file).dump(state)
    return file.getvalue()


class _Pickler(pickle.Pickler):
    """Locks are made anew."""

    dispatch_table = copyreg.dispatch_table | {
        type(threading.Lock()): lambda _: (threading.Lock, ()),
        type(threading.RLock()): lambda _: (threading.RLock, ()),
        threading.Condition: lambda _: (threading.Condition, ()),
    }
