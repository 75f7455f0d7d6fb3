"""How long the matching of 20,000 bookings with as many leads of a former widget takes, how much memory, and
whether it is right: what is expected comes from the generator's own key.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from backend import wiring
from backend.core.takeover.pairing import State
from backend.flows.context import Context
from backend.flows.takeover.pairs import matching
from backend.flows.takeover.profile import profiling
from backend.flows.works import long_work
from backend.settings import Settings
from backend.store import db, lanes, migrate, takeover_pairs
from bench.report import Figure
from bench.world import World
from sandbox.get8.settings import Style
from tests.support.lived import Lived, lived

NAMES = ("migration_matching_s", "migration_matching_mb", "migration_precision", "migration_found_share")
RECORDS = 20_000
FEWER = 5_000  # of the other styles: time and memory are measured where nothing is marked, the longest way
PASSES = 3
MEGABYTE = 1_000_000
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one style: seconds and megabytes of the process that matched, and how right it was."""

    style: Style
    seconds: float
    megabytes: float
    expected: int
    automatic: int
    wrong: int
    found: int

    @property
    def words(self) -> str:
        share = self.automatic / self.expected
        return f"{self.style} {100 * share:.0f} % by themselves in {self.seconds:.1f} s"


def run(world: World) -> Iterator[Figure]:
    """Of how right it is, the worst of the four styles is told: a customer has one of them."""
    measured = [_of_style(world, style) for style in Style]
    largest = max(measured, key=lambda one: one.expected)
    words = ", ".join(one.words for one in measured)
    yield Figure("migration_matching_s", largest.seconds, "s", detail=words)
    yield Figure("migration_matching_mb", largest.megabytes, "MB", detail="the whole process")
    right = min(1 - one.wrong / max(one.automatic, 1) for one in measured)
    accepted = sum(one.automatic for one in measured)
    yield Figure("migration_precision", right, "", detail=f"{accepted} pairs accepted by themselves")
    least = min(one.found / one.expected for one in measured)
    yield Figure("migration_found_share", least, "", detail="accepted, or in the list for a person")


def _of_style(world: World, style: Style) -> Measured:
    url = f"sqlite:///{world.folder / f'matching_{style}.db'}"
    environment = world.environment(url)
    ctx = replace(wiring.build_context(Settings.from_env(environment)), ring=lambda _lane_id: None)
    lanes.forget_ids()
    migrate.upgrade()
    known = lived(style, RECORDS if style is Style.NONE else FEWER)
    _profile(ctx, known.account_id)
    db.database.obj.close_all()
    spent = _in_a_process(known.account_id, environment)
    return _judged(style, known, spent)


def _profile(ctx: Context, account_id: int) -> None:
    """What stands where is measured, as a customer's account is."""
    profiling.start(ctx, account_id, "bench")
    while (work := profiling.newest(account_id)) is not None and work.is_open:
        long_work.run(ctx, lanes.lane_id(account_id, long_work.LANE))
        assert not work.note, work.note


def _in_a_process(account_id: int, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.takeover_matching", str(account_id)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    spent: dict[str, Any] = json.loads(done.stdout)
    return spent


def _judged(style: Style, known: Lived, spent: dict[str, Any]) -> Measured:
    rows = [row for state in State for row in _rows(known.account_id, _shown(state))]
    listed = {(row.key, row.lead_id) for row in rows}
    accepted = [row for row in rows if row.state == State.ACCEPTED]
    expected = {key: lead for key, (lead, *_rest) in known.truth.items() if lead is not None}
    return Measured(
        style, spent["seconds"], spent["megabytes"], len(expected), len(accepted),
        sum(expected.get(row.key) != row.lead_id for row in accepted),
        sum((key, lead) in listed for key, lead in expected.items()),
    )  # fmt: skip


def _shown(state: State) -> str:
    return takeover_pairs.OPEN if state is State.PROPOSED else str(state)


def _rows(account_id: int, shown: str) -> Iterator[takeover_pairs.PairRow]:
    after = None
    while rows := takeover_pairs.page(account_id, takeover_pairs.Filter(shown), after, PAGE):
        yield from rows
        after = (rows[-1].starts_at, rows[-1].id)


def _match(account_id: int) -> None:
    """The process of its own: whatever it needs, from its start. The best of three passes: what else the
    machine does is nobody's figure.
    """
    ctx = wiring.build_context(Settings.from_env())
    times = []
    for _ in range(PASSES):
        began = time.perf_counter()
        matching.run(ctx, account_id)
        times.append(time.perf_counter() - began)
    print(json.dumps({"seconds": min(times), "megabytes": _peak() / MEGABYTE}))


def _peak() -> int:
    """Bytes; what getrusage tells includes the parent's memory of the moment of the fork."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    _match(int(sys.argv[1]))
