"""The listener beside a stand-in for Asterisk: calls, breaks, freezes, two copies, clicks."""

import dataclasses
import json
import socket
import sqlite3
import threading
import time

import pytest

from backend.core.errors import InvalidInput
from backend.core.telephony.rules import Line
from backend.flows.telephony.desk import channel, dialling
from backend.integrations.asterisk import session
from backend.listeners import health, watch
from backend.store import db
from backend.store.telephony import calls, dials, pbxes
from sandbox.asterisk import recorded
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.replay import Cast
from sandbox.asterisk.rights import Account
from tests.listeners.conftest import ACCOUNT, until
from tests.support.stand import ANNA

CLIENT = "79161234567"


def ended(listening, count=1):
    """Calls that are over, when there are so many."""
    return until(
        lambda: len(found := [c for c in listening.calls() if c["state"] != "open"]) >= count and found
    )


def one_open(listening, stage):
    return until(lambda: [c for c in listening.calls() if (c["state"], c["stage"]) == ("open", stage)])[0]


def call_of(listening, uniq):
    return calls.by_uniq(listening.stand.account.id, uniq).call


def after_the_answer(played):
    """The moment when both hear each other."""
    enters = [event.after for event in played.events if event.block.startswith(b"Event: BridgeEnter")]
    return enters[1] + 0.001


def begin_talk(pbx, scenario="inbound-answered", client=CLIENT):
    """Plays up to the talk; returns what goes on."""
    played = pbx.prepare(recorded.Name("16", "all", scenario), Cast({"79990001122": client}))
    answered = after_the_answer(played)
    pbx.go_on(played, until=answered, speed=1000.0)
    return lambda: pbx.go_on(played, after=answered, speed=1000.0)


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


def test_a_wrong_password_is_tried_once_until_somebody_mends_it(listening, pbx):
    listening.connect(pbx, secret="a wrong one")
    posts = listening.listen()
    until(lambda: listening.state().trouble == "pbx.wrong_password")
    time.sleep(2.5)

    assert pbx.logins == [("crm", False)]
    assert listening.state().connected_since is None

    listening.connect(pbx)
    posts.tend(pbxes.revisions("asterisk"))
    until(listening.is_up)
    assert listening.state().trouble == ""


def test_a_frozen_pbx_is_noticed_and_found_again(listening, pbx, monkeypatch):
    monkeypatch.setattr(session, "PING_SECONDS", 0.3)
    monkeypatch.setattr(session, "ANSWER_SECONDS", 0.7)
    listening.connect(pbx)
    listening.listen()
    until(listening.is_up)

    pbx.freeze()
    until(lambda: listening.state().trouble in ("pbx.frozen", "pbx.silent"), 4)
    pbx.thaw()

    until(listening.is_up)
    assert listening.state().trouble == ""


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


def test_the_times_of_an_exchange_whose_clock_is_wrong_are_put_right(listening, monkeypatch):
    monkeypatch.setattr(health, "EVERY", 0.2)
    with Asterisk(now=lambda: time.time() + 90.0) as pbx:
        listening.connect(pbx)
        listening.listen()
        until(lambda: listening.state().clock_ahead_ms)
        pbx.play("inbound-answered")

        (only,) = ended(listening)
        assert {"code": "pbx.clock_off", "seconds": 90} in listening.state().findings

    assert abs(listening.state().clock_ahead_ms - 90_000) < 1_000
    call = call_of(listening, only["uniq"])
    assert abs(call.ended_at.timestamp() - time.time()) < 10.0
    assert call.is_incomplete is False


def test_a_clock_that_was_wrong_before_a_restart_is_known_from_the_first_event(listening, monkeypatch):
    monkeypatch.setattr(watch, "CLOCK_SECONDS", 1000.0)
    pbxes.note_state(listening.stand.pbx.id, clock_ahead_ms=90_000)

    opened = watch.Watch(listening.ctx, listening.stand.pbx, None)

    assert opened._live.clock_ahead.total_seconds() == 90.0


def speak_another_language(server):
    opened, _ = server.accept()
    with opened:
        opened.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
        time.sleep(0.2)


def test_what_answers_at_the_address_is_no_asterisk(listening):
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=speak_another_language, args=(server,)).start()
        pbx = dataclasses.replace(listening.stand.pbx, port=server.getsockname()[1])
        listening.stand.pbx = pbxes.save(pbx)
        listening.listen()

        until(lambda: listening.state().trouble == "pbx.not_asterisk")


# What the PBX lacks


def test_rights_that_are_missing_dangerous_or_superfluous_are_named(listening, monkeypatch):
    monkeypatch.setattr(health, "EVERY", 0.5)
    generous = Account(
        read=frozenset({"call", "dialplan"}), write=frozenset({"originate", "command", "call"}), secret="s"
    )
    with Asterisk(accounts=[generous]) as pbx:
        listening.connect(pbx, secret="s")
        listening.listen()
        until(listening.is_up)
        pbx.play("inbound-answered")
        listening_findings = until(
            lambda: len(listening.state().findings) >= 3 and listening.state().findings, 15
        )

    assert {(one["code"], one["setting"]) for one in listening_findings} == {
        ("pbx.right_missing", "write = reporting"),
        ("pbx.right_dangerous", "write = command"),
        ("pbx.right_superfluous", "read = dialplan"),
    }


def test_an_account_that_may_not_hear_calls_is_told_so(listening, monkeypatch):
    monkeypatch.setattr(health, "EVERY", 0.3)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.3)
    with Asterisk(accounts=[dataclasses.replace(ACCOUNT, read=frozenset({"cdr"}))]) as pbx:
        listening.connect(pbx)
        listening.listen()
        until(listening.is_up)
        begin_talk(pbx)

        until(lambda: {"code": "pbx.right_missing", "setting": "read = call"} in listening.state().findings)


# Clicks


@pytest.fixture
def click(up, pbx):
    """Anna clicks a number in a card."""
    pbx.answers.click_speed = 5.0

    def press(number=CLIENT):
        return dialling.ask(up.ctx, up.stand.account.id, ANNA, f"+{number}")

    return press


def reached(dial, status):
    return until(lambda: (found := dials.by_id(dial.id)) and found.status == status and found)


def test_a_click_makes_the_operators_phone_ring_then_the_client_is_called(click, up, pbx):
    cards = up.ctx.redis.pubsub(ignore_subscribe_messages=True)
    cards.subscribe(channel.name(up.stand.account.id))

    steps = []

    dial = click()

    def is_over():
        message = cards.get_message(timeout=0.1)
        card = json.loads(message["data"]) if message else {}
        steps.extend([card["status"]] if card.get("type") == "dial" else [])
        return "ended" in steps

    until(is_over)
    cards.close()
    assert steps == ["waiting", "ringing_operator", "ringing_client", "talking", "ended"]
    (order,) = pbx.clicks()
    told = dict(order.pairs)
    assert (told["Channel"], told["Context"], told["Exten"]) == ("PJSIP/101", "from-crm", f"+{CLIENT}")
    assert (told["ChannelId"], told["Async"]) == (f"crm-{dial.token}", "true")
    (call,) = ended(up)
    assert call_of(up, call["uniq"]).request_id == dial.token


def test_an_operator_who_does_not_answer(click, up, pbx):
    pbx.course = "silent"

    dial = reached(click(), "failed")

    assert dial.reason == "operator_silent"


def test_what_the_pbx_refuses_at_once(click, up, pbx):
    dialling_rules = dataclasses.replace(up.stand.rules().dialling, context="no-such-context")
    up.stand.rules(dialling=dialling_rules)

    dial = reached(click(), "failed")

    assert dial.reason == "pbx_refused"


def test_a_click_that_nobody_took_in_time_is_never_dialled(listening, pbx):
    listening.connect(pbx)
    dial = dialling.ask(listening.ctx, listening.stand.account.id, ANNA, f"+{CLIENT}")
    late = dial.made_at - dialling.DEADLINE * 2
    db.run("UPDATE dials SET deadline = %s WHERE id = %s", (db.micros(late), dial.id))

    listening.listen()
    until(listening.is_up)

    reached(dial, "late")
    time.sleep(0.5)
    assert pbx.clicks() == []


def test_nothing_is_asked_of_a_pbx_that_is_away(listening, pbx):
    port = pbx.port
    listening.connect(pbx)
    pbx.stop()
    listening.listen()
    until(lambda: listening.state().trouble == "pbx.unreachable")

    assert port
    with pytest.raises(InvalidInput) as refused:
        dialling.ask(listening.ctx, listening.stand.account.id, ANNA, f"+{CLIENT}")
    assert refused.value.code == "dial.pbx_away"
