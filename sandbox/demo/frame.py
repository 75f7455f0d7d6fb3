"""What every demo has around its story: its command, free ports, an empty folder, processes, an exit code."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.demo.errors import DemoError
from sandbox.demo.processes import ROOT, Children, check_port, children, fresh_folder, python
from sandbox.demo.servers import Servers

WRONG, CANNOT, INTERRUPTED = 1, 2, 130
LOOK_SECONDS = 1.0
TITLE_WIDTH = 46


@dataclass(frozen=True, slots=True)
class Ports:
    """Neighbours: the product, both emulators, a guest if this demo has one, the stream of call cards."""

    web: int
    has_guest: bool = False

    @property
    def amocrm(self) -> int:
        return self.web + 1

    @property
    def yclients(self) -> int:
        return self.web + 2

    @property
    def guest(self) -> int:
        return self.web + 3

    @property
    def stream(self) -> int:
        return self.guest + self.has_guest

    def check(self) -> None:
        for port in range(self.web, self.stream + 1):
            check_port(port)

    def address(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a demo happens."""

    ports: Ports
    folder: Path
    children: Children
    servers: Servers

    def redis(self) -> str:
        """The address of the server that was given, or of one of our own."""
        return self.servers.redis or self.children.redis()

    def start_sandbox(self, *more: str) -> None:
        ports = ["--amocrm-port", str(self.ports.amocrm), "--yclients-port", str(self.ports.yclients)]
        self.children.start("sandbox", python("sandbox", *ports, *more))

    def wait_for_sandbox(self) -> None:
        self.children.wait_for(f"{self.ports.address(self.ports.yclients)}/__control/counts")

    def go_on(self, step: Callable[[], object], every: float = LOOK_SECONDS) -> None:
        """Until Ctrl-C; a process that died in between is told at once."""
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                self.children.check()
                step()
                time.sleep(every)


@contextlib.contextmanager
def place(name: str, ports: Ports, usual: int) -> Iterator[Place]:
    """Whatever is in the way is told before anything starts; at the end no process is left."""
    ports.check()
    servers = Servers.from_environment(os.environ)
    servers.check()
    folder = fresh_folder(ROOT / "var" / (name if ports.web == usual else f"{name}-{ports.web}"))
    with children(folder) as family:
        yield Place(ports, folder, family, servers)


def parser(name: str, about: str, usual: int) -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog=f"python -m sandbox.{name}", description=about)
    found.add_argument("--once", action="store_true", help="end after the check; the exit code tells")
    found.add_argument(
        "--port-base", type=int, default=usual, help="the product listens here, everybody else right above"
    )
    return found


def main(name: str, play: Callable[[], bool]) -> int:
    """`play` tells whether all is as it should be; whatever prevents it is told in one line."""
    try:
        return 0 if play() else WRONG
    except DemoError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return CANNOT
    except KeyboardInterrupt:
        say("")
        return INTERRUPTED


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_places(places: Iterable[tuple[str, str]]) -> None:
    """Where to look."""
    say("")
    for title, address in places:
        say(f"{title + ':':<{TITLE_WIDTH}}{address}")
