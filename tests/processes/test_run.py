import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import pytest

from backend import run
from backend.settings import Settings

PATIENCE = 60  # seconds, for what takes none on a machine with nothing else to do

# A supervisor of harmless processes: each writes its pid, one of them has a child in a session of its own.
SUPERVISES = """
import os, sys
from backend.supervisor import Supervisor, guarded
write = "import os,sys,time; open(sys.argv[1]+'/'+str(os.getpid()),'w').close();"
fork = "os.fork() or os.setsid(); open(sys.argv[1]+'/'+str(os.getpid()),'w').close();"
folder = sys.argv[1]
sys.exit(guarded(lambda: Supervisor({
    "plain": [sys.executable, "-c", write + "time.sleep(600)", folder],
    "forking": [sys.executable, "-c", write + fork + "time.sleep(600)", folder],
}, dict(os.environ)).run() or 0))
"""


@pytest.fixture
def supervised(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", SUPERVISES, tmp_path])
    yield process, tmp_path
    process.kill()
    process.wait()


def test_sigterm_leaves_no_process_behind(supervised):
    process, folder = supervised
    pids = _pids(folder, 3)

    process.send_signal(signal.SIGTERM)
    code = process.wait(PATIENCE)

    assert code == 0
    assert _alive(pids) == set()


def test_sigint_ends_like_sigterm(supervised):
    process, folder = supervised
    pids = _pids(folder, 3)

    process.send_signal(signal.SIGINT)
    code = process.wait(PATIENCE)

    assert code == 0
    assert _alive(pids) == set()


def test_nothing_outlives_the_command_killed_by_sigkill(supervised):
    process, folder = supervised
    pids = _pids(folder, 3)

    process.send_signal(signal.SIGKILL)
    process.wait()

    assert _gone(pids)


def test_nothing_outlives_the_supervisor_inside_killed_by_sigkill(supervised):
    process, folder = supervised
    pids = _pids(folder, 3)
    (inside,) = _children(process.pid)

    os.kill(inside, signal.SIGKILL)
    code = process.wait(PATIENCE)

    assert code == 128 + signal.SIGKILL
    assert _gone(pids)


def test_a_dead_process_is_started_again(supervised):
    process, folder = supervised
    before = _pids(folder, 3)

    os.kill(min(before), signal.SIGKILL)
    after = _pids(folder, 4)

    assert before < after
    assert process.poll() is None


def test_a_taken_port_is_one_line_and_code_2(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        done = _run(tmp_path, WEB_BIND=bind)

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"mostik: cannot listen on {bind} (Address already in use); set WEB_BIND to a free address"
    ]


def test_a_folder_nobody_may_write_is_one_line_and_code_2(tmp_path):
    (tmp_path / "var").write_text("in the way")

    done = _run(tmp_path)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no permission to write into" in done.stderr


@pytest.mark.parametrize("bind", ["8000", "127.0.0.1:", "127.0.0.1:99999", ":8000", "nowhere.invalid.:x"])
def test_a_malformed_address_is_named(bind):
    with pytest.raises(run.CannotStart, match="WEB_BIND"):
        run.check_bind(bind)


@pytest.mark.parametrize(("value", "names"), [("0", []), ("2", ["worker-1", "worker-2", "calls"])])
def test_workers_are_counted_from_the_environment(value, names):
    commands = run.commands({"WORKERS": value})

    assert list(commands) == ["web", *names, "schedule", "listener", "stream"]


@pytest.mark.parametrize(
    ("web", "stream"),
    [("127.0.0.1:8000", "127.0.0.1:8001"), ("[::1]:80", "[::1]:81"), ("127.0.0.1:0", "127.0.0.1:0"),
     ("unix:/run/web.sock", "127.0.0.1:8001")],
)  # fmt: skip
def test_call_cards_are_served_beside_the_pages(web, stream):
    assert run.stream_bind(web) == stream


@pytest.mark.parametrize(
    ("public", "told"),
    [("http://127.0.0.1:8000", "http://127.0.0.1:8001"), ("https://mostik.example.com", ""), ("", "")],
)
def test_browsers_are_told_of_the_stream_only_when_no_proxy_stands_before_us(public, told):
    given = {"WEB_BIND": "127.0.0.1:8000", "STREAM_BIND": "127.0.0.1:8001", "PUBLIC_URL": public}

    assert run.stream_url(given) == told


def test_a_malformed_number_of_workers_is_named():
    with pytest.raises(run.CannotStart, match="WORKERS is 'two'"):
        run.commands({"WORKERS": "two"})


def test_the_env_file_is_read_as_systemd_reads_it(tmp_path):
    path = tmp_path / ".env"
    path.write_text("# a comment\n\nREDIS_URL=\nDATABASE_URL=postgresql://a@b/c?x=1&y=2\n WORKERS = 2 \n")

    with pytest.raises(run.CannotStart, match="line 5: expected NAME=value"):
        run.read_env_file(path)
    path.write_text(path.read_text().replace("WORKERS =", "WORKERS="))

    assert run.read_env_file(path) == {"DATABASE_URL": "postgresql://a@b/c?x=1&y=2", "WORKERS": "2"}


def test_an_env_file_that_is_not_there_is_named(tmp_path):
    done = _run(tmp_path, "--env", "settings.env")

    assert done.returncode == 2
    assert done.stderr == "mostik: settings.env cannot be read\n"


def test_the_environment_goes_before_the_env_file(tmp_path):
    (tmp_path / ".env").write_text("WEB_BIND=nonsense\nWORKERS=two\n")

    done = _run(tmp_path, "--env", ".env", WEB_BIND="127.0.0.1:0")

    assert done.returncode == 2
    assert done.stderr == "mostik: WORKERS is 'two', expected a whole number\n"


def test_every_setting_is_explained_in_the_example():
    lines = Path(".env.example").read_text().splitlines()
    example = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}

    missing = {field.name.upper() for field in fields(Settings)} - example

    assert missing == set()


def _run(folder, *arguments, **settings):
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), **settings}
    command = [sys.executable, "-m", "backend.run", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE
    )


def _pids(folder, count):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        pids = {int(path.name) for path in folder.iterdir()}
        if len(pids) >= count:
            return pids
        time.sleep(0.05)
    raise AssertionError(f"only {pids} started")


def _children(pid):
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def _alive(pids):
    return {pid for pid in pids if Path("/proc", str(pid)).exists() and _state(pid) != "Z"}


def _gone(pids):
    deadline = time.monotonic() + PATIENCE
    while _alive(pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _alive(pids)


def _state(pid):
    try:
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
