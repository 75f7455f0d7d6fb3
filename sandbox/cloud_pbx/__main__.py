"""`python -m sandbox.cloud_pbx PORT --webhook URL`: an office of three phones that listens on loopback."""

from __future__ import annotations

import argparse
import random
import sys
import threading

from sandbox.clock import Clock
from sandbox.cloud_pbx.app import create_app
from sandbox.cloud_pbx.office import Office
from sandbox.sender import Sender, new_session, post_by
from sandbox.server import PortTaken, Server

CHECK_SECONDS = 0.05


def main() -> int:
    given = _arguments()
    clock = Clock()
    sender = Sender(clock, random.Random(1), post_by(new_session()))  # noqa: S311 - repeatable
    office = Office(
        clock, sender, address=f"http://127.0.0.1:{given.port}", key=given.key, signing=given.signing
    )
    office.furnish({"101": "Анна", "102": "Ольга", "103": "Пётр"}, {"74951000005": "Москва"})
    office.webhook = given.webhook
    try:
        server = Server("127.0.0.1", given.port, create_app(office))
    except PortTaken as taken:
        sys.stderr.write(f"cloud PBX: {taken}\n")
        return 2
    threading.Thread(target=_deliver, args=(sender,), daemon=True).start()
    sys.stdout.write(f"cloud PBX: on {given.port}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        return 0
    return 0


def _deliver(sender: Sender) -> None:
    while True:
        if not sender.deliver_one():
            sender.wait(CHECK_SECONDS)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.cloud_pbx", description="A cloud PBX.")
    parser.add_argument("port", type=int)
    parser.add_argument("--webhook", default="")
    parser.add_argument("--key", default="cloud-key")
    parser.add_argument("--signing", default="cloud-signing-key")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
