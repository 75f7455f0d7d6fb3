"""Point 7: a second kind of PBX, in a cloud; the same calls, the same rules, the same links."""

import itertools

import pytest

from backend import wiring
from backend.core.errors import InvalidInput
from backend.flows.road import inbox
from backend.flows.telephony.desk import channel, dialling
from backend.flows.telephony.exchanges import kinds
from backend.flows.telephony.hearing import cloud, cloud_dials, cloud_history
from backend.store.telephony import dials, pbxes
from tests.support.cloud import CLIENT, NUMBER, CloudStand
from tests.support.stand import ANNA, OLGA


@pytest.fixture
def stand(tmp_path, redis_url):
    opened = CloudStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url, tmp_path / "kept")
    yield opened
    opened.close()


def answered(stand, *, seconds=30):
    """A client calls, 101 and 102 ring, 102 talks with him."""
    call = stand.office.arrive(CLIENT, NUMBER).ring("101", "102")
    stand.hear(4)
    call.answer("102")
    stand.hear(seconds)
    return call


def test_7_call_of_a_client_is_in_amocrm_with_its_recording(stand):
    call = answered(stand)
    call.record(3, ready_in=5).hang_up()
    stand.hear(1)
    row = stand.row(call)
    assert (row.way, row.outcome, row.talk_ms // 1000, row.wait_ms // 1000) == ("in", "answered", 30, 4)
    (logged,) = stand.logged()
    assert logged["note_type"] == "call_in"
    link = logged["params"]["link"]
    assert stand.open(link).status_code == 404
    stand.pass_time(10)
    stand.look()
    heard = stand.open(link, headers={"Range": "bytes=0-99"})
    assert heard.status_code == 206
    assert heard.mimetype == "audio/mpeg"
    assert stand.contact_of() is not None


def test_7_missed_call_is_a_task(stand):
    call = stand.office.arrive(CLIENT, NUMBER).ring("101", "102")
    stand.hear(20)
    call.hang_up("client")
    stand.hear(1)
    row = stand.row(call)
    assert (row.outcome, row.miss) == ("missed", "gave_up")
    assert len(stand.tasks()) == 1
    assert [ring.status for ring in row.call.rings] == ["CANCEL", "CANCEL"]


def test_7_passed_on_to_a_colleague(stand):
    call = answered(stand, seconds=20)
    call.leave("102").ring("103")
    stand.hear(5)
    call.answer("103")
    stand.hear(10)
    call.hang_up("employee")
    stand.hear(1)
    made = stand.row(call).call
    assert made.talked == ("102", "103")
    assert made.last_talker == "103"
    assert round(made.talk.total_seconds()) == 30


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_7_notices_in_any_order_and_twice_are_one_call(stand, order):
    """A retry overtakes, a copy follows: the row is the same."""
    stand.office.trouble.duplicate = 2
    call = stand.office.arrive(CLIENT, NUMBER)
    stand.world.clock.advance(1)
    call.ring("101")
    stand.world.clock.advance(3)
    call.answer("101")
    stand.world.clock.advance(20)
    call.hang_up()
    sender = stand.world.sender
    waiting = {hook.body: hook for hook in sender.pending("cloud_pbx")}
    sender.drop("cloud_pbx")
    hooks = list(waiting.values())
    for place in order:
        for _ in range(2):
            sender.post(hooks[place].url, hooks[place].body, hooks[place].headers, 5)
    stand.hear(10)
    row = stand.row(call)
    assert (row.state, row.outcome) == ("handled", "answered")
    assert (round(row.talk_ms / 1000), round(row.wait_ms / 1000)) == (20, 4)
    assert len(stand.logged()) == 1


def test_7_what_was_lost_on_the_way_is_asked_for(stand):
    stand.office.trouble.loss = 1
    call = answered(stand)
    call.hang_up()
    stand.hear()
    assert stand.row(call) is None
    assert stand.catch_up() == 5
    assert stand.row(call).outcome == "answered"
    assert stand.catch_up() == 0
    assert len(stand.logged()) == 1


def test_7_end_without_its_answer_waits_for_it(stand):
    """The answer's notice met a moment when we were away; the cloud repeats it after five seconds."""
    call = stand.office.arrive(CLIENT, NUMBER).ring("101")
    stand.hear(3)
    call.answer("101")
    (late,) = stand.world.sender.pending("cloud_pbx")
    stand.world.sender.drop("cloud_pbx")
    stand.world.clock.advance(20)
    call.hang_up()
    stand.hear(3)
    assert stand.row(call).state == "open"
    assert stand.logged() == []
    stand.world.sender.post(late.url, late.body, late.headers, 5)
    stand.hear(3)
    assert stand.row(call).outcome == "answered"
    assert len(stand.logged()) == 1


def test_7_call_among_ourselves_stays_among_ourselves(stand):
    call = stand.office.among("101", "102")
    call.answer("102")
    stand.hear(10)
    call.hang_up("employee")
    stand.hear(1)
    assert (stand.row(call).way, stand.row(call).state) == ("internal", "ignored")
    assert stand.logged() == []


def shown(stand, user):
    return [card["type"] for card in channel.shown(stand.ctx.redis, stand.account.id, user)]


def test_7_card_pops_up_while_the_phone_rings_and_goes_when_a_colleague_answers(stand):
    call = stand.office.arrive(CLIENT, NUMBER).ring("101", "102")
    stand.world.deliver()  # the notices alone: no worker has been needed
    assert (shown(stand, ANNA), shown(stand, OLGA)) == (["ringing"], ["ringing"])
    call.answer("102")
    stand.world.deliver()
    assert (shown(stand, ANNA), shown(stand, OLGA)) == ([], ["talking"])
    call.hang_up()
    stand.world.deliver()
    assert shown(stand, OLGA) == []


def test_7_notice_that_was_stored_when_the_process_died_is_not_lost(stand, monkeypatch):
    monkeypatch.setattr(inbox, "drain", lambda *_: 0)
    call = stand.office.arrive(CLIENT, NUMBER).ring("102").answer("102")
    stand.world.clock.advance(30)
    call.hang_up()
    stand.world.deliver()
    assert stand.row(call) is None
    monkeypatch.undo()
    stand.hear(5)
    assert stand.row(call).outcome == "answered"
    assert len(stand.logged()) == 1


def test_7_clicks_and_notices_are_worked_on_in_the_queue_of_calls():
    assert wiring.queue_of(cloud.LANE) == wiring.queue_of(cloud_dials.LANE) == wiring.CALLS_QUEUE
    assert wiring.queue_of(cloud_history.LANE) == wiring.BACKGROUND_QUEUE


# A click


def click(stand, number=f"+{CLIENT}"):
    dial = dialling.ask(stand.ctx, stand.account.id, ANNA, number)
    stand.hear()
    return dial


def status(dial):
    found = dials.by_id(dial.id)
    return found.status, found.reason


def test_7_click_rings_the_operator_then_the_client(stand):
    dial = click(stand)
    assert status(dial) == ("ringing_operator", "")
    (call,) = stand.office.calls.values()
    assert (call.extension, call.client.lstrip("+"), call.direction) == ("101", CLIENT, "out")
    call.dial()
    stand.hear(4)
    assert status(dial) == ("ringing_client", "")
    call.answer()
    stand.hear(25)
    assert status(dial) == ("talking", "")
    call.hang_up("employee")
    stand.hear(1)
    assert status(dial) == ("ended", "")
    row = stand.row(call)
    assert (row.way, row.outcome, row.request_id, row.user_id) == ("out", "answered", dial.token, ANNA)
    (logged,) = stand.logged()
    assert logged["note_type"] == "call_out"


def test_7_click_that_the_operator_does_not_take(stand):
    dial = click(stand)
    (call,) = stand.office.calls.values()
    stand.hear(30)
    call.hang_up("employee")
    stand.hear(1)
    assert status(dial) == ("failed", "operator_silent")
    assert stand.row(call).client == ""
    assert stand.logged() == []


def test_7_click_to_a_client_who_is_busy(stand):
    dial = click(stand)
    (call,) = stand.office.calls.values()
    call.dial()
    stand.hear(2)
    call.hang_up("client", "busy")
    stand.hear(1)
    assert status(dial) == ("ended", "busy")
    assert stand.row(call).outcome == "busy"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_online": False}, "operator_away"),
        ({"call_id": "another"}, "operator_busy"),
    ],
)
def test_7_click_that_the_cloud_will_not_dial(stand, change, reason):
    for name, value in change.items():
        setattr(stand.office.phones["101"], name, value)
    dial = click(stand)
    assert status(dial) == ("failed", reason)
    assert stand.office.calls == {}


def test_7_click_when_the_cloud_is_down(stand):
    stand.office.failing = 1
    assert status(click(stand)) == ("failed", "pbx_refused")
    assert stand.office.calls == {}


def test_7_late_click_is_never_dialled(stand):
    """The worker was away for longer than anybody waits."""
    dial = dialling.ask(stand.ctx, stand.account.id, ANNA, f"+{CLIENT}")
    stand.world.clock.advance(60)
    stand.hear()
    assert status(dial)[0] == "late"
    assert stand.office.calls == {}


# The connection


def test_7_test_of_the_connection_says_what_is_missing(stand):
    good = stand.test_connection()
    assert good.is_good
    assert [check.code for check in good.checks] == [
        "telephony_kinds.cloud.reached", "telephony_kinds.cloud.phones"
    ]  # fmt: skip
    stand.office.webhook = "https://elsewhere.test/hook"
    assert "telephony_kinds.cloud.notices_elsewhere" in codes(stand)
    stand.office.key = "changed"
    assert codes(stand) == ["cloud_pbx.unauthorized"]
    assert not stand.test_connection().is_good


def codes(stand):
    return [check.code for check in stand.test_connection().checks]


def test_7_one_interface_for_both_kinds(stand):
    for name, kind in kinds.KINDS.items():
        assert kind.name == name
        assert kind.needs
        assert kind.door(stand.ctx, stand.pbx).startswith(stand.at.public)
    with pytest.raises(InvalidInput, match=r"telephony_kinds\.unknown"):
        kinds.of("carrier-pigeon")


# The door


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "md5=1", "ы"])
def test_7_notice_of_a_stranger_is_not_believed(stand, signature):
    stand.office.arrive(CLIENT, NUMBER)
    (hook,) = stand.world.sender.pending("cloud_pbx")
    stand.world.sender.drop("cloud_pbx")
    door = f"/hooks/pbx/{stand.pbx.token}"
    headers = {"X-Signature": signature.encode().decode("latin-1")}
    answer = stand.app.test_client().post(door, data=hook.body, headers=headers)
    assert answer.status_code == 403
    assert pbxes.state(stand.pbx.id).trouble == "cloud_pbx.unsigned"
    assert stand.world.sender.post(hook.url, hook.body, hook.headers, 5) == 200
    assert pbxes.state(stand.pbx.id).trouble == ""


def test_7_unknown_address_and_another_kind_do_not_exist(stand):
    client = stand.app.test_client()
    assert client.post("/hooks/pbx/guessed", data=b"{}").status_code == 404
    pbxes.remove(stand.pbx.id)
    assert client.post(f"/hooks/pbx/{stand.pbx.token}", data=b"{}").status_code == 404
