"""Bookings of two directions, leads that wait for both, automations that open the next ones, and workers that
are killed: every booking has its two leads once, and they hold its money.
"""

import random
import time
from collections import Counter

import pytest

from tests.crash.killer import Killer
from tests.crash.salon import STAFF
from tests.crash.test_crash import recover, unhealthy
from tests.crash.world import ANNA, CONFIGURATION

BOOKINGS, DEATHS, SECONDS, GRACE = 24, 12, 25, 30
EPILATION, COSMETOLOGY = {"id": 90001, "cost": 2500}, {"id": 90021, "cost": 4000}
BOTH = [EPILATION, COSMETOLOGY]
ARRIVED, WON = 1, 142
ENTRY = {8001: 8100, 8002: 8200}
BOOKED = [8101, 8201]
ROBOT = 0  # who made a lead, when nobody did


def hybrid():
    text = CONFIGURATION.replace("multi_category: single", "multi_category: hybrid")
    for pipeline, stage in ENTRY.items():
        place = f"trigger: {{pipeline: {pipeline}, stage: {stage}}}"
        text = text.replace(f"pipeline: {pipeline},", f"pipeline: {pipeline}, {place},")
    return text


@pytest.mark.long
def test_leads_of_two_directions_survive_the_death_of_workers(installation, database):
    world = installation(database, 2, text=hybrid())
    booked = prepared(world)
    world.calm()
    killer = Killer(world.scaffold, DEATHS, 0, SECONDS, seed=5)
    killer.start()
    try:
        live(world, booked, killer)
    finally:
        killer.stop()
    recover(world)

    wanted = {key: (6500, [WON, WON] if is_over else BOOKED) for key, is_over in booked.items()}
    assert judged(world, booked) == wanted
    assert unhealthy() == []
    assert killer.done()["worker"] >= DEATHS


def prepared(world):
    """Everybody has an open lead in both directions, then books both. Key of the booking → whether its visit
    took place.
    """
    for _, domain in world.pairs:
        for pipeline, stage in ENTRY.items():
            world.crm(
                "trigger", domain=domain, on_pipeline=pipeline, pipeline_id=pipeline, stage_id=stage, delay=5
            )
    booked = {}
    for number in range(BOOKINGS):
        company, domain = world.pairs[number % len(world.pairs)]
        phone = f"+7900{company % 1000:03}{number:04}"
        asked_for_both(world, domain, phone)
        made = world.salons(
            "ui/create", company_id=company, services=BOTH, staff_id=STAFF, datetime=_day(number),
            client={"name": "Клиент", "phone": phone},
        )  # fmt: skip
        booked[company, made["id"]] = False
    return booked


def _day(number):
    return f"2030-03-{number + 1:02} 12:00:00"


def asked_for_both(world, domain, phone):
    world.person_asks(domain, phone)
    person = max(contact["id"] for contact in world.crm.read("state", domain=domain)["contacts"])
    world.crm(
        "ui/lead", domain=domain, user_id=ANNA, name="Заявка", pipeline_id=8002, stage_id=8200,
        contact_id=person,
    )  # fmt: skip


def live(world, booked, killer):
    """Prices go up and down, remarks are written; every third visit takes place, one after another."""
    chance, deadline = random.Random(5), time.monotonic() + SECONDS + GRACE
    coming = list(booked)[::3]
    for number in range(10**6):
        assert time.monotonic() < deadline, killer.done()
        if not (killer.is_alive() or coming):
            return
        company, record = chance.choice(list(booked))
        where = {"company_id": company, "record_id": record}
        if coming and number % 3 == 0:
            company, record = coming.pop()
            booked[company, record] = True
            world.salons("ui/attendance", company_id=company, record_id=record, attendance=ARRIVED)
        elif booked[company, record]:
            world.salons("ui/edit", **where, comment=f"Просьба {number}")
        else:
            dearer = [{**line, "cost": line["cost"] + 100 * chance.randrange(5)} for line in BOTH]
            world.salons("ui/edit", **where, services=dearer)
            world.salons("ui/edit", **where, services=BOTH, comment=f"Просьба {number}")
        world.advance(2)
        time.sleep(0.2)


def judged(world, booked):
    """Booking → the money and the stages of its leads; a lead that is nobody's is a robot's."""
    found = {}
    for company, domain in world.pairs:
        leads = world.crm.read("state", domain=domain)["leads"]
        keys = Counter(key for lead in leads if (key := key_of(lead)))
        assert any(lead["created_by"] == ROBOT for lead in leads)
        assert [key for key, times in keys.items() if times > 1] == []
        assert [lead["id"] for lead in leads if not key_of(lead) and lead["created_by"] != ROBOT] == []
        for place in (one for one in booked if one[0] == company):
            key = f"yclients:{company}:{place[1]}"
            own = [lead for lead in leads if key_of(lead).partition("#")[0] == key]
            found[place] = sum(lead["price"] for lead in own), sorted(lead["status_id"] for lead in own)
    return found


def key_of(lead):
    rows = lead["custom_fields_values"] or ()
    return next((row["values"][0]["value"] for row in rows if row["field_code"] == "MOSTIK_KEY"), "")
