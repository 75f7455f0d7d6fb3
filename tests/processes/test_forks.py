"""Modules of ours as processes: forked from one that has loaded them, in all else like programs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend import run
from backend.forks import Fork

# A supervisor whose processes are modules beside it; every fork leaves a file with what it sees.
SUPERVISES = """
import os, sys
from backend.forks import Fork
from backend.supervisor import Supervisor, guarded
folder = sys.argv[1]
sys.path.insert(0, folder)
environment = {**{name: os.environ[name] for name in ("PATH", "PYTHONPATH")}, "FOLDER": folder, "MORE": "1"}
commands = {
    "first": Fork("part_of_test", ("first", "word")),
    "second": Fork("part_of_test", ("second",), is_heir=True),
}
if len(sys.argv) > 2:
    commands["broken"] = Fork("no_such_module")
sys.exit(guarded(lambda: Supervisor(commands, environment).run() or 0))
"""
PART = """
import json, os, signal, sys, time
loaded_by = os.getpid()

def main(words):
    seen = {
        "pid": os.getpid(), "parent": os.getppid(), "loaded_by": loaded_by, "session": os.getsid(0),
        "environment": dict(os.environ), "input": os.readlink("/proc/self/fd/0"),
        "handlers": [signal.getsignal(one) == wanted for one, wanted in (
            (signal.SIGTERM, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler))],
        "masked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    }
    path = os.path.join(os.environ["FOLDER"], words[0] + "-" + str(os.getpid()))
    with open(path + ".part", "w") as file:
        json.dump(seen, file)
    os.rename(path + ".part", path + ".json")
    if words[0] == "first" and os.path.exists(os.path.join(os.environ["FOLDER"], "stubborn")):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)
"""
LOADS = """
import gc, json, os, sys, threading
before = set(os.listdir("/proc/self/fd"))
from backend import forks, run
forks.load(one.module for one in run.commands({}).values() if isinstance(one, forks.Fork))
print(json.dumps([len(os.listdir("/proc/self/task")), len(set(os.listdir("/proc/self/fd")) - before),
                  sorted({"flask", "gunicorn"} & sys.modules.keys()), gc.get_freeze_count() > 0]))
"""


@pytest.fixture
def start(tmp_path):
    (tmp_path / "part_of_test.py").write_text(PART)
    started = []

    def begin(*more):
        command = [sys.executable, "-c", SUPERVISES, tmp_path, *more]
        with (tmp_path / "log").open("wb") as log:
            environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
            started.append(subprocess.Popen(command, env=environment, stderr=log))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_a_fork_is_a_program_of_its_own_whose_code_was_loaded_by_its_parent(start, tmp_path):
    process = start()
    first, second = seen(tmp_path, "first"), seen(tmp_path, "second")

    (supervisor,) = children(process.pid)
    assert first["parent"] == second["parent"] == supervisor
    assert first["loaded_by"] == second["loaded_by"] == supervisor
    assert (first["session"], second["session"]) == (first["pid"], second["pid"])
    assert first["environment"].keys() == {"PATH", "PYTHONPATH", "FOLDER", "MORE"}
    assert first["input"] == "/dev/null"
    assert first["handlers"] == [True, True]
    assert first["masked"] == []
    assert commandline(first["pid"]) == ["part_of_test", "first", "word"]
    assert commandline(supervisor)[0] == sys.executable


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_forks_end_when_they_are_told_to(start, tmp_path, signum):
    process = start()
    pids = {seen(tmp_path, name)["pid"] for name in ("first", "second")}

    process.send_signal(signum)

    assert process.wait(10) == 0
    assert gone(pids)


@pytest.mark.parametrize("which", ["guard", "supervisor"])
def test_no_fork_outlives_who_keeps_it(start, tmp_path, which):
    process = start()
    pids = {seen(tmp_path, name)["pid"] for name in ("first", "second")}
    (supervisor,) = children(process.pid)

    os.kill({"guard": process.pid, "supervisor": supervisor}[which], signal.SIGKILL)

    assert gone({*pids, supervisor})


def test_a_fork_that_will_not_end_goes_with_its_dead_keeper_all_the_same(start, tmp_path):
    (tmp_path / "stubborn").touch()
    process = start()
    pids = {seen(tmp_path, name)["pid"] for name in ("first", "second")}
    (supervisor,) = children(process.pid)
    time.sleep(0.2)

    os.kill(supervisor, signal.SIGKILL)

    assert process.wait(10) == 128 + signal.SIGKILL
    assert gone(pids)


def test_a_dead_fork_is_forked_again_and_the_log_says_how_it_died(start, tmp_path):
    start()
    before = seen(tmp_path, "first")
    seen(tmp_path, "second")

    os.kill(before["pid"], signal.SIGKILL)
    after = seen(tmp_path, "first", beside=before["pid"])

    assert after["loaded_by"] == before["loaded_by"]
    assert "process died name=first code=-9 restart_seconds=1" in log_of(tmp_path)
    assert commandline(after["pid"]) == ["part_of_test", "first", "word"]


def test_an_heir_is_told_who_died(start, tmp_path):
    start()
    before = seen(tmp_path, "second")
    assert commandline(before["pid"]) == ["part_of_test", "second"]

    os.kill(before["pid"], signal.SIGKILL)

    after = seen(tmp_path, "second", beside=before["pid"])
    assert commandline(after["pid"]) == ["part_of_test", "second", str(before["pid"])]


def test_a_module_that_cannot_be_loaded_costs_the_others_nothing(start, tmp_path):
    process = start("broken")
    seen(tmp_path, "first")

    deadline = time.monotonic() + 10
    while log_of(tmp_path).count("process died name=broken code=1") < 2:
        assert time.monotonic() < deadline, log_of(tmp_path)
        time.sleep(0.05)
    assert "No module named 'no_such_module'" in log_of(tmp_path)
    assert "name=first" not in log_of(tmp_path)
    assert process.poll() is None


def test_what_is_loaded_before_the_forks_opens_nothing_and_starts_no_thread():
    done = subprocess.run(
        [sys.executable, "-c", LOADS], env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert done.stdout.strip() == "[1, 0, [], true]"


def test_only_the_web_server_is_a_program():
    commands = run.commands({"STREAM_BIND": "127.0.0.1:9"})

    assert [name for name, command in commands.items() if not isinstance(command, Fork)] == ["web"]
    assert commands["stream"] == Fork("backend.stream", ("127.0.0.1:9",))


def seen(folder, name, beside=None):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        for path in folder.glob(f"{name}-*.json"):
            found = json.loads(path.read_text())
            if found["pid"] != beside:
                return found
        time.sleep(0.05)
    raise AssertionError(f"{name} did not start: {log_of(folder)}")


def log_of(folder):
    return (folder / "log").read_text()


def commandline(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")


def children(pid):
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def gone(pids):
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in pids):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
