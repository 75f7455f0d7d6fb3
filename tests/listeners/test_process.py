"""The listener as a process: killed in the middle of a call, idle without a PBX, two of them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.embedded import die_with_parent
from backend.listeners.watch import LEASE_SECONDS
from backend.store import db
from backend.store.telephony import pbxes
from tests.support.talks import begin_talk, call_of, ended, one_open, until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def start(listening, tmp_path):
    """Starts a listener process on the database of the stand; all are gone at the end."""
    settings = listening.ctx.settings
    environment = {
        "PATH": os.environ["PATH"], "PUBLIC_URL": settings.public_url, "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url,
        "AMOCRM_CLIENT_ID": "client", "AMOCRM_CLIENT_SECRET": "secret", "YCLIENTS_PARTNER_TOKEN": "partner",
        "PRIVATE_NETWORKS": "127.0.0.0/8",
    }  # fmt: skip
    processes = []

    def begin(dead=None):
        told = f"main(({dead.pid!r},))" if dead else "main()"
        with (tmp_path / f"listener-{len(processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from backend.listeners.ami import main; {told}"],
                cwd=ROOT, env=environment, stdout=log, stderr=log, preexec_fn=die_with_parent(),
            )  # fmt: skip
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.wait()


def listings(pbx):
    return sum(one.name == "CoreShowChannels" for one in pbx.asked)


@pytest.mark.long
def test_killed_in_the_middle_of_a_call(listening, pbx, start):
    """Nothing of the call is lost but what nobody heard: it is one row, with who talked."""
    listening.connect(pbx)
    victim = start()
    until(listening.is_up, 20)
    go_on = begin_talk(pbx, "transfer-blind")
    uniq = one_open(listening, "talking")["uniq"]

    victim.kill()
    victim.wait()
    until(lambda: pbx.connections() == 0)
    start()
    until(lambda: listings(pbx) >= 2, 30)
    time.sleep(0.3)
    go_on()

    (only,) = ended(listening)
    assert only["uniq"] == uniq
    call = call_of(listening, uniq)
    assert call.talked == ("101", "102")
    assert call.began_at < call.talks[0].began_at < call.talks[0].ended_at <= call.ended_at
    assert db.rows("SELECT count(*) FROM inbound_events WHERE kind = 'call.ended'") == [(1,)]


@pytest.mark.long
def test_of_two_processes_the_other_takes_over_from_a_dead_one(listening, pbx, start):
    listening.connect(pbx)
    first = start()
    until(listening.is_up, 20)
    start()
    time.sleep(4)
    assert len(pbx.logins) == 2

    first.kill()
    first.wait()

    until(lambda: len(pbx.logins) == 4, 20)


def test_who_is_told_that_the_one_before_is_dead_does_not_wait_for_its_lease(listening, pbx, start):
    listening.connect(pbx)
    first = start()
    until(listening.is_up, 20)
    first.kill()
    first.wait()

    start(dead=first)

    began = time.monotonic()
    until(lambda: len(pbx.logins) == 4, 20)
    assert time.monotonic() - began < LEASE_SECONDS / 2


def test_it_ends_when_asked_and_lets_go_at_once(listening, pbx, start):
    listening.connect(pbx)
    process = start()
    until(listening.is_up, 20)

    process.terminate()

    assert process.wait(10) == 0
    assert db.rows("SELECT owner FROM lanes WHERE name LIKE 'pbx:%'") == [(None,)]


def test_without_a_pbx_it_is_small_and_notices_the_first_one(listening, pbx, start):
    pbxes.remove(listening.stand.pbx.id)
    process = start()
    time.sleep(3)
    small = memory(process)
    assert process.poll() is None

    made = pbxes.save(
        pbxes.Pbx(listening.stand.account.id, "new", host="127.0.0.1", port=pbx.port, login="crm",
                  secret="least-rights")
    )  # fmt: skip

    until(lambda: pbxes.state(made.id).connected_since, 20)
    assert small < 40, small
    assert small < memory(process)


def memory(process):
    """Megabytes of the process that are its own, and its part of what is shared."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024
