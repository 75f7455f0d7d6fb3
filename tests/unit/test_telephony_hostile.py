"""A PBX that sends what no PBX sends: endless lists, endless calls, control characters, times of no calendar.
Each costs its own connection at most: never memory, never a journal, never a neighbour.
"""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.errors import TryLater
from backend.core.telephony.hearing import fold, reading, tracks
from backend.core.telephony.hearing.channels import FoldRules
from backend.core.telephony.hearing.moments import Leg, Moment, What
from backend.integrations.asterisk import protocol, session
from backend.integrations.asterisk.protocol import Frame, Parser
from backend.integrations.asterisk.session import Session

GREETING = b"Asterisk Call Manager/5.0.4\r\n"
HEARD = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLIENT = Leg("1.1", "PJSIP/msk-1", "1.1", "79990001122")


def frames(*packets):
    return Parser().feed(GREETING + b"".join(packet + b"\r\n\r\n" for packet in packets))


def test_nothing_of_a_value_begins_a_line_or_ends_a_text():
    (frame,) = frames(b"Event: Newchannel\r\nCallerIDName: a\x00b\nEvent: Hangup\rc\x1b[2J\x7f\td")
    assert frame.get("CallerIDName") == "a b Event: Hangup c [2J  d"
    assert frame.name == "Newchannel"


def test_what_is_no_text_is_read_all_the_same():
    (frame,) = frames("Event: Newchannel\r\nCallerIDName: Анна".encode("cp1251"))
    assert frame.get("CallerIDName") == "\ufffd" * 4


def test_a_packet_without_end_ends_the_connection():
    parser = Parser()
    assert parser.feed(GREETING + b"Event: " + b"x" * (protocol.LONGEST - 100)) == []
    with pytest.raises(TryLater, match=r"pbx\.not_asterisk"):
        parser.feed(b"x" * 1000)


def test_names_of_events_are_not_collected_without_end():
    parser = Parser([b"Hangup"])
    parser.feed(GREETING + b"".join(b"Event: %s%d\r\n\r\n" % (b"x" * 1000, n) for n in range(1000)))
    assert parser.skipped == 1000
    assert len(parser.unwanted) <= protocol.UNWANTED
    assert max(map(len, parser.unwanted)) <= protocol.UNWANTED_NAME


def test_a_list_without_end_ends_the_connection(monkeypatch):
    monkeypatch.setattr(session, "LONGEST_LIST", 10_000)
    talk = Session("mostik", "secret", 0.0, hears_events=False)
    talk.receive(GREETING, 0.0)
    talk.ask([("Action", "CoreShowChannels"), ("ActionID", "a")], lambda _: None)
    talk.receive(b"Response: Success\r\nActionID: a\r\nEventList: start\r\n\r\n", 0.0)
    item = b"Event: CoreShowChannel\r\nActionID: a\r\nChannel: " + b"x" * 1000 + b"\r\n\r\n"
    talk.receive(item * 5, 0.0)
    with pytest.raises(TryLater, match=r"pbx\.not_asterisk"):
        talk.receive(item * 5, 0.0)


@pytest.mark.parametrize(
    "stamp", ["99999999999999999999", "1" * 5000, "-1", "1", "\u0661" * 10, "nan", "1e400", "1700000000x"]
)
def test_time_of_no_calendar_is_the_time_at_which_it_was_heard(stamp):
    frame = Frame(["Event: Newchannel", f"Timestamp: {stamp}", "Uniqueid: 1.1", "Channel: PJSIP/msk-1"])
    assert reading.moment(frame, HEARD).at == HEARD
    assert reading.time(stamp) is None


def test_numbers_and_spans_without_end_are_none():
    gone = ["Event: Hangup", "Uniqueid: 1.1", "Channel: PJSIP/msk-1", f"Cause: {'9' * 5000}"]
    assert reading.moment(Frame(gone), HEARD).cause == 0
    listed = ["Event: CoreShowChannel", "Uniqueid: 1.1", "Channel: PJSIP/msk-1", "Duration: 999999999:59:59"]
    (live,) = reading.live_channels([Frame(listed)], HEARD)
    assert live.began_at == HEARD - timedelta(seconds=reading.LONGEST_CALL)


def test_values_without_end_are_cut():
    lines = ["Event: Newchannel", f"Uniqueid: {'1' * 9999}", f"Channel: PJSIP/{'x' * 9999}"]
    lines += [f"CallerIDNum: {'7' * 9999}", *(f"ChanVariable: V{n}={'v' * 9999}" for n in range(999))]
    leg = reading.moment(Frame(lines), HEARD).leg
    assert max(len(leg.uid), len(leg.name), len(leg.number)) <= reading.LONGEST
    assert len(leg.variables) <= reading.MOST_VARIABLES
    assert max(map(len, leg.variables.values())) <= reading.LONGEST_VALUE


def moments(*what):
    state = fold.Fold(1, FoldRules(frozenset({"msk"}), frozenset({"101"})))
    for n, (kind, leg) in enumerate(what):
        at = HEARD + timedelta(seconds=n)
        state, _ = fold.advance(state, Moment(kind, at, at, leg))
    return state


def test_a_call_of_forged_channels_stops_growing(monkeypatch):
    monkeypatch.setattr(tracks, "MOST_CHANNELS", 5)
    more = [(What.NEW, Leg(f"2.{n}", f"PJSIP/10{n}-1", "1.1", "101")) for n in range(50)]
    more += [(What.GONE, Leg(f"3.{n}", f"PJSIP/10{n}-1", "1.1", "101")) for n in range(50)]
    (known,) = moments((What.NEW, CLIENT), *more).calls.values()
    assert len(known.track.channels) == 5


def test_a_channel_that_never_rests_stops_growing_and_can_still_end(monkeypatch):
    monkeypatch.setattr(tracks, "MOST_MOMENTS", 5)
    (known,) = moments((What.NEW, CLIENT), *[(What.RINGING, CLIENT)] * 50).calls.values()
    assert len(known.track.channels["1.1"].told) == 5
    ended = moments((What.NEW, CLIENT), *[(What.RINGING, CLIENT)] * 50, *[(What.GONE, CLIENT)] * 50)
    (known,) = ended.calls.values()
    assert known.track.is_over
    assert len(known.track.channels["1.1"].told) == 6
