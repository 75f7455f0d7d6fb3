"""What an Asterisk is asked, and what its answers and its stream say about its settings."""

import pytest

from backend.core.telephony.originating import Order
from backend.integrations.asterisk import actions
from backend.integrations.asterisk.actions import Watcher
from backend.integrations.asterisk.client import FIRST_PAUSE, GOOD_WORK, LONGEST_PAUSE, Backoff
from backend.integrations.asterisk.protocol import Frame, Parser
from backend.integrations.asterisk.session import Answer
from sandbox.asterisk import recorded


def frames(scenario, *, without=""):
    data = recorded.stream(recorded.Name("22", "all", scenario))
    lines = [line for line in data.split(b"\r\n") if not without or not line.startswith(without.encode())]
    return Parser().feed(b"\r\n".join(lines))


def codes(findings):
    return [(one["code"], one["setting"]) for one in findings]


def test_a_click_is_one_header_for_each_variable_and_never_waits():
    order = Order(
        token="5b1f", channel="PJSIP/101", context="from-crm", extension="79990001122",
        caller_id='"79990001122" <101>', timeout=30, variables={"A": "1", "__CRM_CALL_ID": "5b1f"},
    )  # fmt: skip

    action = actions.originate(order)

    assert [value for name, value in action if name == "Variable"] == ["A=1", "__CRM_CALL_ID=5b1f"]
    told = dict(action)
    assert (told["ActionID"], told["ChannelId"]) == ("5b1f", "crm-5b1f")
    assert (told["Timeout"], told["Priority"], told["Async"]) == ("30000", "1", "true")
    assert not {"Application", "Data"} & told.keys()


@pytest.mark.parametrize(
    ("said", "is_gone"),
    [
        (["Response: Success", "Message: Channel Hungup"], True),
        (["Response: Error", "Message: No such channel"], True),
        (["Response: Error", "Message: Permission denied"], False),
    ],
)
def test_a_channel_that_was_hung_up_or_is_not_there_is_gone(said, is_gone):
    assert dict(actions.hang_up("PJSIP/101-1")) == {
        "Action": "Hangup", "Channel": "PJSIP/101-1", "Cause": "16",
    }  # fmt: skip
    assert actions.is_gone(Answer(Frame(said))) is is_gone


def test_rights_follow_from_the_list_of_actions():
    least = ["Response: Success", "Originate: x", "CoreShowChannels: x", "CoreSettings: x", "Hangup: x"]

    assert actions.rights(Answer(Frame(least))) == []
    assert codes(actions.rights(Answer(Frame(["Response: Success", "Command: x", "Originate: x"])))) == [
        ("pbx.right_missing", "write = reporting"),
        ("pbx.right_missing", "write = call"),
        ("pbx.right_dangerous", "write = command"),
    ]
    assert actions.rights(Answer(Frame(["Response: Error"]))) == []


def test_a_well_set_up_pbx_lacks_nothing():
    watcher = Watcher()
    for _ in range(4):
        watcher.take(frames("inbound-answered"))

    assert watcher.findings() == []


def test_nothing_is_said_of_what_was_not_seen():
    assert Watcher().findings() == []


@pytest.mark.parametrize(
    ("without", "finding"),
    [
        ("Timestamp:", ("pbx.setting_missing", "timestampevents = yes")),
        ("ChanVariable: FROM_DID", ("pbx.setting_missing", "channelvars = FROM_DID")),
        ("ChanVariable", ("pbx.setting_missing", "channelvars = CRM_CALL_ID,FROM_DID,CALLFILENAME")),
        ("Event: Cdr", ("pbx.setting_useful", "cdr_manager.conf: enabled = yes")),
    ],
)
def test_a_missing_setting_is_named(without, finding):
    watcher = Watcher()
    for _ in range(4):
        watcher.take(frames("inbound-answered", without=without))

    assert codes(watcher.findings()) == [finding]


def test_too_much_traffic_is_named():
    assert codes(Watcher().findings({b"VarSet", b"RTCPSent"})) == [
        ("pbx.right_superfluous", "read = dialplan")
    ]


def test_the_version_of_asterisk_is_not_the_number_of_its_greeting():
    assert actions.version(Answer(Frame(["Response: Success", "AsteriskVersion: 22.10.0"]))) == "22.10.0"


def test_pauses_double_up_to_a_minute_and_begin_anew_after_good_work():
    backoff = Backoff()

    pauses = [backoff.after(worked=0.0) for _ in range(9)]

    for number, pause in enumerate(pauses):
        expected = min(LONGEST_PAUSE, FIRST_PAUSE * 2**number)
        assert 0.8 * expected <= pause <= 1.2 * expected
    assert backoff.after(worked=GOOD_WORK) <= 1.2 * FIRST_PAUSE
