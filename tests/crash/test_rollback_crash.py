"""Killed in each state of a return to GET8: it goes on, nothing is done twice, the salon is GET8's again."""

import signal
import time

import pytest

from backend.core.takeover.cutover import State
from backend.flows.takeover.hands import lease
from backend.flows.takeover.returning import rollback
from backend.store import accounts, cutovers, rollbacks, takeover_changes, writers
from backend.store.writers import WriterName
from tests.crash.rollback_victim import PLACES
from tests.crash.salon import STAFF

COMPANY = 41001
SECONDS = 30


@pytest.fixture
def world(installation, database):
    return installation(database, 1, workers=1)


@pytest.fixture
def account(world):
    [(_, domain)] = world.pairs
    return accounts.by_domain(domain)


@pytest.fixture
def theirs(world):
    """GET8's address: one that answers quickly and knows nothing."""
    return f"{world.web}/hooks/yclients/somebody-elses"


@pytest.fixture
def ours(world, account, theirs):
    """The salon was switched: GET8's address is out of the list."""
    (there,) = urls(world)
    one = cutovers.add(account.id, COMPANY, "анна", {}, world.ctx.now())
    cutovers.keep(one.id, urls=[theirs, there], removed=[theirs], written=[there])
    cutovers.enter(cutovers.get(one.id), State.DONE, world.ctx.now())
    now = world.ctx.now()
    writers.begin(account.id, [COMPANY], now)
    writers.move(account.id, COMPANY, WriterName.GET8, WriterName.DRAINING, now, t0=now)
    lease.hand_over(
        world.ctx, account.id, COMPANY, WriterName.DRAINING, WriterName.OURS, author="анна", note="проба"
    )
    return there


def urls(world):
    return world.salons.read(f"state?company_id={COMPANY}")["companies"][0]["urls"]


def lead_of(world):
    [(_, domain)] = world.pairs
    (found,) = world.crm.read(f"state?domain={domain}")["leads"]
    return found


def killed(world, point):
    victim = world.family.start(
        f"victim-{point}", "tests.crash.rollback_victim", point, COMPANY, environment=world.environment
    )
    assert victim.wait(30) == -signal.SIGKILL, point


def test_killed_in_every_state_the_salon_goes_back_once(world, account, ours, theirs):
    [(_, domain)] = world.pairs
    before = world.person_asks(domain, "+79990000001")
    world.calm()
    world.salons(
        "ui/create", company_id=COMPANY, services=[{"id": 90001, "cost": 2500}], staff_id=STAFF,
        datetime="2030-03-01 12:00:00", client={"name": "Клиент", "phone": "+79990000001"},
    )  # fmt: skip
    world.calm()
    assert (lead_of(world)["price"], lead_of(world)["status_id"]) == (2500, 8101)

    killed(world, "begun")
    assert writers.of_salon(account.id, COMPANY).writer is WriterName.DRAINING, "fenced before anything else"
    for point in list(PLACES)[1:]:
        killed(world, point)
    rollback.ring(world.ctx, account.id)
    finished(account)

    (row,) = rollbacks.of_account(account.id)
    assert row.state == "done"
    assert [state for state, _, _ in row.steps] == list(rollback.STATES[:-1])
    assert writers.of_salon(account.id, COMPANY).writer is WriterName.GET8
    assert urls(world) == [theirs, ours]
    lead = lead_of(world)
    assert (lead["price"], lead["status_id"], lead["name"]) == (0, 8100, before["name"])
    told = {line.what: line.outcome for line in rollbacks.lines(row.id)}
    assert (told["price"], told["stage"]) == ("undo", "undo")
    left = {one.what for one in takeover_changes.of_leads(account.id, [lead["id"]])}
    assert not {"price", "stage"} & left


def finished(account):
    """By the installation's own worker."""
    deadline = time.monotonic() + SECONDS
    while not rollbacks.newest(account.id, COMPANY).is_over:
        assert time.monotonic() < deadline, rollbacks.newest(account.id, COMPANY)
        time.sleep(0.1)
