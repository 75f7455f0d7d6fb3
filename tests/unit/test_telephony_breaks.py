"""Breaks: what is there after one, one call told of by two, and the rows of tables as sites have them."""

from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.core.telephony.after import written
from backend.core.telephony.call import Call, Outcome, Ring, Source, Stage, Talk, Way
from backend.core.telephony.hearing import cdr, cel, fold, merging, resync, told
from backend.core.telephony.hearing.channels import FoldRules
from backend.core.telephony.hearing.moments import Leg, LiveChannel, Moment, What
from backend.core.telephony.hearing.resync import Listing
from tests.support.telling import BEGAN, at, ended, running

RULES = FoldRules(frozenset({"msk"}), frozenset({"101", "102"}))
CLIENT = Leg("1700000000.1", "PJSIP/msk-1", "1700000000.1", "79990001122", "74951000001")
ANNA = Leg("1700000000.2", "PJSIP/101-2", "1700000000.1", "101", "s")
MOSCOW = ZoneInfo("Europe/Moscow")


def heard(*moments):
    """(what, leg, second, …) one after another."""
    state = fold.Fold(1, RULES)
    for what, leg, second, *more in moments:
        bridge = more[0] if more else ""
        state, _ = fold.advance(state, Moment(what, at(second), at(second), leg, bridge=bridge))
    return state


def looked_at(state, *live, second=60, since=50):
    return resync.resync(state, Listing(tuple(live), at(second), at(second), at(since)))


def one(state):
    (call,) = state.open_calls()
    return call


# What is there now


def test_a_call_nobody_told_of_is_taken_over_as_it_stands():
    state, changes = looked_at(
        fold.Fold(1, RULES),
        LiveChannel(ANNA, at(2), "b", "Up"),
        LiveChannel(CLIENT, at(2), "b", "Up"),
    )
    call = one(state)
    assert (call.way, call.client, call.did, call.stage) == (
        Way.IN, "79990001122", "74951000001", Stage.TALKING,
    )  # fmt: skip
    assert (call.began_at, call.is_incomplete, call.talked) == (at(2), True, ("101",))
    assert [change.phone for change in changes if change.kind == fold.TALKING] == ["101"]


def test_a_client_that_is_being_called_is_known_by_the_dialling():
    own = Leg("1.1", "PJSIP/101-1", "1.1", "101", "79990001122")
    far = Leg("1.2", "PJSIP/msk-2", "1.1", "", "s")
    state, _ = looked_at(
        fold.Fold(1, RULES),
        LiveChannel(own, at(2), "", "Up", "79990001122"),
        LiveChannel(far, at(3), "", "Ringing"),
    )
    assert (one(state).way, one(state).client, one(state).operator) == (Way.OUT, "79990001122", "101")


def test_what_is_gone_is_over_and_what_moved_is_where_it_is():
    before = heard(
        (What.NEW, CLIENT, 0), (What.NEW, ANNA, 1), (What.ENTER, CLIENT, 2, "a"), (What.ENTER, ANNA, 3, "a")
    )
    state, _ = looked_at(before, LiveChannel(CLIENT, at(0), "c", "Up"))
    assert (one(state).stage, one(state).talks[0].ended_at, one(state).is_incomplete) == (
        Stage.WAITING, at(60), True,
    )  # fmt: skip

    state, _ = looked_at(before)
    _, changes = fold.settled(state, at(100))
    assert [change.call.outcome for change in changes] == [Outcome.ANSWERED]


def test_what_was_heard_after_the_break_is_newer_than_the_answer():
    state = heard((What.NEW, CLIENT, 55), (What.NEW, ANNA, 56), (What.GONE, ANNA, 58))
    state, _ = looked_at(
        state, LiveChannel(CLIENT, at(55), "old", "Up"), LiveChannel(ANNA, at(56), "", "Ringing")
    )
    assert (one(state).stage, one(state).is_incomplete) == (Stage.WAITING, False)

    state, _ = looked_at(heard((What.NEW, CLIENT, 55)))
    assert one(state).ended_at is None


def test_a_phone_that_rings_still_rings_once():
    state = heard((What.NEW, CLIENT, 0), (What.NEW, ANNA, 1), (What.RINGING, ANNA, 2), (What.UP, CLIENT, 3))
    live = LiveChannel(ANNA, at(1), "", "Ringing"), LiveChannel(CLIENT, at(0), "", "Up")
    assert looked_at(state, *live)[1] == ()


# Told of twice


def test_a_conversation_over_a_break_is_one():
    known = running(stage=Stage.TALKING, rings=(), did="74951000001", recordings=("a",))
    known = replace(known, talks=(Talk("101", at(3)),), rings=(Ring("102", at(1), at(2)), Ring("101", at(1))))
    later = replace(known, began_at=at(20), talks=(Talk("101", at(20)),), rings=(), client="",
                    way=Way.UNKNOWN,
                    did="", trunk="", recordings=("b",), request_id="5b")  # fmt: skip
    call = merging.continued(known, later, at(20))

    assert (call.began_at, call.way, call.client, call.did) == (BEGAN, Way.IN, "79990001122", "74951000001")
    assert call.talks == (Talk("101", at(3)),)
    assert [(ring.phone, ring.status, ring.ended_at) for ring in call.rings] == [
        ("101", "ANSWER", at(20)), ("102", "", at(2)),
    ]  # fmt: skip
    assert (call.recordings, call.request_id, call.is_incomplete) == (("a", "b"), "5b", True)


def test_a_conversation_that_ended_in_a_break_ended_by_its_end():
    known = replace(
        running(stage=Stage.TALKING, rings=()), talks=(Talk("101", at(3)), Talk("102", at(1), at(2)))
    )
    later = replace(ended(), began_at=at(20), talks=(Talk("103", at(25), at(30)),), rings=(), ended_at=at(30))
    call = merging.continued(replace(known, way=Way.INTERNAL), later, at(20))

    assert call.talks == (Talk("102", at(1), at(2)), Talk("101", at(3), at(20)), Talk("103", at(25), at(30)))
    assert (call.way, call.outcome) == (Way.IN, Outcome.ANSWERED)


def test_a_phone_that_rang_before_and_rings_still_began_then():
    known = replace(running(rings=()), rings=(Ring("101", at(1)),))
    later = replace(running(rings=()), rings=(Ring("101", at(20)), Ring("102", at(21))))
    call = merging.continued(known, later, at(20))
    assert call.rings == (Ring("101", at(1)), Ring("102", at(21)))


def test_tables_complete_what_was_heard_and_keep_what_only_events_say():
    known = replace(running(rings=("102",)), request_id="5b", recordings=("a",), is_incomplete=True,
                    tech_cause="486", variables={"CRM_TRUNK": "msk"})  # fmt: skip
    call = merging.completed(known, replace(ended(talks=[("101", 2, 6)]), source=Source.CEL))

    assert (call.source, call.rung, call.talked, call.is_incomplete) == ("cel", ("101",), ("101",), False)
    assert (call.request_id, call.recordings, call.tech_cause) == ("5b", ("a",), "486")
    assert call.variables == {"CRM_TRUNK": "msk"}


def test_a_way_that_was_mistaken_leaves_no_number_behind():
    known = replace(running(), did="102")
    call = merging.completed(known, replace(ended(way=Way.OUT), client=""))
    assert (call.way, call.client, call.did) == (Way.OUT, "", "")
    call = merging.completed(known, replace(ended(way=Way.UNKNOWN), client=""))
    assert (call.way, call.client, call.did) == (Way.IN, "79990001122", "102")


def test_parts_do_not_overrule_conversations_that_were_heard():
    known = replace(running(stage=Stage.TALKING), talks=(Talk("101", at(1), at(2)), Talk("102", at(3))))
    call = merging.completed(known, replace(ended(talks=[("101", 0, 9)]), source=Source.CDR))
    assert call.talks == (Talk("101", at(1), at(2)), Talk("102", at(3), at(10)))


def test_a_call_whose_end_nobody_told_is_closed():
    known = replace(running(stage=Stage.TALKING), talks=(Talk("101", at(1)),),
                    rings=(Ring("101", at(0), at(1), "ANSWER"), Ring("102", at(0))))  # fmt: skip
    call = merging.closed(known, at(40))
    assert (call.stage, call.outcome, call.talk, call.is_incomplete) == (
        Stage.ENDED, Outcome.ANSWERED, timedelta(seconds=39), True,
    )  # fmt: skip
    assert [ring.ended_at for ring in call.rings] == [at(1), at(40)]


def test_a_call_is_written_and_read_again():
    call = replace(ended(talks=[("101", 1, 4)]), miss=None, variables={"A": "1"})
    assert written.from_data(written.as_data(call)) == call
    bare = written.from_data({"uniq": "1:1.1", "pbx_id": 1, "way": "in", "began_at": BEGAN.isoformat()})
    assert bare == Call("1:1.1", 1, Way.IN, BEGAN)


# Rows of tables


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-03-02 12:00:00", BEGAN), ("2026-03-02T12:00:00.000000", BEGAN),
        (BEGAN.replace(hour=12, tzinfo=None), BEGAN),
        (BEGAN, BEGAN), ("1772442000", BEGAN), (1772442000.5, BEGAN + timedelta(seconds=0.5)),
        ("1772442000.25", BEGAN + timedelta(seconds=0.25)), ("yesterday", None), (None, None), ("", None),
    ],
)  # fmt: skip
def test_times_of_tables(value, found):
    assert told.moment(value, MOSCOW) == found


def test_rows_that_are_none():
    assert told.cel_row({"eventtime": "never", "uniqueid": "1.1"}, UTC) is None
    assert told.cel_row({"eventtime": BEGAN, "uniqueid": ""}, UTC) is None
    assert told.cdr_row({"calldate": BEGAN, "uniqueid": None}, UTC) is None


def test_columns_of_other_sites():
    row = told.cel_row(
        {"id": "5", "eventtime": BEGAN, "uniqueid": "1.1", "cid_num": "101", "extra": "{broken"}, UTC
    )
    assert (row.id, row.number, row.linked, row.extra) == (5, "101", "1.1", {})
    row = told.cel_row({"acctid": 7, "eventtime": BEGAN, "uniqueid": "1.1", "extra": "[1]"}, UTC)
    assert (row.id, row.extra) == (7, {})
    row = told.cdr_row(
        {"start": BEGAN, "uniqueid": "1.1", "duration": "5.0", "billsec": "x", "src": "101"}, UTC
    )
    assert (row.duration, row.talked, row.until) == (timedelta(seconds=5), timedelta(0), at(5))


def event(kind, uid, channel, second, **more):
    return told.CelRow(0, kind, at(second), channel, uid, more.pop("linked", "1.1"), **more)


def test_a_channel_end_without_a_hangup_is_an_end():
    rows = [
        event("CHAN_START", "1.1", "PJSIP/msk-1", 0, number="79990001122"),
        event("CHAN_END", "1.1", "PJSIP/msk-1", 5),
    ]
    (call,) = cel.calls_of(rows, 1, RULES)
    assert (call.client, call.ended_at, call.source) == ("79990001122", at(5), "cel")


def test_a_call_that_goes_on_in_the_table_is_not_told():
    assert cel.calls_of([event("CHAN_START", "1.1", "PJSIP/msk-1", 0)], 1, RULES) == []


def test_parked_calls_of_the_table_are_in_no_conversation():
    lot = {"bridge_id": "lot", "bridge_technology": "holding_bridge"}
    rows = [
        event("CHAN_START", "1.1", "PJSIP/msk-1", 0),
        event("CHAN_START", "2.1", "PJSIP/101-2", 1, linked="2.1"),
        event("BRIDGE_ENTER", "1.1", "PJSIP/msk-1", 2, extra=lot),
        event("BRIDGE_ENTER", "2.1", "PJSIP/101-2", 3, extra=lot, linked="2.1"),
        event("BRIDGE_EXIT", "1.1", "PJSIP/msk-1", 4, extra=lot), event("HANGUP", "1.1", "PJSIP/msk-1", 5),
        event("HANGUP", "2.1", "PJSIP/101-2", 6, linked="2.1"),
        event("USER_DEFINED", "2.1", "PJSIP/101-2", 7),
    ]  # fmt: skip
    rows[-1] = replace(rows[-1], linked="2.1")
    calls = cel.calls_of(rows, 1, RULES)
    assert [call.talks for call in calls] == [(), ()]


def test_the_number_that_a_trunk_was_dialled_with():
    def client(data):
        rows = [
            event("CHAN_START", "1.1", "PJSIP/101-1", 0, number="101", exten="9"),
            event("APP_START", "1.1", "PJSIP/101-1", 1, app="Dial", data=data),
            event("CHAN_START", "1.2", "PJSIP/msk-2", 2, exten="s"), event("ANSWER", "1.1", "PJSIP/101-1", 2),
            event("HANGUP", "1.2", "PJSIP/msk-2", 3, extra={"hangupcause": 34}),
            event("HANGUP", "1.1", "PJSIP/101-1", 4, extra={"hangupcause": "many"}),
        ]  # fmt: skip
        (call,) = cel.calls_of(rows, 1, RULES)
        assert call.outcome is Outcome.TRUNK_DOWN
        return call.client

    assert client("PJSIP/102&PJSIP/79990001122@msk,60") == "79990001122"
    assert client("SIP/msk/79990001122,60") == "79990001122"
    assert client("PJSIP/102") == ""


def test_events_that_are_missing():
    assert cel.missing_events(cel.NEEDED) == []
    assert cel.missing_events(cel.NEEDED - {"BRIDGE_EXIT"}) == ["BRIDGE_EXIT"]


def part(channel, dst_channel="", disposition="NO ANSWER", talked=0, **more):
    values = {"src": "79990001122", "dst": "101", "uid": "1.1", "linked": "1.1", **more}
    return told.CdrRow(
        BEGAN, channel=channel, dst_channel=dst_channel, duration=timedelta(seconds=10),
        talked=timedelta(seconds=talked), disposition=disposition, **values,
    )  # fmt: skip


def test_calls_of_parts():
    def call(*rows):
        (found,) = cdr.calls_of(rows, 1, RULES)
        return found

    inside = call(part("PJSIP/101-1", "PJSIP/102-2", "ANSWERED", 5, dst="102"))
    assert (inside.way, inside.client, inside.operator, inside.outcome) == (
        Way.INTERNAL,
        "102",
        "101",
        Outcome.INTERNAL,
    )
    unknown = call(part("PJSIP/101-1", "PJSIP/door-2", "ANSWERED", 5))
    assert (unknown.way, unknown.client, unknown.outcome) == (Way.UNKNOWN, "", None)
    out = call(part("PJSIP/101-1", "DAHDI/msk/79990001122-2", "BUSY", linked="crm-5b"))
    assert (out.way, out.client, out.outcome, out.request_id) == (Way.OUT, "79990001122", Outcome.BUSY, "5b")
    menu = call(part("PJSIP/msk-1", "", "ANSWERED", 8, dst="s", recording="a.wav"))
    assert (menu.way, menu.did, menu.outcome, menu.recordings) == (Way.IN, "", Outcome.MISSED, ("a.wav",))
    local = call(
        part("Local/101@x-1;1", "PJSIP/msk-1", "ANSWERED", 5), part("Local/102@x-2;2", "PJSIP/102-3")
    )
    assert (local.way, local.talks, local.rung) == (Way.OUT, (), ("102",))
