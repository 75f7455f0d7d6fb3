"""Clicks on a PBX that stood still: what people were told has failed is not dialled afterwards."""

import dataclasses
import time
from datetime import timedelta

import pytest

from backend.flows.telephony.desk import dialling
from backend.integrations.asterisk import session
from backend.listeners import clicks, link
from backend.store import db
from backend.store.telephony import calls, dials
from backend.store.telephony.dials import Wish
from sandbox.asterisk import packets
from sandbox.asterisk.emulator import Asterisk
from tests.listeners.conftest import ACCOUNT, until
from tests.support.stand import ANNA

CLIENT = "79161234567"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """A frozen PBX is known as one within a second."""
    monkeypatch.setattr(session, "PING_SECONDS", 0.3)
    monkeypatch.setattr(session, "ANSWER_SECONDS", 0.7)


@pytest.fixture
def heard(pbx):
    """The events that the PBX has told, as pairs."""
    told, emit = [], pbx.emit

    def listen(block):
        told.append(dict(packets.read(block)))
        emit(block)

    pbx.emit = listen
    return told


def click(listening):
    return dialling.ask(listening.ctx, listening.stand.account.id, ANNA, f"+{CLIENT}")


def reached(dial, status, reason=None):
    def is_so():
        found = dials.by_id(dial.id)
        return found if found.status == status and reason in (None, found.reason) else None

    return until(is_so)


def is_quiet(pbx, seconds=1.0):
    """Nothing rings, and nothing begins to."""
    until(lambda: not len(pbx.live))
    time.sleep(seconds)
    return not len(pbx.live)


def channels(heard, name="Newchannel"):
    return [told["Channel"].partition("-")[0] for told in heard if told["Event"] == name]


def test_a_click_on_a_frozen_exchange_is_never_sent(up, pbx, monkeypatch):
    """It is asked for a sign of life first: what is not in its hands it cannot carry out when it wakes."""
    monkeypatch.setattr(session, "ANSWER_SECONDS", 3.0)  # a slow machine, too, clicks before it is known
    pbx.freeze()
    dial = click(up)
    reached(dial, "failed", "pbx_silent")

    pbx.thaw()

    until(lambda: up.state().trouble == "")
    time.sleep(0.5)
    assert pbx.clicks() == []


def test_a_sign_of_life_that_came_too_late_dials_nothing(up, pbx, monkeypatch):
    monkeypatch.setattr(session, "ANSWER_SECONDS", 20.0)
    monkeypatch.setattr(dialling, "DEADLINE", timedelta(seconds=3))
    pbx.freeze()
    time.sleep(0.2)
    dial = click(up)
    until(lambda: dials.by_id(dial.id).status == "claimed")
    time.sleep(3.2)

    pbx.thaw()

    reached(dial, "late")
    time.sleep(0.3)
    assert pbx.clicks() == []


def test_a_click_that_an_exchange_carries_out_after_it_woke_up_is_hung_up(up, pbx, heard):
    """It froze with the click in its hands. Whoever clicked was told long ago that it came to nothing."""
    pbx.stands_still_at = "Originate"
    dial = click(up)
    reached(dial, "failed", "pbx_silent")
    time.sleep(2.0)  # longer than the first pauses between two attempts

    pbx.thaw()

    reached(dial, "failed", "stopped_late")
    assert is_quiet(pbx)
    assert channels(heard) == ["PJSIP/101"], "the client was never called"
    row = calls.by_request(up.stand.account.id, dial.token)
    assert (row.client, row.way) == ("", "internal")
    assert dials.by_id(dial.id).call_uniq == row.uniq


def test_the_channel_of_a_failed_click_is_hung_up_as_soon_as_it_is_heard_of(up, pbx, heard):
    """The connection stands; the click was given up by us."""
    dial = failed(up)

    originate(pbx, dial)

    reached(dial, "failed", "stopped_late")
    assert is_quiet(pbx)
    assert channels(heard) == ["PJSIP/101"]


def test_a_failed_click_that_rang_while_we_were_away_is_hung_up_after_the_next_login(listening, pbx, heard):
    listening.connect(pbx)
    dial = failed(listening)
    originate(pbx, dial)
    until(lambda: len(pbx.live))

    listening.listen()

    reached(dial, "failed", "stopped_late")
    assert is_quiet(pbx)


def test_an_answer_to_a_failed_click_hangs_up_the_phone_that_took_it(up, pbx):
    """Its beginning was lost on the way."""
    dial = failed(up)
    begun = [("Event", "Newchannel"), ("Privilege", "dialplan,all"), ("Timestamp", f"{time.time():.6f}"),
             ("Channel", "PJSIP/101-000000aa"), ("Uniqueid", f"crm-{dial.token}"),
             ("Linkedid", f"crm-{dial.token}")]  # fmt: skip
    pbx.emit(packets.write(begun))
    assert len(pbx.live) == 1

    answer = [("Event", "OriginateResponse"), ("Privilege", "call,all"), ("ActionID", dial.token),
              ("Response", "Success"), ("Channel", "PJSIP/101-000000aa"), ("Reason", "4"),
              ("Uniqueid", f"crm-{dial.token}")]  # fmt: skip
    pbx.emit(packets.write(answer))

    reached(dial, "failed", "stopped_late")
    assert len(pbx.live) == 0


def test_an_account_that_may_not_hang_up_says_that_the_phone_rings_on(listening):
    with Asterisk(
        accounts=[dataclasses.replace(ACCOUNT, write=frozenset({"originate", "reporting"}))]
    ) as pbx:
        listening.connect(pbx)
        listening.listen()
        until(listening.is_up)
        dial = failed(listening)

        originate(pbx, dial)

        reached(dial, "failed", "begun_late")


def test_people_who_talk_are_never_cut_off(listening, pbx):
    """A click that was given up for lost while we were away, and was none."""
    pbx.answers.click_speed = 5.0
    listening.connect(pbx)
    dial = failed(listening)
    originate(pbx, dial)
    until(lambda: sum(bool(dict(item)["BridgeId"]) for item in pbx.live.shown(time.time())) == 2)

    listening.listen()

    until(listening.is_up)
    until(lambda: any(one.name == "CoreShowChannels" for one in pbx.asked))
    time.sleep(0.3)
    assert [one for one in pbx.asked if one.name == "Hangup"] == []


def test_a_click_of_another_program_is_left_alone(up, pbx):
    failed(up)
    originate(pbx, dataclasses.make_dataclass("Other", ["token"])("of-somebody-else"))

    until(lambda: len(pbx.live))
    time.sleep(0.5)
    assert [one for one in pbx.asked if one.name == "Hangup"] == []


def test_a_click_of_which_the_exchange_never_spoke_again_is_over(up, pbx, monkeypatch):
    """Its phone cannot ring any more; whoever clicked need not wait."""
    monkeypatch.setattr(clicks, "SLACK", timedelta(seconds=-29))
    pbx.answers.click_speed = 0.001

    dial = click(up)

    reached(dial, "ringing_operator")
    reached(dial, "failed", "lost")


def test_after_a_click_of_unknown_fate_the_exchange_is_looked_for_at_once(monkeypatch):
    waits = link.Link.__new__(link.Link)
    waits._is_over, waits._hurry_until = link.threading.Event(), 0.0
    monkeypatch.setattr(link, "FIRST_PAUSE", 0.05)
    began = time.monotonic()

    waits.hurry()
    waits._pause(30.0)

    assert time.monotonic() - began < 1.0


def failed(listening):
    """A click that we gave up; its order is in the PBX's hands all the same."""
    account, now = listening.stand.account.id, listening.ctx.now()
    pbx_id = listening.stand.pbx.id
    dials.refuse(
        Wish(account, pbx_id, ANNA, "ab12", f"+{CLIENT}", "lead", 1, "", {}, now, now + dialling.DEADLINE), ""
    )
    db.run("UPDATE dials SET status = 'failed', claimed_at = made_at WHERE token = 'ab12'")
    return dials.by_token("ab12")


def originate(pbx, dial):
    """The PBX carries out what it was given."""
    asked = [
        ("Action", "Originate"), ("ActionID", dial.token), ("Channel", "PJSIP/101"),
        ("ChannelId", f"crm-{dial.token}"), ("Context", "from-crm"), ("Exten", f"+{CLIENT}"),
        ("Variable", f"__CRM_CALL_ID={dial.token}"), ("Async", "true"),
    ]  # fmt: skip
    pbx.answers._originate(Nobody(), asked)


class Nobody:
    """The connection is gone."""

    def answer(self, *_):
        pass
