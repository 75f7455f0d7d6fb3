"""Processes of one test: each in a session of its own, all gone at the end, nobody else ever touched."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from backend.embedded import die_with_parent

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
STOP_SECONDS = 10


class Family:
    def __init__(self, logs):
        self.logs = logs
        self.members = {}

    def start(self, name, module, *arguments, environment=None):
        with (self.logs / f"{name}.log").open("ab") as log:
            self.members[name] = subprocess.Popen(
                [sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT, env=environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=die_with_parent(),
            )  # fmt: skip
        return self.members[name]

    def wait_for(self, url, process):
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(requests.RequestException):
                if requests.get(url, timeout=2).ok:
                    return
            assert process.poll() is None, f"{process.args} ended: {self.log_of(process)}"
            assert time.monotonic() < deadline, f"{url} does not answer: {self.log_of(process)}"
            time.sleep(0.05)

    def log_of(self, process):
        name = next(name for name, member in self.members.items() if member is process)
        return (self.logs / f"{name}.log").read_text(errors="replace")[-2000:]

    def stop(self):
        """Politely, in the reverse order; then whoever is left of each session: an orphaned work-horse."""
        for process in reversed(self.members.values()):
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in reversed(self.members.values()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            for pid in session_of(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


def session_of(leader):
    """Every live process of the session that `leader` began."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == leader and fields[0] != "Z":
                    found.append(int(entry.name))
    return found
