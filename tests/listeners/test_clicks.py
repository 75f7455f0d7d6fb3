"""Clicks on a number: the operator's phone rings, the client is called; some nobody takes."""

import dataclasses
import json
import time

import pytest

from backend.core.errors import InvalidInput
from backend.flows.telephony.desk import channel, dialling
from backend.store import db
from backend.store.telephony import dials
from tests.support.stand import ANNA
from tests.support.talks import CLIENT, call_of, ended, until


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
