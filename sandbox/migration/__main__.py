"""`python -m sandbox.migration [--once] [--records N]`: the whole move from GET8, proved."""

from __future__ import annotations

import argparse
import sys

from sandbox.demo import frame
from sandbox.demo.frame import Ports, say
from sandbox.get8.network import TVERSKAYA, URAL
from sandbox.get8.settings import Style, style_by_seed
from sandbox.migration.company import Company
from sandbox.migration.judge import Verdict
from sandbox.migration.switching import Move

DEFAULT_BASE = 9130
DEFAULT_RECORDS = 20_000
DEFAULT_SEED = 3


def arguments() -> argparse.Namespace:
    parser = frame.parser("migration", "A move from GET8.", DEFAULT_BASE)
    parser.add_argument("--records", type=int, default=DEFAULT_RECORDS, help="bookings of two years")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another history, other names")
    parser.add_argument("--style", choices=list(Style), help="how GET8 marks its deals; else by the seed")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    return frame.main("migration", lambda: run(given))


def run(given: argparse.Namespace) -> bool:
    style = Style(given.style) if given.style else style_by_seed(given.seed)
    with frame.place("migration", Ports(given.port_base, has_guest=True), DEFAULT_BASE) as place:
        company = Company(place)
        move = Move(company, company.start(given.seed, style))
        verdict = play(move, given.records)
        say("")
        say(verdict.line())
        if not given.once:
            say("Работает, пока вы не нажмёте Ctrl-C.")
            place.go_on(company.clock.follow)
        return verdict.is_good


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


if __name__ == "__main__":
    sys.exit(main())
