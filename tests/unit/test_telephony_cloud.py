"""What a cloud PBX tells becomes a call: any order, any repetition, any cut of the notices."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.telephony.call import Miss, Outcome, Stage, Way
from backend.core.telephony.hearing import cloud
from backend.core.telephony.hearing.cloud import Notice, Tells
from backend.core.telephony.hearing.fold import CHANGED, ENDED, GONE, RINGING, TALKING

BEGIN = datetime(2026, 1, 12, 9, 0, tzinfo=UTC)
CLIENT, NUMBER = "79990001122", "74951000005"


def told(tells, second, phone="", way=Way.IN, **more):
    facts = {"client": CLIENT, "number": NUMBER, "way": way, "phone": phone, **more}
    at = BEGIN + timedelta(seconds=second)
    return Notice(f"{tells}-{second}-{phone}-{more.get('recording', '')}", Tells(tells), "c-1", at, **facts)


def started(**more):
    return told("started", 0, **more)


ANSWERED = (
    started(), told("ringing", 1, "101"), told("ringing", 1, "102"), told("answered", 5, "102"),
    told("recorded", 20, recording="https://cloud.test/r/1.wav"),
    told("ended", 35, result="answered", ended_by="client"),
)  # fmt: skip


def talks(call):
    return [(t.phone, seconds(t.began_at), seconds(t.ended_at)) for t in call.talks]


def rings(call):
    return [(r.phone, seconds(r.began_at), seconds(r.ended_at), r.status) for r in call.rings]


def seconds(moment):
    return None if moment is None else (moment - BEGIN).total_seconds()


def test_answered_call():
    call = cloud.fold(7, ANSWERED)
    assert (call.uniq, call.pbx_id, call.way, call.stage) == ("7:c-1", 7, Way.IN, Stage.ENDED)
    assert (call.client, call.did, call.trunk, call.operator) == (CLIENT, NUMBER, NUMBER, "")
    assert (call.outcome, call.miss, call.dial_status, call.hung_up_by) == (
        Outcome.ANSWERED, None, "ANSWER", "client"
    )  # fmt: skip
    assert talks(call) == [("102", 5, 35)]
    assert rings(call) == [("101", 1, 5, "CANCEL"), ("102", 1, 5, "ANSWER")]
    assert call.recordings == ("https://cloud.test/r/1.wav",)
    assert not call.is_incomplete


def test_nothing_told_is_no_call():
    assert cloud.fold(7, []) is None


def test_stages_as_they_come():
    stages = [cloud.fold(7, ANSWERED[:count]).stage for count in range(1, 7)]
    assert stages == [
        Stage.WAITING, Stage.RINGING, Stage.RINGING, Stage.TALKING, Stage.TALKING, Stage.ENDED
    ]  # fmt: skip


@given(st.permutations(ANSWERED), st.lists(st.sampled_from(ANSWERED), max_size=8))
def test_any_order_and_any_repetition_is_the_same_call(order, again):
    assert cloud.fold(7, [*order, *again]) == cloud.fold(7, ANSWERED)


@given(st.sets(st.sampled_from(range(len(ANSWERED))), min_size=1))
def test_any_cut_makes_a_call_and_the_rest_completes_it(kept):
    part = [ANSWERED[place] for place in sorted(kept)]
    call = cloud.fold(7, part)
    assert call.uniq == "7:c-1"
    assert call.client == CLIENT
    assert call.is_incomplete == (0 not in kept)
    assert cloud.fold(7, [*part, *ANSWERED]) == cloud.fold(7, ANSWERED)


def test_passed_on_and_taken():
    call = cloud.fold(7, [
        started(), told("ringing", 1, "101"), told("answered", 3, "101"), told("left", 10, "101"),
        told("ringing", 10, "102"), told("answered", 14, "102"), told("ended", 20, result="answered"),
    ])  # fmt: skip
    assert talks(call) == [("101", 3, 10), ("102", 14, 20)]
    assert call.last_talker == "102"
    assert not call.lost_after_transfer


def test_passed_on_and_nobody_took_it():
    call = cloud.fold(7, [
        started(), told("answered", 3, "101"), told("left", 10, "101"), told("ringing", 10, "102"),
        told("ended", 25, result="answered", ended_by="client"),
    ])  # fmt: skip
    assert talks(call) == [("101", 3, 10)]
    assert call.outcome is Outcome.ANSWERED
    assert call.lost_after_transfer


def test_one_leaves_two_who_talked_together():
    parts = [started(), told("answered", 3, "101"), told("answered", 5, "102"), told("left", 9, "101")]
    assert cloud.fold(7, parts).stage is Stage.TALKING
    assert cloud.fold(7, [*parts, told("left", 12, "102")]).stage is Stage.RINGING


def test_said_twice_of_one_talk_and_of_one_ringing():
    call = cloud.fold(7, [
        started(), told("ringing", 1, "101"), told("ringing", 2, "101"), told("answered", 3, "101"),
        told("answered", 4, "101"), told("ringing", 5, "102"),
    ])  # fmt: skip
    assert [ring.phone for ring in call.rings] == ["101", "102"]
    assert talks(call) == [("101", 3, None)]
    assert call.stage is Stage.TALKING


@pytest.mark.parametrize(
    ("rung", "result", "ended_by", "miss", "status"),
    [
        ((), "no_answer", "client", Miss.NOBODY_RUNG, ""),
        (("101",), "no_answer", "client", Miss.GAVE_UP, "CANCEL"),
        (("101",), "no_answer", "employee", Miss.NOT_ANSWERED, "NOANSWER"),
        (("101",), "busy", "client", Miss.ALL_BUSY, "BUSY"),
    ],
)
def test_missed_and_why(rung, result, ended_by, miss, status):
    parts = [told("ringing", 1, phone) for phone in rung]
    call = cloud.fold(7, [started(), *parts, told("ended", 20, result=result, ended_by=ended_by)])
    assert (call.outcome, call.miss) == (Outcome.MISSED, miss)
    assert [ring.status for ring in call.rings] == [status] * len(rung)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("busy", Outcome.BUSY), ("wrong_number", Outcome.WRONG_NUMBER), ("failed", Outcome.TRUNK_DOWN),
        ("no_answer", Outcome.NO_ANSWER), ("something_new", Outcome.NO_ANSWER),
    ],
)  # fmt: skip
def test_outbound_that_reached_nobody(result, outcome):
    call = cloud.fold(7, [started(way=Way.OUT, phone="101"), told("ended", 9, way=Way.OUT, result=result)])
    assert (call.outcome, call.miss, call.operator, call.rings) == (outcome, None, "101", ())


def test_outbound_by_hand_rings_the_client_at_once():
    call = cloud.fold(7, [started(way=Way.OUT, phone="101")])
    assert call.stage is Stage.RINGING
    talking = cloud.fold(7, [started(way=Way.OUT, phone="101"), told("answered", 8, "101", Way.OUT)])
    assert talks(talking) == [("101", 8, None)]
    assert talking.rings == ()


def test_after_a_click_the_call_is_ours_alone_until_the_phone_was_taken():
    click = {"way": Way.OUT, "request_id": "click-1"}
    asked = [started(phone="101", **click), told("ringing", 1, "101", **click)]
    alone = cloud.fold(7, asked)
    assert (alone.way, alone.client, alone.operator) == (Way.INTERNAL, "", "101")
    silent = cloud.fold(7, [*asked, told("ended", 30, **click)])
    assert (silent.outcome, silent.client) == (Outcome.UNREACHED, "")
    taken = cloud.fold(7, [*asked, told("dialling", 4, "101", **click)])
    assert (taken.way, taken.client, taken.stage) == (Way.OUT, CLIENT, Stage.RINGING)
    assert rings(taken) == [("101", 1, 4, "ANSWER")]


@pytest.mark.parametrize(("is_taken", "outcome"), [(True, Outcome.INTERNAL), (False, Outcome.UNREACHED)])
def test_among_ourselves(is_taken, outcome):
    parts = [started(way=Way.INTERNAL, phone="101"), told("ringing", 0, "102", Way.INTERNAL)]
    parts += [told("answered", 3, "102", Way.INTERNAL)] if is_taken else []
    call = cloud.fold(7, [*parts, told("ended", 9, way=Way.INTERNAL)])
    assert (call.outcome, call.miss) == (outcome, None)


def test_way_that_nobody_said():
    call = cloud.fold(7, [told("ringing", 1, "101", Way.UNKNOWN), told("ended", 9, way=Way.UNKNOWN)])
    assert call.way is Way.UNKNOWN
    assert call.miss is None


def test_sender_whose_clock_runs_back():
    """Nothing comes after the end, and nothing but the first end counts."""
    call = cloud.fold(7, [
        started(), told("ended", 10, result="answered"), told("answered", 12, "101"), told("ended", 40),
    ])  # fmt: skip
    assert seconds(call.ended_at) == 10
    assert talks(call) == [("101", 10, 10)]


@pytest.mark.parametrize(
    ("kept", "is_whole"),
    [
        (("started", "ended"), False),
        (("started", "answered", "ended"), True),
        (("answered", "ended"), False),
    ],
)
def test_whole_when_what_was_told_fits_together(kept, is_whole):
    assert cloud.is_whole([one for one in ANSWERED if one.tells in kept]) is is_whole


def test_whole_without_an_answer_when_there_was_none():
    assert cloud.is_whole([started(), told("ended", 9, result="no_answer")])


def changes(before, after):
    return [(change.kind, change.phone) for change in cloud.changes(before, after)]


def test_changes_in_the_words_of_the_other_kind():
    steps = [cloud.fold(7, ANSWERED[:count]) for count in range(1, 7)]
    seen = [changes(before, after) for before, after in zip([None, *steps], steps, strict=False)]
    assert seen == [
        [(CHANGED, "")], [(RINGING, "101")], [(RINGING, "102")],
        [(TALKING, "102"), (GONE, "101")], [(CHANGED, "")], [(ENDED, "")],
    ]  # fmt: skip
    assert changes(steps[-1], steps[-1]) == []


def test_changes_of_an_outbound_call_are_its_operators():
    first = cloud.fold(7, [started(way=Way.OUT, phone="101")])
    talking = cloud.fold(7, [started(way=Way.OUT, phone="101"), told("answered", 8, "101", Way.OUT)])
    assert changes(None, first) == [(RINGING, "101")]
    assert changes(first, talking) == [(TALKING, "101")]
    nameless = cloud.fold(7, [started(way=Way.OUT)])
    assert changes(None, nameless) == [(CHANGED, "")]


def test_late_word_after_the_end_is_a_change_and_no_second_end():
    late = told("recorded", 50, recording="https://cloud.test/r/2.wav")
    before, after = cloud.fold(7, ANSWERED), cloud.fold(7, [*ANSWERED, late])
    assert len(after.recordings) == 2
    assert changes(before, after) == [(CHANGED, "")]
