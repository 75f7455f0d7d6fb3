"""A salon's service is slow and the queue `sync` stands still for minutes: calls are served meanwhile.

Every process is one of production. The second test takes the worker of calls away and sees them wait, so the
first one proves that worker and not a quick machine.
"""

import threading
import time

import pytest
import requests
from rq import Worker

from backend.store import accounts, connections
from sandbox.asterisk.replay import CLIENT, Cast
from sandbox.calls.exchange import Emulated
from tests.crash.calls import Switchboard
from tests.crash.salon import STAFF
from tests.crash.world import Installation

NUMBER, BOOKER = "79990007001", "+79990007002"
SLOW_SECONDS = 4.0  # for one answer: our patience ends at ten
HOOKS = 60  # each is one question: four minutes of one job
PATIENCE = 90.0  # far more than a call takes on a busy machine, far less than the job
LOOKED_AT = 10.0  # how long a call that must not be served is watched


class Production(Installation):
    """The processes that `backend.run` starts, but for web and scheduler, which Installation has."""

    modules = {"worker": "backend.worker", "calls": "backend.calls", "listener": "backend.listeners.ami"}

    def start_workers(self, _count):
        for name, module in self.modules.items():
            self.family.start(name, module, environment=self.environment)


class OneWorker(Production):
    """As it was before calls had a worker of their own."""

    modules = {name: module for name, module in Production.modules.items() if name != "calls"}


@pytest.fixture
def opened(tmp_path):
    made = []

    def make(kind):
        made.append(kind(tmp_path, f"sqlite:///{tmp_path / 'mostik.db'}", 1, LEASE_SECONDS="30"))
        made[-1].start()
        return made[-1]

    yield make
    for world in made:
        world.stop()


@pytest.fixture
def exchange(tmp_path):
    with Emulated(0, tmp_path) as pbx:
        yield pbx


@pytest.mark.long
def test_a_long_sync_delays_neither_the_notice_nor_the_log(opened, exchange):
    world = opened(Production)
    connect(world, exchange)
    job = hold_sync(world)

    call = ring(exchange)
    until(lambda: notices(world), "amoCRM shows who calls")
    until(lambda: logged(world), "the call is in its card")

    assert syncing(world) == job, "the sync has ended: nothing is proved"
    call.join()
    assert_all_is_well(world)


@pytest.mark.long
def test_with_one_worker_for_all_a_call_waits_for_the_end_of_the_sync(opened, exchange):
    world = opened(OneWorker)
    connect(world, exchange)
    job = hold_sync(world)

    ring(exchange).join()
    time.sleep(LOOKED_AT)

    assert (notices(world), logged(world), syncing(world)) == ([], [], job)
    world.salons._json("faults", "DELETE")
    assert_all_is_well(world)


def connect(world, exchange):
    """Telephony with one exchange, whose clock is the installation's."""
    Switchboard(world, 0, seed=1, host="127.0.0.1", port=exchange.port, secret="least-rights")
    exchange.now = lambda: time.time() + world.offset
    until(exchange.has_listeners, "somebody listens to the exchange")


def hold_sync(world):
    """Hooks that only name a booking, which the service is slow to show; returns the job that asks for it."""
    [(company, _)] = world.pairs
    world.salons("hooks", delay=100_000, retry="none")
    record = world.salons(
        "ui/create", company_id=company, staff_id=STAFF, services=[{"id": 90001, "cost": 1000}],
        client={"name": "Мария", "phone": BOOKER}, datetime="2030-03-12 10:00:00",
    )  # fmt: skip
    world.salons("hooks/flush")
    world.salons("faults", kind="slow", seconds=SLOW_SECONDS, match="/record/")
    door = connections.get(accounts.by_domain(world.pairs[0][1]).id, company).hook_secret
    for number in range(HOOKS):
        body = {
            "company_id": company, "resource": "record", "resource_id": record["id"], "status": "update",
            "data": {"number": number},
        }  # fmt: skip
        answer = requests.post(f"{world.web}/hooks/yclients/{door}", json=body, timeout=30)
        assert answer.ok
    until(lambda: shown(world, record["id"]), "the first of many slow answers")
    return syncing(world)


def shown(world, record):
    """Answers about the booking; other jobs of the queue ask for none of them."""
    return [row for row in world.salons.read("journal") if f"/{record}" in row["path"]]


def syncing(world):
    """The job of whoever serves the queue `sync`."""
    there = (one for one in Worker.all(connection=world.memory) if "sync" in one.queue_names())
    return next((job for one in there if (job := one.get_current_job_id())), None)


def ring(exchange):
    """It rings, is answered and ends, as fast as it was recorded."""
    call = threading.Thread(
        target=exchange.play, args=("inbound-answered", Cast({CLIENT: NUMBER})), kwargs={"speed": 1.0}
    )
    call.start()
    return call


def crm(world):
    return world.crm.read("state", domain=world.pairs[0][1])


def notices(world):
    return [one for one in crm(world)["popups"] if one["phone_number"].endswith(NUMBER[1:])]


def logged(world):
    return [note for note in crm(world)["notes"] if note["params"].get("phone") == f"+{NUMBER}"]


def assert_all_is_well(world):
    """The booking has its lead as well, in the end."""
    world.salons._json("faults", "DELETE")
    world.calm(seconds=180)
    assert len(logged(world)) == 1
    assert len(crm(world)["leads"]) == 2


def until(is_so, what):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"not within {PATIENCE:.0f} s: {what}"
        time.sleep(0.2)
