"""Cross-tables of bookings and leads, and the proposals they are enough for."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm import CrmSchema, CrmUser, Pipeline, Stage
from backend.core.learning import proposals, tables
from backend.core.learning.proposals import LEAST, Kind, Proposal
from backend.core.learning.tables import Tables
from backend.core.rules.configuration import Branch, Configuration
from backend.core.salon import Phase
from tests.support.facts import (
    BOOKED,
    CONFIGURATION,
    COSMETOLOGY,
    EPILATION,
    NEW,
    NOW,
    TVERSKAYA,
    WON,
    booking,
    lead,
    line,
)

ANNA, OLGA, GONE = 7000001, 7000002, 7000009
BEAUTY = 8005
TITLES = ("Новая заявка", "Записан", "Подтвердил")
EMPTY = Configuration(branches=(Branch(TVERSKAYA, "Тверская"),))


def pipeline(number, title):
    first = 100 * (number - 7920)
    return Pipeline(number, title, tuple(Stage(first + n, number, name, n) for n, name in enumerate(TITLES)))


SCHEMA = CrmSchema(
    1, "x", "x", "UTC", False,
    (Pipeline(EPILATION, "Эпиляция", tuple(
        Stage(NEW + n, EPILATION, name, n) for n, name in enumerate(TITLES))),
     pipeline(BEAUTY, "Красота")),
    (CrmUser(ANNA, "Анна"), CrmUser(OLGA, "Ольга"), CrmUser(GONE, "Ирина", is_active=False)), (),
)  # fmt: skip
FIRST = pipeline(BEAUTY, "").stages[1].id


def looked(*pairs):
    found = Tables()
    for one, kept in pairs:
        found.add(one, kept)
    return found


def kept(count, stage=BOOKED, where=EPILATION, user=OLGA, phase=Phase.WAITING):
    return [(booking(phase), lead(stage, where, responsible_id=user))] * count


def named(found, rules=EMPTY):
    return {one.name: one for one in proposals.proposals(found, rules, SCHEMA)}


def test_bookings_and_their_leads_are_counted_in_every_table():
    found = looked(*kept(2), (booking(), None))

    assert (found.looked, found.matched) == (3, 2)
    assert found.categories == {(TVERSKAYA, 501): Counter({EPILATION: 2})}
    assert found.stages == {(EPILATION, "waiting"): Counter({BOOKED: 2})}
    assert found.people == {(TVERSKAYA, EPILATION): Counter({OLGA: 2})}


def test_a_booking_of_two_categories_says_nothing_of_either():
    two = booking(Phase.WAITING, line(), line(503))

    assert looked((two, lead(responsible_id=0))).categories == {}
    assert looked((two, lead(responsible_id=0))).people == {}


@pytest.mark.parametrize(("hours", "is_found"), [(-47, True), (47, True), (-49, False), (49, False)])
def test_the_lead_made_when_the_booking_was_is_its_own(hours, is_found):
    near = lead(created_at=NOW + timedelta(hours=hours))

    assert (tables.nearest(booking(), [near]) is near) is is_found


def test_of_several_leads_the_nearest_counts_and_the_deleted_never():
    near, far = lead(id=1, created_at=NOW), lead(id=2, created_at=NOW - timedelta(days=1))

    assert tables.nearest(booking(), [far, near]).id == 1
    assert tables.nearest(booking(), [replace(near, is_deleted=True), lead(created_at=None)]) is None


def test_a_lead_that_a_robot_made_right_after_a_won_one_is_a_trigger():
    won = lead(WON, id=1, updated_at=NOW)
    made = lead(NEW, BEAUTY, id=2, created_at=NOW + timedelta(minutes=1), created_by=0)
    found = Tables()

    found.follow([won, made])

    assert found.triggers == {(EPILATION,): Counter({(BEAUTY, NEW): 1})}


@pytest.mark.parametrize(
    "made",
    [
        {"created_by": 5},
        {"created_at": None},
        {"created_at": NOW + timedelta(minutes=11)},
        {"created_at": NOW - timedelta(minutes=1)},
    ],
)
def test_other_leads_are_no_triggers(made):
    usual = {"created_by": 0, "created_at": NOW + timedelta(minutes=1)}
    found = Tables()

    found.follow([
        lead(WON, id=1, updated_at=NOW), lead(WON, id=3, updated_at=None),
        lead(NEW, BEAUTY, id=2, **{**usual, **made}),
    ])  # fmt: skip

    assert found.triggers == {}


def test_what_was_written_down_is_read_back():
    found = looked(*kept(3))
    found.follow([
        lead(WON, id=1, updated_at=NOW), lead(NEW, BEAUTY, id=2, created_by=0, created_at=NOW),
    ])  # fmt: skip

    assert tables.read(tables.written(found)) == found
    assert tables.read({}) == Tables()


def test_enough_equal_cases_are_a_proposal_and_fewer_are_only_told():
    assert named(looked(*kept(LEAST)))["category:41001/501"].is_offered
    few = named(looked(*kept(LEAST - 1)))["category:41001/501"]
    assert (few.is_offered, few.percent, few.of) == (False, 100, LEAST - 1)
    split = named(looked(*kept(4), *kept(4, FIRST, BEAUTY)))["category:41001/501"]
    assert (split.is_offered, split.percent) == (False, 50)


def test_what_is_gone_or_unknown_is_not_proposed():
    found = looked(
        *kept(6, user=GONE), *[(booking(branch_id=49999), lead(BOOKED))] * 6,
        *[(booking(), lead(BOOKED, COSMETOLOGY))] * 6,
    )  # fmt: skip
    found.triggers[(COSMETOLOGY,)] = Counter({(EPILATION, NEW): 6})

    assert set(named(found)) == {"category:41001/501", f"stage:{EPILATION}/waiting"}


def test_a_lead_never_begins_at_a_closing_stage():
    found = looked(*kept(6, WON), *kept(6, WON, phase=Phase.ARRIVED))

    assert set(named(found)) >= {f"stage:{EPILATION}/arrived"}
    assert f"stage:{EPILATION}/waiting" not in named(found)


def test_what_the_rules_say_already_is_known():
    found = looked(*kept(6, user=ANNA))
    found.triggers[(EPILATION,)] = Counter({(EPILATION, NEW): 6})
    routes = tuple(
        replace(route, trigger_pipeline_id=EPILATION, trigger_stage_id=NEW) for route in CONFIGURATION.routes
    )

    before = named(found, CONFIGURATION)
    after = named(found, replace(CONFIGURATION, routes=routes))

    assert [one.is_known for one in before.values()] == [True, True, True, False]
    assert all(one.is_known for one in after.values())


def test_the_surest_of_a_kind_comes_first():
    found = looked(*kept(8), *[(booking(Phase.WAITING, line(777)), lead(BOOKED))] * 3)

    order = [one.row for one in proposals.proposals(found, EMPTY, SCHEMA) if one.kind is Kind.CATEGORY]

    assert order == [(TVERSKAYA, 501), (TVERSKAYA, 777)]


# Accepting


def test_a_category_makes_a_direction_of_the_pipelines_name_with_a_route():
    taken = proposals.accepted(EMPTY, [Proposal(Kind.CATEGORY, (TVERSKAYA, 501), BEAUTY, 6, 6)], SCHEMA)

    (direction,) = taken.directions
    (route,) = taken.routes
    assert (direction.title, direction.categories) == ("Красота", {TVERSKAYA: {501}})
    assert (route.pipeline_id, route.entry_stage) == (BEAUTY, FIRST)


def test_a_category_joins_the_direction_that_leads_there():
    more = Proposal(Kind.CATEGORY, (TVERSKAYA, 777), EPILATION, 6, 6)
    elsewhere = Proposal(Kind.CATEGORY, (41002, 777), COSMETOLOGY, 6, 6)

    taken = proposals.accepted(CONFIGURATION, [more, elsewhere], SCHEMA)

    assert taken.direction("epilation").categories[TVERSKAYA] == {501, 777}
    assert taken.direction("cosmetology").categories[41002] == {777}
    assert taken.route(41002, "cosmetology").pipeline_id == COSMETOLOGY


def test_stages_people_and_triggers_go_into_the_routes_they_are_about():
    chosen = [
        Proposal(Kind.TRIGGER, (EPILATION,), (EPILATION, NEW), 6, 6),
        Proposal(Kind.PERSON, (TVERSKAYA, EPILATION), OLGA, 6, 6),
        Proposal(Kind.STAGE, (EPILATION, "confirmed"), BOOKED, 6, 6),
        Proposal(Kind.STAGE, (EPILATION, "waiting"), NEW, 6, 6),
    ]

    taken = proposals.accepted(CONFIGURATION, chosen, SCHEMA)

    route, other = taken.route(TVERSKAYA, "epilation"), taken.route(TVERSKAYA, "cosmetology")
    assert (route.stages[Phase.WAITING], route.stages[Phase.CONFIRMED]) == (NEW, BOOKED)
    assert (route.responsible_id, route.trigger_pipeline_id, route.trigger_stage_id) == (OLGA, EPILATION, NEW)
    assert NEW in route.attachable
    assert taken.route(41002, "epilation").responsible_id != OLGA
    assert other == CONFIGURATION.route(TVERSKAYA, "cosmetology")


def test_a_trigger_into_another_pipeline_opens_no_stage_of_this_one():
    taken = proposals.accepted(
        CONFIGURATION, [Proposal(Kind.TRIGGER, (EPILATION,), (BEAUTY, FIRST), 6, 6)], SCHEMA
    )

    route = taken.route(TVERSKAYA, "epilation")
    assert route.attachable == CONFIGURATION.route(TVERSKAYA, "epilation").attachable
    assert route.trigger_pipeline_id == BEAUTY
