"""How long a person's request may go on asking vendors: a thread of the web server is not theirs to hold."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend.core.errors import TryLater
from backend.flows.context import KeepAlive

SECONDS = 15.0  # with the last answer waited for, less than a proxy's half a minute in all but the worst case


def begun(clock: Callable[[], float] = time.monotonic) -> KeepAlive:
    """Called before each request to a vendor; TryLater once the time is up."""
    until = clock() + SECONDS

    def check() -> None:
        if clock() > until:
            raise TryLater("outside.slow")

    return check
