"""Events of a PBX as the listener brings them: rows, events and cards; a break, a restart, a pickup."""

import json
from datetime import timedelta

import pytest

from backend.flows.telephony.desk import channel
from backend.flows.telephony.hearing.live import Live
from backend.integrations.asterisk.protocol import Parser
from backend.store import db
from backend.store.telephony import calls, pbxes
from sandbox.asterisk import recorded
from tests.support.listing import answered_after, time_of
from tests.support.stand import ANNA, OLGA

LONG = timedelta(hours=1)


@pytest.fixture
def stand(calls):
    return calls


def frames_of(scenario, version="16", rights="all"):
    return Parser().feed(recorded.stream(recorded.Name(version, rights, scenario)))


def events_of(stand, lane=None):
    stored = db.rows(
        """SELECT l.name, e.kind, e.subject, e.dedup_key, e.body FROM inbound_events e
        JOIN lanes l ON l.id = e.lane_id WHERE e.kind LIKE 'call.%' ORDER BY e.id"""
    )
    return [(kind, json.loads(body)) for name, kind, _, _, body in stored if lane in (None, name)]


class Ear:
    """A listener without a socket: frames at their own time, stored after each."""

    def __init__(self, stand, pbx=None):
        self.live = Live(stand.ctx, pbx or stand.pbx)
        self.at = None

    def hear(self, frames):
        for frame in frames:
            if not frame.get("Timestamp"):
                continue
            self.at = time_of(frame)
            self.live.take([frame], self.at)
            self.live.store(self.at)

    def wait(self, seconds=2):
        self.at += timedelta(seconds=seconds)
        return self.live.store(self.at)


def one_row(stand):
    (row,) = calls.portion(stand.account.id, calls.CallFilters())
    return row


def test_an_answered_call_is_a_row_an_event_and_cards(stand):
    ear, told = Ear(stand), []
    heard = stand.ctx.redis.pubsub()
    heard.subscribe(channel.name(stand.account.id))

    ear.hear(frames_of("inbound-answered"))
    assert one_row(stand).state == calls.OPEN
    ear.wait()

    row = one_row(stand)
    assert (row.state, row.outcome, row.client_key, row.user_id, row.line) == (
        "ended", "answered", "+79990001122", ANNA, "Москва",
    )  # fmt: skip
    assert [body["uniq"] for kind, body in events_of(stand, "calls")] == [row.uniq]
    assert events_of(stand, "ringing") == [
        ("call.ringing", {"uniq": row.uniq, "phone": "101", "number": "+79990001122"})
    ]
    while message := heard.get_message(timeout=0.2):
        if message["type"] == "message":
            told.append(json.loads(message["data"]))
    assert [(one["type"], one["users"]) for one in told] == [
        ("ringing", [ANNA]), ("talking", [ANNA]), ("ended", [ANNA]),
    ]  # fmt: skip
    assert ear.wait() == 0


def test_only_transitions_are_stored(stand):
    ear, writes = Ear(stand), []
    for frame in frames_of("inbound-group"):
        if frame.get("Timestamp"):
            ear.live.take([frame], time_of(frame))
            writes.append(ear.live.store(time_of(frame)))
    assert sum(writes) <= 9 < len(writes)


def test_nobody_is_told_by_amocrm_when_its_notice_is_off(stand):
    stand.rules(notice=False)
    ear = Ear(stand)
    ear.hear(frames_of("inbound-answered"))

    assert events_of(stand, "ringing") == []


def test_rules_that_change_hold_for_the_next_call(stand):
    ear = Ear(stand)
    stand.rules(lines=())
    ear.hear(frames_of("inbound-answered"))
    ear.wait()

    assert one_row(stand).line == ""


def test_a_pickup_leaves_one_row(stand):
    ear = Ear(stand)
    ear.hear(frames_of("pickup"))
    ear.wait()

    row = one_row(stand)
    assert (row.outcome, row.user_id) == ("answered", OLGA)


def test_events_given_twice_change_nothing(stand):
    ear, frames = Ear(stand), frames_of("transfer-blind")
    ear.hear(frames)
    ear.hear(frames)
    ear.wait()

    assert one_row(stand).call.talked == ("101", "102")
    assert len(events_of(stand, "calls")) == 1


@pytest.mark.parametrize(
    "scenario", ["inbound-answered", "transfer-blind", "outbound-answered", "queue-answered"]
)
def test_a_process_that_is_killed_has_a_successor_that_knows_the_call(stand, scenario):
    """The first one hears until they talk, the second from the next event on."""
    frames = [frame for frame in frames_of(scenario) if frame.get("Timestamp")]
    cut = (
        next(i for i, f in enumerate(frames) if f.name == "BridgeEnter" and f.get("BridgeNumChannels") == "2")
        + 1
    )
    Ear(stand).hear(frames[:cut])
    began = one_row(stand).began_at

    second = Ear(stand)
    at = time_of(frames[cut - 1]) + timedelta(milliseconds=100)
    second.live.resync(answered_after(frames[:cut]), since=at, at=at)
    second.live.store(at)
    second.hear(frames[cut:])
    second.wait()

    row, (wanted, *_) = one_row(stand), recorded.expected(scenario)
    assert (row.state, row.outcome, row.began_at, row.is_incomplete) == ("ended", "answered", began, True)
    assert row.call.client == wanted["client"]
    assert row.call.rung == tuple(wanted["rung"])
    assert row.call.talked == tuple(wanted["talked"])
    assert abs(row.talk_ms / 1000 - wanted["talk"]) < 0.6
    assert len(events_of(stand, "calls")) == 1


def test_a_call_that_ended_while_nobody_listened_is_ended_after_the_login(stand):
    frames = [frame for frame in frames_of("inbound-answered") if frame.get("Timestamp")]
    cut = next(i for i, frame in enumerate(frames) if frame.name == "BridgeLeave")
    Ear(stand).hear(frames[:cut])

    second = Ear(stand)
    at = time_of(frames[cut]) + LONG
    second.live.resync([], since=at, at=at)
    second.live.store(at)

    row = one_row(stand)
    assert (row.state, row.outcome, row.is_incomplete) == ("ended", "answered", True)
    assert len(events_of(stand, "calls")) == 1


@pytest.fixture
def with_tables(stand):
    return pbxes.save(
        pbxes.Pbx(
            id=stand.pbx.id, account_id=stand.account.id, code=stand.pbx.code,
            options={"tables": "sqlite:////nowhere/master.db"},
        )
    )  # fmt: skip


def test_with_tables_such_a_call_waits_for_them(stand, with_tables):
    ear = Ear(stand, with_tables)
    frames = [frame for frame in frames_of("inbound-answered") if frame.get("Timestamp")]
    ear.hear(frames[:10])
    at = ear.at + LONG
    ear.live.resync([], since=at, at=at)
    ear.live.store(at + LONG)

    row = one_row(stand)
    assert (row.state, row.stage) == ("open", "ended")
    assert events_of(stand, "calls") == []


def look(ear, items):
    """Five minutes later the PBX is asked what is there."""
    ear.at += timedelta(minutes=5)
    ear.live.about_to_look()
    ear.live.compare(items, ear.at)
    ear.wait()


def test_a_call_whose_hangup_got_lost_is_closed_by_the_second_look(stand):
    ear = Ear(stand)
    frames = [frame for frame in frames_of("inbound-answered") if frame.get("Timestamp")]
    ear.hear(frame for frame in frames if frame.name not in ("BridgeLeave", "Hangup"))
    look(ear, [])
    assert one_row(stand).state == "open"

    look(ear, [])

    row = one_row(stand)
    assert (row.state, row.outcome, row.is_incomplete) == ("ended", "answered", True)
    assert len(events_of(stand, "calls")) == 1


def test_with_tables_a_call_whose_hangup_got_lost_waits_for_them(stand, with_tables):
    ear = Ear(stand, with_tables)
    frames = [frame for frame in frames_of("inbound-answered") if frame.get("Timestamp")]
    ear.hear(frame for frame in frames if frame.name != "Hangup")

    look(ear, [])
    look(ear, [])

    row = one_row(stand)
    assert (row.state, row.stage, row.is_incomplete) == ("open", "ended", True)
    assert events_of(stand, "calls") == []


def test_a_call_that_was_taken_over_and_ended_stays_as_it_ended_after_another_break(stand):
    frames = [frame for frame in frames_of("inbound-answered") if frame.get("Timestamp")]
    cut = next(i for i, frame in enumerate(frames) if frame.name == "BridgeLeave")
    Ear(stand).hear(frames[:cut])
    second = Ear(stand)
    at = time_of(frames[cut - 1]) + timedelta(milliseconds=100)
    second.live.resync(answered_after(frames[:cut]), since=at, at=at)
    second.hear(frames[cut:])
    second.wait()
    before = one_row(stand)

    second.live.resync([], since=at + LONG, at=at + LONG)
    second.live.store(at + LONG)

    assert one_row(stand).ended_at == before.ended_at


def test_a_frozen_redis_loses_cards_and_no_call(stand, monkeypatch):
    ear = Ear(stand)

    class Away:
        def __getattr__(self, name):
            from redis.exceptions import ConnectionError as Lost

            raise Lost

    object.__setattr__(stand.ctx, "redis", Away())
    ear.hear(frames_of("inbound-answered"))
    ear.wait()

    assert one_row(stand).state == "ended"
