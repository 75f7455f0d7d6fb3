"""Events of several calls in any interleaving, told twice, cut anywhere and followed by a look at what is
there now fold into the same calls; what the cut hid, the tables tell.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.telephony.call import Way
from backend.core.telephony.hearing import cel, fold, looking, merging, reading, resync, told
from backend.core.telephony.hearing.channels import FoldRules
from backend.core.telephony.hearing.moments import What
from backend.integrations.asterisk.protocol import Parser
from sandbox.asterisk import recorded
from tests.support.listing import channels_after

RULES = FoldRules(frozenset({"msk", "spb"}), frozenset({"101", "102", "103"}))
HEARD = datetime(2026, 11, 22, tzinfo=UTC)
LATER = HEARD + timedelta(hours=1)
NAMES = recorded.names(rights="all")


@cache
def moments_of(name):
    """Of one call, moved so that all recorded calls begin at the same moment."""
    frames = Parser(reading.WANTED).feed(recorded.stream(name))
    found = [moment for frame in frames if (moment := reading.moment(frame, HEARD))]
    return tuple(replace(moment, at=HEARD + (moment.at - found[0].at)) for moment in found)


@cache
def told_alone(name):
    """The calls when nothing is mixed, doubled or cut."""
    state, _ = heard(fold.Fold(1, RULES), moments_of(name))
    _, changes = fold.settled(state, LATER)
    return tuple(change.call for change in changes)


@cache
def told_by_tables(name):
    rows = (told.cel_row({k.lower(): v for k, v in row.items()}, UTC) for row in recorded.tables(name)["cel"])
    return {call.uniq: call for call in cel.calls_of(rows, 1, RULES)}


def heard(state, moments, at=HEARD):
    found = []
    for moment in moments:
        state, changes = fold.advance(state, replace(moment, heard_at=at))
        found += changes
    return state, found


def ended(state, changes):
    """Everything that has ended, by its id."""
    _, late = fold.settled(state, LATER)
    return {change.call.uniq: change.call for change in (*changes, *late) if change.kind == fold.ENDED}


@st.composite
def mixed(draw):
    """Some recorded calls at once: which of them goes on next is anybody's guess, the order within a call is
    not.
    """
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique_by=lambda name: name[::2]))
    left = [list(moments_of(name)) for name in names]
    turns = draw(st.permutations([i for i, moments in enumerate(left) for _ in range(5)]))
    sizes = [max(1, len(moments) // 5) for moments in left]
    mix = [left[i].pop(0) for i in turns for _ in range(min(sizes[i], len(left[i])))]
    return names, mix + [moment for moments in left for moment in moments]


@settings(max_examples=60, deadline=None)
@given(mix=mixed(), data=st.data())
def test_interleaved_and_told_twice_they_are_the_same_calls(mix, data):
    names, moments = mix
    for _ in range(data.draw(st.integers(0, 12))):
        first = data.draw(st.integers(0, len(moments) - 1))
        moments.insert(data.draw(st.integers(first + 1, len(moments))), moments[first])

    found = ended(*heard(fold.Fold(1, RULES), moments))

    wanted = {call.uniq: call for name in names for call in told_alone(name)}
    assert found.keys() == wanted.keys()
    for uniq, call in wanted.items():
        assert found[uniq] == call


@settings(max_examples=120, deadline=None)
@given(mix=mixed(), data=st.data())
def test_cut_anywhere_and_looked_at_again_they_are_the_same_calls(mix, data):
    names = mix[0]
    moments = sorted((moment for name in names for moment in moments_of(name)), key=lambda one: one.at)
    first = data.draw(st.integers(0, len(moments)))
    last = data.draw(st.integers(first, len(moments)))

    state, changes = heard(fold.Fold(1, RULES), moments[:first])
    state, over = fold.settled(state, LATER)
    at = moments[max(0, last - 1)].at + timedelta(microseconds=1)
    listing = resync.Listing(tuple(channels_after(moments[:last], at)), at, LATER, at)
    state, found = resync.resync(state, listing)
    state, more = heard(state, moments[last:], LATER)
    _, late = fold.settled(state, LATER + timedelta(hours=1))
    known = {c.call.uniq: c.call for c in (*changes, *over, *found, *more, *late) if c.kind == fold.ENDED}

    wanted = {call.uniq: call for name in names for call in told_alone(name)}
    by_tables = {uniq: call for name in names for uniq, call in told_by_tables(name).items()}
    for part in (call for uniq, call in known.items() if uniq not in wanted):
        assert is_a_part_of_one(part, by_tables.values())
    for uniq, call in wanted.items():
        if uniq not in known:  # it began and ended in the cut
            assert first < last
            whole_again = by_tables[uniq]
        elif known[uniq].is_incomplete:
            whole_again = merging.completed(known[uniq], by_tables[uniq])
        else:
            assert known[uniq] == call
            continue
        assert same(whole_again, call)


@settings(max_examples=120, deadline=None)
@given(mix=mixed(), data=st.data())
def test_hangups_that_got_lost_are_found_by_two_looks_and_nothing_else_is_touched(mix, data):
    """Three looks while the calls go on, two when all are over; a list is asked for before it comes."""
    names = mix[0]
    moments = sorted((moment for name in names for moment in moments_of(name)), key=lambda one: one.at)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(moments)), min_size=6, max_size=6)))
    is_lost = [one.what is What.GONE and data.draw(st.booleans()) for one in moments]
    state, changes, look = fold.Fold(1, RULES), [], looking.Look()

    def hear(first, last):
        nonlocal state
        kept = [m for m, lost in zip(moments[first:last], is_lost[first:last], strict=True) if not lost]
        state, found = heard(state, kept)
        changes.extend(found)

    def take(last, at):
        nonlocal state, look
        listed = {one.leg.uid for one in channels_after(moments[:last], at)}
        state, found, look = looking.taken(state, look, listed, at, HEARD)
        changes.extend(found)

    before = 0
    for asked, answered in zip(cuts[::2], cuts[1::2], strict=True):
        hear(before, asked)
        look = looking.begun(state, look)
        hear(asked, answered)
        take(asked, moments[max(0, asked - 1)].at + timedelta(microseconds=1))
        before = answered
    hear(before, len(moments))
    for second in (1, 2):
        look = looking.begun(state, look)
        take(len(moments), moments[-1].at + timedelta(seconds=second))

    found = ended(state, changes)
    wanted = {call.uniq: call for name in names for call in told_alone(name)}
    by_tables = {uniq: call for name in names for uniq, call in told_by_tables(name).items()}
    assert found.keys() == wanted.keys()
    for uniq, call in wanted.items():
        if found[uniq].is_incomplete:
            assert same(merging.completed(found[uniq], by_tables[uniq]), call)
        else:
            assert found[uniq] == call


def is_a_part_of_one(part, whole):
    """A phone that was about to fetch a call when the cut began: nobody is told of it, and its row goes into
    the call's when the tables tell of both.
    """
    is_silent = part.way is Way.INTERNAL and part.is_incomplete
    return is_silent and any(part.linked < call.linked for call in whole)


def same(one, other):
    """To what a table can tell: its clock is another, by some milliseconds."""
    names = ("uniq", "way", "trunk", "client", "did", "operator", "rung", "talked", "last_talker", "outcome",
             "miss", "hung_up_by", "lost_after_transfer", "linked")  # fmt: skip
    near = abs(one.talk - other.talk) < timedelta(seconds=0.1) > abs(one.wait - other.wait)
    return near and all(getattr(one, name) == getattr(other, name) for name in names)
