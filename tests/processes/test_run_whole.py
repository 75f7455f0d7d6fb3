"""The production processes themselves, on their embedded parts: they start, serve and go."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

PROJECT = Path.cwd()
NEEDED = {
    "PUBLIC_URL": "http://127.0.0.1",
    "SECRET_KEY": "only-for-this-test",
    "AMOCRM_CLIENT_ID": "client",
    "AMOCRM_CLIENT_SECRET": "secret",
    "YCLIENTS_PARTNER_TOKEN": "partner",
}
START_SECONDS = 120
FAMILY = 9  # supervisor, Redis, gunicorn and its two, worker, scheduler, listener, stream


def free():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def address():
    return free()


def environment(**settings):
    """Nothing but what is needed: no variable of the developer's own may leak in."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONPATH": str(PROJECT), "STREAM_BIND": free(), **settings}


def command(*arguments):
    return [sys.executable, "-m", "backend.run", *arguments]


def test_all_processes_start_serve_and_leave_nothing(tmp_path, address):
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            command(), cwd=tmp_path, env=environment(**NEEDED, WEB_BIND=address), stdout=log, stderr=log
        )
    try:
        status = _status(f"http://{address}/ready", process)
        family = _whole_family(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)

    output = (tmp_path / "log").read_text()
    assert (status, code) == (200, 0), output
    assert "process died" not in output
    assert len(family) >= FAMILY
    assert not [pid for pid in family if Path("/proc", str(pid)).exists()]
    assert {path.name for path in (tmp_path / "var").iterdir()} >= {"mostik.db", "redis.log"}
    assert not list((tmp_path / "var").glob("redis-*.sock"))


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_setting_is_one_line_that_names_it(tmp_path, address, name):
    given = {key: value for key, value in NEEDED.items() if key != name}

    done = subprocess.run(
        command(),
        cwd=tmp_path,
        env=environment(**given, WEB_BIND=address),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode != 0
    assert done.stderr.splitlines() == [f"mostik: {name}: is required"]


def _status(url, process):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    return None


def _whole_family(pid):
    """The first web process may answer before the second is there."""
    deadline = time.monotonic() + START_SECONDS
    while len(_family(pid)) < FAMILY and time.monotonic() < deadline:
        time.sleep(0.05)
    return _family(pid)


def _family(pid):
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    children = [int(child) for child in listing.read_text().split()] if listing.exists() else []
    return children + [grandchild for child in children for grandchild in _family(child)]
