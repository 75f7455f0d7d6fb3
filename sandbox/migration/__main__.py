"""`python -m sandbox.migration [--once] [--records N]`: the whole move from GET8, proved."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time

from sandbox.demo.driver import say
from sandbox.demo.errors import DemoError
from sandbox.demo.processes import ROOT, children, fresh_folder
from sandbox.demo.servers import Servers
from sandbox.get8.network import TVERSKAYA, URAL
from sandbox.get8.settings import Style, style_by_seed
from sandbox.migration.company import Company, Ports
from sandbox.migration.judge import Verdict
from sandbox.migration.switching import Move

DEFAULT_BASE = 9130
DEFAULT_RECORDS = 20_000
DEFAULT_SEED = 3
WRONG, CANNOT, INTERRUPTED = 1, 2, 130
LOOK_SECONDS = 1.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.migration", description="A move from GET8.")
    parser.add_argument("--once", action="store_true", help="end after the check; the exit code tells")
    parser.add_argument("--port-base", type=int, default=DEFAULT_BASE, help="the product listens here")
    parser.add_argument("--records", type=int, default=DEFAULT_RECORDS, help="bookings of two years")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another history, other names")
    parser.add_argument("--style", choices=list(Style), help="how GET8 marks its deals; else by the seed")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    try:
        return run(given)
    except DemoError as error:
        sys.stderr.write(f"migration: {error}\n")
        return CANNOT
    except KeyboardInterrupt:
        say("")
        return INTERRUPTED


def run(given: argparse.Namespace) -> int:
    ports = Ports(given.port_base)
    ports.check()
    servers = Servers.from_environment(os.environ)
    servers.check()
    name = "migration" if given.port_base == DEFAULT_BASE else f"migration-{given.port_base}"
    folder = fresh_folder(ROOT / "var" / name)
    style = Style(given.style) if given.style else style_by_seed(given.seed)
    with children(folder) as family:
        company = Company(ports, folder, family, servers)
        move = Move(company, company.start(given.seed, style))
        verdict = play(move, given.records)
        say("")
        say(verdict.line())
        if not given.once:
            say("Работает, пока вы не нажмёте Ctrl-C.")
            serve(company)
        return 0 if verdict.is_good else WRONG


def play(move: Move, records: int) -> Verdict:
    """The whole story; whoever stops it finds its processes gone."""
    move.prepare(records)
    move.install()
    move.begin()
    move.look()
    move.configure()
    move.match()
    move.watch()
    for company_id in (TVERSKAYA, URAL):
        move.open_gate(company_id)
        move.switch(company_id)
        move.work_on(hours=2, deeds=4)
    move.go_back(TVERSKAYA)
    move.work_on(hours=2, deeds=4)
    return move.conclude()


def serve(company: Company) -> None:
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            company.children.check()
            company.clock.follow()
            time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
