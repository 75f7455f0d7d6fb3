"""Asterisk's manager protocol: bytes to frames whatever the cuts, and no line smuggled into an action."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidInput, TryLater
from backend.integrations.asterisk import protocol
from backend.integrations.asterisk.protocol import Frame, Parser, encode
from sandbox.asterisk import recorded

GREETING = b"Asterisk Call Manager/5.0.4\r\n"
STREAM = recorded.stream(recorded.Name("16", "all", "transfer-attended"))
CYRILLIC = GREETING + "Event: Newchannel\r\nCallerIDName: Анна Ёлкина\r\nUniqueid: 1.1\r\n\r\n".encode() * 3

names = st.text(
    st.characters(codec="ascii", exclude_characters=": (", exclude_categories=["Cc"]), min_size=1, max_size=12
)
values = st.text(st.characters(exclude_categories=["Cc"], codec="utf-8"), max_size=30)


def pieces(data, cuts):
    places = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(places)]


def fed(data, cuts=(), wanted=None):
    parser = Parser(wanted)
    return [frame for piece in pieces(data, cuts) for frame in parser.feed(piece)]


@given(st.lists(st.integers(0, 10**6), max_size=60))
def test_any_cut_gives_the_same_frames(cuts):
    assert fed(STREAM, cuts) == fed(STREAM)


@given(st.lists(st.integers(0, 10**6), max_size=200))
def test_no_letter_is_cut_in_two(cuts):
    assert [frame.get("CallerIDName") for frame in fed(CYRILLIC, cuts)] == ["Анна Ёлкина"] * 3


@pytest.mark.parametrize("name", recorded.names(), ids=lambda name: "-".join(name))
def test_every_recorded_packet_becomes_a_frame(name):
    data = recorded.stream(name)
    parser = Parser()

    frames = parser.feed(data)

    assert len(frames) == data.count(b"\r\n\r\n")
    assert [frame.name for frame in frames if frame.kind == "Event"] == [
        line[7:].decode() for line in data.split(b"\r\n") if line.startswith(b"Event: ")
    ]
    assert not parser.is_in_the_middle


def test_only_wanted_events_and_all_answers_come_through():
    parser = Parser({b"Newchannel", b"Hangup"})

    frames = parser.feed(STREAM)

    assert {frame.name for frame in frames if frame.kind == "Event"} == {"Newchannel", "Hangup"}
    assert [frame.name for frame in frames if frame.kind == "Response"] == ["Success", "Goodbye"]
    assert parser.skipped == STREAM.count(b"\r\n\r\n") - len(frames)
    assert b"VarSet" in parser.unwanted


def test_names_are_found_in_any_case_and_repeated_ones_are_kept():
    frame = Frame([
        "Event: Cdr", "UniqueID: 1.1", "ChanVariable: A=1", "ChanVariable: B=x: y",
        "ChanVariable(PJSIP/101-00000001): C=", "AccountCode: ",
    ])  # fmt: skip

    assert frame.get("Uniqueid") == frame.get("uniqueid") == "1.1"
    assert frame.all("chanvariable") == ("A=1", "B=x: y", "C=")
    assert frame.get("ChanVariable") == "A=1"
    assert (frame.get("AccountCode", "?"), frame.get("Exten"), frame.get("Exten", "?")) == ("", "", "?")
    assert repr(frame) == "<Event Cdr>"


def test_what_is_no_header_is_left_out():
    assert Frame(["Response: Follows", "a line of text", "Name:without space"]).pairs == (
        ("Response", "Follows"),
        ("Name", "without space"),
    )
    assert Frame(["text"]).kind == ""
    assert Frame(["Event: A"]) != "Event: A"


def test_a_connection_that_ended_within_a_packet_is_known():
    parser = Parser()
    parser.feed(GREETING + b"Event: Newst")

    assert parser.is_in_the_middle


@pytest.mark.parametrize(
    "data", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01", b"x"]
)
def test_who_does_not_speak_ami_is_left(data):
    with pytest.raises(TryLater, match=r"pbx\.not_asterisk"):
        Parser().feed(data)


def test_a_packet_without_an_end_does_not_fill_the_memory():
    parser = Parser()
    parser.feed(GREETING + b"x" * protocol.LONGEST)

    with pytest.raises(TryLater, match=r"pbx\.not_asterisk"):
        parser.feed(b"x")


@given(st.lists(st.tuples(names, values), min_size=1, max_size=8))
def test_what_is_written_is_read_again(action):
    data = encode([("Event", "Mirror"), *action])

    (frame,) = Parser().feed(GREETING + data)

    assert frame.pairs == (("Event", "Mirror"), *action)


@given(values, st.sampled_from("\r\n\x00"), values)
def test_a_line_break_is_refused_wherever_it_stands(before, wrong, after):
    for pair in ((f"X{wrong}", "1"), ("Exten", f"{before}{wrong}{after}"), (f"{wrong}Action", "Originate")):
        with pytest.raises(InvalidInput, match=r"pbx\.line_break"):
            encode([("Action", "Originate"), pair])


@pytest.mark.parametrize("name", ["", "Exten: 1\tX", "A:B"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(InvalidInput):
        encode([(name, "1")])
