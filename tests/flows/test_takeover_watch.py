"""Two who write for one salon: each signal is seen, something stops or people are told, and nobody fights."""

import pytest

from backend.flows.takeover.returning import watch
from backend.store import connections, foreign_writes, lanes, rollbacks, takeover_changes, writers
from tests.support.get8 import ADDRESS
from tests.support.stand import (
    CLEANING,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    STAGES,
    TVERSKAYA,
)
from tests.support.taken import go_back, recognise, take_over

PERSON = ("Ирина", "+79990000002")


@pytest.fixture
def taken(get8):
    """One booking of GET8's time, adopted; the salon is ours."""
    recognise(get8)
    get8.old = get8.book(LASER_ARMPITS)
    get8.settle()
    take_over(get8)
    return get8


@pytest.fixture
def codes(taken):
    """Alarms after a look in which the lists outside have their turn too."""

    def look():
        taken.ctx.redis.delete(f"mostik:takeover:lists:{taken.account.id}")
        watch.look(taken.ctx, taken.account.id)
        return [alarm.code for alarm in taken.open_alarms() if alarm.code.startswith("takeover.")]

    return look


def field(stand, part, text):
    return {"custom_fields_values": [{"field_id": stand.get8.layout.ids[part], "values": [{"value": text}]}]}


def lead(stand, lead_id):
    return next(one for one in stand.leads() if one["id"] == lead_id)


def test_a_quiet_salon_raises_no_alarm(taken, codes):
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    taken.settle()
    taken.mark(taken.old, 2)
    taken.settle()

    assert codes() == []
    assert foreign_writes.last(taken.account.id, TVERSKAYA) is None


def test_the_round_rings_accounts_on_their_move_and_one_at_a_time_looks(taken, codes):
    taken.get8.connect(TVERSKAYA)
    assert watch.ring_all(taken.ctx) == 1
    lane = lanes.lane_id(taken.account.id, watch.LANE)
    assert lane in taken.rung

    held = lanes.take(lane, "somebody", 60)
    assert watch.run(taken.ctx, lane) == 0
    lanes.release(held)

    assert watch.run(taken.ctx, lane) == 1
    assert [alarm.code for alarm in taken.open_alarms()] == ["takeover.address_stays"]


def test_a_person_at_work_is_nobody_to_alarm_about(taken, codes):
    for price in (3000, 3100, 3200):
        taken.edit_lead(taken.foreign_lead(taken.old), user=OLGA, price=price)
        taken.pass_time(20)

    assert codes() == []


def test_two_leads_for_one_record_hold_the_salons_creations(taken, codes):
    new = taken.book(LASER_ARMPITS, client=PERSON)
    taken.settle()
    mine = taken.lead_of(new)
    double = second_lead(taken, mine, new)
    taken.settle()

    assert "takeover.two_leads" in codes()
    other = taken.book(CLEANING, client=("Анна", "+79990000003"))
    taken.settle()
    assert taken.leads_of(other) == []

    taken.move(double, 143)
    taken.settle()
    assert "takeover.two_leads" not in codes()
    taken.pass_time(700)
    assert len(taken.leads_of(other)) == 1


def second_lead(stand, mine, record):
    contact = mine["_embedded"]["contacts"][0]["id"]
    made = stand.get8.crm.create(
        {
            "name": "Запись", "pipeline_id": EPILATION, "status_id": STAGES[EPILATION] + 1,
            "_embedded": {"contacts": [{"id": contact}]}, **field(stand, "record", str(record["id"])),
        }
    )  # fmt: skip
    stand.world.deliver()
    return lead(stand, made)


def test_who_answers_the_salons_news_too_makes_us_pause(taken, codes):
    mine = taken.foreign_lead(taken.old)
    for price in (4500, 4600, 4700):
        taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": price}])
        taken.work()
        taken.as_get8(mine, price=price + 7)
        taken.pass_time(60)

    assert "takeover.contested" in codes()
    assert connections.get(taken.account.id, TVERSKAYA).paused_code == "takeover.contested"
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 9000}])
    taken.settle()
    assert lead(taken, mine["id"])["price"] != 9000


def test_two_answers_are_no_fight_yet(taken, codes):
    mine = taken.foreign_lead(taken.old)
    for price in (4500, 4600):
        taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": price}])
        taken.work()
        taken.as_get8(mine, price=price + 7)
        taken.pass_time(60)

    assert "takeover.contested" not in codes()
    assert connections.get(taken.account.id, TVERSKAYA).paused_code == ""


def test_a_pause_moves_the_fence_so_that_nothing_on_its_way_is_sent(taken, codes):
    before = writers.of_salon(taken.account.id, TVERSKAYA).fence
    mine = taken.foreign_lead(taken.old)
    for price in (4500, 4600, 4700):
        taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": price}])
        taken.work()
        taken.as_get8(mine, price=price + 7)
        taken.pass_time(60)
    codes()

    assert writers.of_salon(taken.account.id, TVERSKAYA).fence == before + 1


def test_get8s_own_fields_change_after_the_switch(taken, codes):
    taken.as_get8(taken.foreign_lead(taken.old), **field(taken, "record", "777"))
    taken.settle()

    assert codes() == ["takeover.their_fields"]
    taken.pass_time(3700)
    assert codes() == []


def test_a_value_that_goes_to_and_fro_is_left_alone(taken, codes):
    mine = taken.foreign_lead(taken.old)
    for services in (LASER_LEGS, LASER_ARMPITS, LASER_LEGS, LASER_ARMPITS, LASER_LEGS):
        taken.edit(taken.old, services=[{"id": services, "cost": 4500 if services == LASER_LEGS else 2500}])
        taken.settle()
        if services == LASER_LEGS:
            taken.as_get8(mine, price=2500)
        taken.settle()
    assert "takeover.flipping" in codes()
    stopped = foreign_writes.stopped(taken.account.id)

    assert (TVERSKAYA, mine["id"], "price") in stopped
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 8000}])
    taken.settle()
    assert lead(taken, mine["id"])["price"] == 2500

    assert watch.release(taken.ctx, taken.account.id, TVERSKAYA, mine["id"], "price")
    assert "takeover.flipping" not in codes()
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 8100}])
    taken.settle()
    assert lead(taken, mine["id"])["price"] == 8100


def test_get8s_address_comes_back_into_the_list(taken, codes):
    taken.get8.connect(TVERSKAYA)

    assert codes() == ["takeover.address_stays"]
    assert any(url.startswith(ADDRESS) for url in taken.urls()), (
        "a stranger's address is a person's to remove"
    )
    taken.disconnect()
    assert codes() == []


def test_our_own_address_is_put_back_beside_the_others(taken, codes):
    ours = taken.urls()
    taken.world.yclients.hooks_url(TVERSKAYA, ["http://loyalty.test/hook"])

    assert codes() == ["takeover.ours_lost"]
    assert taken.urls() == ["http://loyalty.test/hook", *ours]
    taken.pass_time(2 * 86400)
    assert codes() == []


def test_get8s_hook_in_amocrm_after_everything_is_over(taken, codes):
    watch_hooks(taken)
    assert codes() == [], "the salon may still go back"

    taken.pass_time(15 * 86400)
    assert codes() == ["takeover.crm_hook_stays"]
    taken.get8.crm.unsubscribe()
    assert codes() == []
    taken.get8.crm.subscribe(["update_lead"])
    assert codes() == ["takeover.crm_hook_stays"]


def watch_hooks(stand):
    from backend.store import takeover_pulls

    hooks = [{"url": f"{ADDRESS}/amocrm"}]
    takeover_pulls.save_surroundings(stand.account.id, {"webhooks": hooks}, stand.now())


def test_without_a_known_author_every_unexplained_answer_counts(taken, codes):
    recognise(taken, writer_ids=())
    mine = taken.foreign_lead(taken.old)
    for price in (4500, 4600, 4700):
        taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": price}])
        taken.work()
        taken.as_get8(mine, price=price + 7)
        taken.pass_time(60)

    assert "takeover.contested" in codes()


def test_what_get8_still_makes_is_placed_by_its_mark_and_by_its_person(taken):
    record = taken.book(CLEANING, client=PERSON)
    taken.get8._push(TVERSKAYA, record["id"], record, 0.0)
    taken.get8.is_on[TVERSKAYA] = True
    taken.get8.work()
    taken.world.deliver()
    taken.work()
    watch.listen(taken.ctx, taken.account.id)

    assert foreign_writes.last(taken.account.id, TVERSKAYA) is not None


def test_a_return_finds_the_second_lead_that_get8_makes(taken):
    new = taken.book(CLEANING, client=PERSON)
    taken.settle()
    mine = taken.lead_of(new)
    row = go_back(taken)
    taken.get8.options.change({"attaches": False})
    taken.edit(new, comment="Позвонить")
    taken.settle()
    watch.look(taken.ctx, taken.account.id)

    (born,) = rollbacks.born(row.id)
    copy = taken.foreign_lead(new)
    assert copy["id"] != mine["id"]
    assert (born.copy_id, born.state) == (copy["id"], "found")
    assert "takeover.copies" in [alarm.code for alarm in taken.open_alarms()]


def test_the_journal_of_values_knows_before_and_after(taken):
    mine = taken.foreign_lead(taken.old)
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    taken.settle()

    found = {one.what: one for one in takeover_changes.of_leads(taken.account.id, [mine["id"]])}

    assert (found["price"].before, found["price"].after) == ("250000", "450000")
    assert found["price"].at is not None
