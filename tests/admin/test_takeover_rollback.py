"""The way back to GET8 in the panel: what it will do, one button, how it goes, the report and the copies."""

import io
import zipfile

import pytest

from backend.flows.takeover.returning import watch
from backend.flows.works import long_work
from backend.store import audit, foreign_writes, lanes, rollbacks, writers
from tests.admin.conftest import HOME, Browser
from tests.admin.reading import text_of
from tests.support.stand import CLEANING, LASER_ARMPITS, LASER_LEGS, TVERSKAYA
from tests.support.stand_fixtures import new_get8
from tests.support.taken import recognise, take_over

__all__ = ["new_get8"]
BACK = f"{HOME}/takeover/salons/{TVERSKAYA}/rollback"


@pytest.fixture
def stand(new_get8):
    """A salon of GET8's with one booking, ours since a while; another booking came under us."""
    opened = new_get8(attaches=False)
    recognise(opened)
    opened.old = opened.book(LASER_ARMPITS)
    opened.settle()
    take_over(opened)
    opened.edit(opened.old, services=[{"id": LASER_LEGS, "cost": 4500}])
    opened.new = opened.book(CLEANING, client=("Ирина", "+79990000002"))
    opened.settle()
    return opened


def run(stand):
    for _ in range(10):
        long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
    stand.work()


def test_before_the_press_it_says_what_will_happen_and_what_it_would_mean_now(stand, owner):
    page = text_of(owner.get(BACK))

    assert "Мостик перестанет писать за этот салон сразу" in page
    assert "Роботы amoCRM на этих этапах сработают" in page
    assert "Мостик создал 1 сделку." in page
    assert "Вернуть салон на GET8" in page


def test_one_press_returns_the_salon_and_the_report_says_what_became_of_each_value(stand, owner):
    answer = owner.post(BACK, values="1")

    assert (answer.status_code, answer.location) == (303, BACK)
    assert not writers.of_salon(stand.account.id, TVERSKAYA).is_ours
    run(stand)
    page = text_of(owner.get(BACK)).replace("\xa0", " ").replace("\u202f", " ")
    assert "Салон передан GET8 за" in page
    assert "2 500 ₽ 4 500 ₽ 2 500 ₽ возвращено" in page
    assert "оставлена GET8" in page
    assert f"{stand.new['id']} № {stand.lead_of(stand.new)['id']} {stand.new['id']} не найдена" in page
    (entry,) = [one for one in audit.page(limit=5) if one.action == "takeover.rollback"]
    assert entry.after == {"values": True, "stages": False, "created": False}


def test_the_report_is_a_file_too(stand, owner):
    owner.post(BACK, values="1")
    run(stand)

    text = owner.get(f"{BACK}/csv").data.decode("utf-8-sig")
    book = zipfile.ZipFile(io.BytesIO(owner.get(f"{BACK}/xlsx").data))

    assert text.splitlines()[0] == "Сделка;Запись;Значение;Было до Мостика;Записал Мостик;Сейчас;Итог"
    assert any("возвращено" in line for line in text.splitlines())
    assert sum(name.startswith("xl/worksheets/") for name in book.namelist()) == 2
    assert owner.get(f"{BACK}/pdf").status_code == 404


def test_while_it_goes_on_the_page_renews_itself_and_offers_no_second_press(stand, owner):
    owner.post(BACK)

    page = owner.get(BACK)

    assert 'data-live="2"' in page.text
    assert "Возвращаем адрес GET8" in text_of(page)
    assert "Что сделать с тем, что написал Мостик" not in text_of(page)


def test_a_salon_that_is_get8s_has_nothing_to_return(stand, owner):
    owner.post(BACK)
    run(stand)

    answer = owner.post(BACK)

    assert answer.status_code == 422


def test_a_viewer_looks_and_does_not_press(stand, viewer):
    assert "Вернуть салон на GET8" not in text_of(viewer.get(BACK))
    assert viewer.post(BACK).status_code == 403


def test_another_salon_does_not_exist(stand, owner):
    assert owner.get(BACK.replace(str(TVERSKAYA), "1")).status_code == 404


def copied(stand, owner):
    """The salon is back, and GET8 has made a second lead of the booking that came under us."""
    owner.post(BACK)
    run(stand)
    stand.edit(stand.new, comment="Позвонить")
    stand.settle()
    watch.look(stand.ctx, stand.account.id)
    (row,) = rollbacks.born(rollbacks.newest(stand.account.id, TVERSKAYA).id)
    return row


def test_a_second_lead_is_closed_at_a_press(stand, owner):
    row = copied(stand, owner)
    assert "предлагаем закрыть" in text_of(owner.get(BACK))

    assert owner.post(f"{BACK}/copies/{row.id}", act="close").status_code == 303

    lead = next(one for one in stand.leads() if one["id"] == row.copy_id)
    assert lead["status_id"] == 143
    assert "откат" in [tag["name"] for tag in lead["_embedded"]["tags"]]
    assert "предлагаем закрыть" not in text_of(owner.get(BACK))
    assert "takeover.copies" not in [alarm.code for alarm in stand.open_alarms()]
    assert owner.post(f"{BACK}/copies/{row.id}", act="close").status_code == 422


def test_a_second_lead_may_stay(stand, owner):
    row = copied(stand, owner)

    owner.post(f"{BACK}/copies/{row.id}", act="keep")

    assert "оставлена" in text_of(owner.get(BACK))
    assert next(one for one in stand.leads() if one["id"] == row.copy_id)["status_id"] != 143


def test_a_value_that_was_fought_over_is_let_go(stand, owner):
    lead = stand.foreign_lead(stand.old)["id"]
    foreign_writes.stop(stand.account.id, TVERSKAYA, lead, "price", stand.now())
    foreign_writes.stop(stand.account.id, TVERSKAYA, 0, "created", stand.now())
    page = text_of(owner.get(BACK))
    assert f"Сделка № {lead}, бюджет" in page
    assert "Новые сделки салона не создаём" in page

    owner.post(f"{BACK}/release", lead=lead, what="price")

    assert foreign_writes.stopped(stand.account.id) == [(TVERSKAYA, 0, "created")]


def test_a_stranger_to_the_salon_opens_no_copy(stand, owner, new_get8):
    row = copied(stand, owner)

    assert owner.post(f"{BACK}/copies/{row.id + 1}", act="close").status_code == 422
    assert Browser(stand).get(BACK).status_code == 302
