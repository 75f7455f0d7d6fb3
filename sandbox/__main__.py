"""`python -m sandbox`: both emulators over sockets, with threads that deliver hooks."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from typing import Any

from sandbox.get8.door import Door
from sandbox.get8.service import Get8
from sandbox.get8.settings import Options, Setup
from sandbox.get8.stranger import stranger_session
from sandbox.server import PortTaken, Server
from sandbox.world import World

SENDERS = 4
CLOCK_CHECK_SECONDS = 0.1
"""The virtual clock may jump at any moment, so nobody sleeps longer than this."""


def deliver_for_ever(world: World) -> None:
    while True:
        world.run_timers()
        if not world.sender.deliver_one():
            world.sender.wait(CLOCK_CHECK_SECONDS)


def work_for_ever(door: Door) -> None:
    """GET8 does what is due; its own delays are on the virtual clock as well."""
    while True:
        if door.get8 is None or not door.get8.work():
            time.sleep(CLOCK_CHECK_SECONDS)


def get8_of(world: World, given: dict[str, Any]) -> Get8:
    """A GET8 as its customer set it up; it calls from an address of its own."""
    options = Options()
    options.change(given.get("options") or {})
    setup = Setup.of(given["setup"])
    return Get8(setup, stranger_session(), world.clock.now, options, int(given.get("seed", 1)))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="Emulators of amoCRM and YCLIENTS."
    )
    parser.add_argument("--amocrm-port", type=int, required=True)
    parser.add_argument("--yclients-port", type=int, required=True)
    parser.add_argument("--get8-port", type=int, help="a stranger's integration listens here")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--widget",
        default="dist/widget.zip",
        help="archive or folder of the widget that every integration gets (default: %(default)s)",
    )
    return parser.parse_args()


def main() -> int:
    given = arguments()
    world = World(given.seed)
    world.amocrm.default_archive = given.widget
    try:
        servers = [
            Server(given.host, given.amocrm_port, world.amocrm_wsgi),
            Server(given.host, given.yclients_port, world.yclients_wsgi),
        ]
        door = Door(make=lambda told: get8_of(world, told))
        if given.get8_port is not None:
            servers.append(Server(given.host, given.get8_port, door))
    except PortTaken as taken:
        sys.stderr.write(f"sandbox: {taken}\n")
        return 2
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    tasks = [server.serve_forever for server in servers]
    for task in tasks:
        threading.Thread(target=task, daemon=True).start()
    threading.Thread(target=work_for_ever, args=(door,), daemon=True).start()
    for _ in range(SENDERS):
        threading.Thread(target=deliver_for_ever, args=(world,), daemon=True).start()
    sys.stdout.write(f"sandbox: amoCRM on {given.amocrm_port}, YCLIENTS on {given.yclients_port}\n")
    sys.stdout.flush()
    over.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
