"""Telephony of one account seen from another: numbers of calls, recordings and PBXes, tokens of clicks, the
secrets of a connection. Whoever has them from elsewhere gets nothing by them.
"""

import dataclasses
import json
import socket
import threading
import time

import asyncssh
import pytest

from backend.core.errors import InvalidInput, TryLater
from backend.core.telephony.rules import Dialling
from backend.flows.people import sessions
from backend.flows.telephony.connections import checking, connecting
from backend.flows.telephony.desk import dialling
from backend.flows.telephony.exchanges.alone import alone
from backend.flows.telephony.hearing import cloud, live
from backend.flows.telephony.recordings import recording_places
from backend.flows.telephony.recordings import recordings as flow
from backend.integrations.asterisk.protocol import Frame
from backend.integrations.recordings import sftp
from backend.listeners import link
from backend.store import audit, db
from backend.store.telephony import calls, dials, pbxes, recordings
from backend.store.telephony.pbxes import Pbx
from tests.security.conftest import CSRF, STRANGER, other_account
from tests.support.recordings import NAME, Shelf
from tests.support.stand import ANNA

THEIRS = f"/admin/accounts/{STRANGER}/telephony"


@pytest.fixture
def stand(calls):
    return calls


@pytest.fixture
def ours(stand, tmp_path):
    """A call with its recording, and the PBX that it came by."""
    shelf = Shelf(stand, tmp_path)
    shelf.put()
    call = stand.call("in", talks=["101"], recordings=(NAME,))
    stand.finish(call)
    flow.links(stand.ctx, stand.account.id, call)
    shelf.wait(3)
    (recording,) = shelf.rows()
    return {"call": calls.by_uniq(stand.account.id, call.uniq).id, "recording": recording.id}


@pytest.fixture
def stranger(stand):
    account = other_account(stand)
    client = stand.app.test_client()
    with client.session_transaction() as session:
        session.update({**sessions.begun_by_admin(account, ANNA, "Анна", stand.now()), "csrf": CSRF})
    return client


def test_numbers_of_another_account_are_numbers_of_nothing(stand, ours, stranger):
    call, recording = ours["call"], ours["recording"]
    looked = [
        f"{THEIRS}/calls/{call}", f"{THEIRS}/recordings/{recording}", f"{THEIRS}/connections/office",
        f"{THEIRS}/recordings/places/office",
    ]  # fmt: skip
    pressed = [
        f"{THEIRS}/calls/{call}/again", f"{THEIRS}/recordings/{recording}/again",
        f"{THEIRS}/recordings/{recording}/revoke", f"{THEIRS}/recordings/{recording}/reissue",
        f"{THEIRS}/connections/office", f"{THEIRS}/connections/office/check",
        f"{THEIRS}/connections/office/token", f"{THEIRS}/connections/office/remove",
        f"{THEIRS}/recordings/places/office", f"{THEIRS}/recordings/places/office/check",
    ]  # fmt: skip
    assert {path: stranger.get(path).status_code for path in looked} == dict.fromkeys(looked, 404)
    sent = {"csrf": CSRF, "sure": "1"}
    assert {path: stranger.post(path, data=sent).status_code for path in pressed} == dict.fromkeys(
        pressed, 404
    )
    row = recordings.by_id(stand.account.id, recording)
    assert (row.state, row.revoked_at) == ("ready", None)
    assert not pbxes.by_id(stand.pbx.id).is_removed


def test_addresses_of_our_account_are_closed_to_them(stand, ours, stranger):
    home = f"/admin/accounts/{stand.account.domain}/telephony"
    paths = [
        "",
        "/status.json",
        "/connections",
        f"/calls/{ours['call']}",
        "/statistics",
        "/recordings",
        "/test",
    ]
    assert {path: stranger.get(home + path).status_code for path in paths} == dict.fromkeys(paths, 404)


def test_a_pbx_follows_no_click_of_another(stand):
    """It was told the token of somebody else's click, or has guessed it."""
    stand.rules(dialling=Dialling(is_on=True))
    made = dialling.ask(stand.ctx, stand.account.id, ANNA, "+79990001122")
    other = pbxes.save(Pbx(other_account(stand).id, "theirs", "Чужая", host="pbx.example"))
    forged = dataclasses.replace(stand.call("out", talks=["101"]), pbx_id=other.id, request_id=made.token)
    dialling.followed(stand.ctx, forged)
    cloud._follow_click(stand.ctx, None, forged)
    assert dials.by_id(made.id).status == dials.WAITING


def test_a_cloud_cannot_send_what_no_database_keeps(stand, stranger):
    import hashlib
    import hmac

    given = {"url": "https://cloud.example", "key": "k"}
    pbx = pbxes.save(Pbx(stand.account.id, "cloud", "Облако", "cloud", secret="signing", options=given))
    body = b'{"event": "\x00"}\x00'
    signature = "sha256=" + hmac.new(b"signing", body, hashlib.sha256).hexdigest()
    assert cloud.receive(stand.ctx, pbx.token, body, signature)
    ((kept,),) = db.rows("SELECT body FROM inbound_events WHERE kind = 'pbx.notice'")
    assert "\x00" not in kept


def test_a_pbx_that_begins_calls_without_end_begins_anew_itself(stand, monkeypatch):
    monkeypatch.setattr(live, "MOST_KNOWN", 50)
    ear = live.Live(stand.ctx, stand.pbx)
    frames = [
        Frame(["Event: Newchannel", f"Uniqueid: 1.{n}", f"Linkedid: 1.{n}", f"Channel: PJSIP/msk-{n}"])
        for n in range(200)
    ]
    with pytest.raises(TryLater, match=r"pbx\.overwhelmed"):
        ear.take(frames, stand.now())


def test_what_a_pbx_sends_faster_than_it_is_stored_does_not_pile_up(stand, monkeypatch):
    monkeypatch.setattr(link, "LARGEST_WAITING", 10_000)
    heard = link.Link(stand.pbx, frozenset(), stand.now)
    piece = [Frame([f"Event: {'x' * 6000}"])]
    heard._heard(piece)
    heard._heard(piece)
    with pytest.raises(TryLater, match=r"pbx\.overwhelmed"):
        heard._heard(piece)
    heard.taken(heard.messages.get())
    heard._heard(piece)


def test_the_key_of_a_cloud_is_not_told_to_another(stand):
    given = {"url": "https://cloud.example", "key": "its-key"}
    known = pbxes.save(Pbx(stand.account.id, "cloud", "Облако", "cloud", secret="s", options=given))
    form = {"title": "Облако", "is_on": "1", "options.key": "", "secret": ""}
    moved = connecting.filled(known, {**form, "options.url": "https://elsewhere.example"})
    assert moved.problems["options.key"][0] == "telephony_recordings.secret_again"
    renewed = connecting.filled(
        known, {**form, "options.url": "https://elsewhere.example", "options.key": "new"}
    )
    same = connecting.filled(known, {**form, "options.url": "https://cloud.example/v2"})
    assert (renewed.problems, same.problems) == ({}, {})
    assert same.pbx.options["key"] == "its-key"


def test_an_account_has_only_so_many_connections(stand, monkeypatch):
    monkeypatch.setattr(connecting, "MOST", 1)
    fresh = connecting.new(stand.account, "asterisk")
    form = {"title": "Ещё одна", "host": "pbx.example", "port": "5038", "login": "a", "secret": "b"}
    found = connecting.filled(fresh, form)
    assert found.problems["title"][0] == "telephony_connections.problem.many"


@pytest.mark.parametrize(
    "tables", ["sqlite:////etc/hosts", "postgresql://postgres@/mostik?host=/var/run/postgresql"]
)
def test_an_administrator_opens_no_file_and_no_socket_of_the_server(stand, tables):
    form = {
        "title": "АТС",
        "host": "pbx.example",
        "port": "5038",
        "login": "a",
        "secret": "b",
        "tables": tables,
    }
    found = connecting.filled(connecting.new(stand.account, "asterisk"), form)
    assert found.problems["tables"][0] == "telephony_connections.problem.file"


def test_no_secret_of_a_connection_leaves_by_any_screen_trail_or_file(stand, ours):
    secrets = {"secret": "ami-secret-1", "tables": "mysql://reader:tables-secret-2@pbx.example/calls"}
    pbxes.save(
        dataclasses.replace(
            stand.pbx, secret=secrets["secret"], options={**stand.pbx.options, "tables": secrets["tables"]}
        )
    )
    client = stand.app.test_client()
    with client.session_transaction() as session:
        session.update({**sessions.begun_by_admin(stand.account, ANNA, "Анна", stand.now()), "csrf": CSRF})
    home = f"/admin/accounts/{stand.account.domain}"
    paths = [
        "/telephony", "/telephony/status.json", "/telephony/connections", "/telephony/connections/office",
        "/telephony/recordings/places/office", f"/telephony/calls/{ours['call']}", "/rules",
    ]  # fmt: skip
    client.post(f"{home}/telephony/connections/office", data={"csrf": CSRF, "title": "Новая"})
    seen = "".join(client.get(home + path).text for path in paths)
    seen += json.dumps([(one.before, one.after) for one in audit.page(stand.account.id)])
    assert "pbx.example" in seen
    for secret in ("ami-secret-1", "tables-secret-2"):
        assert secret not in seen


def test_an_account_holds_one_thread_of_the_panel_and_no_more(stand):
    """Checks of a PBX that never answers, pressed many times at once."""
    with alone(stand.ctx, stand.account.id):
        assert checking.test(stand.ctx, stand.pbx).checks[0].code == "outward.busy"
        found = recording_places.check(stand.ctx, stand.pbx, stand.rules().recordings)
        assert found.checks[0].code == "outward.busy"
        with pytest.raises(InvalidInput, match=r"outward\.busy"):
            recording_places.shown_key(stand.ctx, stand.pbx, "127.0.0.1", 1)
        with alone(stand.ctx, other_account(stand).id):
            pass
    assert checking.test(stand.ctx, stand.pbx).checks[0].code != "outward.busy"


def test_a_server_of_recordings_that_says_nothing_is_not_waited_for(stand, monkeypatch):
    monkeypatch.setattr(sftp, "LOOK_SECONDS", 0.3)
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        place = sftp.Sftp("127.0.0.1", port, "a", "b", "", key, "")
        began = time.monotonic()
        with pytest.raises(TryLater, match=r"telephony_recordings\.sftp_away"):
            place.check()
    assert time.monotonic() - began < 5


def test_many_presses_at_once_are_one_call(stand):
    """A script in a stolen session presses a number from many tabs in the same moment."""
    stand.rules(dialling=Dialling(is_on=True, per_minute=1, per_hour=1))
    told, together = [], threading.Barrier(6)

    def press():
        with db.connection():
            together.wait(10)
            try:
                told.append(dialling.ask(stand.ctx, stand.account.id, ANNA, "+79990001122").status)
            except InvalidInput as refusal:
                told.append(refusal.code)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(told).count(dials.WAITING) == 1
    assert set(told) <= {dials.WAITING, "dial.pending", "dial.too_often"}
    assert len([one for one in dials.newest(stand.account.id) if one.status == dials.WAITING]) == 1


@pytest.mark.parametrize(
    "number",
    ["+78091234567", "88031234567", "+19001234567", "+77012345678", "+8821234567890", "112",
     "+7999\r\nAction: x",     "79990001122&PJSIP/5", "$(id)", "79990001122@other", "*72"],
)  # fmt: skip
def test_no_press_dials_what_costs_or_commands(stand, number):
    stand.rules(dialling=Dialling(is_on=True))
    with pytest.raises(InvalidInput, match=r"dial\."):
        dialling.ask(stand.ctx, stand.account.id, ANNA, number)
    assert dialling.claim(stand.ctx, stand.pbx.id) is None
