"""After a change of what a click asks for the PBX is asked; while it could not work the status says so."""

import dataclasses

import pytest

from backend.core.telephony.rules import Dialling
from backend.store.telephony import pbxes
from sandbox.asterisk.emulator import Asterisk
from tests.admin.calling import stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.admin.rule_forms import FORMATS, FORMATS_AS_THEY_ARE, send
from tests.admin.test_telephony_connections import point_at

__all__ = ["stand"]

CHECK = f"{HOME}/telephony/originate"
HUB = f"{HOME}/telephony"
BROKEN = "АТС не знает контекста «nowhere»"


@pytest.fixture
def asterisk(stand):
    with Asterisk() as opened:
        point_at(stand, opened)
        yield opened


def save(owner, **changed):
    return send(owner, screen=FORMATS, usual=FORMATS_AS_THEY_ARE, **changed)


def test_3b_a_change_is_checked_by_the_pbx_itself(stand, owner, asterisk):
    saved = save(owner, dial_context="nowhere")
    assert saved.status_code == 303
    assert "asks=1" in saved.location
    assert 'hx-trigger="load, submit"' in owner.get(saved.location).text

    assert BROKEN in text_of(owner.post(CHECK))
    hub = owner.get(HUB)
    assert BROKEN in text_of(hub)
    assert "telephony/formats?code=office&amp;asks=1" in hub.text

    save(owner, dial_context="from-crm")
    assert "АТС примет щелчок: номер" in text_of(owner.post(CHECK))
    assert BROKEN not in text_of(owner.get(HUB))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"dial_channel": "SIP/{extension}"}, "АТС не знает телефона SIP/101"),
        ({"dial_pattern_0": "7XXXXXXXXXX", "dial_result_0": "99{rest}"}, "не берёт номер 99"),
    ],
)
def test_3b_a_phone_and_a_number_are_checked_as_well(stand, owner, asterisk, wrong, sentence):
    save(owner, **wrong)

    assert sentence in text_of(owner.post(CHECK))
    assert sentence in text_of(owner.get(HUB))


def test_3b_what_no_click_depends_on_asks_nobody(stand, owner, asterisk):
    assert "asks" not in save(owner, keep_days="30").location
    assert not any(one.name == "ShowDialPlan" for one in asterisk.asked)


def test_3b_a_pbx_that_does_not_answer_breaks_no_screen(stand, owner):
    pbxes.save(dataclasses.replace(pbxes.by_id(stand.pbx.id), port=9))

    assert "По этому адресу никто не отвечает" in text_of(owner.post(CHECK))
    assert "Звонок щелчком" not in text_of(owner.get(HUB))


def test_3b_clicks_that_are_off_are_not_checked(stand, owner, asterisk):
    stand.rules(dialling=Dialling(context="nowhere"))
    owner.post(CHECK)
    stand.rules(dialling=Dialling(is_on=False, context="nowhere"))

    assert "Спрашивать некого" in text_of(owner.post(CHECK))
    assert BROKEN not in text_of(owner.get(HUB))


def test_3b_a_viewer_asks_nothing(stand, viewer, asterisk):
    assert viewer.post(CHECK).status_code == 403
    assert 'id="asking"' not in viewer.get(f"{FORMATS}?asks=1").text
