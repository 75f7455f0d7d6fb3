"""What a newcomer sees when the machine lacks something: one line, and nothing half made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path("deploy/bootstrap.sh").resolve()
UNREACHABLE = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_FIND_LINKS": "",
}
PINNED = "nosuchpackage==1.0 --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "requirements.txt").write_text(PINNED)
    return tmp_path


def bootstrap(project, **settings):
    command = ["/bin/sh", SCRIPT, "requirements.txt"]
    environment = {**os.environ, **settings}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=120)


def fake_python(project, body):
    """A Python that answers as `body` says and is the real one otherwise."""
    path = project / "fake-python"
    path.write_text(f'#!/bin/sh\n{body}\nexec {sys.executable} "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_a_python_that_is_not_there(project):
    done = bootstrap(project, PYTHON="python9.9")

    assert done.returncode == 2
    assert done.stderr == (
        "mostik: python9.9 is not found; install Python 3.11 or name yours: make PYTHON=/path/to/python3.11\n"
    )
    assert not (project / ".venv").exists()


def test_a_python_that_is_too_old(project):
    body = 'case "$2" in *version_info*) exit 1;; *python_version*) echo 3.9.2; exit 0;; esac'

    done = bootstrap(project, PYTHON=fake_python(project, body))

    assert done.returncode == 2
    assert done.stderr.startswith("mostik: Python 3.11 or newer is needed, ")
    assert " is 3.9.2 " in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (project / ".venv").exists()


def test_a_python_without_venv(project):
    done = bootstrap(project, PYTHON=fake_python(project, 'case "$2" in *ensurepip*) exit 1;; esac'))

    assert done.returncode == 2
    assert done.stderr.endswith("has no venv module; on Debian: apt install python3-venv\n")
    assert done.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_written(project):
    (project / "var").write_text("in the way")

    done = bootstrap(project, PYTHON=sys.executable)

    assert done.returncode == 2
    assert done.stderr == f"mostik: no permission to write into {project} (.venv and var are made there)\n"


def test_no_network(project):
    done = bootstrap(project, PYTHON=sys.executable, **UNREACHABLE)

    assert done.returncode == 2
    assert done.stderr.startswith("mostik: no network: packages could not be downloaded (")
    assert done.stderr.count("\n") == 1


def test_a_package_that_is_not_the_pinned_one_is_refused(project):
    shelf = project / "shelf"
    shelf.mkdir()
    wheel = shelf / "nosuchpackage-1.0-py3-none-any.whl"
    shutil.make_archive(str(shelf / "made"), "zip", project, "requirements.txt")
    (shelf / "made.zip").rename(wheel)

    done = bootstrap(project, PYTHON=sys.executable, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(shelf))

    assert done.returncode == 2
    assert done.stderr.startswith("mostik: packages could not be installed: ")
    assert done.stderr.count("\n") == 1
    assert "HASH" in (project / "var/bootstrap.log").read_text().upper()
