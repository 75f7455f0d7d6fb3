"""One logging setup for all processes: a line per thing that happened, with its account and its event."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

FORMAT = "%(asctime)s %(levelname)s %(name)s account=%(account_id)s event=%(event_id)s %(message)s"
NOISY = (
    "peewee",
    "urllib3",
    "rq.worker",
    "rq.scheduler",
    "werkzeug",
)  # peewee would log secrets with its SQL

_about: ContextVar[tuple[str, str]] = ContextVar("about", default=("-", "-"))


class About(logging.Filter):
    """Adds `account_id` and `event_id` to every record; a dash when there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.account_id, record.event_id = _about.get()
        return True


class OneLine(logging.Formatter):
    """Times in UTC; a line break inside a message can never pretend to be another line."""

    converter = staticmethod(time.gmtime)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = record.message.replace("\r", "\\r").replace("\n", "\\n")
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Where it happened and what kind of error it was. Its message may quote a client, so it stays out:
        the event's own page has it.
        """
        kind, _, trace = ei
        return f"Traceback:\n{''.join(traceback.format_tb(trace))}{getattr(kind, '__qualname__', kind)}"


def configure(level: str = "INFO") -> None:
    """Sends everything to stderr; calling it again replaces the earlier setup."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(About())
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


@contextmanager
def about(account_id: int | str = "-", event_id: int | str = "-") -> Iterator[None]:
    """Every line logged inside belongs to this account and event."""
    token = _about.set((str(account_id), str(event_id)))
    try:
        yield
    finally:
        _about.reset(token)
