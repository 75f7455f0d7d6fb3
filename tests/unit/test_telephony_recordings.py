"""Where a call's recordings may lie, when they are looked for, and what their links look like."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.telephony import recordings
from backend.core.telephony.rules import Recordings
from tests.support import make

MOSCOW = ZoneInfo("Europe/Moscow")
BY_DAY = Recordings()


def parts(*names, rules=BY_DAY, **more):
    return recordings.parts(make.call(talks=["101"], recordings=names, **more), rules, MOSCOW)


def test_name_the_pbx_gave_then_other_endings_of_it():
    assert parts("in.gsm") == (
        (
            "2026/01/12/in.gsm",
            "2026/01/12/in.wav",
            "2026/01/12/in.WAV",
            "2026/01/12/in.mp3",
            "2026/01/12/in.MP3",
        ),
    )
    assert parts("in")[0][0] == "2026/01/12/in.wav"


def test_on_the_day_it_began_or_on_the_day_it_ended():
    """Over midnight in Moscow."""
    names = parts("in.wav", at=datetime(2026, 1, 12, 20, 59, 55, tzinfo=UTC))[0]
    assert "2026/01/12/in.wav" in names
    assert "2026/01/13/in.wav" in names
    assert names.index("2026/01/12/in.wav") < names.index("2026/01/13/in.wav")


def test_name_that_is_a_path_by_itself():
    assert "sub/in.wav" in parts("sub/in.wav")[0]


def test_name_by_the_call_alone():
    by_call = Recordings(path="calls/{uniq}.mp3")
    assert parts(rules=by_call, uniq="3:1700000000.7")[0][0] == "calls/1700000000.7.mp3"
    assert parts() == ()


@pytest.mark.parametrize("rules", [Recordings(is_on=False), Recordings(is_on=False, path="{uniq}")])
def test_switched_off(rules):
    assert parts("in.wav", rules=rules) == ()


def test_without_a_talk():
    assert recordings.parts(make.call(rings=["101"], recordings=("in.wav",)), BY_DAY, MOSCOW) == ()


def test_several_and_not_without_end():
    assert len(parts("a.wav", "b.wav")) == 2
    assert len(parts(*[f"{n}.wav" for n in range(100)])) == recordings.MOST_PARTS


@pytest.mark.parametrize(
    "name", ["../x.wav", "/etc/passwd", "a//b", "a/./b", "a\\b", "a\nb", "", "x" * 501, "."]
)
def test_name_that_could_lead_out_is_none(name):
    assert not recordings.is_safe(name)
    assert all(recordings.is_safe(one) for names in parts(name) for one in names)


@given(st.text(max_size=60))
def test_whatever_a_pbx_says_no_name_leads_out(name):
    for one in (one for names in parts(name) for one in names):
        assert not one.startswith("/")
        assert ".." not in one.split("/")
        assert "\0" not in one


def test_only_the_safe_ones():
    assert recordings.safe_ones(["a.wav", "../b.wav", "c/d.wav"]) == ("a.wav", "c/d.wav")


def test_looks_at_2_5_15_and_60_seconds():
    now = make.MONDAY
    assert recordings.PAUSES[0] == timedelta(seconds=2)
    pauses = [recordings.next_look(tries, now) for tries in range(4)]
    assert pauses == [now + timedelta(seconds=s) for s in (5, 15, 60)] + [None]


def test_place_that_is_away_is_waited_for_ever_longer_and_a_day_at_most():
    begin = now = make.MONDAY
    looks = 0
    while now is not None and looks < 100:
        now, looks = recordings.look_when_back(looks, begin, now), looks + 1
    assert 25 < looks < 40
    assert recordings.look_when_back(0, begin, begin) == begin + timedelta(seconds=30)
    assert recordings.look_when_back(50, begin, begin) == begin + timedelta(hours=1)


PUBLIC, SECRET = "abcdefgh_-345678", "a key of the account"


def test_token_says_which_recording_and_that_it_is_ours():
    token = recordings.token(PUBLIC, SECRET)
    assert recordings.public_of(token) == PUBLIC
    assert recordings.is_genuine(token, PUBLIC, SECRET)
    assert not recordings.is_genuine(token, PUBLIC, "another key")


@given(st.integers(0, 37), st.sampled_from("abcXYZ019-_"))
def test_token_with_one_letter_changed_is_no_token_of_ours(place, letter):
    token = recordings.token(PUBLIC, SECRET)
    changed = token[:place] + letter + token[place + 1 :]
    public = recordings.public_of(changed)
    assert changed == token or not recordings.is_genuine(changed, public, SECRET)


@pytest.mark.parametrize(
    "given_", ["", "short", "x" * 37, "x" * 39, "ы" * 38, "x" * 37 + "/", "x" * 38 + "\n"]
)
def test_what_is_no_token(given_):
    assert recordings.public_of(given_) == ""
