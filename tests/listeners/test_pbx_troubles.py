"""What is wrong with a PBX is noticed and named: its password, silence, clock, address and rights."""

import dataclasses
import socket
import threading
import time

from backend.integrations.asterisk import session
from backend.listeners import health, watch
from backend.store.telephony import pbxes
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.rights import Account
from tests.listeners.conftest import ACCOUNT
from tests.support.talks import begin_talk, call_of, ended, until


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
