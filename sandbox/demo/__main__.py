"""`python -m sandbox.demo [--once] [--port-base N]`: see the product work, or have it proved."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time

from sandbox.demo.driver import Demo, Ports, say
from sandbox.demo.errors import DemoError
from sandbox.demo.processes import ROOT, children, fresh_folder
from sandbox.demo.servers import Servers

DEFAULT_BASE = 9100
WRONG, CANNOT, INTERRUPTED = 1, 2, 130
LOOK_SECONDS = 1.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description="A day of two salons.")
    parser.add_argument("--once", action="store_true", help="end after the check; the exit code tells")
    parser.add_argument(
        "--port-base",
        type=int,
        default=DEFAULT_BASE,
        help="the product listens here, amoCRM one port higher, YCLIENTS two, call cards three",
    )
    return parser.parse_args()


def main() -> int:
    given = arguments()
    try:
        return run(given.port_base, given.once)
    except DemoError as error:
        sys.stderr.write(f"demo: {error}\n")
        return CANNOT
    except KeyboardInterrupt:
        say("")
        return INTERRUPTED


def run(base: int, is_once: bool) -> int:
    ports = Ports.from_base(base)
    ports.check()
    servers = Servers.from_environment(os.environ)
    servers.check()
    name = "demo" if base == DEFAULT_BASE else f"demo-{base}"
    folder = fresh_folder(ROOT / "var" / name)
    with children(folder) as family:
        demo = Demo(ports, folder, family, servers)
        demo.start()
        demo.install()
        demo.import_bookings()
        demo.live()
        verdict = demo.judge()
        say("")
        say(demo.summary(verdict))
        if not is_once:
            demo.addresses()
            serve(demo)
        return 0 if verdict.is_good else WRONG


def serve(demo: Demo) -> None:
    """Until Ctrl-C; a process that died in between is told at once."""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            demo.children.check()
            demo.clock.follow()
            time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
