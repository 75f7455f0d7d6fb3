"""Where the demo keeps its data: servers of its own, or those of the environment, which it never empties."""

import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from sandbox.demo.driver import Demo
from sandbox.demo.errors import DemoError
from sandbox.demo.frame import Place, Ports
from sandbox.demo.processes import Children
from sandbox.demo.servers import Servers

ROOT = Path(__file__).parents[2]
NOBODY_LISTENS = "127.0.0.1:1"


def settings_of(folder, servers):
    """What the product would be told, with the Redis that the demo would start under this name."""
    demo = Demo(Place(Ports(9100), folder, Children(folder), servers))
    return demo.settings(servers.redis or "unix:///own.sock")


def execute(url, statement):
    """The rows of the last statement."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def test_without_servers_of_the_environment_the_data_is_in_the_demos_folder(tmp_path):
    settings = settings_of(tmp_path, Servers.from_environment({"PATH": "/bin", "DATABASE_URL": ""}))

    assert settings["DATABASE_URL"] == f"sqlite:///{tmp_path / 'mostik.db'}"
    assert settings["REDIS_URL"] == "unix:///own.sock"


def test_servers_of_the_environment_are_what_the_product_is_told(tmp_path):
    given = {"DATABASE_URL": "postgresql://db.test/demo", "REDIS_URL": "redis://cache.test:6379/3"}

    settings = settings_of(tmp_path, Servers.from_environment(given))

    assert {name: settings[name] for name in given} == given


def test_nothing_else_of_the_environment_points_anywhere(tmp_path, monkeypatch):
    monkeypatch.setenv("AMOCRM_API_URL", "https://{domain}")
    monkeypatch.setenv("YCLIENTS_USER_TOKEN", "a real token")

    settings = settings_of(tmp_path, Servers())

    assert settings["AMOCRM_API_URL"] == "http://127.0.0.1:9101/{domain}"
    assert "YCLIENTS_USER_TOKEN" not in settings


def test_an_empty_database_and_a_redis_that_answers_will_do(postgres_url, redis_url):
    assert Servers(postgres_url, redis_url).check() is None


def test_a_migrated_database_without_accounts_will_do(postgres_url):
    execute(postgres_url, "CREATE TABLE accounts (id bigint)")

    assert Servers(postgres_url).check() is None


def test_a_database_with_an_account_is_refused_and_kept(postgres_url):
    execute(postgres_url, "CREATE TABLE accounts (id bigint); INSERT INTO accounts VALUES (1)")

    with pytest.raises(DemoError, match="is in use already"):
        Servers(postgres_url).check()

    assert execute(postgres_url, "SELECT id FROM accounts") == [(1,)]


def test_a_database_file_that_is_there_is_refused(tmp_path):
    (tmp_path / "mostik.db").touch()

    with pytest.raises(DemoError, match="is in use already"):
        Servers(f"sqlite:///{tmp_path / 'mostik.db'}").check()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("DATABASE_URL", f"postgresql://demo:pass-word@{NOBODY_LISTENS}/demo"),
        ("DATABASE_URL", f"mysql://demo:pass-word@{NOBODY_LISTENS}/demo"),
        ("REDIS_URL", f"redis://demo:pass-word@{NOBODY_LISTENS}/0"),
        ("REDIS_URL", f"http://demo:pass-word@{NOBODY_LISTENS}"),
    ],
)
def test_what_cannot_be_reached_is_told_in_one_line_without_its_password(name, address):
    command = [sys.executable, "-m", "sandbox.demo", "--once", "--port-base", "9720"]

    done = subprocess.run(
        command, cwd=ROOT, env={name: address}, capture_output=True, text=True, check=False, timeout=30
    )

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert name in done.stderr
    assert "pass-word" not in done.stderr
