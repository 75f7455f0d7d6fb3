"""Which step of the first run is next."""

from dataclasses import replace

import pytest

from backend.core.mapping.first_run import Facts, Step, is_over, missing_routes, steps
from backend.core.rules.configuration import Branch, Configuration, Direction, Mode, Route
from backend.core.salon import Phase

STAGES = {Phase.WAITING: 1, Phase.ARRIVED: 142, Phase.NO_SHOW: 5, Phase.CANCELLED: 143}
SALON = Branch(41001, "Тверская")
HAIR = Direction("hair", "Волосы", categories={41001: frozenset({501})})
NAILS = Direction("nails", "Ногти", categories={41001: frozenset({502})})
ROUTES = tuple(Route(41001, key, 8001, STAGES) for key in ("hair", "nails"))
RULES = Configuration(branches=(SALON,), directions=(HAIR, NAILS), routes=ROUTES)
READY = Facts(
    is_connected=True,
    is_read=True,
    configuration=RULES,
    categories={41001: frozenset({501, 502})},
    with_access=frozenset({41001}),
    has_booking=True,
)


def following(facts):
    return next((state.step for state in steps(facts) if state.is_next), None)


def left(facts, step):
    return next(state.left for state in steps(facts) if state.step is step)


def changed(**parts):
    return replace(READY, configuration=replace(RULES, **parts))


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (Facts(False, False, Configuration()), Step.CRM),
        (Facts(True, False, Configuration()), Step.CRM),
        (Facts(True, True, Configuration()), Step.YCLIENTS),
        (changed(branches=()), Step.SALONS),
        (changed(branches=(replace(SALON, mode=Mode.OFF),)), Step.SALONS),
        (changed(directions=()), Step.DIRECTIONS),
        (changed(directions=(HAIR,)), Step.DIRECTIONS),
        (changed(routes=()), Step.ROUTES),
        (changed(routes=ROUTES[:1]), Step.ROUTES),
        (changed(routes=(ROUTES[0], replace(ROUTES[1], stages={Phase.ARRIVED: 142}))), Step.STAGES),
        (changed(routes=(ROUTES[0], replace(ROUTES[1], stages={Phase.WAITING: 1}))), Step.SWITCH_ON),
        (replace(READY, has_booking=False), Step.BOOKING),
        (READY, Step.SWITCH_ON),
        (changed(branches=(replace(SALON, mode=Mode.ACTIVE),)), None),
    ],
)
def test_the_first_thing_undone_is_next(facts, step):
    assert following(facts) is step
    assert is_over(steps(facts)) == (step is None)


def test_what_is_left_is_counted():
    assert left(changed(directions=(HAIR,)), Step.DIRECTIONS) == 1
    assert left(changed(routes=ROUTES[:1]), Step.ROUTES) == 1
    assert left(READY, Step.SWITCH_ON) == 1


def test_a_default_direction_takes_what_is_left_and_needs_a_pipeline_for_it():
    other = Direction("other", "Прочее", is_default=True)
    facts = changed(directions=(HAIR, other), routes=ROUTES[:1])

    assert left(facts, Step.DIRECTIONS) == 0
    assert missing_routes(facts) == ((41001, "other"),)


def test_a_default_direction_that_nothing_falls_to_needs_no_pipeline():
    facts = changed(directions=(HAIR, NAILS, Direction("other", "Прочее", is_default=True)))

    assert missing_routes(facts) == ()


def test_a_direction_that_the_salon_does_not_offer_needs_no_pipeline_there():
    ural = Branch(41002, "Урал")
    facts = changed(branches=(SALON, ural))

    assert missing_routes(facts) == ()


def test_a_single_service_is_enough_for_a_direction_to_be_offered():
    brows = Direction("brows", "Брови", services={41001: frozenset({90001})})
    facts = changed(directions=(HAIR, NAILS, brows))

    assert missing_routes(facts) == ((41001, "brows"),)
