"""Budgets by the rules of money, and what is told of a price or a payment that changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import WON
from backend.core.money import Kopecks
from backend.core.payments import Goods, Payments
from backend.core.rules.configuration import FieldName
from backend.core.rules.options import Abonement, Money
from backend.core.rules.options import Goods as GoodsChoice
from backend.core.salon import Phase
from backend.core.sync import leads, prices, sharing
from backend.core.sync.budgets import budget, part
from tests.support.facts import CONFIGURATION, MARIA, NOW, RULES, booking, facts, lead, line, link, rules

PAST = NOW - timedelta(days=2)
CREAM = Goods("Крем", Kopecks(120_000), 2)
COVERED = Payments(Kopecks(250_000), by_abonement=Kopecks(250_000))


EVERYTHING = replace(RULES, field_ids={name: 9000 + place for place, name in enumerate(FieldName)})


def content(about, **more):
    fields = leads.content(about, sharing.shares(about, CONFIGURATION), EVERYTHING, **more).fields
    names = {f"field:{number}": name for name, number in EVERYTHING.field_ids.items()}
    return {names[name]: value.value for name, value in fields.items()}


def test_goods_are_a_part_of_the_budget():
    assert budget(booking(goods=(CREAM,)), RULES) == 370_000


def test_goods_with_a_field_of_their_own_are_not():
    apart = rules(money=Money(goods=GoodsChoice.FIELD))

    assert budget(booking(goods=(CREAM,)), apart) == 250_000


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        (Abonement.FULL, None, 250_000),
        (Abonement.ZERO, None, 0),
        (Abonement.VISIT, 180_000, 180_000),
        (Abonement.VISIT, None, 250_000),
    ],
)
def test_what_an_abonement_covers_counts_by_the_option(option, value, expected):
    paid = replace(COVERED, abonement_value=None if value is None else Kopecks(value))

    assert budget(booking(payments=paid), rules(money=Money(abonement=option))) == expected


def test_more_covered_than_the_services_cost_makes_no_debt_of_ours():
    paid = Payments(Kopecks(250_000), by_abonement=Kopecks(400_000))

    assert budget(booking(payments=paid), rules(money=Money(abonement=Abonement.ZERO))) == 0


def test_nothing_paid_by_an_abonement_takes_nothing_away():
    paid = Payments(Kopecks(250_000), Kopecks(250_000))

    assert budget(booking(payments=paid), rules(money=Money(abonement=Abonement.ZERO))) == 250_000


def test_sums_that_nobody_could_see_stay_empty():
    found = content(booking())

    assert [found[name] for name in (FieldName.PAID, FieldName.PREPAID, FieldName.DEBT)] == [None] * 3
    assert found[FieldName.PLANNED] == 2500


def test_kopecks_are_shown_only_where_there_are_any():
    paid = Payments(Kopecks(250_000), Kopecks(100_050), Kopecks(100_000))
    found = content(booking(payments=paid, goods=(CREAM,)))

    assert (found[FieldName.PAID], found[FieldName.PREPAID]) == ("1000.50", 1000)
    assert found[FieldName.GOODS] == "Крем × 2 — 1 200 ₽"


def test_a_lead_beside_the_main_one_tells_nothing_of_the_whole_visits_money():
    found = content(booking(payments=COVERED), share="cosmetology", price=Kopecks(1))

    assert leads.MONEY.isdisjoint(found)
    assert found[FieldName.KEY].endswith("#cosmetology")


@pytest.mark.parametrize(
    ("is_new", "elsewhere", "expected"),
    [
        (True, False, (1, 1)),
        (True, True, (1, 0)),
        (False, False, (0, 0)),
        (True, None, (1, None)),
        (None, False, (None, None)),
    ],
)
def test_first_in_the_salon_and_first_in_the_network(is_new, elsewhere, expected):
    who = replace(MARIA, is_new=is_new, is_known_elsewhere=elsewhere)
    about = booking(client=who)
    found = content(about, facts=facts(about))

    assert (found[FieldName.FIRST_VISIT], found[FieldName.FIRST_IN_NETWORK]) == expected


def test_a_booking_without_a_client_says_nothing_of_firsts():
    about = booking(client=None)

    assert FieldName.FIRST_VISIT not in content(about, facts=facts(about))


def test_who_came_for_the_first_time_is_told_once():
    assert FieldName.FIRST_VISIT not in content(booking(client=replace(MARIA, is_new=True)))


def late(price=2000, **more):
    return booking(Phase.ARRIVED, line(price=price), starts_at=PAST, **more)


@pytest.mark.parametrize(
    ("typed", "days_ago", "keeps"), [(2500, 2, False), (9999, 2, False), (2500, 9, True)]
)
def test_the_budget_of_a_visit_long_past_stays(typed, days_ago, keeps):
    about = replace(late(), starts_at=NOW - timedelta(days=days_ago))
    won = lead(WON, price=Kopecks(typed * 100))

    assert prices.keeps(about, link(applied={"price": "250000"}), won, RULES, NOW) is keeps


@pytest.mark.parametrize(("typed", "keeps"), [(2500, False), (9999, True)])
def test_a_typed_budget_stays_where_the_account_wants_it(typed, keeps):
    own = rules(money=Money(keep_typed_budget=True))
    found = lead(price=Kopecks(typed * 100))

    assert prices.keeps(booking(), link(applied={"price": "250000"}), found, own, NOW) is keeps


def test_a_budget_that_we_never_wrote_was_not_typed_over():
    own = rules(money=Money(keep_typed_budget=True))

    assert not prices.keeps(booking(), link(), lead(price=Kopecks(5)), own, NOW)


def test_a_price_changed_after_the_visit_is_told_once():
    before = link(applied={"price": "250000"})
    (note,) = prices.notes(late(), before, lead(WON), RULES, NOW)
    known = link(applied={"price": "250000", **dict(note.remembers)})

    assert "было 2 500 ₽, стало 2 000 ₽" in note.text
    assert prices.notes(late(), known, lead(WON), RULES, NOW) == ()


@pytest.mark.parametrize(
    ("about", "found", "applied"),
    [
        (late(), lead(WON), {}),
        (late(price=2500), lead(WON), {"price": "250000"}),
        (late(), lead(), {"price": "250000"}),
        (booking(Phase.CANCELLED, starts_at=PAST), lead(WON), {"price": "1"}),
    ],
)
def test_no_news_of_a_price(about, found, applied):
    assert prices.notes(about, link(applied=applied), found, RULES, NOW) == ()


def test_money_given_back_is_told():
    about = booking(payments=Payments(Kopecks(250_000), Kopecks(100_000)))
    (note,) = prices.notes(about, link(applied={"covered": "250000"}), lead(), RULES, NOW)

    assert note.text == "Возврат: было оплачено 2 500 ₽, осталось 1 000 ₽"
    assert note.remembers == (("covered", "100000"),)


@pytest.mark.parametrize("applied", [{}, {"covered": "100000"}, {"covered": "50000"}])
def test_money_that_came_is_not(applied):
    about = booking(payments=Payments(Kopecks(250_000), Kopecks(100_000)))

    assert prices.notes(about, link(applied=applied), lead(), RULES, NOW) == ()


def test_without_payments_nothing_is_known_to_be_given_back():
    assert prices.notes(booking(), link(applied={"covered": "9"}), lead(), RULES, NOW) == ()
    assert prices.told(booking()) == ()


@pytest.mark.parametrize(
    ("sums", "covered", "parts"),
    [
        ((6300, 4000), 0, [6300, 4000]),
        ((6000, 4000), 5000, [3000, 2000]),
        ((1000, 2000), 1000, [666, 1333]),
        ((6000, 4000), 10000, [0, 0]),
        ((0, 0), 0, [0, 0]),
    ],
)
def test_what_an_abonement_pays_is_taken_from_all_directions_alike(sums, covered, parts):
    paid = Payments(Kopecks(sum(sums) * 100), by_abonement=Kopecks(covered * 100))
    lines = (line(price=sums[0]), line(503, sums[1], 90021, "Чистка лица"))
    about = booking(Phase.WAITING, *lines, payments=paid, goods=(CREAM,))
    own = rules(money=Money(abonement=Abonement.ZERO))

    assert [part(about, one.price, own) for one in lines] == [sum_ * 100 for sum_ in parts]


def test_a_part_has_whole_rubles():
    about = booking(Phase.WAITING, replace(line(), price=Kopecks(100_050)))

    assert part(about, about.price, RULES) == 100_000


def test_a_main_lead_is_told_of_its_own_part_alone():
    before = link(applied={"price": "200000"})

    assert prices.notes(late(price=6000), before, lead(WON), RULES, NOW, Kopecks(400_000)) == ()
    (note,) = prices.notes(late(price=6000), before, lead(WON), RULES, NOW, Kopecks(300_000))
    assert "было 2 000 ₽, стало 3 000 ₽" in note.text


def test_a_lead_of_another_direction_is_told_of_its_part():
    before = link(share="cosmetology", applied={"price": "400000"})
    note = prices.note(late(), before, lead(WON), RULES, NOW, Kopecks(100_000))

    assert (note.share, note.remembers) == ("cosmetology", (("noted_price", "100000"),))
