"""The listener beside a stand-in for Asterisk: calls, breaks, lost hangups, two copies."""

import dataclasses
import sqlite3
import time

from backend.core.telephony.rules import Line
from backend.listeners import watch
from backend.store import db
from backend.store.telephony import pbxes
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.replay import Cast
from tests.listeners.conftest import ACCOUNT
from tests.support.talks import CLIENT, begin_talk, call_of, ended, one_open, until


def test_a_call_is_there_while_it_goes_on_and_ends_once(up, pbx):
    go_on = begin_talk(pbx)
    uniq = one_open(up, "talking")["uniq"]

    go_on()

    (only,) = ended(up)
    assert only == {"uniq": uniq, "state": "ended", "way": "in", "stage": "ended"}
    call = call_of(up, uniq)
    assert (call.client, call.trunk, call.talked, call.is_incomplete) == (CLIENT, "msk", ("101",), False)
    events = db.rows("SELECT kind FROM inbound_events WHERE kind LIKE 'call.%' ORDER BY id")
    assert [kind for (kind,) in events] == ["call.ringing", "call.ended"]


def test_rules_that_changed_while_all_was_quiet_hold_from_the_first_event(listening, pbx, monkeypatch):
    monkeypatch.setattr(watch, "RULES_SECONDS", 0.1)
    listening.stand.rules(lines=(Line("another"),))
    listening.connect(pbx)
    listening.listen()
    until(listening.is_up)

    listening.stand.rules(lines=(Line("msk", title="Москва"),))
    time.sleep(3 * watch.TICK_SECONDS)
    begin_talk(pbx)()

    assert [one["way"] for one in ended(listening)] == ["in"]


def test_many_calls_at_once_in_broken_pieces(up, pbx):
    pbx.break_into_pieces(longest=40)

    for number in range(5):
        pbx.play("inbound-answered", Cast({"79990001122": f"7916000000{number}"}))
        pbx.play("transfer-blind", Cast({"79990001122": f"7916000001{number}"}))

    found = ended(up, 10)
    assert len(found) == 10
    clients = {call_of(up, one["uniq"]).client for one in found}
    assert clients == {f"7916000000{n}" for n in range(5)} | {f"7916000001{n}" for n in range(5)}
    assert {call_of(up, one["uniq"]).is_answered for one in found} == {True}


def test_a_connection_cut_in_the_middle_of_an_event_and_of_a_call(up, pbx):
    go_on = begin_talk(pbx)
    uniq = one_open(up, "talking")["uniq"]

    pbx.drop(in_the_middle=True)
    until(lambda: up.state().trouble == "pbx.cut")
    until(up.is_up)
    until(lambda: sum(one.name == "CoreShowChannels" for one in pbx.asked) >= 2)
    go_on()

    assert [one["uniq"] for one in ended(up)] == [uniq]
    assert len(call_of(up, uniq).talks) == 1
    assert up.state().trouble == ""


def test_a_call_that_ended_while_we_were_away_is_closed(up, pbx):
    go_on = begin_talk(pbx)
    uniq = one_open(up, "talking")["uniq"]

    port = pbx.port
    pbx.stop()
    until(lambda: up.state().trouble)
    with Asterisk(port):
        until(up.is_up)
        assert [one["uniq"] for one in ended(up)] == [uniq]
    assert go_on


def test_a_busy_database_does_not_slow_the_reading_down(listening, tmp_path):
    """An impatient PBX cuts off who does not read for half a second; ours is stuck in storing meanwhile."""
    with Asterisk(accounts=[dataclasses.replace(ACCOUNT, writetimeout=0.5)]) as pbx:
        listening.connect(pbx)
        listening.listen()
        until(listening.is_up)
        until(lambda: listening.state().version)
        other = sqlite3.connect(tmp_path / "stand.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for number in range(60):
            pbx.play("inbound-answered", Cast({"79990001122": f"791600000{number:02}"}))
        time.sleep(2.0)
        other.execute("COMMIT")
        other.close()

        assert len(ended(listening, 60)) == 60
        assert len(pbx.logins) == 2


def test_a_database_that_is_away_costs_nothing_but_time(listening, pbx, monkeypatch):
    """The lease runs out meanwhile, and nobody else takes it: the same ear goes on."""
    monkeypatch.setattr(watch, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(watch, "RENEW_SECONDS", 0.3)
    listening.connect(pbx)
    listening.listen()
    until(listening.is_up)
    until(lambda: listening.state().version)
    go_on = begin_talk(pbx)
    uniq = one_open(listening, "talking")["uniq"]

    tables = ("calls", "lanes", "pbx_states")
    for table in tables:
        db.run(f"ALTER TABLE {table} RENAME TO {table}_away")
    go_on()
    time.sleep(3.5)
    for table in tables:
        db.run(f"ALTER TABLE {table}_away RENAME TO {table}")

    assert [one["uniq"] for one in ended(listening)] == [uniq]
    call = call_of(listening, uniq)
    assert (call.is_incomplete, call.talked, len(call.talks)) == (False, ("101",), 1)
    assert call.talks[0].ended_at
    assert len(pbx.logins) == 2


def test_of_two_listeners_one_waits_and_goes_on_when_the_other_leaves(listening, pbx):
    listening.connect(pbx)
    first = listening.listen("first")
    until(listening.is_up)
    listening.listen("second")
    time.sleep(1.5)
    assert pbx.connections() == 2
    begin_talk(pbx)
    uniq = one_open(listening, "talking")["uniq"]

    first.stop()

    until(lambda: len(pbx.logins) == 4)
    until(lambda: sum(one.name == "CoreShowChannels" for one in pbx.asked) >= 2)
    assert pbx.connections() == 2
    assert [one["uniq"] for one in listening.calls()] == [uniq]


def test_a_pbx_that_is_removed_is_left_and_a_new_one_found(listening, pbx):
    listening.connect(pbx)
    posts = listening.listen()
    until(listening.is_up)

    pbxes.remove(listening.stand.pbx.id)
    posts.tend(pbxes.revisions("asterisk"))
    until(lambda: pbx.connections() == 0)
    made = pbxes.save(dataclasses.replace(listening.stand.pbx, id=0, token=""))
    posts.tend(pbxes.revisions("asterisk"))

    until(lambda: pbxes.state(made.id).connected_since)


def test_one_process_serves_the_exchanges_of_all_accounts(listening, pbx):
    with Asterisk() as second:
        listening.connect(pbx)
        other = dataclasses.replace(
            listening.stand.pbx, id=0, code="shop", port=second.port, secret=ACCOUNT.secret
        )
        other = pbxes.save(dataclasses.replace(other, token=""))
        listening.listen()
        until(lambda: listening.is_up() and pbxes.state(other.id).connected_since)

        pbx.play("inbound-answered", Cast({"79990001122": "79160000001"}))
        second.play("inbound-busy", Cast({"79990001122": "79160000002"}))

        found = ended(listening, 2)
    assert {one["uniq"].partition(":")[0] for one in found} == {str(listening.stand.pbx.id), str(other.id)}


def test_a_hangup_that_nobody_sent_leaves_no_call_for_ever(listening, pbx, monkeypatch):
    """The PBX is asked now and then, and knows of no channel."""
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.5)
    listening.connect(pbx)
    listening.listen()
    until(listening.is_up)
    begin_talk(pbx)
    one_open(listening, "talking")

    pbx.live.forget()

    ended(listening)


def test_a_hangup_that_got_lost_ends_its_call_while_another_one_goes_on(listening, pbx, monkeypatch):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.5)
    listening.connect(pbx)
    listening.listen()
    until(listening.is_up)
    begin_talk(pbx, client="79160000001")
    lost = one_open(listening, "talking")["uniq"]
    pbx.live.forget()
    go_on = begin_talk(pbx, client="79160000002")

    assert [one["uniq"] for one in ended(listening)] == [lost]
    call = call_of(listening, lost)
    assert (call.client, call.is_incomplete, call.talked) == ("79160000001", True, ("101",))
    (other,) = [one for one in listening.calls() if one["state"] == "open"]
    go_on()
    ended(listening, 2)
    assert call_of(listening, other["uniq"]).is_incomplete is False
