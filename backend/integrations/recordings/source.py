"""What every place of recordings does, and what it says when it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from backend.core.errors import InvalidInput

LARGEST = 300 * 1024 * 1024  # bytes of one file: five hours of the plainest sound
PIECE = 256 * 1024

KeepAlive = Callable[[], None]


class Source(Protocol):
    def fetch(self, names: Sequence[str], target: Path, keep_alive: KeepAlive) -> str | None:
        """Copies the first of these that is there into `target`; its name, None when none is there.

        TryLater when the place is away or the file is still being written; InvalidInput when it never will.
        """
        ...

    def check(self) -> None:
        """Whether it can be reached as it is set up. Raises like `fetch`."""
        ...


def check_size(size: int) -> None:
    if size > LARGEST:
        raise InvalidInput("telephony_recordings.too_large", megabytes=size // 1024**2)
