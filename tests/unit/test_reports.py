"""What the reports count, row by row: days, marks, losses, re-booking, money that agrees or not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.core.money import Kopecks
from backend.core.reports import figures, lost, money, period, rebooking, visits
from backend.core.reports.lost import Return
from backend.core.reports.money import Cause, Held, Known, Pair
from backend.core.reports.period import Period
from backend.core.reports.rebooking import Question, Stay
from backend.core.reports.visits import Visit
from backend.core.salon import Client, Phase, StaffMember
from backend.flows.reports import sheets
from tests.support.facts import MARIA, NOW, RULES, booking, line, rules

TODAY = date(2026, 3, 10)
DAY = TODAY.toordinal()


def visit(phase=Phase.NO_SHOW, day=DAY, **changes):
    starts = datetime(2026, 3, 10, 9, tzinfo=UTC) + timedelta(days=day - DAY)
    usual = Visit(
        "yclients:41001:1", 1, phase, day, starts, starts + timedelta(hours=1), starts, Kopecks(650000),
        (("epilation", Kopecks(250000)), ("cosmetology", Kopecks(400000))), "epilation", "contact:5", 81,
    )  # fmt: skip
    return replace(usual, **changes)


# --- days ---


@pytest.mark.parametrize(
    ("found", "first", "last"),
    [
        (period.yesterday(TODAY), date(2026, 3, 9), date(2026, 3, 9)),
        (period.last_days(TODAY, 7), date(2026, 3, 3), date(2026, 3, 9)),
        (period.this_month(TODAY), date(2026, 3, 1), TODAY),
        (period.last_month(TODAY), date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_named_days(found, first, last):
    assert found == Period(first, last)


def test_each_day_of_a_period_once():
    days = Period(date(2026, 2, 27), date(2026, 3, 2)).each()

    assert [day.day for day in days] == [27, 28, 1, 2]


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (None, TODAY, "reports.problem.day"),
        (TODAY, None, "reports.problem.day"),
        (date(1, 1, 1), date(1, 1, 2), "reports.problem.day"),
        (date(9999, 12, 30), date(9999, 12, 31), "reports.problem.day"),
        (TODAY, TODAY - timedelta(days=1), "reports.problem.order"),
        (TODAY - timedelta(days=92), TODAY, "reports.problem.long"),
        (TODAY - timedelta(days=91), TODAY, None),
        (TODAY, TODAY, None),
    ],
)
def test_days_that_are_no_period(first, last, problem):
    assert period.problem(first, last) == problem


# --- figures of a booking ---


def test_a_booking_falls_on_its_salons_day():
    late = booking(starts_at=datetime(2026, 3, 12, 20, tzinfo=UTC), created_at=NOW)
    ural = replace(late, branch_id=41002)
    zoned = replace(
        RULES.configuration,
        branches=tuple(replace(b, timezone="Asia/Yekaterinburg") if b.company_id == 41002 else b
                       for b in RULES.configuration.branches),
    )  # fmt: skip

    moscow = figures.of(late, None, "", RULES)
    further = figures.of(ural, None, "", replace(RULES, configuration=zoned))

    assert date.fromordinal(moscow.day) == date(2026, 3, 12)
    assert date.fromordinal(further.day) == date(2026, 3, 13)
    assert date.fromordinal(moscow.made_day) == date(2026, 3, 10)


def test_a_salon_that_nobody_configured_lives_by_the_accounts_clock():
    stray = booking(branch_id=1, starts_at=datetime(2026, 3, 12, 22, tzinfo=UTC))

    assert date.fromordinal(figures.of(stray, None, "", RULES).day) == date(2026, 3, 13)


def test_money_goes_by_direction_and_adds_up():
    two = booking(Phase.WAITING, line(501, 2500), line(503, 4000))

    found = figures.of(two, 5, "", RULES)

    assert found.shares == (("epilation", 250000), ("cosmetology", 400000))
    assert (found.price, found.budget, found.direction) == (650000, 650000, "epilation")


def test_the_main_direction_of_a_link_stays_first():
    two = booking(Phase.WAITING, line(501, 2500), line(503, 4000))

    assert figures.of(two, 5, "cosmetology", RULES).direction == "cosmetology"


def test_a_booking_of_no_direction_keeps_its_money():
    alone = replace(RULES.configuration, directions=())

    found = figures.of(booking(), None, "", replace(RULES, configuration=alone))

    assert (found.shares, found.direction) == ((("", 250000),), "")


def test_a_bare_deletion_tells_nothing_of_money():
    found = figures.of(replace(booking(Phase.CANCELLED), lines=()), 5, "epilation", RULES)

    assert (found.price, found.budget, found.shares, found.direction) == (None, None, None, None)


def test_a_deletion_that_tells_its_services_is_counted_by_them():
    assert figures.of(booking(Phase.CANCELLED), 5, "", RULES).price == 250000


@pytest.mark.parametrize(
    ("contact", "client", "person"),
    [
        (5, MARIA, "contact:5"),
        (None, MARIA, "yclients:41001:5001"),
        (None, None, ""),
        (None, Client(""), ""),
    ],
)
def test_who_came(contact, client, person):
    assert figures.of(booking(client=client), contact, "", RULES).person == person


def test_a_contact_is_read_back_from_a_person():
    assert figures.contact_of(figures.person(5, "")) == 5
    assert figures.contact_of("yclients:41001:5001") is None
    assert figures.contact_of("") is None


@pytest.mark.parametrize(("seconds", "hours"), [(7200, 2), (0, 1)])
def test_a_visit_without_a_length_lasts_an_hour(seconds, hours):
    found = figures.of(booking(duration_seconds=seconds), None, "", RULES)

    assert found.ended_at - found.starts_at == timedelta(hours=hours)


def test_master_and_author_are_kept_by_number():
    found = figures.of(booking(staff=StaffMember(82, "Инна"), author_id=3000002), None, "", rules())

    assert (found.staff_id, found.author_id) == (82, 3000002)


# --- not marked ---


def test_masters_with_most_to_mark_come_first():
    one, two, other = visit(staff_id=81), visit(staff_id=82), visit(branch_id=2, staff_id=81)

    found = visits.by_master([one, two, two, other])

    assert [(m.branch_id, m.staff_id, m.count, m.money) for m in found] == [
        (1, 82, 2, 1300000), (1, 81, 1, 650000), (2, 81, 1, 650000),
    ]  # fmt: skip


# --- lost money ---


def returned(day=DAY, made=DAY - 5, direction="epilation", key="yclients:41001:2", person="contact:5"):
    return Return(key, person, (direction,), day, made)


def test_a_visit_that_nobody_booked_again_is_lost_in_each_direction():
    found = lost.losses([visit()], [])

    assert [(loss.direction, loss.money) for loss in found] == [
        ("epilation", 250000),
        ("cosmetology", 400000),
    ]


@pytest.mark.parametrize(
    ("back", "directions"),
    [
        pytest.param(returned(), ["cosmetology"], id="the same day"),
        pytest.param(returned(DAY + 30), ["cosmetology"], id="later"),
        pytest.param(returned(DAY - 1, made=DAY), ["cosmetology"], id="earlier, but booked since"),
        pytest.param(returned(DAY - 1), ["epilation", "cosmetology"], id="an earlier visit of its own"),
        pytest.param(returned(direction="other"), ["epilation", "cosmetology"], id="another direction"),
        pytest.param(returned(person="contact:6"), ["epilation", "cosmetology"], id="somebody else"),
        pytest.param(returned(key="yclients:41001:1"), ["epilation", "cosmetology"], id="the same booking"),
    ],
)
def test_what_makes_a_loss_good(back, directions):
    assert [loss.direction for loss in lost.losses([visit()], [back])] == directions


def test_whom_nobody_knows_never_comes_back():
    assert len(lost.losses([visit(person="")], [returned(person="")])) == 2


def test_a_visit_that_took_place_is_no_loss():
    assert lost.losses([visit(Phase.ARRIVED)], []) == ()


def test_sums_of_losses_dearest_first():
    found = lost.losses([visit(), visit(key="k", branch_id=2, shares=(("epilation", Kopecks(100)),))], [])

    assert lost.total(found) == lost.Sum(3, Kopecks(650100))
    assert list(lost.by_direction(found).items()) == [
        ("cosmetology", lost.Sum(1, Kopecks(400000))), ("epilation", lost.Sum(2, Kopecks(250100))),
    ]  # fmt: skip
    assert list(lost.by_branch(found)) == [1, 2]
    assert {loss.phase for loss in found} == {Phase.NO_SHOW}


# --- re-booking ---


def stay(
    day=DAY, made=DAY - 5, arrived=True, person="contact:5", branch=1, staff=81, author=7, responsible=0
):
    return Stay(person, day, made, arrived, branch, staff, author, responsible)


def rate(*stays, within=60, today=DAY + 100, branch=None):
    asked = Question(DAY, DAY, within, today, lambda stay: stay.author_id, branch)
    return rebooking.rates(stays, asked)


@pytest.mark.parametrize(
    ("following", "told"),
    [
        pytest.param((), (1, 0, 0, 0), id="nothing follows"),
        pytest.param((stay(DAY + 7, DAY - 1, False),), (1, 1, 0, 0), id="booked before the visit"),
        pytest.param((stay(DAY + 7, DAY, False),), (1, 0, 1, 0), id="booked at the desk"),
        pytest.param((stay(DAY + 7, DAY + 3, False),), (1, 0, 0, 1), id="booked later"),
        pytest.param((stay(DAY + 7, DAY + 3, True, branch=2),), (1, 0, 0, 1), id="in another salon"),
        pytest.param((stay(DAY + 61, DAY, False),), (1, 0, 0, 0), id="too late to count"),
        pytest.param((stay(DAY + 60, DAY, False),), (1, 0, 1, 0), id="on the last day that counts"),
        pytest.param((stay(DAY - 7, DAY - 9),), (1, 0, 0, 0), id="only an earlier visit"),
        pytest.param((stay(DAY + 7, DAY, False, person="contact:6"),), (1, 0, 0, 0), id="somebody else"),
        pytest.param((stay(DAY + 7, DAY + 3), stay(DAY + 7, DAY)), (1, 0, 1, 0), id="two of one day"),
    ],
)
def test_when_a_visit_is_followed_by_a_booking(following, told):
    found = rate(stay(), *following)[1, 7]

    assert (found.visits, found.ahead, found.desk, found.later) == told


def test_parallel_masters_are_one_visit():
    assert rate(stay(), stay(staff=82))[1, 7].visits == 1


def test_nobodys_visit_is_not_counted():
    assert rate(stay(person="")) == {}


def test_a_visit_that_did_not_take_place_is_not_counted():
    assert rate(stay(arrived=False)) == {}


def test_salons_are_told_apart():
    found = rate(stay(), stay(branch=2, person="contact:6"), branch=2)

    assert list(found) == [(2, 7)]


@pytest.mark.parametrize(("today", "open_"), [(DAY + 60, 1), (DAY + 61, 0)])
def test_days_that_have_not_passed_are_told(today, open_):
    assert rate(stay(), today=today)[1, 7].open == open_


def test_rates_add_up():
    found = rebooking.total(
        rate(stay(), stay(DAY + 7, DAY, False), stay(person="contact:6", author=8)).values()
    )

    assert (found.visits, found.booked, found.percent) == (2, 1, 50)
    assert rebooking.total([]).percent == 0


# --- does the money agree? ---


def held(key="a", lead=1, price=250000, lead_price=250000, main=True, **changes):
    usual = Held(key, 1, DAY, price, price, lead, main, lead_price, False, False)
    return usual._replace(**changes)


def pair(**changes):
    usual = Pair("a", 1, DAY, Kopecks(250000), Kopecks(250000), Kopecks(300000), (1,))
    return usual._replace(**changes)


def test_a_booking_and_its_satellites_carry_its_money_together():
    (found,) = money.pairs([held(price=650000), held(lead=2, lead_price=400000, main=False)])

    assert (found.difference, found.lead_ids) == (0, (1, 2))
    assert money.cause(found, Known()) is None


def test_one_lead_of_two_bookings_counts_once():
    found = money.pairs([held("b", main=False, lead_price=650000), held("a", lead_price=650000)])

    assert {one.key: one.leads for one in found} == {"a": 650000, "b": 0}
    assert [money.cause(one, Known()) for one in found] == [Cause.ONE_VISIT, Cause.ONE_VISIT]


def test_a_lead_that_is_gone_carries_nothing():
    (found,) = money.pairs([held(is_gone=True)])

    assert (found.leads, found.is_gone, found.lead_ids) == (0, True, ())


def test_a_booking_without_a_lead_has_no_money_in_the_crm():
    (found,) = money.pairs([held(lead=None, main=False, lead_price=0)])

    assert (found.leads, found.lead_ids, found.is_closed) == (0, (), False)


def test_only_leads_that_are_all_closed_close_a_pair():
    open_, shut = held(lead=2, main=False), held(is_closed=True)

    assert [one.is_closed for one in money.pairs([shut])] == [True]
    assert [one.is_closed for one in money.pairs([shut, open_])] == [False]


@pytest.mark.parametrize(
    ("about", "known", "cause"),
    [
        (pair(), Known(is_waiting=True), Cause.ON_THE_WAY),
        (pair(), Known(is_stuck=True), Cause.STUCK),
        (pair(is_gone=True, lead_ids=()), Known(), Cause.LEAD_GONE),
        (pair(lead_ids=()), Known(is_observed=True), Cause.OBSERVED),
        (pair(lead_ids=()), Known(), Cause.NO_LEAD),
        (pair(is_shared=True), Known(), Cause.ONE_VISIT),
        (pair(leads=Kopecks(250050)), Known(), Cause.ROUNDING),
        (pair(), Known(written=Kopecks(250000)), Cause.CHANGED_IN_CRM),
        (pair(budget=Kopecks(300000)), Known(written=Kopecks(300000)), Cause.BY_RULES),
        (pair(is_closed=True), Known(written=Kopecks(300000)), Cause.CLOSED),
        (pair(), Known(written=Kopecks(300000)), Cause.UNEXPLAINED),
        (pair(), Known(), Cause.UNEXPLAINED),
        (pair(leads=Kopecks(250000)), Known(is_waiting=True), None),
    ],
)
def test_why_money_differs(about, known, cause):
    assert money.cause(about, known) is cause


def test_days_add_their_bookings_up():
    pairs = [
        pair(),
        pair(key="b"),
        pair(key="c", day=DAY + 1, leads=Kopecks(250000)),
        pair(key="d", branch_id=2),
    ]
    causes = {"a": Cause.CLOSED, "b": Cause.UNEXPLAINED, "d": Cause.NO_LEAD}

    found = money.days(pairs, causes)
    sum_ = money.total(found)

    assert [(day.date, day.branch_id, day.bookings) for day in found] == [
        (TODAY + timedelta(days=1), 1, 1), (TODAY, 1, 2), (TODAY, 2, 1),
    ]  # fmt: skip
    assert (found[1].explained, found[1].unexplained, found[1].difference) == (50000, 50000, 100000)
    assert (sum_.record, sum_.leads, sum_.differing) == (1000000, 1150000, 3)
    assert money.by_cause(pairs, causes) == {
        Cause.NO_LEAD: (1, 50000), Cause.CLOSED: (1, 50000), Cause.UNEXPLAINED: (1, 50000),
    }  # fmt: skip


def test_a_pair_is_called_by_its_number_and_day():
    assert (pair(key="yclients:41001:77").number, pair().date) == ("77", TODAY)
    assert (visit().number, visit().date) == ("1", TODAY)


# --- cells ---


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_begins_like_a_formula_is_told_to_be_text(begins):
    assert sheets.harmless(f"{begins}1+1") == f"'{begins}1+1"


def test_other_texts_stay():
    assert [sheets.harmless(text) for text in ("", "Мария", "1=1", "a\0b")] == ["", "Мария", "1=1", "ab"]
