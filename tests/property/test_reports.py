"""Of anything that may have happened: parts add up to their wholes, and every difference has a word."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.core.money import Kopecks
from backend.core.reports import figures, lost, money, rebooking
from backend.core.reports.lost import Return
from backend.core.reports.money import Cause, Held, Known
from backend.core.reports.rebooking import Question, Stay
from backend.core.reports.visits import Visit
from backend.core.salon import Phase
from tests.support.facts import RULES
from tests.support.strategies import bookings

DAY = 739_000
days = st.integers(DAY, DAY + 9)
people = st.sampled_from(["contact:1", "contact:2", "yclients:41001:3", ""])
sums = st.integers(0, 10**7)
keys = st.sampled_from([f"yclients:41001:{n}" for n in range(6)])
directions = st.sampled_from(["epilation", "cosmetology", ""])


@st.composite
def visits(draw):
    shares = draw(st.dictionaries(directions, sums.map(Kopecks), min_size=1))
    day = draw(days)
    starts = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(days=day - DAY)
    return Visit(
        draw(keys), draw(st.integers(1, 2)), draw(st.sampled_from(Phase)), day, starts,
        starts + timedelta(hours=1), starts, Kopecks(sum(shares.values())), tuple(shares.items()),
        next(iter(shares)), draw(people), 81,
    )  # fmt: skip


returns = st.builds(Return, keys, people, st.lists(directions, max_size=2).map(tuple), days, days)
stays = st.builds(
    Stay, people, days, days, st.booleans(), st.integers(1, 2), st.just(81), st.integers(0, 2), st.just(0)
)


@st.composite
def linked(draw):
    """Bookings with their leads as the store tells them: a lead has one price, a booking one sum."""
    prices = draw(st.lists(sums, min_size=1, max_size=5))
    leads = draw(st.lists(st.tuples(sums, st.booleans(), st.booleans()), max_size=5))
    rows = []
    for number, price in enumerate(prices):
        budget = draw(st.sampled_from([price, 0]))
        mine = draw(st.lists(st.sampled_from(range(len(leads))), unique=True)) if leads else []
        about = (f"k{number}", draw(st.integers(1, 2)), DAY + draw(st.integers(0, 2)), price, budget)
        if not mine:
            rows.append(Held(*about, None, False, 0, False, False))
        rows += [Held(*about, lead + 1, n == 0, *leads[lead]) for n, lead in enumerate(mine)]
    return rows, dict(enumerate(leads, start=1))


known = st.builds(Known, st.booleans(), st.booleans(), st.booleans(), st.none() | sums.map(Kopecks))


@given(bookings, st.none() | st.integers(1, 9), directions)
def test_parts_of_a_booking_are_its_money(booking, contact, fixed):
    found = figures.of(booking, contact, fixed, RULES)

    assert sum(money for _, money in found.shares or ()) == (found.price or 0)
    assert (found.shares is None) == (found.price is None)
    assert found.ended_at > found.starts_at


@given(st.lists(visits()), st.lists(returns))
def test_nothing_is_lost_twice_and_nothing_that_took_place(missed, back):
    found = lost.losses(missed, back)
    booked = {"": 0} | {visit.key: visit.price for visit in missed}

    assert all(loss.phase in figures.MISSED for loss in found)
    assert lost.total(found).money <= sum(visit.price for visit in missed)
    assert sum(one.money for one in lost.by_direction(found).values()) == lost.total(found).money
    assert sum(one.count for one in lost.by_branch(found).values()) == len(found)
    assert all(loss.visit.key in booked for loss in found)


@given(st.lists(visits()), st.lists(returns), returns)
def test_whoever_comes_back_only_makes_less_lost(missed, back, one_more):
    before, after = lost.losses(missed, back), lost.losses(missed, [*back, one_more])

    assert set(after) <= set(before)


@given(st.lists(stays), st.integers(1, 9))
def test_every_visit_has_one_outcome(found, within):
    asked = Question(DAY, DAY + 9, within, DAY + 5, lambda stay: stay.author_id)
    rates = rebooking.rates(found, asked)
    total = rebooking.total(rates.values())

    assert all(rate.booked + rate.open <= rate.visits for rate in rates.values())
    assert total.visits == len(
        {(s.person, s.day, s.branch_id, s.author_id) for s in found if s.is_arrived and s.person}
    )
    assert 0 <= total.percent <= 100


@given(st.lists(stays), st.integers(1, 8))
def test_waiting_longer_finds_no_less(found, within):
    def booked(days_):
        asked = Question(DAY, DAY + 9, days_, DAY + 5, lambda stay: stay.author_id)
        return rebooking.total(rebooking.rates(found, asked).values()).booked

    assert booked(within) <= booked(within + 1)


@given(linked())
def test_money_of_leads_is_counted_once(rows_and_leads):
    rows, leads = rows_and_leads
    pairs = money.pairs(rows)
    used = {row.lead_id for row in rows if row.lead_id and not row.is_gone}

    assert sum(pair.leads for pair in pairs) == sum(leads[lead][0] for lead in used)
    assert sum(pair.record for pair in pairs) == sum({row.key: row.price for row in rows}.values())


@given(linked(), st.data())
def test_equal_or_explained_or_said_to_be_neither(rows_and_leads, data):
    pairs = money.pairs(rows_and_leads[0])
    facts = {pair.key: data.draw(known) for pair in pairs}
    causes = {pair.key: cause for pair in pairs if (cause := money.cause(pair, facts[pair.key]))}
    found = money.days(pairs, causes)
    total = money.total(found)

    assert set(causes) == {pair.key for pair in pairs if pair.difference}
    assert total.explained + total.unexplained == sum(abs(pair.difference) for pair in pairs)
    assert total.difference == sum(pair.difference for pair in pairs)
    assert (total.unexplained > 0) == (Cause.UNEXPLAINED in causes.values())
    assert (
        sum(sum_ for _, sum_ in money.by_cause(pairs, causes).values()) == total.explained + total.unexplained
    )
