"""`python -m tests.crash.worker COUNT`: a nursery of real workers that can be told where to die.

Everything is imported once; each worker is forked from here, and again when it dies, so two hundred deaths
cost two hundred forks and not two hundred starts of Python. The only change to the product's code is: at the
points of the table the process may kill itself. (The emulator's limits are off, so ours is wide.)
"""

import contextlib
import os
import signal
import sys
import time

from backend import worker
from backend.flows.sync import bookings, readings
from backend.flows.telephony.after import calls
from backend.flows.telephony.after import facts as call_facts
from backend.flows.vendors import clients
from backend.integrations.amocrm.client import AmoClient
from backend.store import events, lanes, mirror, outbox, settlement
from backend.store.telephony import settling
from tests.crash import points
from tests.crash.points import Scaffold

NO_WAITING = ((1000, 1.0),)


class Victims:
    def __init__(self, directory):
        self.scaffold = Scaffold(directory)
        self.parent = 0  # the RQ worker of this work-horse

    def install(self):
        for owner, name, row in (
            (events, "begin", "take"), (readings, "newest", "newest"), (mirror, "open_leads_of", "gather"),
            (bookings, "decide", "decide"), (outbox, "plan", "plan"), (AmoClient, "write", "apply"),
            (settlement, "settle", "settle"), (settlement, "finish", "close"),
            (calls, "_heard", "newest"), (call_facts, "gather", "gather"), (calls, "decide", "decide"),
            (settling, "settle", "settle"), (settling, "finish", "close"),
        ):  # fmt: skip
            points.around(self.reach, owner, name, row)
        self._note_holding()
        clients.YCLIENTS_WINDOWS = NO_WAITING

    def _note_holding(self):
        take, release = lanes.take, lanes.release

        def hold(lane_id, owner, seconds):
            lease = take(lane_id, owner, seconds)
            if lease is not None:
                self.scaffold.holds(lane_id, "takes")
            return lease

        def let_go(lease):
            self.scaffold.holds(lease.lane_id, "leaves")
            release(lease)
            self.scaffold.idle()

        lanes.take, lanes.release = hold, let_go

    def reach(self, point):
        self.scaffold.step(point)
        way = self.scaffold.is_due(point)
        if way is None:
            return
        if way == points.FROZEN:
            points.freeze()
            return
        if way == points.FAMILY and os.getppid() == self.parent:
            os.kill(self.parent, signal.SIGKILL)
        points.die()


def start(victims):
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        victims.parent = os.getpid()
        worker.main()
    finally:
        os._exit(1)


def main():
    victims = Victims(os.environ["CRASH_DIRECTORY"])
    victims.install()
    alive = {start(victims) for _ in range(int(sys.argv[1]))}
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    while not stopped:
        time.sleep(0.02)
        gone = {pid for pid in alive if os.waitpid(pid, os.WNOHANG)[0]}
        alive = alive - gone | {start(victims) for _ in gone}
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    for pid in alive:
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
