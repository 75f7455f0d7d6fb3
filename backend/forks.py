"""Processes of our own modules, forked from one that has loaded their code: they share its memory.

Each looks and ends like a program of its own. What is loaded before a fork must connect to nothing, open
nothing and start no thread: our modules do all that in their `main`.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from backend.embedded import die_with_parent

STOPS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.02
ARG_START, ARG_END = 45, 46  # fields 48 and 49 of proc(5), counted behind the name in brackets

_forking = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Fork:
    """The `main` of a module, called with `words` if there are any. `is_heir`: begun again after a death, it
    is given one more word, the pid of the dead one, for whose leases nobody has to wait.
    """

    module: str
    words: tuple[str, ...] = ()
    is_heir: bool = False

    def after(self, pid: int) -> Fork:
        return replace(self, words=(*self.words, str(pid))) if self.is_heir else self


def load(modules: Iterable[str]) -> None:
    """Before the first fork. The collector leaves alone what is loaded: touching it would copy it."""
    for module in modules:
        with contextlib.suppress(ImportError):  # then the fork that needs it fails, says so, and tries again
            importlib.import_module(module)
    gc.collect()
    gc.freeze()


class Forked:
    """A running one: as much of `subprocess.Popen` as its keeper needs."""

    def __init__(self, fork: Fork, environment: Mapping[str, str]) -> None:
        start = (fork, environment, die_with_parent())
        self._process = _forking.Process(target=_live, args=start, name=fork.module)
        with _no_stop():
            self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self, timeout: float | None = None) -> int:
        # Not join(): that one waits for a job which the dead process left behind, too.
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return code


@contextlib.contextmanager
def _no_stop() -> Iterator[None]:
    """A fork has our handlers at first: what comes in that moment waits until it has its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _live(fork: Fork, environment: Mapping[str, str], prepare: Callable[[], None]) -> None:
    """In the new process: first everything that `exec` would have done."""
    prepare()
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    os.environ.clear()  # noqa: TID251  what the settings will be read from
    os.environ.update(environment)  # noqa: TID251
    time.tzset()
    _show(fork)
    main = importlib.import_module(fork.module).main
    sys.exit(main(fork.words) if fork.words else main())


def _show(fork: Fork) -> None:
    """`ps` and `pgrep -f` find the module: it stands where the kernel keeps the words of our own start."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[ARG_START]), int(fields[ARG_END])
    if room := max(0, end - start - 1):  # 0 in a sandbox that does not tell; the process works all the same
        words = "\0".join((fork.module, *fork.words)).encode()[:room]
        ctypes.memset(start, 0, room + 1)
        ctypes.memmove(start, words, len(words))
