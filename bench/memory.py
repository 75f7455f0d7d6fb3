"""How much memory the product's processes have together, each shared page counted once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

LOOK_SECONDS = 0.5
KIBIBYTE = 1024
MEGABYTE = 1_000_000


class Watch:
    """Looks again and again while the block runs; `highest` is the greatest sum. While a job runs, the
    worker's fork is in it.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.highest = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self.highest = max(self.highest, sum(pss(pid) for pid in family(self.pid)) / MEGABYTE)


def family(pid: int) -> Iterator[int]:
    """A process and all that it started, and what these started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def pss(pid: int) -> int:
    """Bytes; 0 for a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * KIBIBYTE for line in lines if line.startswith("Pss:"))
