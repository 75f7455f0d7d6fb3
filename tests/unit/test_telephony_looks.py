"""A hangup that got lost while the connection stood: what lists of channels say of it, what they do not."""

from backend.core.telephony.call import Outcome, Stage, Talk
from backend.core.telephony.hearing import fold, looking
from backend.core.telephony.hearing.channels import FoldRules
from backend.core.telephony.hearing.moments import Leg, Moment, What
from tests.support.telling import at

RULES = FoldRules(frozenset({"msk"}), frozenset({"101", "102"}))
CLIENT = Leg("1700000000.1", "PJSIP/msk-1", "1700000000.1", "79990001122", "74951000001")
ANNA = Leg("1700000000.2", "PJSIP/101-2", "1700000000.1", "101", "s")


def heard(*moments):
    """(what, leg, second, …) one after another."""
    state = fold.Fold(1, RULES)
    for what, leg, second, *more in moments:
        bridge = more[0] if more else ""
        state, _ = fold.advance(state, Moment(what, at(second), at(second), leg, bridge=bridge))
    return state


def one(state):
    (call,) = state.open_calls()
    return call


def looked(state, *listed, look=looking.NOTHING, second=60, asked=None):
    """The list was asked for now, or when the state was `asked`."""
    return looking.taken(
        state, looking.begun(asked or state, look), [one.uid for one in listed], at(second), at(second)
    )


def test_a_channel_that_two_lists_in_a_row_lack_was_gone_by_the_first():
    talking = heard(
        (What.NEW, CLIENT, 0), (What.NEW, ANNA, 1), (What.ENTER, CLIENT, 2, "a"), (What.ENTER, ANNA, 3, "a")
    )

    state, changes, look = looked(talking)
    assert (state, changes) == (talking, ())
    state, changes, look = looked(state, look=look, second=360)

    assert look == looking.NOTHING
    _, over = fold.settled(state, at(400))
    assert [change.kind for change in over] == [fold.ENDED]
    call = over[0].call
    assert (call.outcome, call.is_incomplete, call.talks) == (
        Outcome.ANSWERED, True, (Talk("101", at(3), at(60)),),
    )  # fmt: skip


def test_one_leg_that_was_forgotten_ends_alone():
    talking = heard(
        (What.NEW, CLIENT, 0), (What.NEW, ANNA, 1), (What.ENTER, CLIENT, 2, "a"), (What.ENTER, ANNA, 3, "a")
    )

    state, _, look = looked(talking, CLIENT)
    state, changes, _ = looked(state, CLIENT, look=look, second=360)

    assert [(change.kind, change.phone) for change in changes] == [(fold.GONE, "101")]
    assert (one(state).stage, one(state).ended_at, one(state).is_incomplete) == (Stage.WAITING, None, True)
    assert fold.settled(state, at(400))[1] == ()


def test_a_channel_that_one_list_forgot_is_there():
    before = heard((What.NEW, CLIENT, 0))

    state, _, look = looked(before)
    state, _, look = looked(state, CLIENT, look=look, second=360)
    state, changes, _ = looked(state, look=look, second=660)

    assert (state, changes) == (before, ())


def test_a_channel_that_was_heard_of_between_two_lists_is_there():
    state, _, look = looked(heard((What.NEW, CLIENT, 0)))
    state, _ = fold.advance(state, Moment(What.RINGING, at(100), at(100), CLIENT))

    state, changes, look = looked(state, look=look, second=360)

    assert (changes, one(state).ended_at, look.missing) == ((), None, {CLIENT.uid: at(360)})


def test_a_call_that_began_after_the_list_was_asked_for_is_not_touched():
    empty, begun = fold.Fold(1, RULES), heard((What.NEW, CLIENT, 55))

    state, _, look = looked(begun, asked=empty)
    state, changes, _ = looked(state, look=look, second=360, asked=empty)

    assert (state, changes, look) == (begun, (), looking.NOTHING)


def test_a_channel_that_hung_up_while_the_list_was_on_its_way_is_not_missed():
    begun = heard((What.NEW, CLIENT, 0), (What.NEW, ANNA, 1))
    state, _ = fold.advance(begun, Moment(What.GONE, at(59), at(59), ANNA))

    _, changes, look = looked(state, CLIENT, asked=begun)

    assert (changes, look) == ((), looking.NOTHING)
