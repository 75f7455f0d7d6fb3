"""Section M: GET8 that does not fall silent, and the way back to it."""

import pytest

from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.returning import watch
from backend.store import rollbacks
from sandbox.get8.settings import Links, Style
from tests.support.get8 import ADDRESS
from tests.support.stand import CLEANING, LASER_ARMPITS, LASER_LEGS, TVERSKAYA
from tests.support.taken import go_back, recognise, take_over

BORN = 40


@pytest.fixture
def look():
    """A look of the watch in which the lists outside have their turn too; codes of its alarms."""

    def looked(stand):
        stand.ctx.redis.delete(f"mostik:takeover:lists:{stand.account.id}")
        watch.look(stand.ctx, stand.account.id)
        return [alarm.code for alarm in stand.open_alarms() if alarm.code.startswith("takeover.")]

    return looked


def person(number):
    return f"Клиент {number}", f"+7999100{number:04}"


def test_M6_get8s_address_that_stays_in_the_list_is_told_and_not_fought(get8, look):
    recognise(get8)
    old = get8.book(LASER_ARMPITS)
    get8.settle()
    take_over(get8, removes=False)

    assert look(get8) == ["takeover.address_stays"]
    assert any(url.startswith(ADDRESS) for url in get8.urls())
    get8.edit(old, services=[{"id": LASER_LEGS, "cost": 4500}])
    get8.settle()
    assert len(get8.leads()) == 1, "two writers, and still one lead"


def test_M6_what_get8_writes_after_the_switch_is_told(get8, look):
    visit = get8.get8.layout.ids["visit"]
    recognise(get8, more=(Place(Kind.FIELD, visit, What.DATE, share=1.0, count=100),))
    old = get8.book(LASER_ARMPITS)
    get8.settle()
    take_over(get8, removes=False)
    get8.edit(old, datetime=get8.wall("+3"))
    get8.settle()

    assert set(look(get8)) >= {"takeover.address_stays", "takeover.their_fields"}


def test_M7_forty_records_later_the_salon_goes_back_and_get8_knows_every_lead(new_get8, look):
    stand = new_get8(style=Style.FIELD, links=Links.MARKS)
    recognise(stand)
    take_over(stand)
    born = [stand.book(CLEANING, client=person(number)) for number in range(BORN)]
    stand.settle()
    stand.pass_time(2 * 86400)
    mark = stand.get8.layout.ids["record"]
    assert [stand.value(stand.lead_of(one), mark) for one in born] == [[str(one["id"])] for one in born]

    row = go_back(stand)

    listed = rollbacks.born(row.id)
    assert sorted(one.mark for one in listed) == sorted(str(one["id"]) for one in born)
    taken = (row.returned_at - row.begun_at).total_seconds()
    assert taken <= 60
    for one in born[:5]:
        stand.edit(one, services=[{"id": LASER_LEGS, "cost": 5000}])
    stand.settle()
    assert len(stand.leads()) == BORN
    assert {stand.lead_of(one)["price"] for one in born[:5]} == {5000}
    assert look(stand) == []


def test_M7_second_leads_of_a_get8_with_links_of_its_own_are_listed(new_get8, look):
    stand = new_get8(style=Style.FIELD, links=Links.PRIVATE, attaches=False)
    recognise(stand)
    take_over(stand)
    born = [stand.book(CLEANING, client=person(number)) for number in range(3)]
    stand.settle()

    row = go_back(stand)
    stand.edit(born[1], services=[{"id": LASER_LEGS, "cost": 5000}])
    stand.settle()

    assert "takeover.copies" in look(stand)
    copies = {one.key: one.copy_id for one in rollbacks.born(row.id) if one.copy_id}
    key = f"yclients:{TVERSKAYA}:{born[1]['id']}"
    assert copies == {key: stand.foreign_lead(born[1])["id"]}
