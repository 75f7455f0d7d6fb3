"""How single events become calls: odd channels, odd causes, and what no recorded call has in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.core.telephony.call import Miss, Outcome, Stage, Way
from backend.core.telephony.hearing import fold, reading
from backend.core.telephony.hearing.channels import FoldRules, Kind, kind_of, number_in, parts
from backend.core.telephony.hearing.moments import Leg, Moment, What
from backend.core.telephony.rules import Line, Person, TelephonyRules
from backend.integrations.asterisk.protocol import Parser

RULES = FoldRules(frozenset({"msk", "spb"}), frozenset({"101", "102"}))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLIENT = Leg("1700000000.1", "PJSIP/msk-00000001", "1700000000.1", "79990001122", "74951000001")
ANNA = Leg("1700000000.2", "PJSIP/101-00000002", "1700000000.1", "101", "s")
OLGA = Leg("1700000000.3", "PJSIP/102-00000003", "1700000000.1", "102", "s")


class Story:
    """Moments one after another, a second apart unless told otherwise."""

    def __init__(self, rules=RULES):
        self.state = fold.Fold(7, rules)
        self.at, self.changes = START, []

    def __call__(self, what, leg=None, other=None, after=1.0, **more):
        self.at += timedelta(seconds=after)
        moment = Moment(what, self.at, self.at, leg, other, **more)
        self.state, told = fold.advance(self.state, moment)
        self.changes += told
        return self

    def over(self):
        self.state, told = fold.settled(self.state, self.at + timedelta(minutes=1))
        self.changes += told
        return [change.call for change in told]

    def told(self, kind):
        return [change.phone for change in self.changes if change.kind == kind]


def frame(text):
    (found,) = Parser().feed(
        b"Asterisk Call Manager/5\r\n" + text.replace("\n", "\r\n").encode() + b"\r\n\r\n"
    )
    return found


def rung(*phones, status="NOANSWER", cause=0):
    """A client calls, these phones ring and nobody takes it."""
    story = Story()(What.NEW, CLIENT)
    for phone in phones:
        story(What.NEW, phone)(What.DIAL, CLIENT, phone)
    for phone in phones:
        story(What.DIAL_END, CLIENT, phone, status=status)(What.GONE, phone, cause=cause)
    return story


# What a channel is


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("PJSIP/msk-0000001f", ("PJSIP", "msk")), ("SIP/my-own-trunk-0a", ("SIP", "my-own-trunk")),
        ("DAHDI/i1/79990001122-5", ("DAHDI", "i1")), ("AsyncGoto/PJSIP/101-0000001f", ("PJSIP", "101")),
        ("Local/101@from-internal-0000000a;1", ("Local", "101@from-internal")), ("Console", ("Console", "")),
    ],
)  # fmt: skip
def test_parts_of_a_channels_name(name, found):
    assert parts(name) == found


@pytest.mark.parametrize(
    ("name", "rules", "kind"),
    [
        ("PJSIP/msk-1", RULES, Kind.TRUNK), ("PJSIP/101-1", RULES, Kind.PHONE),
        ("PJSIP/305-1", RULES, Kind.PHONE),  # nobody is named for it, an answer by it is one all the same
        ("PJSIP/101-1", FoldRules(frozenset({"101"})), Kind.TRUNK), ("PJSIP/door-1", RULES, Kind.OTHER),
        ("PJSIP/door-1", FoldRules(), Kind.TRUNK), ("Local/101@x-1;2", RULES, Kind.LOCAL),
        ("Message/ast_msg_queue-1", RULES, Kind.SERVICE), ("Console", RULES, Kind.SERVICE),
        ("PJSIP/reception-1", FoldRules(frozenset({"msk"}), frozenset({"reception"})), Kind.PHONE),
    ],
)  # fmt: skip
def test_the_endpoint_decides_what_a_channel_is(name, rules, kind):
    assert kind_of(name, rules) is kind


def test_rules_of_the_company_name_trunks_and_phones():
    rules = TelephonyRules(
        people=(Person(7, "101", ("101-mobile",)), Person(8, "102", pbx="other"), Person(9, "msk")),
        lines=(Line("msk"), Line("spb", pbx="other")),
    )
    found = FoldRules.of(rules, "office")
    assert (found.trunks, found.phones) == (frozenset({"msk"}), frozenset({"101", "101-mobile"}))


def test_the_number_in_a_name():
    assert number_in("DAHDI/i1/79990001122-5") == "79990001122"
    assert number_in("PJSIP/msk-0000001f") == ""


# Reading


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("79990001122@msk", "79990001122"), ("msk/79990001122", "79990001122"), ("101", ""),
        ("msk/sip:79990001122@10.0.0.5:5060", "79990001122"), ("g0/79990001122/rest", "79990001122"),
    ],
)  # fmt: skip
def test_the_number_in_a_dial_string(text, number):
    assert reading.dialled(text) == number


def test_the_number_in_what_dial_was_given():
    assert reading.number_of_dial("PJSIP/101&PJSIP/79990001122@msk,60,tT") == "79990001122"
    assert reading.number_of_dial("PJSIP/101,60") == ""


def test_events_that_say_nothing_of_a_call_are_none():
    assert reading.moment(frame("Event: PeerStatus\nPeer: PJSIP/101"), START) is None
    assert reading.moment(frame("Event: Hangup\nUniqueid: <unknown>\nChannel: x"), START) is None


def test_without_a_timestamp_the_moment_of_hearing_counts():
    text = "Event: Newchannel\nUniqueid: a.1\nLinkedid: a.1\nChannel: PJSIP/101-1"
    assert reading.moment(frame(text), START).at == START
    assert reading.moment(frame(f"{text}\nTimestamp: 1700000000"), START).at.timestamp() == 1_700_000_000
    assert reading.moment(frame(f"{text}\nTimestamp: soon"), START).at == START


def test_parked_calls_are_in_no_conversation():
    text = "Event: BridgeEnter\nUniqueid: a.1\nChannel: PJSIP/101-1\nBridgeUniqueid: b\n"
    assert reading.moment(frame(f"{text}BridgeTechnology: holding_bridge"), START).what is What.SEEN
    assert reading.moment(frame(f"{text}BridgeTechnology: simple_bridge"), START).what is What.ENTER


def test_both_halves_of_a_local_channel_are_told_at_once():
    found = reading.moment(
        frame("Event: LocalBridge\nLocalOneUniqueid: a.1\nLocalOneChannel: Local/1@x-1;1\n"
              "LocalTwoUniqueid: a.2\nLocalTwoChannel: Local/1@x-1;2"), START,
    )  # fmt: skip
    assert [leg.uid for leg in found.legs] == ["a.1", "a.2"]


def test_channels_that_are_there_now():
    dialling = "Application: Dial\nApplicationData: PJSIP/79990001122@msk,60"
    text = "Event: CoreShowChannel\nUniqueid: {0}\nLinkedid: a.1\nChannel: PJSIP/101-1\nBridgeId: b\n{1}"
    items = [
        frame(text.format("a.1", f"{dialling}\nDuration: 01:02:03")),
        frame(text.format("a.2", "Application: Parked Call\nDuration: 75")),
        frame("Event: CoreShowChannelsComplete"),
    ]
    first, second = reading.live_channels(items, START)
    assert (first.dialled, first.bridge, START - first.began_at) == (
        "79990001122", "b", timedelta(hours=1, minutes=2, seconds=3),
    )  # fmt: skip
    assert (second.dialled, second.bridge, START - second.began_at) == ("", "", timedelta(seconds=75))


# The fold


def test_why_a_call_was_missed():
    def miss(story):
        (call,) = story(What.GONE, CLIENT).over()
        assert call.outcome is Outcome.MISSED
        return call.miss

    assert miss(Story()(What.NEW, CLIENT)) is Miss.NOBODY_RUNG
    assert miss(rung(ANNA)) is Miss.NOT_ANSWERED
    assert miss(rung(ANNA, OLGA, status="BUSY", cause=17)) is Miss.ALL_BUSY
    assert miss(rung(ANNA)(What.ASKED, CLIENT)) is Miss.GAVE_UP
    assert miss(rung(ANNA)(What.ASKED, ANNA)) is Miss.NOT_ANSWERED


@pytest.mark.parametrize(
    ("status", "cause", "tech", "outcome"),
    [
        ("BUSY", 0, "", Outcome.BUSY), ("NOANSWER", 17, "", Outcome.BUSY),
        ("NOANSWER", 0, "SIP 486", Outcome.BUSY),
        ("CHANUNAVAIL", 1, "", Outcome.WRONG_NUMBER), ("", 0, "404", Outcome.WRONG_NUMBER),
        ("CONGESTION", 34, "", Outcome.TRUNK_DOWN), ("", 38, "", Outcome.TRUNK_DOWN),
        ("NOANSWER", 38, "", Outcome.NO_ANSWER), ("NOANSWER", 19, "", Outcome.NO_ANSWER),
        ("CANCEL", 0, "487", Outcome.NO_ANSWER),
    ],
)  # fmt: skip
def test_why_a_client_was_not_reached(status, cause, tech, outcome):
    own = Leg("1.1", "PJSIP/101-1", "1.1", "101", "79990001122")
    far = Leg("1.2", "PJSIP/msk-2", "1.1", "", "s")
    story = Story()(What.NEW, own)(What.NEW, far)(What.DIAL, own, far, dialled="79990001122")
    story(What.DIAL_END, own, far, status=status)(What.GONE, far, cause=cause, tech_cause=tech)(
        What.GONE, own
    )
    (call,) = story.over()
    assert (call.way, call.outcome, call.dial_status, call.cause) == (Way.OUT, outcome, status, cause)
    assert (call.operator, story.told("ringing")) == ("101", ["101"])


def test_a_dial_string_without_a_number_leaves_what_the_caller_had_dialled():
    own = Leg("1.1", "PJSIP/101-1", "1.1", "101", "79990001122")
    far = Leg("1.2", "PJSIP/msk-2", "1.1", "", "s")
    (call,) = Story()(What.NEW, own)(What.NEW, far)(What.DIAL, own, far)(What.GONE, far)(
        What.GONE, own
    ).over()
    assert call.client == "79990001122"


def test_an_endpoint_that_nobody_knows_is_shown_and_decided_by_nobody():
    door = Leg("1.1", "PJSIP/door-1", "1.1", "door", "101")
    (call,) = Story()(What.NEW, door)(What.NEW, ANNA)(What.GONE, ANNA)(What.GONE, door).over()[:1]
    assert (call.way, call.outcome) == (Way.UNKNOWN, None)

    own, gate = Leg("2.1", "PJSIP/101-1", "2.1"), Leg("2.2", "PJSIP/gate-2", "2.1")
    (call,) = Story()(What.NEW, own)(What.NEW, gate)(What.GONE, gate)(What.GONE, own).over()
    assert call.way is Way.UNKNOWN


def test_messages_and_conference_voices_are_no_calls():
    story = Story()(What.NEW, Leg("1.1", "Message/ast_msg_queue-1", "1.1"))(
        What.GONE, Leg("1.1", "Message/x-1")
    )
    assert (story.over(), story.changes) == ([], [])


def test_nothing_of_a_call_that_is_over_begins_another():
    story = Story()(What.NEW, CLIENT)(What.GONE, CLIENT)
    assert len(story.over()) == 1
    story(What.SEEN, CLIENT)(What.NEW, Leg("9.9", "PJSIP/101-9", CLIENT.linked))
    assert (story.over(), story.state.calls) == ([], {})


SUMMARY = (
    "Event: Cdr\nChannel: PJSIP/msk-00000001\nUniqueID: 1700000000.1\nLinkedID: 1700000000.1\n"
    "RecordingFile: {}\nDisposition: ANSWERED"
)


def summed(name):
    return reading.moment(frame(SUMMARY.format(name)), START)


@pytest.mark.parametrize(
    ("said", "files", "recordings"),
    [
        ("", ["a.wav"], ("a.wav",)), ("a", ["a.wav", "a.wav"], ("a",)), ("", [""], ()),
        ("a.wav", ["b.wav"], ("a.wav", "b.wav")),
    ],
)  # fmt: skip
def test_a_recording_may_be_named_after_the_end(said, files, recordings):
    client = replace(CLIENT, variables={"CALLFILENAME": said})
    story = Story()(What.NEW, client)(What.NEW, ANNA)(What.DIAL, client, ANNA)
    story(What.GONE, ANNA)(What.GONE, client)
    for name in files:
        story.state, told = fold.advance(story.state, replace(summed(name), heard_at=story.at))
        assert told == ()

    (call,) = story.over()
    assert (call.recordings, call.is_incomplete) == (recordings, False)


def test_a_summary_of_a_call_that_nobody_heard_begins_none():
    state, told = fold.advance(fold.Fold(7, RULES), summed("a.wav"))
    assert (state.calls, told) == ({}, ())

    story = Story()(What.NEW, replace(ANNA, uid="1700000000.9"))
    state, told = fold.advance(story.state, summed("a.wav"))
    assert (state, told) == (story.state, ())


def test_what_is_over_is_forgotten_in_time():
    story = Story()(What.NEW, CLIENT)(What.GONE, CLIENT)
    story.over()
    other = Leg("2.1", "PJSIP/spb-5", "2.1")
    story(What.NEW, other, after=3600)(What.GONE, other).over()
    assert CLIENT.uid not in story.state.over


def test_an_end_waits_a_moment_for_what_is_late():
    story = Story()(What.NEW, CLIENT)(What.GONE, CLIENT)
    state, told = fold.settled(story.state, story.at)
    assert (state, told) == (story.state, ())


def test_a_moment_of_nobody_changes_nothing():
    story = Story()(What.DIAL)
    assert (story.state.calls, story.state.open_calls()) == ({}, ())
    story(What.DIAL, CLIENT)
    assert story.told("ringing") == []


def test_an_event_without_its_beginning_marks_the_call_incomplete():
    story = Story()(What.ENTER, CLIENT, bridge="b")(What.NEW, ANNA)(What.ENTER, ANNA, bridge="b")
    (call,) = story.state.open_calls()
    assert (call.stage, call.is_incomplete, story.told("talking")) == (Stage.TALKING, True, ["101"])


def test_who_hung_up_is_whoever_asked_first_in_the_last_conversation():
    story = Story()(What.NEW, CLIENT)(What.NEW, ANNA)(What.DIAL, CLIENT, ANNA)
    story(What.DIAL_END, CLIENT, ANNA, status="ANSWER")(What.DIAL_END, CLIENT, ANNA, status="CANCEL")
    story(What.ENTER, ANNA, bridge="b")(What.ENTER, CLIENT, bridge="b")
    story(What.ASKED, ANNA)(What.LEAVE, ANNA, bridge="b")(What.GONE, ANNA)
    story(What.NEW, OLGA)(What.ENTER, OLGA, bridge="b")(What.ASKED, CLIENT)(What.ASKED, OLGA)
    story(What.LEAVE, OLGA, bridge="other")(What.GONE, CLIENT)(What.GONE, OLGA)
    (call,) = story.over()
    assert (call.hung_up_by, call.talked, call.rings[0].status) == ("client", ("101", "102"), "ANSWER")
    assert story.told("gone") == ["101"]


def test_two_lines_of_a_phone_that_are_put_together_are_one_call():
    """An attended transfer by REFER with Replaces: the consultation had a linked id of its own."""
    second = Leg("1700000020.5", "PJSIP/101-00000005", "1700000020.5", "101", "102")
    olga = Leg("1700000020.6", "PJSIP/102-00000006", "1700000020.5", "102", "s")
    story = Story()(What.NEW, CLIENT)(What.NEW, ANNA)(What.DIAL, CLIENT, ANNA)
    story(What.DIAL_END, CLIENT, ANNA, status="ANSWER")
    story(What.ENTER, ANNA, bridge="a")(What.ENTER, CLIENT, bridge="a")
    story(What.NEW, second)(What.NEW, olga)(What.DIAL, second, olga)
    story(What.DIAL_END, second, olga, status="ANSWER")
    story(What.ENTER, olga, bridge="b")(What.ENTER, second, bridge="b")
    assert [call.way for call in story.state.open_calls()] == [Way.IN, Way.INTERNAL]

    story(What.LEAVE, second, bridge="b")(What.LEAVE, CLIENT, bridge="a")(What.ENTER, CLIENT, bridge="b")
    story(What.GONE, second)(What.LEAVE, ANNA, bridge="a")(What.GONE, ANNA)
    story(What.LEAVE, CLIENT, after=30, bridge="b")(What.GONE, CLIENT)(What.GONE, olga)

    (call,) = story.over()
    assert (call.uniq, call.way, call.client) == (f"7:{CLIENT.uid}", Way.IN, CLIENT.number)
    assert (call.talked, call.last_talker, call.lost_after_transfer) == (("101", "102"), "102", False)
    assert call.linked == {CLIENT.linked, second.linked}


def test_a_phone_that_left_no_status_has_the_one_of_its_cause():
    def status(cause, *before):
        story = Story()(What.NEW, CLIENT)(What.NEW, ANNA)(What.DIAL, CLIENT, ANNA)
        for what in before:
            story(what, ANNA)
        (call,) = story(What.GONE, ANNA, cause=cause)(What.GONE, CLIENT).over()
        return call.rings[0].status

    assert [status(cause) for cause in (17, 21, 26)] == ["BUSY", "NOANSWER", "CANCEL"]
    assert status(16, What.UP) == "ANSWER"


def test_the_oldest_linked_id_is_the_calls_own():
    late = Leg("1700000050.9", "PJSIP/102-9", "1700000050.9", "102", "*8")
    story = Story()(What.NEW, late, after=60)(What.NEW, CLIENT, after=-30)
    story(What.ENTER, late, bridge="b")(What.ENTER, CLIENT, bridge="b")
    (call,) = story.state.open_calls()
    assert call.uniq == f"7:{CLIENT.uid}"

    unseen = Leg("crm-1", "PJSIP/101-1", "1600000000.1")
    (call,) = Story()(What.NEW, unseen).state.open_calls()
    assert (call.uniq, call.request_id) == ("7:1600000000.1", "")
    (call,) = Story()(What.NEW, Leg("a.1", "PJSIP/101-1", "crm-5b1f")).state.open_calls()
    assert (call.uniq, call.request_id) == ("7:crm-5b1f", "5b1f")


def test_talk_that_goes_on_has_no_length_yet():
    story = Story()(What.NEW, CLIENT)(What.NEW, ANNA)(What.ENTER, CLIENT, bridge="b")(
        What.ENTER, ANNA, bridge="b"
    )
    (call,) = story.state.open_calls()
    assert (call.talk, call.last_talker, call.is_answered) == (timedelta(0), "101", True)
    assert not Story()(What.NEW, CLIENT).state.open_calls()[0].is_answered
