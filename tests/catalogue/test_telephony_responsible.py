"""1a, whom the dialplan is to ring: the responsible and who comes after, and who is passed over."""

from dataclasses import replace
from datetime import time

from backend.core.telephony.call import Stage
from backend.core.telephony.rules import Hours, Line, RingTo
from backend.store.telephony import pbxes
from tests.support import make
from tests.support.calls import LINES
from tests.support.card_stand import ANYBODY, stand
from tests.support.cards import live as going
from tests.support.stand import ANNA, OLGA, PETR

__all__ = ["stand"]


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


def _facts(pbx):
    return {name: getattr(pbx, name) for name in pbx.__slots__}
