"""Hooks come in any order and any number of times; the lead ends in one state (INV10)."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.money import Kopecks
from backend.core.salon import Phase, StaffMember
from backend.core.sync.booking import decide
from tests.support.facts import LOST, NOW, RULES, SmallCrm, booking, facts, line
from tests.support.stand import LASER_ARMPITS
from tests.support.stand_fixtures import caught_hooks, post_hook, stand

__all__ = ["caught_hooks", "post_hook", "stand"]


@st.composite
def stories(draw):
    """Successive states of one booking, each a minute after the other."""
    changes = st.tuples(
        st.sampled_from(Phase),
        st.integers(0, 3),
        st.sampled_from(["", "Позвонить", "Другой кабинет"]),
        st.integers(1, 5),
        st.sampled_from(["Вера", "Инна"]),
    )
    states = draw(st.lists(changes, min_size=1, max_size=5))
    return [
        booking(
            phase,
            line(price=1000 + step * 500),
            changed_at=NOW + timedelta(minutes=minute),
            starts_at=NOW + timedelta(days=days),
            comment=comment,
            staff=StaffMember(81, master),
        )
        for minute, (phase, step, comment, days, master) in enumerate(states)
    ]


@st.composite
def disorders(draw):
    """A story as it happened, and as its hooks arrive: in any order, some of them again."""
    story = draw(stories())
    repeated = draw(st.lists(st.sampled_from(story), max_size=4))
    return story, draw(st.permutations([*story, *repeated]))


def lead_after(versions):
    crm = SmallCrm(facts(versions[0]))
    for version in versions:
        crm.see(version)
        crm.carry_out(decide(crm.facts, RULES))
    return crm.facts.lead


def shown(lead):
    return lead.stage_id, lead.price, lead.name, sorted(lead.fields)


@settings(max_examples=150, deadline=None)
@given(disorders())
def test_any_order_and_repetition_end_in_the_state_of_the_right_order(disorder):
    story, arrived = disorder
    in_order, in_disorder = lead_after(story), lead_after(arrived)

    is_cancelled = story[-1].phase is Phase.CANCELLED

    assert is_cancelled or shown(in_disorder) == shown(in_order)
    assert not is_cancelled or in_disorder is None or in_disorder.stage_id == LOST


@settings(max_examples=60, deadline=None)
@given(stories())
def test_a_story_told_twice_adds_nothing(story):
    crm = SmallCrm(facts(story[0]))
    for version in story:
        crm.see(version)
        crm.carry_out(decide(crm.facts, RULES))
    once = crm.facts.lead, list(crm.notes), list(crm.tasks)

    for version in story:
        crm.see(version)
        crm.carry_out(decide(crm.facts, RULES))

    assert (crm.facts.lead, crm.notes, crm.tasks) == once


@settings(max_examples=60, deadline=None)
@given(stories())
def test_the_budget_follows_the_last_living_state(story):
    lead = lead_after(story)

    living = [version for version in story if version.phase is not Phase.CANCELLED]

    assert (lead.price if lead else Kopecks(0)) == (living[-1].price if living else Kopecks(0))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_hooks_of_a_booking_in_every_order_end_in_one_state(stand, caught_hooks, post_hook, order):
    record = stand.book(LASER_ARMPITS)
    for change in ({"attendance": 2}, {"comment": "Позвонить"}, {"staff_id": 82, "attendance": 1}):
        stand.world.clock.advance(2)
        stand.edit(record, **change)
    hooks = caught_hooks()

    for place in order:
        post_hook(hooks[place])
        stand.pass_time(5)
    stand.settle(500)

    lead = stand.lead_of(record)
    assert lead["status_id"] == 142
    assert stand.value(lead, "MOSTIK_COMMENT") == ["Позвонить"]
    assert stand.value(lead, "MOSTIK_MASTER") == ["Инна"]
    assert len(stand.leads()) == 1
