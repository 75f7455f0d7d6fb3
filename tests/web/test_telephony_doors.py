"""Doors of telephony: whose stream it is, who may dial, what a number may hold, how often."""

import pytest

from backend.core.telephony.rules import Dialling
from backend.flows.telephony.desk import channel, dialling, seats
from backend.store import db
from backend.store.telephony import dials, pbxes
from tests.support.card_stand import ANYBODY, cards, stand
from tests.support.cards import ORIGIN
from tests.support.stand import ANNA, OLGA

__all__ = ["cards", "stand"]

MESSAGE = {"type": "ringing", "call": "1:1", "users": [OLGA], "number": "+79990001122"}


def refusals():
    return [reason for (reason,) in db.rows("SELECT reason FROM dials WHERE status = 'refused' ORDER BY id")]


# Tickets and streams


def test_a_ticket_opens_one_stream(stand, cards):
    address = stand.seat(OLGA)

    assert cards.open(address).status == 200
    assert cards.open(address).status == 403


@pytest.mark.parametrize("ticket", ["", "x", "x" * 65, "../../etc", "%00"])
def test_what_is_no_ticket_opens_nothing(cards, ticket):
    assert cards.open(f"{cards.url}/cards?ticket={ticket}").status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://amo.test:81", "null", ""])
def test_only_pages_of_the_account_read_the_stream_and_a_try_spends_the_ticket(stand, cards, origin):
    address = stand.seat(OLGA)

    refused = cards.open(address, origin=origin)

    assert refused.status == 403
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert cards.open(address).status == 403


def test_a_stream_may_be_read_by_the_accounts_own_pages_and_is_kept_by_nobody(stand, cards):
    tab = cards.open(stand.seat(OLGA))

    assert tab.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert tab.headers["Cache-Control"] == "no-store"
    assert tab.headers["X-Accel-Buffering"] == "no"


def test_nobody_sees_calls_of_another_user(stand, cards):
    anna, olga = cards.open(stand.seat(ANNA)), cards.open(stand.seat(OLGA))
    anna.until("sync")

    channel.send(stand.ctx.redis, stand.account.id, MESSAGE)

    assert olga.until("ringing")["call"] == "1:1"
    assert anna.is_quiet()


def test_nobody_sees_calls_of_another_account(stand, cards):
    olga = cards.open(stand.seat(OLGA))
    olga.until("sync")

    channel.send(stand.ctx.redis, stand.account.id + 1, MESSAGE)

    assert olga.is_quiet()
    assert cards.open(stand.seat(OLGA)).until("sync")["cards"] == []


def test_a_ticket_does_not_stand_in_redis(stand):
    secret = stand.seat(OLGA).partition("ticket=")[2]

    assert not [key for key in stand.ctx.redis.keys("*") if secret.encode() in key]
    assert 0 < stand.ctx.redis.ttl(channel.ticket_key(secret)) <= 30


def test_too_many_tabs_push_the_oldest_out(stand, cards):
    first = cards.open(stand.seat(OLGA))
    others = [cards.open(stand.seat(OLGA)) for _ in range(8)]

    assert first.until("full")
    assert first.next() == {"type": "closed"}
    assert others[-1].until("sync")
    assert cards.hub.count == 8


def test_a_tab_that_goes_away_leaves_nothing(stand, cards):
    tab = cards.open(stand.seat(OLGA))
    tab.until("sync")
    tab.close()

    channel.send(stand.ctx.redis, stand.account.id, MESSAGE)
    later = cards.open(stand.seat(OLGA))

    assert later.until("sync")
    assert cards.hub.count == 1


def test_the_process_says_that_it_lives(stand, cards):
    cards.open(stand.seat(OLGA)).until("sync")

    assert channel.streams(stand.ctx.redis) is not None


def test_without_telephony_or_a_phone_there_is_no_stream(stand):
    assert stand.ask("ticket", user=7009999).json["url"] == ""

    stand.rules(is_on=False)

    assert stand.ask("ticket", user=OLGA).json == {"url": "", "after": 600, "dials": False}


def test_a_token_is_needed_and_works_once(stand):
    token = stand.token(OLGA)

    assert stand.ask("ticket", token=token).status_code == 200
    assert stand.ask("dial", {"number": ANYBODY}, token=token).json["code"] == "widget.token_used"
    assert stand.ask("ticket", token="x").status_code == 401
    assert stand.ask("ticket", token=stand.token(account_id=1)).json["code"] == "widget.unknown_account"


def test_pages_of_others_are_not_answered(stand):
    headers = {"X-Auth-Token": stand.token(OLGA), "Origin": "https://evil.example"}

    answer = stand.app.test_client().post("/widget/calls/dial", headers=headers, json={"number": ANYBODY})

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    asked = stand.app.test_client().options("/widget/calls/dial", headers={"Origin": "https://evil.example"})
    assert asked.status_code == 403


# Numbers

INJECTIONS = [
    "79990001122\r\n\r\nAction: Originate\r\nApplication: System",
    "79990001122\nChannel: PJSIP/103",
    "7999000\x001122",
    "79990001122&PJSIP/103",
    "79990001122,1",
    "${SHELL(id)}",
    "79990001122@from-internal",
    "*69",
    "79990001122;101",
    "٧٩٩٩٠٠٠١١٢٢",
]


@pytest.mark.parametrize("number", INJECTIONS)
def test_a_number_is_digits_or_it_is_not_dialled(stand, number):
    answer = stand.click(number, OLGA)

    found = dialling.claim(stand.ctx, stand.pbx.id)
    assert found is None or dialling.order_of(found).extension.lstrip("+").isascii()
    if found is None:
        assert answer.status_code == 400
        assert answer.json["code"].startswith("dial.")
        assert refusals() == [answer.json["code"]]
    else:  # an extension behind a comma is cut off, the number is what remains
        assert dialling.order_of(found).extension == "+79990001122"


@pytest.mark.parametrize(
    ("number", "code"),
    [("112", "dial.emergency"), ("911", "dial.emergency"), ("12345", "dial.short"), ("", "dial.empty"),
     ("8 809 555-55-55", "dial.premium"), ("+1 212 555 01 23", "dial.foreign"), ("102", "dial.own_phone"),
     ("9" * 33, "dial.too_long")],
)  # fmt: skip
def test_numbers_that_are_not_called_say_why(stand, number, code):
    answer = stand.click(number, OLGA)

    assert answer.json["code"] == code
    assert answer.json["message"] != code
    assert dialling.claim(stand.ctx, stand.pbx.id) is None


@pytest.mark.parametrize("body", [{}, {"number": 79990001122}, {"number": None}, {"number": ["1"]}, []])
def test_a_wish_without_a_number_is_refused(stand, body):
    assert stand.ask("dial", body, user=OLGA).status_code == 400


def test_whose_phone_rings_is_not_in_the_request(stand):
    body = {"number": ANYBODY, "user_id": ANNA, "from": "101", "channel": "PJSIP/101", "extension": "101"}

    stand.ask("dial", body, user=OLGA)

    assert dialling.order_of(dialling.claim(stand.ctx, stand.pbx.id)).channel == "PJSIP/102"


def test_a_card_is_a_kind_and_a_number(stand):
    assert stand.click(ANYBODY, OLGA, entity="lead", id="7; DROP").status_code == 400

    stand.click(ANYBODY, OLGA, entity="user", id=7)

    found = dialling.claim(stand.ctx, stand.pbx.id)
    assert (found.entity, found.entity_id) == ("", None)


# Limits


def test_one_dial_at_a_time_and_a_pause_between_two(stand):
    assert stand.click(user=OLGA).status_code == 201
    assert stand.click(user=OLGA).json["code"] == "dial.too_often"

    stand.pass_time(4)
    assert stand.click(user=OLGA).json["code"] == "dial.pending"
    assert stand.click(user=ANNA).status_code == 201

    stand.pass_time(8)
    assert stand.click(user=OLGA).status_code == 201


def test_limits_of_a_minute_and_of_an_hour(stand):
    stand.rules(dialling=Dialling(per_minute=2, per_hour=3))
    answers = []
    for seconds in (20, 20, 20, 60, 60):
        answers.append(stand.click(user=OLGA).json.get("code", "dialled"))
        stand.pass_time(seconds)

    assert answers == ["dialled", "dialled", "dial.too_often", "dialled", "dial.too_often"]
    assert refusals() == ["dial.too_often"] * 2


def test_a_phone_that_talks_is_not_rung(stand):
    channel.hold(stand.ctx.redis, stand.account.id, "1:7", [f"{stand.pbx.id}:102"], [])
    assert stand.click(user=OLGA).json["code"] == "dial.busy"

    channel.hold(stand.ctx.redis, stand.account.id, "1:7", [], [f"{stand.pbx.id}:102"])
    assert stand.click(user=OLGA).status_code == 201


def test_another_call_does_not_free_a_phone(stand):
    held = [f"{stand.pbx.id}:102"]
    channel.hold(stand.ctx.redis, stand.account.id, "1:7", held, held)

    channel.hold(stand.ctx.redis, stand.account.id, "1:8", [], held)

    assert channel.busy(stand.ctx.redis, stand.account.id, stand.pbx.id, ["102"]) == {"102"}


def test_a_pbx_in_trouble_is_not_asked(stand):
    pbxes.note_state(stand.pbx.id, trouble="pbx.unreachable")

    assert stand.click(user=OLGA).json["code"] == "dial.pbx_away"


def test_a_pbx_that_is_off_is_none(stand):
    pbxes.remove(stand.pbx.id)

    assert stand.click(user=OLGA).json["code"] == "dial.no_pbx"


def test_a_dial_that_was_never_heard_of_again_frees_its_user(stand):
    stand.click(user=OLGA)
    dialling.claim(stand.ctx, stand.pbx.id)
    stand.pass_time(200)

    assert stand.click(user=OLGA).status_code == 201


def test_steps_go_forward_only_and_what_is_over_stays(stand):
    stand.click(user=OLGA)
    found = dialling.claim(stand.ctx, stand.pbx.id)
    dialling.answered(stand.ctx, found.id, is_good=True)
    dialling.sent(stand.ctx, found.id)
    assert dials.by_id(found.id).status == "ringing_client"

    dialling.answered(stand.ctx, found.id, is_good=False, text="Extension does not exist.")
    dialling.answered(stand.ctx, found.id, is_good=True)
    assert (dials.by_id(found.id).status, dials.by_id(found.id).reason) == ("failed", "pbx_refused")


@pytest.mark.parametrize(
    ("reason", "cause", "said"),
    [("3", 0, "operator_silent"), ("0", 17, "operator_busy"), ("0", 21, "operator_declined"),
     ("0", 1, "operator_unknown"), ("0", 0, "operator_away")],
)  # fmt: skip
def test_why_the_own_phone_did_not_answer(stand, reason, cause, said):
    stand.click(user=OLGA)
    found = dialling.claim(stand.ctx, stand.pbx.id)

    dialling.answered(stand.ctx, found.id, is_good=False, reason=reason, cause=cause)

    assert dials.by_id(found.id).reason == said


def test_a_removed_pbx_asks_nothing_any_more(stand):
    pbxes.remove(stand.pbx.id)

    assert stand.route().status_code == 404


def test_the_stream_is_behind_the_public_address_unless_told_otherwise(stand):
    assert stand.seat(OLGA).startswith(f"{stand.at.public}/cards?ticket=")
    assert seats.base(stand.ctx.settings) == stand.at.public
