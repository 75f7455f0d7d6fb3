"""After quiet, a bad network has left the state that a good one would have left."""

from hypothesis import given, note
from hypothesis import strategies as st

from tests.property.histories import BAD, Player, histories, state_of, usual


def played(stage, history, network, seed=1, robots=False):
    stand = stage.open(seed, robots)
    player = Player(stand, network).play(history)
    state = state_of(player)
    stand.close()
    return state


@usual(12)
@given(history=histories(), seed=st.integers(1, 1000))
def test_lost_doubled_and_shuffled_hooks_end_in_the_state_of_the_clean_order(stage, history, seed):
    clean = played(stage, history, {})

    disturbed = played(stage, history, BAD, seed)

    note(f"clean {clean}")
    assert disturbed == clean


@usual(6)
@given(history=histories(hands=()), seed=st.integers(1, 1000))
def test_a_network_that_loses_everything_is_made_up_for_by_looking(stage, history, seed):
    clean = played(stage, history, {})

    deaf = played(stage, history, {"loss": 1.0}, seed)

    assert deaf == clean


@usual(6)
@given(history=histories(hands=(), most=5), seed=st.integers(1, 1000))
def test_robots_that_open_the_next_lead_change_nothing_about_it(stage, history, seed):
    clean = played(stage, history, {}, robots=True)

    disturbed = played(stage, history, BAD, seed, robots=True)

    assert disturbed == clean
