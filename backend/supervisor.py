"""Keeps a set of processes running: starts them, restarts the dead ones, and leaves nothing behind.

Two of us watch each other: `guarded` outside, the `Supervisor` inside. Whichever is killed by SIGKILL,
the other one ends the rest, even what a dead worker left running. Programs are started; modules of our own
are forked from the one inside, which loads them once for all (`forks`).
"""

import ctypes
import gc
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend import forks
from backend.embedded import die_with_parent
from backend.forks import Fork, Forked

log = logging.getLogger(__name__)

PR_SET_CHILD_SUBREAPER = 36
LOOK_SECONDS = 0.2
STOP_SECONDS = 25.0  # gunicorn finishes its requests in 20
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
HEALTHY_SECONDS = 60.0  # a child that lived so long starts its pauses from the beginning

Command = Sequence[str] | Fork


@dataclass
class Child:
    """One process and when it may start again."""

    name: str
    command: Command
    process: subprocess.Popen[bytes] | Forked | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE
    dead: int | None = None

    def start(self, environment: Mapping[str, str], now: float) -> None:
        self.started_at = now
        if isinstance(self.command, Fork):
            self.process = Forked(self.command.after(self.dead) if self.dead else self.command, environment)
            return
        self.process = subprocess.Popen(  # noqa: S603  the commands are ours
            self.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
            preexec_fn=die_with_parent(),
        )

    def died(self, code: int, now: float) -> None:
        if now - self.started_at >= HEALTHY_SECONDS:
            self.pause = FIRST_PAUSE
        log.warning("process died name=%s code=%s restart_seconds=%.0f", self.name, code, self.pause)
        self.dead = self.process.pid if self.process else None
        self.process = None
        self.start_at = now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)


class Supervisor:
    """`run()` returns when SIGTERM or SIGINT came and every process is gone."""

    def __init__(self, commands: Mapping[str, Command], environment: Mapping[str, str]) -> None:
        self._children = [Child(name, command) for name, command in commands.items()]
        self._environment = environment
        self._is_stopping = False
        self._is_loaded = False
        self._known = set(_own_children())  # started by others in this process: theirs to stop

    def run(self) -> None:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._ask_to_stop)
        _adopt_orphans()
        try:
            while not self._is_stopping:
                self._look(time.monotonic())
                self._reap_orphans()
                time.sleep(LOOK_SECONDS)
        finally:
            self._stop()

    def _ask_to_stop(self, *_: object) -> None:
        self._is_stopping = True

    def _look(self, now: float) -> None:
        for child in self._children:
            code = child.process.poll() if child.process else None
            if code is not None:
                child.died(code, now)
            if child.process is None and now >= child.start_at:
                if isinstance(child.command, Fork):
                    self._load()
                child.start(self._environment, now)

    def _load(self) -> None:
        """Only now: the programs before the first fork are starting meanwhile."""
        if not self._is_loaded:
            self._is_loaded = True
            commands = [child.command for child in self._children]
            forks.load(command.module for command in commands if isinstance(command, Fork))

    def _orphans(self) -> set[int]:
        ours = {child.process.pid for child in self._children if child.process}
        return _own_children() - ours - self._known

    def _reap_orphans(self) -> None:
        for pid in self._orphans():
            os.waitpid(pid, os.WNOHANG)

    def _stop(self) -> None:
        running = [child.process for child in self._children if child.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            _wait(process, deadline)
        _kill_all(self._orphans)
        log.info("processes stopped")


def _wait(process: subprocess.Popen[bytes] | Forked, deadline: float) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        log.warning("process did not stop in time pid=%d", process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def guarded(run: Callable[[], int]) -> int:
    """Call `run` in a child: it stops in order when we are killed, and we end its family when it is."""
    _adopt_orphans()
    prepare = die_with_parent()
    gc.freeze()  # a collection in one of us would copy what both share
    pid = os.fork()
    if pid == 0:
        os.setsid()  # Ctrl-C comes once, from us
        prepare()
        return run()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: os.kill(pid, signal.SIGTERM))
    _, status = os.waitpid(pid, 0)
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, signal.SIG_IGN)
    _kill_all(_own_children)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code  # as a shell reports a signal


def _adopt_orphans() -> None:
    """A process whose parent died comes to us instead of init, so that we can end it too."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _kill_all(find: Callable[[], set[int]]) -> None:
    while found := find():  # again and again: each may leave us children of its own
        for pid in found:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _own_children() -> set[int]:
    """Includes what our dead children left to us."""
    threads = Path("/proc/self/task").glob("*/children")
    return {int(pid) for listing in threads for pid in listing.read_text().split()}
