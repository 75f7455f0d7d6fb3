"""Our YCLIENTS client about money and clients, against the emulator."""

import pytest

from backend.core.payments import PaidBy
from tests.contract import our_clients
from tests.contract.our_clients import COMPANY, book

ZONE = "Asia/Yekaterinburg"


@pytest.fixture
def place():
    return our_clients.yclients()


@pytest.fixture
def made(place):
    return book(place, services=[{"id": 90017}, {"id": 90018}])


def visit(place, record):
    return place.client.visit_money(COMPANY, record["id"], int(record["visit_id"]), ZONE)


def test_a_visit_with_all_that_it_was_paid_by(place, made):
    place.journal.ui_pay(COMPANY, made["id"], 1000)
    place.journal.ui_sell(COMPANY, made["id"], "Крем", 1200)
    for kind in ("abonement", "certificate", "bonus", "deposit"):
        place.journal.ui_withdraw(COMPANY, made["id"], kind, 100)

    found = visit(place, made)

    assert found.dues == {made["id"]: 820_000}
    assert [(payment.by, payment.amount) for payment in found.payments] == [
        (PaidBy.MONEY, 100_000), *((by, 10_000) for by in list(PaidBy)[1:]),
    ]  # fmt: skip


def test_hidden_payments_are_nothing_known_and_no_trouble(place, made):
    place.journal.options(money_hidden=True)

    assert visit(place, made) is None


def test_a_visit_that_is_not_there_is_nothing_known(place, made):
    assert place.client.visit_money(COMPANY, made["id"], 5, ZONE) is None


def test_a_clients_card(place, made):
    place.journal.ui_client(
        COMPANY, made["client"]["id"], categories=[{"id": 1, "title": "VIP"}], sms_not=1, discount=10
    )

    card = place.client.client_card(COMPANY, made["client"]["id"], ZONE)

    assert card.card == f"yclients:{COMPANY}:{made['client']['id']}"
    assert (card.labels, card.do_not_send, card.discount) == (("VIP",), True, 10)
    assert card.phone[-10:] == "9000000011"


def test_a_card_that_is_not_there_is_none(place):
    assert place.client.client_card(COMPANY, 5, ZONE) is None


def test_abonements_of_a_person(place, made):
    place.journal.ui_sell_abonement(COMPANY, made["client"]["id"], "Эпиляция 10", 18000, 501, 10)

    (found,) = place.client.abonements(COMPANY, "+7 900 000-00-11", ZONE)

    assert (found.title, found.balance, found.visits) == ("Эпиляция 10", "Эпиляция (x10)", 10)


def test_abonements_that_nobody_may_see_are_nothing_known(place):
    place.journal.user("user", companies=[41099])

    assert place.client.abonements(COMPANY, "79000000011", ZONE) is None
