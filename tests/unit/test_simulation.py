"""Outcomes of a booking under some rules, what a change cannot touch, and the numbers of many."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.rules.configuration import Direction
from backend.core.rules.options import AfterNoShow, MultiCategory, Settle
from backend.core.rules.sections import TextName
from backend.core.salon import Phase
from backend.core.simulation import outcomes, tally
from backend.core.simulation.narrowing import Narrowing, silent
from backend.core.simulation.outcomes import Outcome, Placed, Verdict
from backend.core.simulation.tally import Seen, Spot, Tally
from backend.core.sync.facts import Held
from backend.core.sync.links import Role
from backend.core.sync.matching import Candidate
from tests.support.facts import (
    BOOKED,
    CONFIGURATION,
    COSMETOLOGY,
    EPILATION,
    KEY,
    LEAD,
    LOST,
    NEW,
    NOW,
    RULES,
    TO_BE_MOVED,
    TVERSKAYA,
    WON,
    booking,
    facts,
    lead,
    line,
    link,
    rules,
)

ANNA = 7000001


@pytest.mark.parametrize(
    ("phase", "stage"),
    [(Phase.WAITING, BOOKED), (Phase.ARRIVED, WON), (Phase.NO_SHOW, TO_BE_MOVED), (Phase.CANCELLED, LOST)],
)
def test_a_new_lead_ends_where_the_visit_brought_it(phase, stage):
    outcome = outcomes.anew(facts(booking(phase)), RULES)

    assert outcome.verdict is Verdict.OPENS
    assert outcome.main == Placed("epilation", EPILATION, stage, ANNA, Kopecks(250_000))


def test_a_lead_that_was_there_is_continued_and_moved():
    known = facts(booking(Phase.NO_SHOW), candidates=(Candidate(lead()),))

    outcome = outcomes.anew(known, RULES)

    assert outcome.verdict is Verdict.CONTINUES
    assert (outcome.main.lead_id, outcome.main.stage_id) == (LEAD, TO_BE_MOVED)
    assert outcome.main.responsible_id == 7000002


def test_a_lead_of_ours_is_forgotten_and_one_that_was_there_is_free_again():
    ours = facts(link=link(), lead=lead(BOOKED), candidates=(Candidate(lead(BOOKED), link()),))
    theirs = facts(link=link(opened_by_us=False), lead=lead(NEW), candidates=(Candidate(lead(NEW), link()),))

    assert outcomes.anew(ours, RULES).verdict is Verdict.OPENS
    assert outcomes.anew(theirs, RULES).main.lead_id == LEAD


def test_leads_that_came_of_the_booking_are_forgotten_too():
    own = lead(NEW, id=7)
    held = Held(link(7, role=Role.NEXT), own)
    known = facts(link=link(), lead=lead(BOOKED), candidates=(Candidate(own),), nexts=(held,))

    assert outcomes.as_if_new(known).candidates == ()


def test_a_booking_without_a_client_ends_nowhere_and_says_why():
    outcome = outcomes.anew(facts(booking(Phase.ARRIVED, client=None)), RULES)

    assert outcome == Outcome(Verdict.NONE, Reason.NO_CLIENT)
    assert outcome.main is None


def test_outcomes_without_a_lead_differ_by_their_reasons_and_others_do_not():
    placed = (Placed("epilation", EPILATION, BOOKED, ANNA),)

    assert not Outcome(Verdict.NONE, Reason.NO_CLIENT).is_like(Outcome(Verdict.NONE, Reason.NO_ROUTE))
    assert Outcome(Verdict.CONTINUES, Reason.ATTACHED, placed).is_like(
        Outcome(Verdict.CONTINUES, Reason.CONTINUED, placed)
    )
    assert not Outcome(Verdict.OPENS, Reason.CREATED, placed).is_like(Outcome(Verdict.NONE, Reason.NO_ROUTE))


def test_a_split_booking_has_a_lead_for_each_direction():
    two = booking(Phase.WAITING, line(), line(503, 4000, 90021, "Чистка лица"))

    outcome = outcomes.anew(facts(two), rules(multi_category=MultiCategory.SPLIT))

    assert [(one.direction, one.price) for one in outcome.leads] == [
        ("epilation", 250_000), ("cosmetology", 400_000),
    ]  # fmt: skip


def test_what_would_be_written_is_told_whatever_was_seen():
    known = facts(link=link(), lead=lead(BOOKED), seen=NOW + timedelta(days=1))

    assert outcomes.writes(known, RULES) != ()


def test_silent_rules_decide_the_same_with_fewer_words():
    loud = facts(booking(Phase.ARRIVED))

    assert outcomes.anew(loud, silent(RULES)) == outcomes.anew(loud, RULES)


# What a change cannot touch


def changed(**parts):
    return Narrowing(CONFIGURATION, replace(CONFIGURATION, **parts))


def options(**values):
    return {"options": replace(CONFIGURATION.options, **values)}


def moved_category():
    """The category of epilation goes to cosmetology."""
    first, second, *rest = CONFIGURATION.directions
    both = {TVERSKAYA: frozenset({501, 503})}
    return {"directions": (replace(first, categories={}), replace(second, categories=both), *rest)}


def test_equal_rules_touch_nothing():
    assert changed().is_untouched(booking())
    assert changed().is_untouched(booking(lines=()))
    assert changed().is_untouched(booking(branch_id=49999))


def test_a_moved_category_touches_its_own_bookings():
    narrowing = changed(**moved_category())

    assert not narrowing.is_untouched(booking())
    assert narrowing.is_untouched(booking(Phase.WAITING, line(503, 4000, 90021)))
    assert not narrowing.is_untouched(booking(lines=()))


def test_waits_and_brakes_touch_no_booking_and_other_options_touch_all():
    assert changed(**options(settle=Settle(create=1))).is_untouched(booking())
    assert not changed(**options(after_no_show=AfterNoShow.STRICT)).is_untouched(booking())


def test_another_way_with_several_directions_touches_those_that_have_several():
    narrowing = changed(**options(multi_category=MultiCategory.SPLIT))

    assert narrowing.is_untouched(booking())
    assert not narrowing.is_untouched(booking(Phase.WAITING, line(), line(503, 4000, 90021)))
    assert not narrowing.is_untouched(booking(lines=()))


def test_a_route_touches_its_salon_alone():
    first, *rest = CONFIGURATION.routes
    narrowing = changed(routes=(replace(first, responsible_id=7), *rest))

    assert not narrowing.is_untouched(booking())
    assert narrowing.is_untouched(booking(branch_id=41002))


@pytest.mark.parametrize(
    "parts",
    [
        {"texts": {TextName.LEAD_NAME: "Визит"}},
        {"branches": (replace(CONFIGURATION.branches[0], title="Центр"), *CONFIGURATION.branches[1:])},
        {"directions": (*CONFIGURATION.directions, Direction("new", "Новое"))},
        {"directions": tuple(replace(one, is_default=False) for one in CONFIGURATION.directions)},
    ],
)
def test_words_titles_and_the_default_touch_everybody(parts):
    assert not changed(**parts).is_untouched(booking())


# Numbers


OLD = Outcome(Verdict.OPENS, Reason.CREATED, (Placed("epilation", EPILATION, BOOKED, ANNA, Kopecks(100)),))
NEW_PLACE = Outcome(
    Verdict.OPENS, Reason.CREATED,
    (Placed("cosmetology", COSMETOLOGY, 8201, 7000002, Kopecks(60)),
     Placed("epilation", EPILATION, BOOKED, ANNA, Kopecks(40))),
)  # fmt: skip
NOWHERE = Outcome(Verdict.NONE, Reason.NO_ROUTE)


def counted(*seen):
    found = Tally()
    for one in seen:
        found.add(one)
    return found


def test_bookings_are_counted_by_what_becomes_of_them():
    found = counted(
        Seen("a", 100, OLD, NEW_PLACE, is_linked=True), Seen("b", 100, OLD, NEW_PLACE),
        Seen("c", 100, OLD, OLD, is_linked=True, is_rewritten=True), Seen("d", 50, OLD, NOWHERE),
    )  # fmt: skip

    assert (found.looked, found.differing, found.linked, found.rewritten) == (4, 3, 1, 1)
    assert [(one.sum.count, one.sum.money, one.linked, one.keys) for one in found.changes] == [
        (2, 200, 1, ["a", "b"]), (1, 50, 0, ["d"]),
    ]  # fmt: skip
    assert found.changes[0].new.others == 1
    assert found.changes[1].new == Spot("none", "no_route")


def test_sums_are_split_by_any_part_lead_by_lead():
    found = counted(Seen("a", 100, OLD, NEW_PLACE), Seen("b", 100, OLD, NOWHERE))

    lines = {what: (old.count, old.money, new.count, new.money)
             for what, old, new in found.split(lambda spot: spot.direction)}  # fmt: skip

    assert lines == {"epilation": (2, 200, 1, 40), "cosmetology": (0, 0, 1, 60)}


def test_what_was_written_down_is_read_back_and_goes_on():
    found = counted(Seen("a", 100, OLD, NEW_PLACE, is_linked=True), Seen("b", 100, OLD, NOWHERE))
    found.untouched, found.unread = 5, 2

    again = tally.read(tally.written(found))
    again.add(Seen("c", 100, OLD, NEW_PLACE))

    assert (again.known, again.all) == (8, 10)
    assert again.changes[0].keys == ["a", "c"]
    assert tally.read({}).changes == []


def test_of_one_kind_of_difference_so_many_keys_are_kept():
    found = counted(*(Seen(f"{KEY}{n}", 1, OLD, NOWHERE) for n in range(tally.MOST_KEYS + 3)))

    assert found.changes[0].sum.count == tally.MOST_KEYS + 3
    assert len(found.changes[0].keys) == tally.MOST_KEYS
