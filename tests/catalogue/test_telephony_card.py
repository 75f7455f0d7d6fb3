"""Point 1, what people see of a call: whom to ring (a), the card (b), a click on a number (f)."""

import uuid
from dataclasses import replace
from datetime import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from backend.core.telephony.call import Outcome, Stage
from backend.core.telephony.rules import Dialling, Hours, Line, NumberFormat, RingTo
from backend.flows.sync import mirror
from backend.flows.telephony.desk import dialling
from backend.flows.telephony.hearing import live
from backend.store import accounts
from backend.store.telephony import dials, pbxes
from tests.support import make
from tests.support.calls import LINES, PEOPLE, CallStand
from tests.support.cards import ORIGIN, Cards, change
from tests.support.cards import live as going
from tests.support.stand import ANNA, CLIENT, DOMAIN, OLGA, PETR, PUBLIC

ANYBODY = "+79995550011"
MARIA = f"+{make.CLIENT}"


class CardStand(CallStand):
    """A browser of each person beside the exchange."""

    def token(self, user=ANNA, **changes):
        now = int(self.now().timestamp())
        claims = {
            "iss": f"https://{DOMAIN}", "aud": PUBLIC, "jti": str(uuid.uuid4()), "iat": now, "nbf": now,
            "exp": now + 1800, "account_id": 30000001, "user_id": user, "client_uuid": CLIENT,
            "subdomain": "lotos", "is_admin": False, **changes,
        }  # fmt: skip
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("sandbox-client-secret"))

    def ask(self, path, body=None, user=ANNA, token=None):
        headers = {"X-Auth-Token": token or self.token(user), "Origin": ORIGIN}
        return self.app.test_client().post(f"/widget/calls/{path}", headers=headers, json=body or {})

    def seat(self, user=ANNA):
        return self.ask("ticket", user=user).json["url"]

    def click(self, number=ANYBODY, user=ANNA, **card):
        return self.ask("dial", {"number": number, **card}, user=user)

    def route(self, phone=make.CLIENT, did=make.DID, trunk=make.TRUNK, token=None, address="127.0.0.1"):
        query = {"phone": phone, "did": did, "trunk": trunk}
        return self.app.test_client().get(
            f"/telephony/route/{token or self.pbx.token}", query_string=query,
            environ_overrides={"REMOTE_ADDR": address},
        )  # fmt: skip

    def named(self, **asked):
        return self.route(**asked).get_data(as_text=True)

    def happens(self, kind, call, phone=""):
        """The listener has heard this of a call."""
        rules = live.configuration.current(self.account.id).telephony
        live.store_changes(self.ctx, self.pbx, rules, [change(kind, call, phone)])

    def client(self, responsible=OLGA, number=make.CLIENT, name="Мария"):
        """A client whom somebody of us serves, known to us as amoCRM has told."""
        lead = self.world.amocrm.ui_lead(
            DOMAIN, responsible, "Эпиляция", contact={"name": name, "phone": number},
            responsible_user_id=responsible,
        )  # fmt: skip
        self.settle()
        for collection in (mirror.CONTACTS, mirror.LEADS):  # as the next look of any work does
            mirror.refresh(self.account.id, collection, self.ctx.amo(self.account.id))
        return lead


@pytest.fixture
def stand(tmp_path, redis_url):
    opened = CardStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    yield opened
    opened.close()


@pytest.fixture
def cards(stand, redis_url):
    opened = Cards(redis_url)
    yield opened
    opened.close()


# a: connection to the responsible


def test_1a_the_dialplan_hears_whose_client_this_is(stand):
    stand.client(responsible=OLGA)

    assert stand.named() == "102"
    assert stand.named(phone="8 (999) 000-11-22"[:2] + make.CLIENT[-10:]) == "102"


def test_1a_telephony_off_means_an_empty_answer_and_200(stand):
    stand.client(responsible=OLGA)
    stand.rules(is_on=False)

    answer = stand.route()

    assert (answer.status_code, answer.data) == (200, b"")


def test_1a_who_is_nobodys_client_goes_to_the_lines_own_person_else_to_nobody(stand):
    assert stand.named(phone=ANYBODY) == ""

    stand.rules(lines=(Line(make.TRUNK, default_user_id=PETR), *LINES[1:]))

    assert stand.named(phone=ANYBODY) == "103"
    assert stand.named(phone="anonymous") == "103"


def test_1a_who_talked_with_the_client_last_comes_after_the_responsible(stand):
    stand.client(responsible=OLGA)
    stand.called(talks=[("103", 5, 60)])

    assert stand.named() == "102,103"


def test_1a_the_order_is_a_list_of_the_rules(stand):
    stand.client(responsible=OLGA)
    stand.rules(ring=(RingTo.FIRST, RingTo.EVERYBODY))

    assert stand.named() == "101,102,103"


def test_1a_outside_of_working_hours_nobody_is_named(stand):
    stand.client(responsible=OLGA)
    closed = Hours({(stand.now().astimezone().weekday() + 3) % 7: (time(9), time(10))})
    stand.rules(hours=closed)

    assert stand.named() == ""


def test_1a_who_is_in_a_call_is_passed_over_until_it_ends(stand):
    stand.client(responsible=OLGA)
    other = stand.call(client=ANYBODY, talks=[("102", 5, 60)])
    stand.happens("talking", going(other, Stage.TALKING, rings=["102"], talks=["102"]), "102")

    assert stand.named() == ""

    stand.rules(rings_busy=True)
    assert stand.named() == "102"

    stand.rules(rings_busy=False)
    stand.happens("ended", other)
    assert stand.named() == "102"


def test_1a_who_talks_with_a_colleague_is_in_a_call_too(stand):
    stand.client(responsible=OLGA)
    inside = going(stand.call("internal", rings=["102"]), rings=["102"])
    stand.happens("ringing", inside, "102")
    assert stand.named() == "102"

    stand.happens("changed", replace(inside, rings=(replace(inside.rings[0], status="ANSWER"),)))
    assert stand.named() == ""

    stand.happens("ended", replace(inside, stage=Stage.ENDED))
    assert stand.named() == "102"


def test_1a_after_a_transfer_by_the_second_line_the_first_phone_is_free_again(stand):
    stand.client(responsible=ANNA)
    consulted = stand.call("internal", rings=["102"])
    stand.happens("ringing", going(consulted, rings=["102"]), "102")
    assert stand.named() == ""

    joined = stand.call(client=ANYBODY, talks=[("101", 5, 60), ("102", 60, 90)])
    joined = replace(joined, linked=frozenset({joined.uniq.split(":")[1], consulted.uniq.split(":")[1]}))
    rung = ["101", "102"]
    stand.happens("talking", going(joined, Stage.TALKING, rings=rung, talks=["102"]), "102")

    assert stand.named() == "101"


def test_1a_a_wrong_token_and_a_strange_address_learn_nothing(stand):
    stand.client(responsible=OLGA)
    pbxes.save(pbxes.Pbx(**{**_facts(stand.pbx), "options": {"route_from": ["10.0.0.0/24"]}}))

    assert stand.route(token="x" * 32).status_code == 404
    assert stand.route(address="10.0.1.5").status_code == 404
    assert stand.route(address="10.0.1.5").data == b""
    assert stand.named(address="10.0.0.5") == "102"


# b: the call card


def test_1b_while_it_rings_the_one_who_is_rung_sees_who_calls(stand, cards):
    lead = stand.client()
    tab = cards.open(stand.seat(OLGA))
    tab.until("sync")

    call = stand.call()
    stand.happens("ringing", going(call, rings=["102"]), "102")

    card = tab.until("ringing")
    assert (card["number"], card["name"], card["line"]) == (MARIA, "Мария", "Москва")
    assert (card["lead_id"], card["lead_name"]) == (lead["id"], "Эпиляция")
    assert "users" not in card


def test_1b_the_card_changes_at_the_answer_and_goes_away_for_the_others(stand, cards):
    olga, petr = cards.open(stand.seat(OLGA)), cards.open(stand.seat(PETR))
    call = stand.call()
    stand.happens("ringing", going(call, rings=["102", "103"]), "102")
    stand.happens("ringing", going(call, rings=["102", "103"]), "103")

    stand.happens("talking", going(call, Stage.TALKING, rings=["102", "103"], talks=["103"]), "103")

    assert petr.until("talking")["call"] == call.uniq
    assert olga.until("gone")["call"] == call.uniq

    stand.happens("ended", call)
    assert petr.until("ended")["call"] == call.uniq


def test_1b_a_phone_that_stops_ringing_loses_its_card_while_the_call_goes_on(stand, cards):
    olga = cards.open(stand.seat(OLGA))
    call = stand.call()
    stand.happens("ringing", going(call, rings=["102"]), "102")
    olga.until("ringing")

    stand.happens("gone", going(call, rings=[]), "102")

    assert olga.until("gone")["call"] == call.uniq


def test_1b_who_opens_amocrm_while_it_rings_sees_the_card_at_once(stand, cards):
    call = stand.call()
    stand.happens("ringing", going(call, rings=["102"]), "102")

    shown = cards.open(stand.seat(OLGA)).until("sync")["cards"]
    assert [card["call"] for card in shown] == [call.uniq]

    stand.happens("ended", call)
    assert cards.open(stand.seat(OLGA)).until("sync")["cards"] == []


def test_1b_with_the_rule_off_nothing_is_shown(stand, cards):
    stand.rules(card=False)
    tab = cards.open(stand.seat(OLGA))
    tab.until("sync")

    stand.happens("ringing", going(stand.call(), rings=["102"]), "102")

    assert tab.is_quiet()


def test_1b_switched_off_in_the_middle_of_a_call_its_card_still_goes_away(stand, cards):
    tab = cards.open(stand.seat(OLGA))
    call = stand.call()
    stand.happens("ringing", going(call, rings=["102"]), "102")
    tab.until("ringing")

    stand.rules(card=False)
    stand.happens("talking", going(call, Stage.TALKING, rings=["102"], talks=["102"]), "102")

    assert tab.until("gone")["call"] == call.uniq
    assert cards.open(stand.seat(OLGA)).until("sync")["cards"] == []


def test_1b_a_call_between_colleagues_has_no_card(stand, cards):
    tab = cards.open(stand.seat(OLGA))
    tab.until("sync")

    stand.happens("ringing", going(stand.call("internal"), rings=["102"]), "102")

    assert tab.is_quiet()


def test_1b_amocrms_own_notice_comes_as_well_and_only_when_wanted(stand):
    stand.happens("ringing", going(stand.call(), rings=["102"]), "102")
    stand.settle()
    assert [popup["users"] for popup in stand.crm()["popups"]] == [[OLGA]]

    stand.rules(notice=False)
    stand.happens("ringing", going(stand.call(), rings=["103"]), "103")
    stand.settle()
    assert len(stand.crm()["popups"]) == 1


def test_1b_while_the_caller_waits_in_incoming_the_card_has_no_lead_yet(stand, cards):
    stand.rules(incoming=True)
    stand.called(talks=[], rings=["102"], client=ANYBODY)
    tab = cards.open(stand.seat(OLGA))

    stand.happens("ringing", going(stand.call(client=ANYBODY), rings=["102"]), "102")

    card = tab.until("ringing")
    assert (card["number"], card["lead_id"]) == (ANYBODY, None)
    assert stand.incoming()


# f: an outbound call by a click


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


def _facts(pbx):
    return {name: getattr(pbx, name) for name in pbx.__slots__}
