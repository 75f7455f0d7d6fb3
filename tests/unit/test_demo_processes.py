"""The demo's processes: what forbids a start is told in one line, and nobody outlives the demo."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.demo.errors import DemoError
from sandbox.demo.processes import check_port, children, fresh_folder, run

ROOT = Path(__file__).parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def is_gone(pid):
    """The kernel needs a moment after SIGKILL."""
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def test_a_taken_port_is_named(taken_port):
    with pytest.raises(DemoError, match=f"port {taken_port} "):
        check_port(taken_port)


@pytest.mark.parametrize("port", [70_000, -1])
def test_an_impossible_port_is_named(port):
    with pytest.raises(DemoError, match=str(port)):
        check_port(port)


def test_the_whole_demo_says_one_line_about_a_taken_port(taken_port):
    command = [sys.executable, "-m", "sandbox.demo", "--once", "--port-base", str(taken_port)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"demo: cannot listen on port {taken_port} ")
    assert done.stderr.count("\n") == 1


def test_an_old_folder_is_emptied(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "old.db").touch()

    folder = fresh_folder(tmp_path / "demo")

    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(DemoError, match="no permission to write into"):
        fresh_folder(tmp_path / "file" / "demo")


def test_children_are_gone_afterwards_whatever_happened(tmp_path):
    pids = []

    def fail_in_the_middle():
        with children(tmp_path) as family:
            pids.extend(family.start(name, SLEEP).process.pid for name in ("one", "two"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_in_the_middle()

    assert [is_alive(pid) for pid in pids] == [False, False]


def test_grandchildren_are_gone_too(tmp_path):
    program = f"import subprocess, time; print(subprocess.Popen({SLEEP!r}).pid, flush=True); time.sleep(60)"
    with children(tmp_path) as family:
        parent = family.start("parent", [sys.executable, "-c", program])
        deadline = time.monotonic() + 10
        while not parent.log.read_text().strip() and time.monotonic() < deadline:
            time.sleep(0.02)
        grandchild = int(parent.log.read_text())

    assert is_gone(grandchild)


def test_a_child_that_died_is_named_with_its_last_line(tmp_path):
    with children(tmp_path) as family:
        child = family.start(
            "product", [sys.executable, "-c", "print('SECRET_KEY: is required'); raise SystemExit(2)"]
        )
        child.process.wait(10)

        with pytest.raises(DemoError, match="product ended with code 2: SECRET_KEY: is required"):
            family.check()


def test_a_killed_demo_takes_its_children_along(tmp_path):
    program = (
        "import sys, time; from pathlib import Path; from sandbox.demo.processes import children\n"
        f"with children(Path({str(tmp_path)!r})) as family:\n"
        f"    print(family.start('one', {SLEEP!r}).process.pid, flush=True); time.sleep(60)"
    )
    demo = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pid = int(demo.stdout.readline())

    os.kill(demo.pid, signal.SIGKILL)
    demo.wait(10)
    demo.stdout.close()

    assert is_gone(pid)


def test_the_embedded_redis_answers(tmp_path):
    import redis

    with children(tmp_path) as family:
        client = redis.Redis.from_url(family.redis())
        assert client.ping()
        client.close()


def test_a_failed_command_is_quoted(tmp_path):
    with pytest.raises(DemoError, match="ended with code 3"):
        run([sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ), tmp_path / "log")
