"""Killed between amoCRM's answer to a refresh and the store: people are told, and the old token works on."""

import re
import signal
import time

import pytest
import requests

from backend.store import accounts, alarms
from tests.crash.checker import judge
from tests.crash.salon import Journal
from tests.crash.world import CLIENT

NEARLY_A_DAY = 86400 - 1800
AHEAD = "mostik:crash:ahead"
EXCHANGES = "POST oauth2/access_token"


@pytest.fixture
def world(installation, database):
    return installation(database, 1, workers=1)


@pytest.fixture
def account(world):
    [(_, domain)] = world.pairs
    return accounts.by_domain(domain)


@pytest.fixture
def robbed(world, account):
    """Half an hour before the old token ends, the new pair died with the process that had asked for it.

    Its clock runs ahead of the others': nobody else thinks of the token before it is dead.
    """
    before = exchanges(world)
    world.memory.set(AHEAD, NEARLY_A_DAY)
    environment = {**world.environment, "CLOCK_KEY": AHEAD}
    victim = world.family.start("victim", "tests.crash.token_victim", account.id, environment=environment)
    assert victim.wait(30) == -signal.SIGKILL
    assert exchanges(world) == before + 1
    world.advance(NEARLY_A_DAY)
    return world


def test_the_account_works_on_with_its_old_token_and_a_person_is_told(robbed, account):
    journal = booked(robbed, 3)

    assert judged(robbed) == (len(journal.plans), [])
    assert [alarm.code for alarm in alarms.open_alarms(account.id)] == ["amocrm.tokens_lost"]
    assert metric(robbed, "mostik_alarms_open") == 1
    assert accounts.by_id(account.id).state == "active"
    assert exchanges(robbed) == 3  # the installation, the lost one, one refusal: nobody hammers the door


def test_after_its_end_events_wait_for_a_new_connection_and_none_is_lost(robbed, account):
    booked(robbed, 1)
    robbed.advance(3600)
    journal = Journal(robbed.salons, [41001], 2, seed=5)
    while not journal.is_over:
        journal.next()
    wait_until(lambda: accounts.by_id(account.id).state == "paused")

    assert robbed.crm("install", domain=account.domain, client_id=CLIENT, way="server")["status"] == 200
    robbed.calm()

    assert judged(robbed) == (3, [])
    assert alarms.open_alarms(account.id) == []


def booked(world, count):
    journal = Journal(world.salons, [41001], count)
    while not journal.is_over:
        journal.next()
    deadline = time.monotonic() + 30  # business time stands still here: the old token must not end
    while world.pending() or world.on_the_way():
        assert time.monotonic() < deadline, "events are left"
        time.sleep(0.1)
    return journal


def judged(world):
    verdict = judge(world.salons, world.crm, world.pairs)
    return verdict.leads + verdict.never_opened, verdict.problems


def exchanges(world):
    return int(world.crm.read("counts").get(EXCHANGES, 0))


def metric(world, name):
    text = requests.get(f"{world.web}/metrics", timeout=20).text
    return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])


def wait_until(is_so):
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)
