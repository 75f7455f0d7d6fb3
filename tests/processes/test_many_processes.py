"""Two web processes and three workers on one PostgreSQL and one Redis, all at once, under load."""

import random
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from backend.store import connections, db
from tests.crash.checker import judge
from tests.crash.salon import Journal
from tests.crash.world import Installation

BOOKINGS = 110
CONNECTIONS = 8
COPIES = 2
WORKERS = 3
TROUBLE = re.compile(r"deadlock|Traceback|database is locked|lane lost", re.IGNORECASE)


@pytest.fixture
def world(tmp_path, postgres_url):
    opened = Installation(tmp_path, postgres_url, 3, LEASE_SECONDS="15")
    try:
        opened.start(web=2, workers=WORKERS)
        yield opened
    finally:
        opened.stop()


def test_many_processes_at_once_make_one_lead_per_booking(world):
    hooks = hooks_of(world, BOOKINGS)
    statuses, ways = delivered(hooks)
    world.calm()

    verdict = judge(world.salons, world.crm, world.pairs)
    assert len(hooks) >= 300 * COPIES
    assert statuses == {200}
    assert verdict.problems == []
    assert verdict.bookings == BOOKINGS
    assert two_at_once(world.scaffold.book()) == []
    assert len({worker for _, _, worker, _ in world.scaffold.book()}) == WORKERS
    assert made_twice() == []
    assert {name: found for name, text in world.logs().items() if (found := TROUBLE.findall(text))} == {}
    assert ways == CONNECTIONS


def hooks_of(world, bookings):
    """What the salons would send, several times over and in disorder; their own road is closed meanwhile."""
    for company, _ in world.pairs:
        world.salons("hooks/url", company_id=company, urls=["http://127.0.0.1:9/closed"])
    world.salons("hooks", delay=100_000, retry="none")
    journal = Journal(world.salons, [company for company, _ in world.pairs], bookings)
    while not journal.is_over:
        journal.next()
    queued = [hook["event"] for hook in world.salons.read("hooks/pending")]
    world.salons("hooks/flush")
    addresses = {
        branch.company_id: f"{world.web}/hooks/yclients/{branch.hook_secret}"
        for branch in connections.BranchRow.select()
    }
    road = [(addresses[event["company_id"]], event) for event in queued if event["resource"] == "record"]
    road *= COPIES
    random.Random(1).shuffle(road)
    return road


def delivered(hooks):
    """Over several connections at once, each of them kept open."""
    local, opened = threading.local(), []

    def send(hook):
        if not hasattr(local, "session"):
            local.session = requests.Session()
            opened.append(local.session)
        url, event = hook
        return local.session.post(url, json=event, timeout=20).status_code

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        statuses = set(pool.map(send, hooks))
    for session in opened:
        session.close()
    return statuses, len(opened)


def two_at_once(book):
    """Lanes that somebody took while another process held them."""
    holder, found = {}, []
    for lane, horse, _, verb in book:
        if verb == "leaves":
            del holder[lane]
        elif lane in holder:
            found.append((lane, holder[lane], horse))
        else:
            holder[lane] = horse
    return found


def made_twice():
    """Bookings whose lead was made more than once."""
    return db.rows(
        "SELECT subject, count(*) FROM outbox_commands WHERE kind = 'CreateLead' AND status = 'done' "
        "GROUP BY subject HAVING count(*) > 1"
    )
