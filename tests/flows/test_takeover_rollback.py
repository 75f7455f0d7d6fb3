"""A salon goes back to GET8: who writes then, what is taken back, what is left and why."""

import pytest

from backend.core.errors import InvalidInput
from backend.flows.takeover.returning import rollback
from backend.store import accounts, alarms, connections, cutovers, foreign_writes, rollbacks, writers
from backend.store.writers import WriterName
from sandbox.get8.settings import Style
from tests.support.get8 import ADDRESS
from tests.support.stand import (
    CLEANING,
    CLIENT,
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


def lead(stand, lead_id):
    return next(one for one in stand.leads() if one["id"] == lead_id)


def outcomes(row):
    return {(line.lead_id, line.what): line.outcome for line in rollbacks.lines(row.id)}


def test_the_salon_is_get8s_again_within_the_press(taken):
    assert writers.of_salon(taken.account.id, TVERSKAYA).is_ours

    rollback.start(taken.ctx, taken.account, TVERSKAYA, "анна")

    assert writers.of_salon(taken.account.id, TVERSKAYA).writer is WriterName.DRAINING
    before = len(taken.writes(CLIENT))
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    taken.settle()
    assert len(taken.writes(CLIENT)) == before


def test_get8_hears_and_works_again_and_we_look_on(taken):
    row = go_back(taken)

    assert row.state == "done"
    assert [name for name, _, _ in row.steps] == ["hooks", "returning", "undoing", "listing"]
    assert writers.of_salon(taken.account.id, TVERSKAYA).writer is WriterName.GET8
    assert any(url.startswith(ADDRESS) for url in taken.urls())
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    taken.settle()
    assert taken.foreign_lead(taken.old)["price"] == 4500
    assert len(taken.leads()) == 1


def test_an_address_that_somebody_added_meanwhile_stays(taken):
    taken.world.yclients.hooks_url(TVERSKAYA, [*taken.urls(), "http://loyalty.test/hook"])

    go_back(taken)

    assert "http://loyalty.test/hook" in taken.urls()
    assert sum(url.startswith(ADDRESS) for url in taken.urls()) == 1


def test_pressed_twice_it_is_one_return(taken):
    first = rollback.start(taken.ctx, taken.account, TVERSKAYA, "анна")

    assert rollback.start(taken.ctx, taken.account, TVERSKAYA, "ольга") == first


def test_a_salon_that_is_get8s_cannot_go_back(get8):
    with pytest.raises(InvalidInput) as refused:
        rollback.start(get8.ctx, get8.account, TVERSKAYA, "анна")

    assert refused.value.code == "takeover_rollback.not_ours"


def test_values_come_back_where_nobody_has_changed_them_since(taken):
    mine = taken.foreign_lead(taken.old)["id"]
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    taken.settle()
    assert lead(taken, mine)["price"] == 4500

    row = go_back(taken, undo=True)

    assert lead(taken, mine)["price"] == 2500
    assert outcomes(row)[mine, "price"] == "undo"


def test_what_a_person_has_changed_since_stays_and_is_told(taken):
    mine = taken.foreign_lead(taken.old)
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    taken.settle()
    taken.edit_lead(mine, user=OLGA, price=5000)
    taken.settle()

    row = go_back(taken, undo=True)

    assert lead(taken, mine["id"])["price"] == 5000
    assert outcomes(row)[mine["id"], "price"] == "changed"


def test_without_a_wish_nothing_is_taken_back(taken):
    mine = taken.foreign_lead(taken.old)["id"]
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    taken.settle()
    before = len(taken.writes())

    row = go_back(taken)

    assert lead(taken, mine)["price"] == 4500
    assert outcomes(row)[mine, "price"] == "not_asked"
    assert len(taken.writes()) == before


def test_stages_come_back_only_when_they_are_asked_for(taken):
    mine = taken.foreign_lead(taken.old)["id"]
    was = lead(taken, mine)["status_id"]
    taken.mark(taken.old, 2)
    taken.settle()
    assert lead(taken, mine)["status_id"] == STAGES[EPILATION] + 2 != was

    row = go_back(taken, undo=True, stages=True)

    assert lead(taken, mine)["status_id"] == was
    assert outcomes(row)[mine, "stage"] == "undo"


def test_leads_of_ours_are_left_to_get8(taken):
    new = taken.book(CLEANING, client=PERSON)
    taken.settle()
    mine = taken.lead_of(new)

    row = go_back(taken, undo=True)

    assert lead(taken, mine["id"])["status_id"] == mine["status_id"]
    assert outcomes(row)[mine["id"], "created"] == "left"
    (born,) = rollbacks.born(row.id)
    assert (born.key, born.lead_id) == (f"yclients:{TVERSKAYA}:{new['id']}", mine["id"])
    assert born.mark == str(new["id"])


def test_leads_of_ours_are_closed_with_a_tag_when_that_is_wished(taken):
    new = taken.book(CLEANING, client=PERSON)
    taken.settle()
    mine = taken.lead_of(new)["id"]

    row = go_back(taken, created=True)

    closed = lead(taken, mine)
    assert closed["status_id"] == 143
    assert "откат" in [tag["name"] for tag in closed["_embedded"]["tags"]]
    assert outcomes(row)[mine, "created"] == "close"


@pytest.mark.parametrize("style", [Style.FIELD, Style.URL, Style.NOTE])
def test_leads_of_ours_carry_get8s_own_mark(new_get8, style):
    stand = new_get8(style=style)
    recognise(stand)
    take_over(stand)
    new = stand.book(LASER_ARMPITS)
    stand.settle()
    mine = stand.lead_of(new)

    go_back(stand)
    (born,) = rollbacks.born(rollbacks.newest(stand.account.id, TVERSKAYA).id)

    assert born.mark == str(new["id"])
    shown = {
        Style.FIELD: lambda: stand.value(mine, stand.get8.layout.ids["record"]),
        Style.URL: lambda: stand.value(mine, stand.get8.layout.ids["url"]),
        Style.NOTE: lambda: stand.notes(mine),
    }[style]()
    assert any(str(new["id"]) in str(text) for text in shown)


def test_a_second_switch_begins_from_what_the_leads_show_then(taken):
    mine = taken.foreign_lead(taken.old)["id"]
    taken.edit(taken.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    taken.settle()
    go_back(taken, undo=True)
    taken.edit(taken.old, datetime=taken.wall("+4"))
    taken.settle()

    take_over(taken, adopts=False)
    before = len(taken.writes(CLIENT))
    taken.reconcile()
    taken.settle()
    assert len(taken.writes(CLIENT)) == before, "what did not change by itself stays"
    taken.edit(taken.old, services=[{"id": LASER_ARMPITS, "cost": 3000}])
    taken.settle()

    assert lead(taken, mine)["price"] == 3000
    assert taken.lead_of(taken.old)["id"] == mine
    assert "Лазер: подмышки — 3 000 ₽" in taken.value(lead(taken, mine), "MOSTIK_SERVICES")[0].replace(
        "\xa0", " "
    )


def test_in_the_middle_of_a_switch_only_its_own_way_back_is_open(get8):
    recognise(get8)
    cutovers.add(get8.account.id, TVERSKAYA, "анна", {}, get8.now())
    writers.begin(get8.account.id, [TVERSKAYA], get8.now())
    writers.move(get8.account.id, TVERSKAYA, WriterName.GET8, WriterName.DRAINING, get8.now())

    with pytest.raises(InvalidInput) as refused:
        rollback.start(get8.ctx, get8.account, TVERSKAYA, "анна")

    assert refused.value.code == "takeover_rollback.switching"


def test_what_was_stopped_because_of_two_writers_is_over_with_the_return(taken):
    account_id, now = taken.account.id, taken.now()
    foreign_writes.stop(account_id, TVERSKAYA, 7, "price", now)
    alarms.raise_alarm(account_id, "takeover.address_stays", "notice", str(TVERSKAYA), {}, now)
    connections.pause(account_id, TVERSKAYA, "takeover.contested")

    go_back(taken)

    assert foreign_writes.stopped(account_id) == []
    assert [alarm.code for alarm in taken.open_alarms()] == []
    assert connections.get(account_id, TVERSKAYA).paused_code == ""


def test_where_we_had_removed_no_address_people_switch_get8_on(taken):
    one = cutovers.newest(taken.account.id, TVERSKAYA)
    cutovers.keep(one.id, removed=[])

    go_back(taken)
    assert [alarm.code for alarm in taken.open_alarms()] == ["takeover.switch_on"]

    taken.pass_time(2 * 86400)
    rollback.ring(taken.ctx, taken.account.id)
    assert taken.open_alarms() == []


def test_a_list_that_cannot_be_read_is_told_and_the_salon_goes_back_all_the_same(taken):
    taken.world.yclients.options(hooks_settings="404")

    row = go_back(taken)

    assert row.state == "done"
    assert [alarm.code for alarm in taken.open_alarms()] == ["takeover.list_not_restored"]


def test_what_neither_of_the_two_has_carried_out_is_named(taken):
    late = taken.book(CLEANING, client=PERSON)
    taken.work()
    go_back(taken)
    taken.settle()

    (alarm,) = [one for one in taken.open_alarms() if one.code == "takeover.unheard"]
    assert alarm.details["records"] == str(late["id"])
    assert taken.leads_of(late) == []


def test_whoever_stops_us_first_and_goes_back_then_is_back_all_the_same(taken):
    accounts.pause(taken.account.id, "account.paused_by_person", "", taken.now())

    assert go_back(taken).state == "done"
    assert writers.of_salon(taken.account.id, TVERSKAYA).writer is WriterName.GET8
    assert any(url.startswith(ADDRESS) for url in taken.urls())
