"""Kills busy processes: some at a chosen point of the road, some from outside at no particular moment."""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

from tests.crash.points import ALONE, FAMILY, WEB_ROWS

WEIGHTS = {
    "take.before": 2, "take.after": 2, "newest.before": 2, "newest.after": 2,
    "gather.before": 2, "gather.after": 2, "decide.before": 2, "decide.after": 2,
    "plan.before": 2, "plan.after": 3, "apply.before": 3, "apply.after": 9,
    "settle.before": 5, "settle.after": 3, "close.before": 3, "close.after": 2,
}  # fmt: skip
WEB_POINTS = ("door.after", "insert.before", "insert.after", "ring.before", "ring.after")
AT_ONCE = 2  # orders that wait for a victim
FROM_OUTSIDE = 1 / 8
LOOK_SECONDS = 0.02


class Killer(threading.Thread):
    """Goes on until `workers` busy workers and `web` web processes are dead, in `seconds` or a little more;
    `stop()` ends it early.
    """

    def __init__(self, scaffold, workers, web, seconds, seed):
        super().__init__(name="killer", daemon=True)
        self.scaffold = scaffold
        self.wanted = {"worker": workers, "web": web}
        self.seconds = seconds
        self.random = random.Random(seed)
        self.is_over = threading.Event()

    def run(self):
        started = time.monotonic()
        while not self.is_over.wait(LOOK_SECONDS):
            done = self.done()
            if all(done[kind] >= self.wanted[kind] for kind in done):
                break
            share = (time.monotonic() - started) / self.seconds
            if done["worker"] < min(self.wanted["worker"], share * self.wanted["worker"]):
                self._order_worker(done["worker"])
            if done["web"] < min(self.wanted["web"], share * self.wanted["web"]):
                self._order_web()
        self.scaffold.withdraw()

    def stop(self):
        self.is_over.set()
        self.join()
        self.scaffold.withdraw()

    def done(self):
        kinds = Counter("web" if s.row in WEB_ROWS else "worker" for s in self.scaffold.strikes())
        return {kind: kinds[kind] for kind in self.wanted}

    def _order_worker(self, done):
        """Mostly at a point; every eighth from outside."""
        ordered = self.scaffold.ordered() - set(WEB_POINTS)
        if len(ordered) >= min(AT_ONCE, self.wanted["worker"] - done):
            return
        if self.random.random() < FROM_OUTSIDE:
            self._kill_from_outside()
            return
        points = self._struck()
        free = [point for point in WEIGHTS if point not in ordered]
        rarest = min(free, key=lambda p: (points[p] / WEIGHTS[p], self.random.random()))
        self.scaffold.order(rarest, self.random.choice([FAMILY, ALONE]))

    def _order_web(self):
        if not self.scaffold.ordered() & set(WEB_POINTS):
            points = self._struck()
            self.scaffold.order(min(WEB_POINTS, key=lambda p: (points[p], self.random.random())), "web")

    def _struck(self):
        return Counter(strike.point for strike in self.scaffold.strikes() if strike.way != "outside")

    def _kill_from_outside(self):
        busy = self.scaffold.busy()
        pids = [pid for pid in busy if is_victim(pid)]
        if not pids:
            return
        pid = self.random.choice(pids)
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(pid, signal.SIGSTOP)  # it must not move between the look and the blow
            point = busy[pid].read_text() or "take.before"
            parent = parent_of(pid)
            if self.random.random() < 0.5 and is_victim(parent):
                os.kill(parent, signal.SIGKILL)
            os.kill(pid, signal.SIGKILL)
            self.scaffold.note(point, "outside")
            busy[pid].unlink()


def is_victim(pid):
    """Our own work-horse or worker: nobody else may ever be hit, whatever number a stale note holds."""
    try:
        return b"tests.crash.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def parent_of(pid):
    status = Path(f"/proc/{pid}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1])
