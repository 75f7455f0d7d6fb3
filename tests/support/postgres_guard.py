"""Runs PostgreSQL for as long as the tests live: `postgres_guard.py PARENT_PID DIRECTORY COMMAND…`.

A process of its own, because only somebody who is still alive can stop the server and remove its files after
the tests were killed. It imports nothing but the standard library.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

NOBODY = 65534
LOOK_SECONDS = 0.25
IMMEDIATE = signal.SIGQUIT  # PostgreSQL's "immediate shutdown": its data is thrown away anyway
STOP_SECONDS = 10


def main(parent: int, directory: Path, command: list[str]) -> None:
    stopped = []
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, lambda *_: stopped.append(True))
    identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    with (directory / "postgres.log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **identity)
    while not stopped and os.getppid() == parent and server.poll() is None:
        time.sleep(LOOK_SECONDS)
    _stop(server)
    if stopped or os.getppid() != parent:  # a server that failed leaves its log for the tests to show
        shutil.rmtree(directory, ignore_errors=True)


def _stop(server: subprocess.Popen) -> None:
    if server.poll() is None:
        server.send_signal(IMMEDIATE)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
