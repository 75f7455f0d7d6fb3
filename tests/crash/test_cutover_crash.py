"""Killed in each state of a switch: it goes on where it was, and each booking has one lead."""

import signal
import time
from datetime import timedelta

import pytest

from backend.core.takeover.cutover import WAY, State
from backend.core.takeover.pairing import Pair, Tier
from backend.core.takeover.pairing import State as Paired
from backend.flows.takeover.pairs import adoption
from backend.flows.takeover.profile import recognition
from backend.flows.takeover.switching import cutover
from backend.flows.works import long_work
from backend.store import accounts, configs, cutovers, lanes, takeover_diffs, takeover_shadows, writers
from backend.store.writers import WriterName
from tests.crash.cutover_victim import NOWHERE, WAITS
from tests.crash.salon import STAFF
from tests.crash.world import ANNA, CONFIGURATION

COMPANY, SECONDS = 41001, 40
CONFIRMED = 8102
ON_THE_WAY = (
    "preflight.begun", "preflight.done",
    "announced.begun", "announced.snapshot", "announced.done",
    "stopping.begun", "stopping.list", "stopping.done",
    "draining.begun", "draining.adopted", "draining.done",
    "leasing.begun", "leasing.handed", "leasing.done",
    "catching_up.begun", "catching_up.asked", "catching_up.done",
    "verifying.begun", "verifying.done",
    "watching.begun", "watching.done",
)  # fmt: skip
ON_THE_WAY_BACK = ("going_back.begun", "going_back.list", "going_back.handed", "going_back.done")


@pytest.fixture
def world(installation, database):
    text = CONFIGURATION.replace("mode: active", "mode: observe")
    return installation(database, 1, workers=1, text=text)


@pytest.fixture
def account(world):
    [(_, domain)] = world.pairs
    return accounts.by_domain(domain)


@pytest.fixture
def theirs(world):
    """GET8's address: one that answers quickly and knows nothing."""
    return f"{world.web}/hooks/yclients/somebody-elses"


@pytest.fixture
def begun(world, account, theirs):
    """A booking with GET8's lead, everything ready, the button pressed; our workers do not help yet."""
    [(_, domain)] = world.pairs
    record = book(world, "+79990000001")
    lead = world.person_asks(domain, "+79990000001")
    world.crm("ui/edit", domain=domain, user_id=ANNA, lead_id=lead["id"], price=2500)
    world.crm("ui/move", domain=domain, user_id=ANNA, lead_id=lead["id"], stage_id=8101, pipeline_id=8001)
    world.calm()
    key = f"yclients:{COMPANY}:{record['id']}"
    pair = Pair(key, lead["id"], Tier.A, (), Paired.ACCEPTED)
    assert adoption.take(account.id, [pair], world.ctx.now()) == [key]
    recognition.correct(world.ctx, account.id, (), "анна", writer_ids=[ANNA])
    prove(world, account, key)
    (ours,) = urls(world)
    world.salons("hooks/url", company_id=COMPANY, urls=[theirs, ours])
    held = lanes.take(lanes.lane_id(account.id, long_work.LANE), "test", 600)
    assert held
    one = cutover.start(world.ctx, account, COMPANY, "анна", removed=[theirs])
    yield one, record, lead
    lanes.release(held)


def prove(world, account, key):
    """What a week beside GET8 leaves behind."""
    now = world.ctx.now()
    long_ago = now - timedelta(days=8)
    takeover_shadows.begin(account.id, COMPANY, long_ago, "анна", settle_seconds=600, way="hooks")
    takeover_shadows.save_mark(account.id, takeover_shadows.BOOKINGS, (now, 0))
    row = {
        "account_id": account.id, "company_id": COMPANY, "key": key, "decided_at": now, "compared_at": now,
        "looked_at": now, "next_look_at": None, "version": 1, "action": "open", "trait": "open",
        "diff": "equal", "reason": "", "lead_id": None, "theirs": None, "intent": {}, "lag_seconds": None,
        "acted": True,
    }  # fmt: skip
    takeover_diffs.save(row, [])


def book(world, phone):
    return world.salons(
        "ui/create", company_id=COMPANY, services=[{"id": 90001, "cost": 2500}], staff_id=STAFF,
        datetime=f"2030-03-{int(phone[-2:]):02} 12:00:00", client={"name": "Клиент", "phone": phone},
    )  # fmt: skip


def urls(world):
    return world.salons.read(f"state?company_id={COMPANY}")["companies"][0]["urls"]


def leads(world):
    [(_, domain)] = world.pairs
    return world.crm.read(f"state?domain={domain}")["leads"]


def killed(world, point, cutover_id, seconds=61):
    """Time passes until the switch comes by this point; then its process is no more."""
    for attempt in range(70):
        name = f"victim-{point}-{attempt}"
        args = ("tests.crash.cutover_victim", point, cutover_id)
        ended = world.family.start(name, *args, environment=world.environment).wait(30)
        if ended == -signal.SIGKILL:
            return
        assert ended == WAITS, (point, ended, cutovers.get(cutover_id))
        world.advance(600 if cutovers.get(cutover_id).state is State.WATCHING else seconds)
    raise AssertionError(f"never came by {point}: {cutovers.get(cutover_id)}")


def main_of(world, record):
    key = f"yclients:{COMPANY}:{record['id']}"
    return [
        lead
        for lead in leads(world)
        for row in lead["custom_fields_values"] or ()
        if row["field_code"] == "MOSTIK_KEY" and row["values"][0]["value"] == key
    ]


@pytest.mark.long
def test_killed_in_every_state_the_salon_becomes_ours_once(world, account, begun, theirs):
    one, record, lead = begun
    versions = configs.current(account.id).number
    lost = fresh = None
    for point in ON_THE_WAY:
        killed(world, point, one.id)
        if point == "stopping.done":  # GET8 hears nothing of these two
            lost = world.salons("ui/attendance", company_id=COMPANY, record_id=record["id"], attendance=2)
            fresh = book(world, "+79990000002")
    while not cutovers.get(one.id).is_over:
        world.advance(600)
        goes_on(world, one.id)
    world.calm()

    done = cutovers.get(one.id)
    assert lost
    assert done.state is State.DONE
    steps = [step.step for step in cutovers.steps(one.id)]
    assert steps == [state for state in WAY if state is not State.DONE]
    assert writers.of_salon(account.id, COMPANY).writer is WriterName.OURS
    assert writers.of_salon(account.id, COMPANY).fence == 3, "two changes of hands and no more"
    assert configs.current(account.id).number == versions + 1
    assert [url for url in urls(world) if url == theirs] == []
    assert [one["id"] for one in main_of(world, record)] == [lead["id"]]
    assert main_of(world, record)[0]["status_id"] == CONFIRMED
    assert len(main_of(world, fresh)) == 1
    assert len(leads(world)) == 2


def test_killed_on_the_way_back_everything_is_as_it_was(world, account, begun, theirs):
    one, record, _ = begun
    before, listed = leads(world), urls(world)
    killed(world, "draining.begun", one.id)
    assert urls(world) != listed
    cutover.cancel(world.ctx, account.id, COMPANY)
    for point in ON_THE_WAY_BACK:
        killed(world, point, one.id)
    goes_on(world, one.id)

    assert cutovers.get(one.id).state is State.FAILED_BACK
    assert writers.of_salon(account.id, COMPANY).writer is WriterName.GET8
    assert urls(world) == listed
    assert theirs in listed
    assert leads(world) == before
    assert main_of(world, record) == []


def goes_on(world, cutover_id):
    """To the next wait, by a process that nobody kills."""
    deadline = time.monotonic() + SECONDS
    args = ("tests.crash.cutover_victim", NOWHERE, cutover_id)
    ended = world.family.start(f"goes-on-{deadline}", *args, environment=world.environment).wait(SECONDS)
    assert ended in (0, WAITS), ended
