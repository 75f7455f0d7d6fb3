"""A real PostgreSQL for the tests: started by them, in a temporary directory, gone when they are.

`postgres_server()` starts a server, `server.fresh_url()` makes an empty database in it (milliseconds, so take
one per test). The binaries are those of the pip package `pgserver`, else Debian's; its own launcher is not
used, because as root it adds a system user and opens the rights of every directory above the data.
PostgreSQL refuses to run as root, so there it runs as `nobody`.
"""

import contextlib
import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

START_SECONDS = 60
NOBODY = 65534
NEEDED = ("initdb", "postgres")


class PostgresMissing(RuntimeError):
    """No usable PostgreSQL on this machine; a test that needs one fails with this, it is not skipped."""


@dataclass
class PostgresServer:
    directory: Path
    guard: subprocess.Popen
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.directory}"

    def fresh_url(self) -> str:
        """The URL of a new empty database."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.rpartition("@/")[2].partition("?")[0]
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        connection = psycopg2.connect(self.url())
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def stop(self) -> None:
        self.guard.terminate()
        self.guard.wait()


@contextlib.contextmanager
def postgres_server(*, fsync: bool = False, **settings: object) -> Iterator[PostgresServer]:
    """A server for the block. `fsync=True` is as durable as production; `settings` go to postgres as `-c`."""
    server = start_postgres(fsync=fsync, **settings)
    try:
        yield server
    finally:
        server.stop()


def start_postgres(*, fsync: bool = False, **settings: object) -> PostgresServer:
    directory = Path(tempfile.mkdtemp(prefix="mostik-pg-"))
    try:
        binaries = _binaries(directory)
        _initialise(binaries, directory / "data")
        guard = _start_guard(binaries, directory, _options(directory, fsync, settings))
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    server = PostgresServer(directory, guard)
    _wait_until_ready(server)
    return server


def as_postgres() -> dict:
    """Keyword arguments of subprocess calls: root steps down to nobody, everybody else stays who they are."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _options(directory: Path, fsync: bool, settings: dict) -> list[str]:
    durable = "on" if fsync else "off"
    values = {
        "listen_addresses": "",
        "unix_socket_directories": directory,
        "fsync": durable,
        "synchronous_commit": durable,
        "full_page_writes": durable,
        "max_connections": 200,
        "shared_buffers": "64MB",
        **settings,
    }
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


def _binaries(directory: Path) -> Path:
    for candidate in _candidates():
        if all(os.access(candidate / name, os.X_OK) for name in NEEDED):
            return candidate if _reachable(candidate) else _copied(candidate, directory)
    raise PostgresMissing("no PostgreSQL binaries: `pip install pgserver` or Debian's `postgresql` package")


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec("pgserver")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _reachable(binaries: Path) -> bool:
    """A checkout below a closed home (/root) cannot be entered by nobody."""
    try:
        done = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, cwd="/", **as_postgres()
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _copied(binaries: Path, directory: Path) -> Path:
    """Together with the wheel's libraries, which are found by their place relative to the binaries."""
    packages, copy = binaries.parents[2], directory / "install"
    for part in [binaries.parent, *packages.glob("pgserver.libs")]:
        shutil.copytree(part, copy / part.relative_to(packages), symlinks=True)
    return copy / binaries.relative_to(packages)


def _initialise(binaries: Path, data: Path) -> None:
    if os.geteuid() == 0:
        os.chown(data.parent, NOBODY, NOBODY)
    command = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    command += ["--locale=C", "--no-sync", "--no-instructions"]
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", **as_postgres())
    if done.returncode:
        raise PostgresMissing(f"initdb failed: {done.stderr.strip()}")


def _start_guard(binaries: Path, directory: Path, options: list[str]) -> subprocess.Popen:
    """The guard owns the server, watches us and tidies up, also after a SIGKILL of the tests."""
    guard = Path(__file__).with_name("postgres_guard.py")
    command = [
        sys.executable,
        guard,
        str(os.getpid()),
        directory,
        binaries / "postgres",
        "-D",
        directory / "data",
    ]
    return subprocess.Popen([*command, *options], cwd="/", stdin=subprocess.DEVNULL, start_new_session=True)


def _wait_until_ready(server: PostgresServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return psycopg2.connect(server.url()).close()
        except psycopg2.OperationalError as error:
            if server.guard.poll() is not None or time.monotonic() > deadline:
                log = server.directory / "postgres.log"
                text = log.read_text() if log.exists() else ""
                server.stop()
                raise PostgresMissing(f"PostgreSQL did not start: {text or error}") from error
        time.sleep(0.05)
