"""An account that has lived some days on GET8, and the reading of both systems from outside."""

import itertools

import pytest

from backend.flows.takeover.reading import discovery
from backend.flows.works import long_work
from backend.integrations.amocrm import surroundings
from backend.integrations.yclients import client as salon_client
from backend.store import db, lanes, long_works, takeover_found, takeover_pulls
from tests.support.get8 import CLIENT
from tests.support.stand import (
    ANNA,
    CLEANING,
    DOMAIN,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

PEOPLE = [(f"Клиентка {number}", f"+7999000{number:04}") for number in range(1, 9)]


@pytest.fixture
def lived(get8):
    """Some days on GET8: bookings of two salons, one deleted, one visit made, people's notes."""
    services = itertools.cycle([LASER_ARMPITS, CLEANING, LASER_LEGS])
    records = [get8.book(next(services), client=client) for client in PEOPLE[:6]]
    for client in PEOPLE[6:]:
        records.append(get8.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=client, at="+3"))
    get8.settle()
    get8.mark(records[0], 1)
    get8.delete(records[1])
    get8.settle()
    for number, lead in enumerate(get8.leads()):
        get8.world.amocrm.ui_note(DOMAIN, ANNA, lead["id"], f"примечание {number}")
    get8.work()
    return get8


def lane(stand):
    return lanes.lane_id(stand.account.id, long_work.LANE)


def go_on(stand, ctx=None):
    """The lane's worker, until it has nothing to do; a dead one's lease is over."""
    db.run("UPDATE lanes SET expires = 0 WHERE id = %s", (lane(stand),))
    long_work.run(ctx or stand.ctx, lane(stand))


def discover(stand):
    work_id = discovery.start(stand.ctx, stand.account.id, "irina")
    go_on(stand)
    return long_works.get(work_id)


def records(stand):
    return takeover_found.portion(stand.account.id, None, "", 1000)


def everything(stand):
    """What is kept, for comparing two ways of reading it."""
    account_id = stand.account.id
    return (
        records(stand),
        takeover_found.notes_portion(account_id, 0, 1000),
        [takeover_found.clients_portion(account_id, company, 0, 1000) for company in (TVERSKAYA, URAL)],
        takeover_pulls.surroundings(account_id)[0],
    )


def pulls(stand):
    return {pull.collection: pull for pull in takeover_pulls.of_account(stand.account.id)}


def small_pages(monkeypatch, size=2):
    monkeypatch.setattr(surroundings, "PAGE", size)
    monkeypatch.setattr(salon_client, "PAGE", size)


def asked(stand, since, client=None):
    """Requests of ours to amoCRM."""
    rows = stand.world.amocrm.journal(DOMAIN, since)
    return [row["path"] for row in rows if "/api/v4/" in row["path"] and row["author"] != CLIENT]


def last_request(stand):
    return max((row["n"] for row in stand.world.amocrm.journal(DOMAIN)), default=0)
