"""What our parser and our fold make of a real Asterisk's events, heard over TLS with the least rights."""

import time
import wave
from array import array

import pytest

from backend.core.telephony.call import Outcome, Stage, Way
from tests.asterisk.hearing import Hearing
from tests.asterisk.rig import script, sound

pytestmark = pytest.mark.xdist_group("asterisk")  # one exchange serves them all

LINE, CLIENT = "74950000101", "79000000001"


@pytest.fixture
def hearing(exchange):
    listening = Hearing(exchange)
    yield listening
    listening.close()


def test_an_answered_call_is_heard_and_both_voices_are_in_its_recording(people, hearing):
    began = time.monotonic()
    people.phone("101", script.answers(after=300))
    people.client(CLIENT, LINE)
    people.finish()
    took = time.monotonic() - began

    (call,) = hearing.ended()

    assert (call.way, call.stage, call.outcome) == (Way.IN, Stage.ENDED, Outcome.ANSWERED)
    assert (call.trunk, call.client, call.did, call.last_talker) == ("city", CLIENT, LINE, "101")
    assert 1.0 < call.talk.total_seconds() < took
    assert hearing.told("ringing") == ["101"]
    assert hearing.told("talking") == ["101"]
    voices = _voices(people.pbx.place.recordings, call.recordings)
    assert min(voices.values()) > sound.LOUD / 10


def test_a_click_is_the_same_call_from_its_first_channel_to_its_last(people, hearing):
    people.phone("101", script.answers(after=300))
    people.phone("city", script.answers_and_ends(after=300))
    people.pbx.act(
        Action="Originate", Channel="PJSIP/101", ChannelId="crm-one", Context="from-crm",
        Exten=f"+{CLIENT}", Priority="1", Timeout="5000", CallerID=f'"{CLIENT}" <101>',
        Variable="__CRM_CALL_ID=one", Async="true",
    )  # fmt: skip
    people.finish()

    (call,) = hearing.ended()

    assert (call.uniq, call.request_id, call.way) == ("1:crm-one", "one", Way.OUT)
    assert (call.client, call.operator, call.outcome) == (CLIENT, "101", Outcome.ANSWERED)


def test_a_number_that_a_click_must_not_reach_is_refused_by_the_dialplan(exchange):
    answer = exchange.act(
        Action="Originate", Channel="PJSIP/101", Context="from-crm", Exten="810441234567", Priority="1",
        Async="true",
    )  # fmt: skip

    assert answer["Response"] == "Error"


def _voices(folder, names):
    (name,) = names
    (path,) = folder.rglob(name)
    with wave.open(str(path), "rb") as file:
        samples = array("h", file.readframes(file.getnframes()))
    return {voice: sound.loudness(samples, hz) for voice, hz in sound.VOICES.items()}
