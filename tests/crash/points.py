"""Where a process may die: the rows of the architecture's table (section 5), each before and after its step.

Killer and victims share a directory and no server, so that nothing the product relies on is touched:
`orders/` holds the points at which the next process to come by must die, `struck/` who died where, and
`steps/` where each busy process is now. A rename decides who takes an order: exactly one process does.
"""

import os
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROWS = {
    "door": "authenticate, read envelope",
    "insert": "dedupe + insert event",
    "ring": "ring the lane",
    "take": "take the lane, read its due events",
    "newest": "keep the newest per subject",
    "gather": "gather facts, in bulk",
    "decide": "decide, per subject",
    "plan": "plan",
    "apply": "apply, one API batch",
    "settle": "settle commands, remember links",
    "close": "close event",
}
WEB_ROWS = ("door", "insert", "ring")
GAP = ("apply.after", "settle.before")  # amoCRM has committed, we have not
FAMILY, ALONE = "family", "alone"  # the RQ worker together with its forked work-horse, or the work-horse only
FROZEN = "frozen"  # not dead, but asleep until somebody sends SIGCONT


@dataclass(frozen=True)
class Strike:
    point: str
    way: str  # family, alone, web, or outside: a kill at no particular place

    @property
    def row(self):
        return self.point.partition(".")[0]


class Scaffold:
    def __init__(self, directory):
        self.orders, self.struck, self.steps = (Path(directory, n) for n in ("orders", "struck", "steps"))

    def build(self):
        for part in (self.orders, self.struck, self.steps):
            part.mkdir(parents=True)
        return self

    # The killer's side

    def order(self, point, way):
        draft = self.orders.parent / "draft"
        draft.write_text(way)
        draft.rename(self.orders / point)

    def withdraw(self):
        for order in self.orders.iterdir():
            order.unlink(missing_ok=True)

    def ordered(self):
        return {order.name for order in self.orders.iterdir()}

    def note(self, point, way):
        (self.struck / f"{point}-{way}-{os.getpid()}-{time.monotonic_ns()}").touch()

    def strikes(self):
        return [Strike(*name.name.split("-")[:2]) for name in self.struck.iterdir()]

    def busy(self):
        """Process id → where it was last seen; a process that let its lane go is not busy any more."""
        return {int(path.name): path for path in self.steps.iterdir()}

    def book(self):
        """(lane id, work-horse, its worker, takes or leaves), oldest first."""
        lines = (line.split() for line in (self.steps.parent / "holders").read_text().splitlines())
        return [(int(lane), int(horse), int(worker), verb) for lane, horse, worker, verb in lines]

    # The victim's side

    def is_due(self, point):
        """How this process has to die here, or None."""
        claimed = self.struck / f"claimed-{os.getpid()}"
        try:
            (self.orders / point).rename(claimed)
        except FileNotFoundError:
            return None
        way = claimed.read_text()
        claimed.rename(self.struck / f"{point}-{way}-{os.getpid()}-{time.monotonic_ns()}")
        return way

    def step(self, point):
        (self.steps / str(os.getpid())).write_text(point)

    def holds(self, lane_id, verb):
        """Who held which lane, in the order of events: written after taking it and before letting it go."""
        with (self.steps.parent / "holders").open("a") as book:
            book.write(f"{lane_id} {os.getpid()} {os.getppid()} {verb}\n")

    def idle(self):
        (self.steps / str(os.getpid())).unlink(missing_ok=True)


def die():
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


def freeze():
    os.kill(os.getpid(), signal.SIGSTOP)


def around(scaffold_reach, owner, name, row):
    """Replaces `owner.name` by itself with a point before and one after it."""
    original = getattr(owner, name)

    def passing(*args, **kwargs):
        scaffold_reach(f"{row}.before")
        result = original(*args, **kwargs)
        scaffold_reach(f"{row}.after")
        return result

    setattr(owner, name, passing)


def histogram(strikes):
    """The table as text: deaths by row, before and after the step, and those from outside."""
    counts = Counter((s.row, "outside" if s.way == "outside" else s.point.partition(".")[2]) for s in strikes)
    lines = [f"{'where the process died':<38}{'before':>8}{'after':>8}{'outside':>9}{'all':>6}"]
    for row, title in ROWS.items():
        cells = [counts[row, place] for place in ("before", "after", "outside")]
        lines.append(f"{title:<38}{cells[0]:>8}{cells[1]:>8}{cells[2]:>9}{sum(cells):>6}")
    lines.append(f"{'between the commit of amoCRM and ours':<38}{in_the_gap(strikes):>31}")
    return "\n".join(lines)


def in_the_gap(strikes):
    return sum(strike.point in GAP for strike in strikes)


def by_row(strikes):
    return Counter(strike.row for strike in strikes)
