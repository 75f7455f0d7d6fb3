"""A part of telephony that does not work is told on the overview, and is over by itself when it does."""

import json
from datetime import timedelta

import pytest

from backend.flows.telephony.desk import channel
from backend.flows.telephony.health import sentinel
from backend.flows.watch import alerts, words
from backend.store import alarms
from backend.store.telephony import pbxes
from tests.admin.calling import stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of

__all__ = ["stand"]


@pytest.fixture
def well(stand):
    memory = stand.ctx.redis
    memory.sadd("rq:workers:calls", "rq:worker:one")
    memory.hset("rq:worker:one", "state", "idle")
    memory.set(channel.ALIVE, json.dumps({"streams": 1}))
    note(stand)
    yield stand
    memory.delete("rq:workers:calls", "rq:worker:one", channel.ALIVE)


def note(stand, **more):
    good = {"seen_at": stand.now(), "connected_since": stand.now(), "trouble": "", "findings": []}
    pbxes.note_state(stand.pbx.id, **{**good, **more})


def told(stand):
    sentinel.look_all(stand.ctx)
    return [
        words.sentence(alarm, "ru")
        for alarm in alarms.open_alarms(stand.account.id)
        if alarm.code in sentinel.CODES
    ]


def test_while_everything_works_nothing_is_told(well):
    assert told(well) == []


def test_a_pbx_that_refuses_us_is_told_with_what_to_press_and_is_over_by_itself(well, owner):
    note(well, trouble="pbx.wrong_password")
    assert told(well) == [
        "АТС «Офис»: АТС не приняла имя или пароль. Больше не пробуем, чтобы она не заблокировала наш адрес."
    ]

    page = owner.get(HOME)
    assert "Проверьте имя, пароль и строку permit" in text_of(page)
    assert f'href="{HOME}/telephony"' in page.text

    note(well)
    assert told(well) == []


def test_a_missing_setting_is_told_by_its_name(well):
    note(well, findings=[{"code": "pbx.setting_missing", "setting": "timestampevents = yes"}])

    assert told(well) == ["АТС «Офис»: В настройках Asterisk не хватает строки: timestampevents = yes."]
    assert alarms.open_alarms(well.account.id)[0].code == sentinel.UNSOUND


def test_people_who_do_not_look_hear_of_what_is_broken(well):
    well.ctx.redis.delete(channel.ALIVE)

    assert told(well) == [
        "Карточки в amoCRM: Процесс карточек не отзывается: при звонке ничего не всплывёт. "
        "Сами звонки в amoCRM попадают."
    ]
    assert sentinel.BROKEN in alerts.WORTH
    assert sentinel.UNSOUND not in alerts.WORTH


def test_a_listener_that_is_gone_is_told_once_however_long_it_takes(well):
    note(well, seen_at=well.now() - timedelta(hours=1))

    assert told(well) == ["Связь с АТС: Процесс связи с АТС не отзывается: звонки не слышны."]
    assert len(told(well)) == 1


def test_an_account_whose_pbx_was_removed_has_no_alarm_left(well):
    note(well, trouble="pbx.frozen")
    assert told(well)

    pbxes.remove(well.pbx.id)

    assert told(well) == []
