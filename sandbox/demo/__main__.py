"""`python -m sandbox.demo [--once] [--port-base N]`: see the product work, or have it proved."""

from __future__ import annotations

import argparse
import sys

from sandbox.demo import frame
from sandbox.demo.driver import Demo
from sandbox.demo.frame import Ports, say

DEFAULT_BASE = 9100


def main() -> int:
    given = frame.parser("demo", "A day of two salons.", DEFAULT_BASE).parse_args()
    return frame.main("demo", lambda: run(given))


def run(given: argparse.Namespace) -> bool:
    with frame.place("demo", Ports(given.port_base), DEFAULT_BASE) as place:
        demo = Demo(place)
        demo.start()
        demo.install()
        demo.import_bookings()
        demo.live()
        verdict = demo.judge()
        say("")
        say(demo.summary(verdict))
        if not given.once:
            demo.addresses()
            place.go_on(demo.clock.follow)
        return verdict.is_good


if __name__ == "__main__":
    sys.exit(main())
