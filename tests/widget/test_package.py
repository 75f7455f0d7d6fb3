"""The command and the archive it makes."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.build_widget import build, check

PROJECT = Path.cwd()
ADDRESS = "https://bridge.example.net/app"


def test_our_widget_breaks_no_rule():
    assert check(PROJECT) == []


def test_the_archive_is_the_same_every_time(project):
    build(project, ADDRESS, project / "first.zip")
    for path in (project / "widget").rglob("*"):
        os.utime(path, (0, 10**9))
    build(project, ADDRESS, project / "second.zip")

    assert (project / "first.zip").read_bytes() == (project / "second.zip").read_bytes()


def test_the_manifest_is_at_the_root_beside_the_files_of_widget(project):
    build(project, ADDRESS, project / "widget.zip")

    with zipfile.ZipFile(project / "widget.zip") as archive:
        names = archive.namelist()
    assert {"manifest.json", "script.js", "i18n/ru.json", "images/logo.png"} <= set(names)
    assert not [name for name in names if name.startswith(("widget/", "/"))]


def test_the_archive_speaks_to_the_server_it_was_built_for(project):
    build(project, ADDRESS, project / "widget.zip")

    with zipfile.ZipFile(project / "widget.zip") as archive:
        address = archive.read("js/address.js").decode()
        manifest = json.loads(archive.read("manifest.json"))
    assert f"server: '{ADDRESS}'" in address
    assert manifest["widget"]["support"]["link"] == f"{ADDRESS}/help"
    assert manifest["dp"]["webhook_url"] == f"{ADDRESS}/widget/pipeline"


def test_the_archive_names_the_people_who_help_in_all_its_texts(project):
    build(project, ADDRESS, project / "widget.zip", "care@example.net")

    with zipfile.ZipFile(project / "widget.zip") as archive:
        texts = json.loads(archive.read("i18n/ru.json"))
        manifest = json.loads(archive.read("manifest.json"))
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert manifest["widget"]["support"]["email"] == "care@example.net"
    assert "care@example.net" in texts["widget"]["description"]
    assert b"example.com" not in everything


def test_the_command_names_the_problem_and_makes_no_archive(project):
    (project / "widget/script.js").unlink()

    done = _command(project)

    assert done.returncode == 1
    assert "widget/script.js: missing" in done.stderr
    assert not (project / "dist").exists()


def test_the_command_refuses_an_address_that_would_break_the_script(project):
    done = _command(project, PUBLIC_URL="https://x.example'; steal();")

    assert done.returncode == 1
    assert done.stderr.startswith("PUBLIC_URL: ")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PUBLIC_URL": "http://bridge.example.net"}, "PUBLIC_URL: amoCRM calls https addresses only"),
        ({"PUBLIC_URL": "https://мостик.example"}, "PUBLIC_URL: expected an address"),
        ({"PUBLIC_URL": "bridge.example.net"}, "PUBLIC_URL: expected an address"),
        ({"SUPPORT_EMAIL": "support"}, "SUPPORT_EMAIL: expected an address"),
    ],
)
def test_the_command_refuses_addresses_amocrm_would_not_use(project, settings, words):
    done = _command(project, **settings)

    assert done.returncode == 1
    assert done.stderr.startswith(words)


def test_an_archive_for_a_trial_on_this_machine_says_so(project):
    done = _command(project, PUBLIC_URL="http://127.0.0.1:9100")

    assert done.returncode == 0, done.stderr
    assert "note: this archive works on this machine only" in done.stdout


def test_the_command_says_how_much_a_card_has_to_load(project):
    done = _command(project, PUBLIC_URL=ADDRESS, SUPPORT_EMAIL="care@example.net")

    assert re.search(r"scripts, templates and styles: \d+(\.\d)? KB of 96\n", done.stdout)
    assert "note:" not in done.stdout


def test_the_command_builds_for_the_address_of_the_environment(project):
    done = _command(project, PUBLIC_URL=ADDRESS)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("dist/widget.zip: ")
    assert (project / "dist/widget.zip").stat().st_size > 10_000


def _command(project, **settings):
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), **settings}
    command = [sys.executable, "-m", "deploy.build_widget"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=60)
