"""The exchange itself as a process: start, stop, freeze, restart, and what people do through its console."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.asterisk.rig import configuration, place, sound

START_SECONDS = 60.0
STOP_SECONDS = 30.0
PATIENCE = 60.0  # for what takes a moment when the machine has nothing else to do
PR_SET_PDEATHSIG = 1
FOLDERS = ("etc", "lib", "log", "spool/monitor", "spool/tmp", "sounds")
_libc = ctypes.CDLL(None)


class Pbx:
    """`with Pbx(folder, route) as pbx`; a folder that is there already keeps its tables and recordings."""

    def __init__(self, run: Path, route: str = "http://127.0.0.1:9/none") -> None:
        self.place = place.take(run)
        self.process: subprocess.Popen[bytes] | None = None
        for folder in FOLDERS:
            (run / folder).mkdir(parents=True, exist_ok=True)
        configuration.write_all(self.place, route)
        sound.write_all(run)

    def __enter__(self) -> Pbx:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        with (self.place.run / "log" / "console").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.place.root / "run"), "/usr/sbin/asterisk", "-f", "-C", self._settings()],
                cwd=self.place.run, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=_die_with_parent(),
            )  # fmt: skip
        until(self._has_booted, START_SECONDS, self._trouble)

    def stop(self) -> None:
        """At once, as after a power cut."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.process = None

    def restart(self) -> None:
        """As its owner restarts it: whoever talks is cut off."""
        assert self.process is not None
        self.ask("core stop now")
        self.process.wait(STOP_SECONDS)
        self.start()

    def freeze(self) -> None:
        """Alive for the network, and deaf: a machine that swaps, or a debugger."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.stop()
        self.place.lock.close()

    def ask(self, command: str) -> str:
        """One command of its console."""
        command_line = [
            str(self.place.root / "run"),
            "/usr/sbin/asterisk",
            "-C",
            self._settings(),
            "-rx",
            command,
        ]
        done = subprocess.run(
            command_line, capture_output=True, text=True, timeout=START_SECONDS, check=False
        )
        return done.stdout

    def act(self, **headers: str) -> dict[str, str]:
        """One action of AMI, as somebody's switchboard program would ask for it; returns its answer."""
        with self.hand() as give:
            give(**headers)
            return _answer(give.args[0])

    @contextlib.contextmanager
    def hand(self) -> Iterator[functools.partial[None]]:
        """What is given into it while the exchange stands still is carried out when it goes on."""
        with socket.create_connection(
            (self.place.own_address, self.place.ami), timeout=PATIENCE
        ) as connection:
            give = functools.partial(_send, connection)
            give(Action="Login", Username=configuration.OWN_LOGIN, Secret=configuration.SECRET, Events="off")
            _answer(connection)
            yield give

    def channels(self) -> list[str]:
        return [
            line.split("!")[0] for line in self.ask("core show channels concise").splitlines() if "!" in line
        ]

    def channel(self, endpoint: str) -> str:
        """The first channel of a phone or provider, as soon as there is one."""

        def found() -> list[str]:
            return [channel for channel in self.channels() if f"/{endpoint}-" in channel]

        until(lambda: bool(found()), PATIENCE, f"no channel of {endpoint}")
        return found()[0]

    def until_bridged(self) -> None:
        """Two of them hear each other."""
        shown = "bridge show all"
        until(lambda: "2" in self.ask(shown).split(), PATIENCE, lambda: self.ask(shown))

    def until_answered(self, endpoint: str) -> None:
        """Somebody has taken up there."""

        def is_up() -> bool:
            lines = (line.split("!") for line in self.ask("core show channels concise").splitlines())
            return any(f"/{endpoint}-" in line[0] and "Up" in line for line in lines)

        until(is_up, PATIENCE, f"{endpoint} does not take up")

    def until_gone(self, endpoint: str) -> None:
        """Whoever was there has put down."""
        until(
            lambda: not any(f"/{endpoint}-" in one for one in self.channels()),
            PATIENCE,
            f"{endpoint} is left",
        )

    def log(self) -> str:
        path = self.place.run / "log" / "messages"
        return path.read_text(errors="replace") if path.exists() else ""

    def forget(self) -> None:
        """Everything of former calls: tables and recordings."""
        shutil.rmtree(self.place.recordings, ignore_errors=True)

    def _has_booted(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(self._trouble())
        return "fully booted" in self.ask("core waitfullybooted")

    def _settings(self) -> str:
        return str(self.place.run / "etc" / "asterisk.conf")

    def _trouble(self) -> str:
        console = (self.place.run / "log" / "console").read_text(errors="replace")
        return f"Asterisk did not start: {console[-1500:]}"


def until(is_so: Callable[[], bool], seconds: float, what: Callable[[], str] | str = "it") -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(what if isinstance(what, str) else what())
        time.sleep(0.05)


def _send(connection: socket.socket, **headers: str) -> None:
    connection.sendall("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n")


def _answer(connection: socket.socket) -> dict[str, str]:
    """The next packet that answers something; events are passed over."""
    text = b""
    while True:
        piece = connection.recv(65536)
        if not piece:
            raise RuntimeError(f"the exchange hung up: {text!r}")
        text += piece
        for packet in text.decode("utf-8", "replace").split("\r\n\r\n")[:-1]:
            lines = [line for line in packet.split("\r\n") if not line.startswith("Asterisk Call Manager")]
            found = dict(line.split(": ", 1) for line in lines if ": " in line)
            if "Response" in found:
                return found


def _die_with_parent() -> Callable[[], None]:
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
