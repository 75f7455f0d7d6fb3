"""A real MariaDB for the call tables of a PBX: started by tests, in a temporary directory, gone after them.

`mariadb_server()` starts a server on a free port of loopback, `server.fresh_url()` makes an empty database in
it with an owner and hands out `mysql://owner:password@127.0.0.1:port/name`. The programs are those of
`deploy/mariadb.sh`: Debian's own, unpacked, nothing is installed.
"""

import contextlib
import getpass
import itertools
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pymysql

from backend.embedded import die_with_parent

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 20
SYSTEM_TABLES = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
SMALL = ("--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M", "--key-buffer-size=1M",
         "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", "--skip-log-bin")  # fmt: skip


@dataclass
class MariaServer:
    directory: Path
    port: int
    password: str
    process: subprocess.Popen
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str, user: str = "pbx", password: str | None = None) -> str:
        return f"mysql://{user}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def fresh_url(self) -> str:
        """The URL of a new empty database, for a user who may do everything in it and nothing elsewhere."""
        name = f"calls_{os.getpid()}_{next(self._numbers)}"
        self.execute(
            f"CREATE DATABASE {name} CHARACTER SET utf8mb4", f"GRANT ALL ON {name}.* TO pbx@'127.0.0.1'"
        )
        return self.url(name)

    def reader_url(self, url: str) -> str:
        """The same database for a user who may only read, which is all that a PBX's owner should give us."""
        database, password = url.rpartition("/")[2], secrets.token_hex(8)
        reader = f"reader_{next(self._numbers)}"
        self.execute(
            f"CREATE USER {reader}@'127.0.0.1' IDENTIFIED BY '{password}'",
            f"GRANT SELECT ON {database}.* TO {reader}@'127.0.0.1'",
        )
        return self.url(database, reader, password)

    def drop(self, url: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]}")

    def execute(self, *statements: str, database: str | None = None) -> None:
        """As the server's administrator, who comes through its socket file."""
        connection = self._administrator(database)
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _administrator(self, database: str | None = None) -> pymysql.Connection:
        return pymysql.connect(
            unix_socket=str(self.directory / "sock"), user="root", database=database, autocommit=True
        )


@contextlib.contextmanager
def mariadb_server() -> Iterator[MariaServer]:
    server = start_mariadb()
    try:
        yield server
    finally:
        server.stop()


def start_mariadb() -> MariaServer:
    root = _programs()
    directory = Path(tempfile.mkdtemp(prefix="mostik-maria-"))
    try:
        _initialise(root, directory)
        port = _free_port()
        process = _start(root, directory, port)
        server = MariaServer(directory, port, secrets.token_hex(8), process)
        _wait_until_ready(server)
        server.execute(f"CREATE USER pbx@'127.0.0.1' IDENTIFIED BY '{server.password}'")
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return server


def _programs() -> Path:
    done = subprocess.run(
        ["sh", "deploy/mariadb.sh", "--where"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def _command(root: Path, directory: Path, *options: str) -> list[str]:
    return [
        str(root / "run"), "/usr/sbin/mariadbd", "--no-defaults", f"--basedir={root / 'usr'}",
        f"--lc-messages-dir={root / 'usr/share/mysql'}", f"--datadir={directory / 'data'}",
        f"--tmpdir={directory}", f"--user={getpass.getuser()}", *SMALL, *options,
    ]  # fmt: skip


def _initialise(root: Path, directory: Path) -> None:
    """What Debian's `mariadb-install-db` does, which needs an installed server: the tables of the server."""
    (directory / "data" / "mysql").mkdir(parents=True)
    scripts = b"".join((root / "usr/share/mysql" / name).read_bytes() for name in SYSTEM_TABLES)
    given = b"USE mysql;\nSET @auth_root_socket=NULL;\n" + scripts
    command = _command(root, directory, "--bootstrap", "--enforce-storage-engine=")
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")


def _start(root: Path, directory: Path, port: int) -> subprocess.Popen:
    options = [f"--socket={directory / 'sock'}", "--bind-address=127.0.0.1", f"--port={port}"]
    with (directory / "server.log").open("ab") as log:
        return subprocess.Popen(
            _command(root, directory, *options), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=die_with_parent(),
        )  # fmt: skip


def _wait_until_ready(server: MariaServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server.directory / "sock"):
        if server.process.poll() is not None or time.monotonic() > deadline:
            log = (server.directory / "server.log").read_text(errors="replace")
            server.stop()
            raise AssertionError(f"MariaDB did not start: {log[-2000:]}")
        time.sleep(0.05)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
