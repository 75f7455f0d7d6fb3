"""The status of telephony: every part in words and as JSON, and the way to the first call."""

import json
import re
from datetime import timedelta

import pytest

from backend.core.telephony.rules import Hook
from backend.flows.telephony.desk import channel
from backend.store.telephony import calls, hook_figures, pbxes
from backend.store.telephony.pbxes import Pbx
from tests.admin.calling import keep, stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of

__all__ = ["stand"]

HUB = f"{HOME}/telephony"


@pytest.fixture
def well(stand):
    """The PBX is connected and looked after, a worker serves the calls, the stream says that it lives."""
    note(stand)
    memory = stand.ctx.redis
    memory.sadd("rq:workers:calls", "rq:worker:one")
    memory.hset("rq:worker:one", "state", "idle")
    memory.set(channel.ALIVE, json.dumps({"streams": 3}))
    yield stand
    memory.delete("rq:workers:calls", "rq:worker:one", channel.ALIVE)


def note(stand, **more):
    good = {
        "seen_at": stand.now(),
        "connected_since": stand.now() - timedelta(hours=3),
        "last_event_at": stand.now(),
        "version": "16.28.0",
        "events_per_minute": 140,
    }
    pbxes.note_state(stand.pbx.id, **{**good, **more})


def parts(owner):
    told = json.loads(owner.get(f"{HUB}/status.json").data)
    return {part["part"]: part for part in told["parts"]} | {"whole": told["mood"]}


def moods(owner):
    return {name: part["mood"] for name, part in parts(owner).items() if name != "whole"}


def test_everything_is_well(well, owner):
    page = text_of(owner.get(HUB))

    assert "Телефония работает" in page
    assert "На связи, Asterisk 16.28.0, событий в минуту: 140." in page
    assert "Работает, открыто 3 вкладки." in page
    assert set(moods(owner).values()) == {"good"}


@pytest.mark.parametrize(
    ("changes", "said", "mood"),
    [
        ({"trouble": "pbx.wrong_password"}, "не приняла имя или пароль", "bad"),
        ({"connected_since": None}, "Подключаемся", "warn"),
        ({"findings": [{"code": "pbx.setting_missing", "setting": "timestampevents = yes"}]},
         "не хватает строки: timestampevents = yes", "warn"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pbx_is_named(well, owner, changes, said, mood):
    note(well, **changes)

    assert said in text_of(owner.get(HUB))
    assert parts(owner)["pbx"]["mood"] == mood
    assert parts(owner)["whole"] == mood


def test_a_listener_that_fell_silent_is_told(well, owner):
    note(well, seen_at=well.now() - timedelta(minutes=2))

    assert moods(owner)["listener"] == "bad"
    assert "mostik-listener" in text_of(owner.get(HUB))


def test_without_a_worker_and_a_stream_it_is_told_what_to_start(well, owner):
    well.ctx.redis.delete("rq:worker:one", channel.ALIVE)

    page = text_of(owner.get(HUB))

    assert moods(owner) == {**moods(owner), "worker": "bad", "stream": "bad"}
    assert "Обработчик звонков не запущен" in page
    assert "mostik-stream" in page


def test_a_stream_is_not_missed_where_no_cards_are_shown(well, owner):
    well.rules(card=False)

    assert "stream" not in parts(owner)


def test_a_call_that_waits_too_long_is_told(well, owner):
    well.store(well.call())
    well.skew += timedelta(minutes=3)
    note(well)

    assert parts(owner)["worker"] == {**parts(owner)["worker"], "mood": "warn", "waiting": 1}


def test_a_cloud_needs_no_listener(well, owner):
    for one in pbxes.of_account(well.account.id):
        pbxes.remove(one.id)
    pbxes.save(Pbx(well.account.id, "cloud", "Облако", kind="cloud"))

    assert "listener" not in parts(owner)
    assert "ещё ни разу не сообщила" in text_of(owner.get(HUB))


def test_a_connection_that_is_off_is_off(well, owner):
    pbxes.save(Pbx(well.account.id, "spare", "Запасная", host="10.0.0.9", is_on=False))

    assert "Подключение выключено" in text_of(owner.get(HUB))


def test_before_there_is_a_pbx_five_steps_lead_to_the_first_call(stand, owner):
    pbxes.remove(stand.pbx.id)
    stand.rules(people=(), lines=(), is_on=False)

    page = owner.get(HUB)

    assert "Пять шагов до первого звонка" in page.text
    assert f'class="button " href="{HUB}/connections"' in page.text
    assert page.text.count('<li class="later">') == 4
    assert json.loads(owner.get(f"{HUB}/status.json").data)["parts"] == []


def test_the_steps_go_away_with_the_first_call(well, owner):
    assert "Что осталось сделать" in owner.get(HUB).text

    keep(well)

    page = owner.get(HUB).text
    assert "Что осталось сделать" not in page
    assert "Последние звонки" in page


def test_a_viewer_sees_the_status_and_no_secret(well, viewer):
    assert viewer.get(HUB).status_code == 200
    assert "not-a-secret" not in viewer.get(f"{HUB}/status.json").text


def test_an_added_function_that_failed_today_is_told(well, owner):
    well.rules(hooks=(Hook("polite", True),))
    assert parts(owner)["hooks"]["mood"] == "good"

    hook_figures.note(well.account.id, "polite", 10, "call_hooks.late name=polite ms=200", well.now())

    assert parts(owner)["hooks"]["mood"] == "warn"
    assert "Дополнение «polite» не ответило за 200 мс" in text_of(owner.get(HUB))


def test_a_day_in_numbers_leads_to_what_amocrm_did_not_take(well, owner):
    keep(well)
    row = keep(well)
    calls.note_crm(well.account.id, row.uniq, calls.REFUSED, {}, well.now())

    page = owner.get(HUB)
    leads_to = re.search(r'id="day-refused"[^>]*href="([^"]+)"', page.text)[1].replace("&amp;", "&")

    assert "Звонки сегодня Ждут обработки 1 Не приняты amoCRM 1" in text_of(page)
    assert set(re.findall(r"telephony/calls/(\d+)", owner.get(leads_to).text)) == {str(row.id)}


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("", "telephony"),
        ("/calls", "calls"),
        ("/calls/{call}", "call"),
        ("/connections/office", "tested"),
        ("/statistics", "take-xlsx"),
    ],
)
def test_a_fragment_is_the_same_block_of_the_same_page(well, owner, path, inside):
    address = HUB + path.format(call=keep(well, talks=[("101", 4, 60)]).id)
    fragment = owner.fragment(address).text

    assert "<html" not in fragment
    assert f'id="{inside}"' in fragment
    assert f'id="{inside}"' in owner.get(address).text
