"""The PostgreSQL of the tests is a real one, durable when asked, and never outlives them."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2

STARTS_AND_WAITS = """
import time
from tests.support.postgres import start_postgres
server = start_postgres(fsync=True)
server.fresh_url()
print(server.directory, flush=True)
time.sleep(600)
"""


def _ask(url, question):
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def test_every_test_gets_an_empty_database_of_its_own(postgres, postgres_url):
    other = postgres.fresh_url()

    assert other != postgres_url
    assert _ask(postgres_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert _ask(postgres_url, "SELECT version()").startswith("PostgreSQL")


def test_the_server_of_a_killed_process_stops_and_tidies_up(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTS_AND_WAITS], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    directory = Path(parent.stdout.readline().strip())
    settings = _ask(f"postgresql://postgres@/postgres?host={directory}", "SELECT current_setting('fsync')")

    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    assert settings == "on"
    assert _vanishes(directory)


def _vanishes(directory, seconds=60):
    deadline = time.monotonic() + seconds
    while directory.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return not directory.exists()
