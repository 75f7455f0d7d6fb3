"""The soak's judge: it finds each kind of mistake, and finds nothing where there is none."""

from collections import Counter
from datetime import date

import pytest
import yaml

from bench.soak.checker import Rules, World, by_key, judge
from bench.soak.network import CONFIGURATION
from bench.soak.traffic import DAY, Plan

MOSCOW, EPILATION_SERVICE, COSMETOLOGY_SERVICE = 41001, 90101, 90111
CATALOGUE = {(MOSCOW, EPILATION_SERVICE): 410011, (MOSCOW, COSMETOLOGY_SERVICE): 410013}
KEY = f"yclients:{MOSCOW}:1"
BOOKED, MOVED, WON = 8101, 8105, 142
ROBOT, OURS, PHONE = 0, 7000001, "+79000000001"


def record(number=1, **more):
    return {
        "id": number,
        "company_id": MOSCOW,
        "staff_id": 811,
        "client": {"id": 5, "phone": PHONE},
        "services": [{"id": EPILATION_SERVICE, "cost": 2500}],
        "attendance": 0,
        "deleted": False,
        "date": "2026-12-01 10:00:00",
        "datetime": "2026-12-01T10:00:00+03:00",
        "create_date": "2026-11-25T10:00:00+0300",
        **more,
    }


def custom(code, value):
    return {"field_code": code, "values": [{"value": value}]}


def lead(key=KEY, number=100, **more):
    fields = [custom("MOSTIK_SALON", "Тверская"), *([custom("MOSTIK_KEY", key)] if key else [])]
    return {
        "id": number,
        "name": "Запись",
        "price": 2500,
        "pipeline_id": 8001,
        "status_id": BOOKED,
        "created_by": OURS,
        "created_at": 1796000000,  # the thirtieth of November
        "responsible_user_id": OURS,
        "closed_at": None,
        "custom_fields_values": fields,
        "_embedded": {"contacts": [{"id": 7}]},
        **more,
    }


def contact(number=7, phone=PHONE):
    return {"id": number, "custom_fields_values": [custom("PHONE", phone)]}


def world(records, leads, contacts=None, notes=(), **more):
    crm = {"leads": leads, "contacts": contacts or [contact()], "notes": list(notes)}
    rules = Rules(yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8")))
    nothing = {"touched": {}, "by_hand": frozenset(), "copies": frozenset(), "deleted": frozenset()}
    return World(rules, by_key(records), crm, CATALOGUE, **{**nothing, **more})


def kinds(*parts, **more):
    return set(judge(world(*parts, **more)).kinds)


def test_a_booking_with_its_lead_is_right():
    assert kinds([record()], [lead()]) == set()


WRONG = {
    "missing": ([record()], []),
    "duplicate": ([record()], [lead(), lead(number=101, price=0)]),
    "unexpected": ([record(staff_id=819)], [lead()]),
    "stage": ([record(attendance=-1)], [lead()]),
    "money": ([record()], [lead(price=2400)]),
    "unknown key": ([record()], [lead(), lead("yclients:41001:9", 101)]),
    "stray": ([record()], [lead(), lead("", 101)]),
    "no contact": ([record()], [lead(_embedded={"contacts": []})]),
    "contact": ([record()], [lead()], [contact(), contact(8, "8 900 000-00-01")]),
    "note": ([record()], [lead()], None, [{"entity_id": 100, "params": {"text": "раз"}}] * 2),
}


@pytest.mark.parametrize("kind", WRONG)
def test_each_mistake_is_found_and_no_other(kind):
    assert kinds(*WRONG[kind]) == {kind}


def test_a_day_that_does_not_add_up_is_found():
    came = record(attendance=1)

    assert kinds([came], [lead(status_id=WON, closed_at=1, price=0)]) == {"money", "day"}


def test_satellites_are_counted_into_the_money():
    both = record(
        services=[{"id": EPILATION_SERVICE, "cost": 2500}, {"id": COSMETOLOGY_SERVICE, "cost": 900}]
    )
    satellite = lead(f"{KEY}#cosmetology", 101, price=900, pipeline_id=8002, status_id=8201)

    assert kinds([both], [lead(), satellite]) == set()
    assert kinds([both], [lead(price=3400), satellite]) == {"money"}
    assert kinds([both], [lead(), satellite, {**satellite, "id": 102}]) == {"duplicate", "money"}


def test_a_missed_booking_may_have_given_its_lead_to_the_next_one():
    missed, again = record(attendance=-1), record(2)

    assert kinds([missed, again], [lead(f"yclients:{MOSCOW}:2")]) == set()
    assert kinds([missed], []) == {"missing"}


def test_a_missed_booking_gives_its_lead_to_no_other_direction():
    other = record(2, services=[{"id": COSMETOLOGY_SERVICE, "cost": 2500}])
    of_other = lead(f"yclients:{MOSCOW}:2", pipeline_id=8002, status_id=8201)

    assert kinds([record(attendance=-1), other], [of_other]) == {"missing"}


def test_a_person_may_move_a_lead_and_the_stage_is_theirs():
    moved = {100: {"moved": 8109}}

    assert kinds([record()], [lead(status_id=8109)], touched=moved) == set()
    assert kinds([record()], [lead(status_id=8100)], touched=moved) == {"stage"}


def test_what_a_person_closed_has_to_stay_closed():
    closed = {100: {"closed": 143}}

    assert kinds([record()], [lead(status_id=143, closed_at=1)], touched=closed) == set()
    assert kinds([record()], [lead()], touched=closed) == {"reopened"}


def test_what_a_person_wrote_has_to_stay():
    assert kinds([record()], [lead()], touched={100: {"name": "Важная"}}) == {"overwritten"}


def test_a_robots_lead_waits_when_nobody_has_booked():
    came = record(attendance=1)
    won = lead(status_id=WON, closed_at=1)
    next_one = lead("", 101, status_id=8100, created_by=ROBOT)

    assert kinds([came], [won, next_one]) == set()


def test_a_robots_lead_beside_an_active_booking_is_superfluous():
    next_one = lead("", 101, status_id=8100, created_by=ROBOT)

    assert kinds([record()], [lead(), next_one]) == {"robot"}
    assert kinds([record()], [lead(), {**next_one, "closed_at": 1}]) == set()


@pytest.mark.parametrize("made", [1795500000, 1796500000], ids=["before the booking", "after its visit"])
def test_a_robots_lead_that_the_booking_could_not_know_of_is_not_superfluous(made):
    next_one = lead("", 101, status_id=8100, created_by=ROBOT, created_at=made)

    assert kinds([record()], [lead(), next_one]) == set()


def test_a_robots_lead_that_nobody_recognised_is_found():
    stranger = lead("", 101, status_id=8100, created_by=ROBOT, custom_fields_values=[])

    assert kinds([record(attendance=1)], [lead(status_id=WON, closed_at=1), stranger]) == {"robot"}


def test_leads_of_people_are_nobodys_business():
    assert kinds([record()], [lead(), lead("", 101)], by_hand=frozenset({101})) == set()


def test_the_whole_state_is_sized():
    verdict = judge(world([record(), record(2, deleted=True)], [lead()]))

    assert verdict.counted["bookings"] == 2
    assert verdict.counted["cancelled, no lead"] == 1
    assert verdict.counted["money of leads"] == verdict.counted["money of bookings"] == 2500


# The plan


def plan(seed=1):
    return Plan(seed, 400, 20, date(2026, 12, 1))


def test_the_same_seed_gives_the_same_life():
    assert plan().deeds() == plan().deeds()
    assert plan().deeds() != plan(2).deeds()


def test_the_plan_books_as_many_as_wanted_and_does_everything():
    made = plan()
    done = Counter(deed.verb for deed in made.deeds())

    assert made.booked >= 400
    assert done["book"] == made.booked
    assert {"edit", "pay", "delete", "restore", "advert", "merge_clients"} <= done.keys()
    assert any(verb.startswith("hand_") for verb in done)


def test_nothing_is_done_to_a_booking_before_it_is_made():
    seen = set()

    for deed in plan().deeds():
        if deed.verb == "book":
            seen.add(deed.booking)
        elif deed.verb != "advert":
            assert deed.booking in seen
        assert deed.minute < 200 * DAY
