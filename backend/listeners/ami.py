"""`python -m backend.listeners.ami`: listens to the Asterisks of all accounts, and dials what people click.

While no account has one it sleeps small: what it needs to serve is loaded when the first is there.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from peewee import PeeweeException

from backend import logs
from backend.core.errors import AppError
from backend.settings import Settings
from backend.store import db, lanes
from backend.store.telephony import pbxes

if TYPE_CHECKING:
    from backend.listeners.posts import Posts

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0  # how soon a new, changed or removed PBX is noticed


def main(words: Sequence[str] = ()) -> None:
    """The word, if any, is the pid of the one before us, which is dead: nobody waits for its leases."""
    settings = Settings.from_env()
    logs.configure(settings.log_level)
    db.connect(settings.database_url)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    posts: Posts | None = None
    while not stop.wait(LOOK_SECONDS if posts else 0.0):
        revisions = _revisions()
        if revisions is None or (posts is None and not revisions):
            stop.wait(LOOK_SECONDS)
            continue
        posts = posts or _posts(settings, *map(int, words))
        posts.tend(revisions)
    if posts is not None:
        posts.stop()


def _revisions() -> dict[int, int] | None:
    """None when the database does not answer: nothing changes then."""
    try:
        with db.connection():
            return pbxes.revisions(pbxes.ASTERISK)
    except (AppError, PeeweeException) as error:
        log.warning("exchanges not read error=%s", error)
        return None


def _posts(settings: Settings, dead: int | None = None) -> Posts:
    from backend.listeners.posts import Posts
    from backend.wiring import build_context, owners

    ctx = build_context(settings)
    if dead is not None:
        _inherit(owners(dead))
    return Posts(ctx)


def _inherit(owners: str) -> None:
    try:
        with db.connection():
            log.info("leases of the dead ended lanes=%d", lanes.end_of(owners))
    except (AppError, PeeweeException) as error:  # then they run out by themselves, in seconds
        log.warning("leases of the dead not ended error=%s", error)


if __name__ == "__main__":
    main()
