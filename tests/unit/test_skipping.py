"""What a booking waits for: an earlier one of its schedule, a lead that is about to come, a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.reasons import Reason
from backend.core.rules.options import Incoming, Repeating, Without
from backend.core.salon import Client, Phase
from backend.core.sync import skipping
from backend.core.sync.matching import Candidate, Place
from tests.support.facts import (
    BOOKED,
    CONFIGURATION,
    COSMETOLOGY,
    EPILATION,
    KEY,
    LEAD,
    NEW,
    NOW,
    RULES,
    TVERSKAYA,
    WON,
    booking,
    facts,
    lead,
    link,
    rules,
)

PLACE = Place(CONFIGURATION.branches[0], CONFIGURATION.directions[0], CONFIGURATION.routes[0], None)
EARLIER = f"yclients:{TVERSKAYA}:770002"
MOMENT = timedelta(seconds=10)


def driven(key=EARLIER, direction="epilation", **changes):
    usual = Candidate(
        lead(BOOKED), link(key=key, direction=direction), Phase.WAITING, NOW + timedelta(days=1), NOW
    )
    return replace(usual, **changes)


def waits_its_turn(candidate, repeating=Repeating.NEAREST):
    return skipping.waits_its_turn(facts(candidates=(candidate,)), PLACE, rules(repeating=repeating))


def test_a_later_booking_of_a_schedule_waits_for_the_nearest():
    assert waits_its_turn(driven())
    assert not waits_its_turn(driven(), Repeating.EVERY)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(driven(holder=None), id="nobody's lead"),
        pytest.param(driven(direction="cosmetology"), id="another direction"),
        pytest.param(driven("yclients:41002:770002"), id="another salon"),
        pytest.param(driven(holder_phase=Phase.ARRIVED), id="it is over"),
        pytest.param(driven(holder_starts_at=NOW + timedelta(days=9)), id="it is later"),
        pytest.param(driven(holder_created_at=NOW - timedelta(hours=1)), id="made at another time"),
        pytest.param(driven(holder_starts_at=None), id="nobody knows when it is"),
        pytest.param(driven(holder_created_at=None), id="nobody knows when it was made"),
    ],
)
def test_it_waits_for_nothing_else(other):
    assert not waits_its_turn(other)


def unsorted(how, stage=NEW, created=NOW):
    known = replace(rules(incoming=how, incoming_wait=300), incoming_stages=frozenset({NEW}))
    state = facts(booking(created_at=created), candidates=(Candidate(lead(stage)),))
    return skipping.incoming(state, known), skipping.waits_for_a_person(state, known)


def test_a_person_has_a_while_to_sort_the_lead_that_lies_there():
    assert unsorted(Incoming.WAIT) == (LEAD, timedelta(seconds=300))
    assert unsorted(Incoming.WAIT, created=NOW - timedelta(minutes=4)) == (LEAD, timedelta(seconds=60))


def test_the_while_ends():
    assert unsorted(Incoming.WAIT, created=NOW - timedelta(minutes=5)) == (LEAD, None)


def test_nobody_is_waited_for_when_the_lead_may_be_taken_or_is_sorted():
    assert unsorted(Incoming.ACCEPT) == (None, None)
    assert unsorted(Incoming.WAIT, stage=BOOKED) == (None, None)


def automated():
    first = replace(CONFIGURATION.routes[0], trigger_pipeline_id=EPILATION, trigger_stage_id=NEW)
    options = replace(CONFIGURATION.options, trigger_wait=120)
    configuration = replace(CONFIGURATION, routes=(first, *CONFIGURATION.routes[1:]), options=options)
    return replace(RULES, configuration=configuration)


def win(key=EARLIER, direction="epilation", at=NOW - MOMENT, applied=None):
    return link(key=key, direction=direction, stage_id=WON, stage_at=at, applied=applied or {})


def waits(*wins, known=None, **more):
    return skipping.waits_for_next_lead(facts(wins=wins, **more), PLACE, known or automated())


def made(**changes):
    return Candidate(replace(lead(NEW, created_at=NOW), **changes))


def test_the_automations_lead_is_waited_for_a_moment_after_the_success():
    assert waits(win()) == timedelta(seconds=110)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(win(direction="cosmetology"), id="another direction"),
        pytest.param(win(at=None), id="nobody knows when"),
        pytest.param(win(key=KEY), id="its own"),
        pytest.param(win(applied={"next_lead": "20000009"}), id="the lead is known already"),
        pytest.param(win(at=NOW - timedelta(seconds=120)), id="too long ago"),
    ],
)
def test_no_other_success_is_waited_for(other):
    assert waits(other) is None


def test_nothing_is_waited_for_where_there_is_no_automation():
    assert waits(win(), known=RULES) is None


def test_nothing_is_waited_for_when_the_lead_has_come():
    assert waits(win(), candidates=(made(),)) is None


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(driven(), id="a booking's lead"),
        pytest.param(made(pipeline_id=COSMETOLOGY), id="of another pipeline"),
        pytest.param(made(created_at=None), id="made nobody knows when"),
        pytest.param(made(created_at=NOW - timedelta(hours=1)), id="made before the success"),
    ],
)
def test_another_lead_is_not_the_one_that_was_to_come(other):
    assert waits(win(), candidates=(other,)) == timedelta(seconds=110)


@pytest.mark.parametrize(
    ("phone", "how", "reason"),
    [
        pytest.param("нет", Without.SKIP, Reason.NO_PHONE, id="nothing to find the person by"),
        pytest.param("+79990000001", Without.SKIP, None, id="a phone"),
        pytest.param("нет", Without.CREATE, None, id="where such bookings are wanted"),
    ],
)
def test_E1_a_booking_without_a_phone_is_left_out_where_the_account_wants_that(phone, how, reason):
    about = booking(client=Client("yclients:41001:5002", "Ирина", phone))

    assert skipping.reason(facts(about), PLACE.branch, rules(without_phone=how)) is reason
