"""Recordings in a folder that is mounted on this machine."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from backend.core.errors import InvalidInput, TryLater
from backend.core.telephony.recordings import safe_ones
from backend.integrations.recordings.source import PIECE, KeepAlive, check_size


@dataclass(frozen=True, slots=True)
class Folder:
    root: Path

    def fetch(self, names: Sequence[str], target: Path, keep_alive: KeepAlive) -> str | None:
        root = self._root()
        for name in safe_ones(names):
            found = _inside(root, name)
            if found is not None:
                _copy(found, target, keep_alive)
                return name
        return None

    def check(self) -> None:
        root = self._root()
        if not os.access(root, os.R_OK | os.X_OK):
            raise InvalidInput("telephony_recordings.folder_unreadable")

    def _root(self) -> Path:
        """A folder that is not mounted today may be tomorrow."""
        try:
            root = self.root.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise TryLater("telephony_recordings.folder_missing") from error
        if not root.is_dir():
            raise TryLater("telephony_recordings.folder_missing")
        return root


def _inside(root: Path, name: str) -> Path | None:
    """The file itself, past every link; None when there is none. Links that lead out are refused aloud."""
    try:
        found = (root / name).resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    if not found.is_relative_to(root):
        raise InvalidInput("telephony_recordings.leads_out")
    return found


def _copy(found: Path, target: Path, keep_alive: KeepAlive) -> None:
    """Whoever puts a link in its place meanwhile gets nothing: the last step follows none."""
    try:
        descriptor = os.open(found, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise InvalidInput("telephony_recordings.folder_unreadable") from error
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        os.close(descriptor)
        raise InvalidInput("telephony_recordings.no_file")
    with os.fdopen(descriptor, "rb") as read:
        check_size(before.st_size)
        _pour(read, target, keep_alive)
        after = os.fstat(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise TryLater("telephony_recordings.still_written")


def _pour(read: BinaryIO, target: Path, keep_alive: KeepAlive) -> None:
    size = 0
    with target.open("wb") as written:
        while piece := read.read(PIECE):
            size += len(piece)
            check_size(size)
            written.write(piece)
            keep_alive()
