"""`python -m bench [NAME …]`: all figures, or the groups and figures named."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from types import ModuleType

from bench import (
    ami,
    call_cards,
    call_requests,
    calls_lost,
    drain,
    ingest,
    live,
    panel,
    preview_month,
    rate,
    report,
    scale,
    takeover_discovery,
    takeover_matching,
    weights,
)
from bench.report import Figure
from bench.world import World, world

GROUPS: dict[str, ModuleType] = {
    "ami": ami,
    "call_cards": call_cards,
    "call_requests": call_requests,
    "calls_lost": calls_lost,
    "ingest": ingest,
    "drain": drain,
    "rate": rate,
    "live": live,
    "scale": scale,
    "panel": panel,
    "preview_month": preview_month,
    "takeover_matching": takeover_matching,
    "takeover_discovery": takeover_discovery,
    "weights": weights,
}


def main() -> int:
    wanted = _wanted(sys.argv[1:])
    report.begin(is_full=len(wanted) == len(GROUPS))
    figures: list[Figure] = []
    for name, group in wanted.items():
        started = time.monotonic()
        run: Callable[[World], Iterator[Figure]] = group.run
        with world() as servers:
            for figure in run(servers):
                report.note(figure)
                figures.append(figure)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    return 0 if report.finish(figures) else 1


def _wanted(names: list[str]) -> dict[str, ModuleType]:
    """Every group that has one of the names; all of them without a name."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures the whole road.")
    known = {name for group, module in GROUPS.items() for name in (group, *module.NAMES)}
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(sorted(known)))
    chosen = set(parser.parse_args(names).names)
    if unknown := chosen - known:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return {
        group: module for group, module in GROUPS.items() if not chosen or chosen & {group, *module.NAMES}
    }


if __name__ == "__main__":
    sys.exit(main())
