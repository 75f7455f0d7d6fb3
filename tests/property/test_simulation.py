"""What holds of the simulator for every booking: equal rules differ in nothing, the untouched stays so."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.rules.options import MultiCategory, Settle, Without
from backend.core.simulation import outcomes, tally
from backend.core.simulation.narrowing import Narrowing, silent
from backend.core.simulation.outcomes import Verdict
from backend.core.simulation.tally import Seen, Tally
from backend.core.sync.booking import decide
from backend.core.sync.commands import CreateLead
from tests.support import strategies
from tests.support.facts import CONFIGURATION, RULES

THOROUGH = settings(max_examples=120, deadline=None)


@st.composite
def other_configurations(draw):
    """The stand's rules with one thing changed."""
    first, second, third = CONFIGURATION.directions
    route, *routes = CONFIGURATION.routes
    options = CONFIGURATION.options
    return draw(
        st.sampled_from(
            [
                CONFIGURATION,
                replace(CONFIGURATION, options=replace(options, settle=Settle(edit=1))),
                replace(CONFIGURATION, options=replace(options, multi_category=MultiCategory.SPLIT)),
                replace(CONFIGURATION, options=replace(options, without_phone=Without.SKIP)),
                replace(CONFIGURATION, directions=(replace(first, categories={}), second, third)),
                replace(CONFIGURATION, directions=(first, second, replace(third, is_default=False))),
                replace(CONFIGURATION, directions=(replace(first, priority=9), second, third)),
                replace(CONFIGURATION, routes=(replace(route, responsible_id=7), *routes)),
                replace(CONFIGURATION, routes=tuple(routes)),
            ]
        )
    )


@THOROUGH
@given(strategies.facts())
def test_equal_rules_differ_in_nothing(facts):
    outcome = outcomes.anew(facts, RULES)

    found = Tally()
    found.add(Seen(facts.booking.key, facts.booking.price, outcome, outcomes.anew(facts, RULES)))

    assert found.differing == 0
    assert found.before == found.after
    assert tally.read(tally.written(found)) == found


@THOROUGH
@given(strategies.facts(), other_configurations())
def test_what_is_called_untouched_ends_and_is_written_the_same(facts, configuration):
    other = replace(RULES, configuration=configuration)

    if Narrowing(CONFIGURATION, configuration).is_untouched(facts.booking):
        assert outcomes.anew(facts, RULES).is_like(outcomes.anew(facts, other))
        assert Narrowing(CONFIGURATION, configuration).ends_the_same(facts.booking)


@THOROUGH
@given(strategies.facts(), other_configurations())
def test_words_move_no_booking(facts, configuration):
    rules = replace(RULES, configuration=configuration)

    assert outcomes.anew(facts, silent(rules)) == outcomes.anew(facts, rules)


@THOROUGH
@given(strategies.facts_of_new())
def test_a_new_booking_that_waits_for_its_visit_ends_as_the_engine_decides(facts):
    """Nothing lies between: the first decision is the outcome."""
    known = outcomes.as_if_new(facts)

    outcome = outcomes.anew(facts, RULES)
    made = [c for c in decide(known, RULES).commands if isinstance(c, CreateLead) and not c.share]

    if facts.booking.phase == "waiting":
        assert (outcome.verdict is Verdict.OPENS) == bool(made)
