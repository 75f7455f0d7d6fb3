"""`python -m backend.calls`: the worker of the queue `calls`, so that a long sync delays nothing that follows
from a call. While no account has a telephone exchange it sleeps small.
"""

from __future__ import annotations

import logging
import signal
import threading

from peewee import PeeweeException

from backend import logs
from backend.core.errors import AppError
from backend.settings import Settings
from backend.store import db
from backend.store.telephony import pbxes

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
QUEUE = "calls"
STOPS = (signal.SIGTERM, signal.SIGINT)


def main() -> None:
    settings = Settings.from_env()
    logs.configure(settings.log_level)
    db.connect(settings.database_url)
    stop = threading.Event()
    for number in STOPS:
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        if _has_exchange():
            db.database.close_all()
            _serve()
            return
        stop.wait(LOOK_SECONDS)


def _serve() -> None:
    from backend import worker  # large, unless the code is shared by a fork

    for number in STOPS:
        signal.signal(number, signal.default_int_handler)  # until the worker sets its own
    worker.main([QUEUE])


def _has_exchange() -> bool:
    try:
        with db.connection():
            return any(pbxes.revisions(kind) for kind in (pbxes.ASTERISK, pbxes.CLOUD))
    except (AppError, PeeweeException) as error:
        log.warning("exchanges not read error=%s", error)
        return False


if __name__ == "__main__":
    main()
