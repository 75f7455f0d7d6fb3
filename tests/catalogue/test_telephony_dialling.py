"""1f, a click on a number: what the PBX is asked for, what the card shows of it, what is never dialled."""

import pytest

from backend.core.telephony.call import Outcome, Stage
from backend.core.telephony.rules import Dialling, Line, NumberFormat
from backend.flows.telephony.desk import dialling
from backend.store import accounts
from backend.store.telephony import dials
from tests.support import make
from tests.support.calls import PEOPLE
from tests.support.card_stand import ANYBODY, MARIA, cards, stand
from tests.support.cards import live as going
from tests.support.stand import ANNA, OLGA

__all__ = ["cards", "stand"]


def test_1f_a_click_waits_for_the_pbx_and_is_told_in_the_card(stand, cards):
    lead = stand.client()
    tab = cards.open(stand.seat(OLGA))
    tab.until("sync")

    answer = stand.click(make.CLIENT, OLGA, entity="lead", id=lead["id"])

    assert (answer.status_code, answer.json["status"]) == (201, "waiting")
    assert tab.until("dial")["number"] == MARIA
    dial = dialling.claim(stand.ctx, stand.pbx.id)
    order = dialling.order_of(dial)
    assert (order.channel, order.extension) == ("PJSIP/102", MARIA)
    assert (dial.entity, dial.entity_id) == ("lead", lead["id"])


def test_1f_the_whole_course_is_shown_and_ends_with_a_talk(stand, cards):
    tab = cards.open(stand.seat(OLGA))
    stand.click(user=OLGA)
    dial = dialling.claim(stand.ctx, stand.pbx.id)
    dialling.sent(stand.ctx, dial.id)
    dialling.answered(stand.ctx, dial.id, is_good=True)
    call = stand.call("out", client=ANYBODY, operator="102", talks=[("102", 8, 40)], request_id=dial.token)
    stand.happens("ringing", going(call, operator="102"), "102")
    stand.happens("talking", going(call, Stage.TALKING, talks=["102"]), "102")
    stand.happens("ended", call)

    steps = [tab.until("dial")["status"] for _ in range(5)]
    assert steps == ["waiting", "ringing_operator", "ringing_client", "talking", "ended"]
    assert dials.by_id(dial.id).call_uniq == call.uniq


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(Outcome.BUSY, "busy"), (Outcome.NO_ANSWER, "no_answer"), (Outcome.WRONG_NUMBER, "wrong_number")],
)
def test_1f_why_nobody_talked_is_said(stand, cards, outcome, said):
    tab = cards.open(stand.seat(OLGA))
    stand.click(user=OLGA)
    dial = dialling.claim(stand.ctx, stand.pbx.id)
    dialling.answered(stand.ctx, dial.id, is_good=True)

    call = stand.call("out", client=ANYBODY, operator="102", request_id=dial.token, outcome=outcome)
    stand.happens("ended", call)

    assert [tab.until("dial")["status"] for _ in range(3)][-1] == "ended"
    assert dials.by_id(dial.id).reason == said


def test_1f_a_silent_operator_is_said_and_the_client_is_not_called(stand):
    stand.click(user=OLGA)
    dial = dialling.claim(stand.ctx, stand.pbx.id)

    dialling.answered(stand.ctx, dial.id, is_good=False, reason="3")
    stand.happens("ended", stand.call("internal", client="", operator="102", request_id=dial.token))

    assert (dials.by_id(dial.id).status, dials.by_id(dial.id).reason) == ("failed", "operator_silent")


def test_1f_a_late_dial_is_never_dialled(stand, cards):
    tab = cards.open(stand.seat(OLGA))
    stand.click(user=OLGA)
    stand.pass_time(11)

    assert dialling.claim(stand.ctx, stand.pbx.id) is None

    told = [tab.until("dial") for _ in range(2)][-1]
    assert (told["status"], told["is_over"]) == ("late", True)
    assert dialling.claim(stand.ctx, stand.pbx.id) is None


def test_1f_nobody_to_dial_is_told_without_a_pbx_too(stand):
    made = stand.click(user=OLGA).json
    stand.pass_time(11)

    assert dialling.sweep(stand.ctx) == 1
    assert dials.by_token(made["call"].removeprefix("dial:")).status == "late"


def test_1f_one_dial_is_claimed_by_one(stand):
    stand.click(user=OLGA)

    claimed = [dialling.claim(stand.ctx, stand.pbx.id) for _ in range(2)]

    assert [dial is not None for dial in claimed] == [True, False]


def test_1f_the_rule_off_and_people_without_a_phone_dial_nothing(stand):
    stand.rules(people=PEOPLE[1:])
    assert stand.click(user=ANNA).json["code"] == "dial.no_device"

    stand.rules(dialling=Dialling(is_on=False))
    refused = stand.click(user=OLGA)

    assert (refused.status_code, refused.json["code"]) == (403, "dial.off")
    assert dialling.claim(stand.ctx, stand.pbx.id) is None


def test_1f_while_the_account_is_paused_nothing_is_dialled_or_shown(stand):
    accounts.pause(stand.account.id, "account.paused_by_person", "", stand.now())

    refused, ticket = stand.click(user=OLGA), stand.ask("ticket", user=OLGA).json

    assert (refused.status_code, refused.json["code"]) == (403, "dial.off")
    assert (ticket["url"], ticket["dials"]) == ("", False)
    assert dialling.claim(stand.ctx, stand.pbx.id) is None


def test_1f_the_number_is_made_as_the_pbx_wants_it(stand):

    stand.rules(dialling=Dialling(formats=(NumberFormat("7XXXXXXXXXX", "8{rest}"),)))

    stand.click("+7 999 555-00-11", OLGA)

    assert dialling.order_of(dialling.claim(stand.ctx, stand.pbx.id)).extension == "89995550011"


def test_1f_the_line_of_the_leads_pipeline_carries_the_call(stand):
    lead = stand.client()
    lines = (Line(make.TRUNK, pipeline_id=lead["pipeline_id"], context="out-msk"),
             Line("spb", default_user_id=OLGA, context="out-spb"))  # fmt: skip
    stand.rules(lines=lines)

    stand.click(make.CLIENT, OLGA, entity="lead", id=lead["id"])
    assert dialling.order_of(dialling.claim(stand.ctx, stand.pbx.id)).context == "out-msk"

    stand.pass_time(600)
    stand.click(ANYBODY, OLGA)
    assert dialling.order_of(dialling.claim(stand.ctx, stand.pbx.id)).context == "out-spb"
