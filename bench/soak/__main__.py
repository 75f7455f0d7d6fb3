"""`python -m bench.soak`: two months of three salons in minutes; ends by itself, the exit code tells."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from bench.report import Figure, is_good, note
from bench.soak.checker import Rules, Verdict, World, by_key, judge
from bench.soak.hands import Hands
from bench.soak.network import CONFIGURATION, DOMAIN, SALONS, company
from bench.soak.road import ROUND_SECONDS, Ports, Road, Stuck
from bench.soak.traffic import DAY, Deed, Plan
from sandbox.demo.errors import DemoError
from sandbox.demo.processes import ROOT, children, fresh_folder

BOOKINGS, DAYS, PORTS = 5400, 60, 9380
SHOWN, ASKED = 40, 14
CANNOT = 2
TICK = 180
"""Minutes of the salons between two rests."""
Ticks = list[tuple[int, list[Deed]]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--bookings", type=int, default=BOOKINGS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port-base", type=int, default=PORTS)
    parser.add_argument(
        "--quiet-network", action="store_true", help="no troubles, to tell a rule from a loss"
    )
    parser.add_argument("--no-figures", action="store_true", help="leave bench/results.jsonl alone")
    return parser.parse_args()


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@dataclass
class Soak:
    road: Road
    hands: Hands
    days: int
    has_troubles: bool
    is_forbidden: bool = False
    lags: list[tuple[float, int]] = field(default_factory=list)
    """Seconds until everything of an hour was written, and how many bookings were made meanwhile."""

    def live(self, ticks: Ticks, begins: datetime) -> None:
        told, started = -1, time.monotonic()
        if self.has_troubles:
            self.road.trouble()
        for number, (tick, deeds) in enumerate(ticks):
            self._hour(begins, deeds)
            if self.is_forbidden:
                self.road.resume()
                self.is_forbidden = False
            self.lags.append((self.road.calm(), sum(deed.verb == "book" for deed in deeds)))
            if self.has_troubles:
                self._misfortune(number, len(ticks))
            day = tick * TICK // DAY
            if day // 2 != told // 2:
                told = day
                done = self.hands.ledger.done
                seconds = time.monotonic() - started
                say(f"  day {day:2}: {done['book']} bookings, {sum(done.values())} deeds, {seconds:.0f} s")
        self.road.no_more_trouble()

    def _hour(self, begins: datetime, deeds: list[Deed]) -> None:
        for deed in deeds:
            self.road.clock.go_to(begins + timedelta(minutes=deed.minute))
            self.hands.do(deed)

    def _misfortune(self, number: int, total: int) -> None:
        """Five deaths of a worker, two answers 429, two silences of both vendors, one page 403."""
        if number % max(total // 5, 1) == max(total // 10, 1):
            self.road.kill_worker()
        if number in (total // 4, total * 3 // 4):
            self.road.hurry_less()
        if number in (total // 3, total * 2 // 3):
            self.road.silence()
        if number == total // 2:
            self.road.forbid()
            self.is_forbidden = True

    def finish(self) -> None:
        """What hooks lost is found by the reconciliation and by a round; then nothing is left to do."""
        self.road.calm()
        time.sleep(2 * ROUND_SECONDS)
        self.road.flask("bookings", "reconcile", DOMAIN)
        self.road.calm()

    def world(self) -> World:
        states = [self.road.salons.read("state", company_id=salon.id) for salon in SALONS]
        catalogue = {
            (salon.id, service["id"]): service["category_id"]
            for salon in SALONS
            for service in company(salon)["services"]
        }
        ledger = self.hands.ledger
        return World(
            Rules(yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))),
            by_key(record for state in states for record in state["records"]),
            self.road.crm.read("state", domain=DOMAIN),
            catalogue,
            ledger.touched,
            frozenset(ledger.by_hand),
            frozenset(ledger.copies),
            frozenset(ledger.deleted),
        )

    def lag_p95(self) -> float:
        spread = sorted(seconds for seconds, bookings in self.lags for _ in range(bookings))
        return spread[int(len(spread) * 0.95)]


def ticks_of(deeds: list[Deed], days: int) -> Ticks:
    found: dict[int, list[Deed]] = {}
    for deed in deeds:
        if deed.minute < days * DAY:
            found.setdefault(deed.minute // TICK, []).append(deed)
    return sorted(found.items())


def tell(verdict: Verdict) -> None:
    say("")
    for name, count in sorted(verdict.counted.items()):
        say(f"  {name:40} {count}")
    for kind, text in verdict.findings[:SHOWN]:
        say(f"  WRONG {kind}: {text}")
    say(f"soak: wrong={len(verdict.findings)} {dict(verdict.kinds)}")


def figures(soak: Soak, verdict: Verdict, asked: int, seconds: float) -> list[Figure]:
    bookings = soak.hands.ledger.done["book"]
    compression = soak.days * 86400 / seconds
    told = f"{soak.days} days in {seconds:.0f} s, {compression:.0f} times faster, {asked} requests"
    return [
        Figure("soak_bookings", bookings, "bookings"),
        Figure("soak_wrong", len(verdict.findings), "findings"),
        Figure("soak_requests_per_booking", asked / max(bookings, 1), "requests", detail=told),
        Figure("soak_lag_p95_s", soak.lag_p95(), "s"),
    ]


def main() -> int:
    try:
        return run(arguments())
    except (DemoError, Stuck) as error:
        sys.stderr.write(f"soak: {error}\n")
        return CANNOT


def run(given: argparse.Namespace) -> int:
    ports = Ports.from_base(given.port_base)
    begins = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    plan = Plan(given.seed, given.bookings, given.days, begins.date())
    folder = fresh_folder(ROOT / "var" / f"soak-{given.port_base}")
    with children(folder) as family:
        road = Road(ports, Path(folder), family, os.environ.get("DATABASE_URL", ""), given.seed)
        say(f"soak: {given.bookings} bookings, {given.days} days, logs in {folder.name}")
        road.start()
        soak = Soak(road, Hands(road.crm, road.salons), given.days, not given.quiet_network)
        before, started = Counter(road.requests()), time.monotonic()
        soak.live(ticks_of(plan.deeds(), given.days), begins)
        soak.finish()
        seconds = time.monotonic() - started
        asked = Counter(road.requests()) - before
        world = soak.world()
        (folder / "crm.json").write_text(json.dumps(world.crm, ensure_ascii=False), encoding="utf-8")
        (folder / "records.json").write_text(json.dumps(world.records, ensure_ascii=False), encoding="utf-8")
        verdict = judge(world)
    tell(verdict)
    for kind, count in asked.most_common(ASKED):
        say(f"  {kind:40} {count}")
    say(f"soak: killed={road.killed} seconds={seconds:.0f}")
    measured = figures(soak, verdict, asked["total"], seconds)
    for figure in measured:
        say(f"  {figure.name:28} {figure.value:g} {figure.detail}")
        if not given.no_figures:
            note(figure)
    return 0 if all(map(is_good, measured)) else 1


if __name__ == "__main__":
    sys.exit(main())
