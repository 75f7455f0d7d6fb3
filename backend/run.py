"""`python -m backend.run`: all production processes of one host, from the environment.

Migrates the database, then keeps web, workers and scheduler running. What is not configured is embedded:
SQLite and a Redis server, both under `var/`. All but the web server are forked from one process (`forks`).
`python -m backend.run flask …` runs one Flask command with the same settings, and `--env FILE` before it all
reads what the environment leaves out.
"""

import argparse
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from backend.embedded import EmbeddedRedisError, die_with_parent, find_redis, redis_server
from backend.forks import Fork
from backend.supervisor import Command, Supervisor, guarded

log = logging.getLogger("backend.run")

VAR = Path("var")
GUNICORN = Path(__file__).resolve().parent.parent / "deploy" / "gunicorn.conf.py"
DEFAULT_BIND = "127.0.0.1:8000"
DEFAULT_STREAM_BIND = "127.0.0.1:8001"
USAGE = 2  # the exit code for everything the person who starts us has to change


class CannotStart(Exception):
    """The message is one line for the person who starts the processes."""


def main() -> int:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    options = _parser().parse_args()
    if options.command == "flask":
        return _start(options.env, lambda environment: flask(options.arguments, environment), is_guest=True)
    return guarded(lambda: _start(options.env, _run, is_guest=False))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.run", description="All production processes.")
    parser.add_argument("--env", type=Path, metavar="FILE", help="NAME=value lines for what is not set")
    parser.add_argument("command", nargs="?", choices=["flask"], help="run one Flask command instead")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the command's own words")
    return parser


def _start(env_file: Path | None, work: Callable[[Mapping[str, str]], int], is_guest: bool) -> int:
    # From here on Ctrl-C and SIGTERM unwind the stack, so that every `finally` stops what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from_file = read_env_file(env_file) if env_file else {}
        with _environment({**from_file, **os.environ}, is_guest) as environment:
            return work(environment)
    except (CannotStart, EmbeddedRedisError) as error:
        print(f"mostik: {error}", file=sys.stderr)  # noqa: T201
        return USAGE
    except KeyboardInterrupt:
        return 0


def _run(environment: Mapping[str, str]) -> int:
    check_bind(environment["WEB_BIND"])
    check_bind(environment["STREAM_BIND"], "STREAM_BIND")
    processes = commands(environment)
    if code := flask(["db", "upgrade"], environment):  # a wrong setting is named here, once
        return code
    log.info("processes started bind=%s", environment["WEB_BIND"])
    Supervisor(processes, environment).run()
    return 0


@contextlib.contextmanager
def _environment(given: Mapping[str, str], is_guest: bool) -> Iterator[dict[str, str]]:
    """The children's environment: as given, with the embedded parts where nothing is set."""
    environment = {"WEB_BIND": DEFAULT_BIND, **{name: value for name, value in given.items() if value}}
    environment.setdefault("STREAM_BIND", stream_bind(environment["WEB_BIND"]))
    if address := stream_url(environment):
        environment.setdefault("STREAM_URL", address)
    missing = {
        name for name in ("DATABASE_URL", "REDIS_URL") if not {name, f"{name}_FILE"} & environment.keys()
    }
    if missing:
        _check_writable(VAR)
    if "DATABASE_URL" in missing:
        environment["DATABASE_URL"] = f"sqlite:///{VAR.resolve() / 'mostik.db'}"
    with contextlib.ExitStack() as stack:
        if "REDIS_URL" in missing:
            running = find_redis(VAR) if is_guest else None
            environment["REDIS_URL"] = running or stack.enter_context(redis_server(VAR))
        yield environment


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines, as systemd and compose read them; what the environment says goes before."""
    values = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(f"{path} cannot be read") from error
    for number, line in enumerate(map(str.strip, lines), start=1):
        name, is_assignment, value = line.partition("=")
        if line and not line.startswith("#"):
            if not is_assignment or not name.isidentifier():
                raise CannotStart(f"{path}, line {number}: expected NAME=value")
            values[name] = value.strip()
    return {name: value for name, value in values.items() if value}


def commands(environment: Mapping[str, str]) -> dict[str, Command]:
    """Every process by its name in the log. The web server is first: it loads its code while we load ours."""
    web = [sys.executable, "-m", "gunicorn", "--config", str(GUNICORN), "wsgi:app"]
    workers = _count(environment, "WORKERS", 1)
    return {
        "web": web,
        **{f"worker-{number}": Fork("backend.worker") for number in range(1, workers + 1)},
        **({"calls": Fork("backend.calls")} if workers else {}),
        "schedule": Fork("backend.schedule"),
        "listener": Fork("backend.listeners.ami", is_heir=True),
        "stream": Fork("backend.stream", (environment.get("STREAM_BIND", DEFAULT_STREAM_BIND),)),
    }


def stream_bind(web: str) -> str:
    """Call cards are served beside the pages: on the next port, unless STREAM_BIND says where."""
    host, _, port = web.rpartition(":")
    if not host or not port.isdecimal():
        return DEFAULT_STREAM_BIND
    return f"{host}:{int(port) + 1 if int(port) else 0}"


def stream_url(environment: Mapping[str, str]) -> str:
    """Without a reverse proxy browsers must be told where the stream is; "" when one stands before us."""
    public = environment.get("PUBLIC_URL", "").rstrip("/")
    has_no_proxy = public == f"http://{environment['WEB_BIND']}"
    return f"http://{environment['STREAM_BIND']}" if has_no_proxy else ""


def flask(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one Flask command of ours to its end."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    quiet = {**environment, "FLASK_SKIP_DOTENV": "1"}  # .env is read by --env, once, or not at all
    done = subprocess.run(command, env=quiet, preexec_fn=die_with_parent(), check=False)  # noqa: S603
    return done.returncode


def check_bind(bind: str, name: str = "WEB_BIND") -> None:
    """Ask for the address before anything starts: gunicorn would retry for seconds and log it many times."""
    if bind.startswith(("unix:", "fd://")):
        return
    host, _, port = bind.rpartition(":")
    if not port.isdecimal() or not host:
        raise CannotStart(f"{name} is {bind!r}, expected HOST:PORT, for example {DEFAULT_BIND}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotStart(f"cannot listen on {bind} ({reason}); set {name} to a free address") from error


def _check_writable(directory: Path) -> None:
    probe = directory / f".writable-{os.getpid()}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(f"no permission to write into {directory.resolve()} ({error.strerror})") from error


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, str(default))
    if not value.isdecimal():
        raise CannotStart(f"{name} is {value!r}, expected a whole number")
    return int(value)


if __name__ == "__main__":
    sys.exit(main())
