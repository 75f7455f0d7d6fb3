"""Pairs of bookings and leads as they are kept, and what people decide about them: one lead for a booking,
one booking for a lead, the last word can be taken back.
"""

from datetime import timedelta

import pytest

from backend.core.sync.adopted import MEMORY
from backend.core.sync.links import Link
from backend.core.takeover.pairing import Pair, State, Tier, Why
from backend.store import links, takeover_decisions, takeover_links, takeover_pairs
from backend.store.takeover_pairs import LOOK, OPEN, TIES, Filter, FoundPair
from tests.store.conftest import NOW

SALON, OTHER = 41001, 41002
SURE = Pair("yclients:41001:1", 101, Tier.A, (Why.RECORD_ID, Why.PERSON), State.ACCEPTED, is_best=True)
LOOKED = Pair(
    "yclients:41001:2", 102, Tier.A_MINUS, (Why.RECORD_ID, Why.PERSON_DIFFERS), State.ACCEPTED, True
)
BEST = Pair("yclients:41001:3", 103, Tier.B, (Why.PERSON, Why.TIME), is_best=True)
SECOND = Pair("yclients:41001:3", 104, Tier.B, (Why.PERSON, Why.TIME))
THIRD = Pair("yclients:41002:4", 104, Tier.B, (Why.PERSON, Why.TIME), is_best=True)
TIED = Pair("yclients:41002:5", 105, Tier.B, (Why.PERSON, Why.TIME, Why.TIE), is_best=True)
DOUBLE = Pair("yclients:41001:1", 106, Tier.A, (Why.RECORD_ID, Why.DUPLICATE), State.DUPLICATE)
ALL = (SURE, LOOKED, BEST, SECOND, THIRD, TIED, DOUBLE)


def found(*pairs):
    return [
        FoundPair(pair, int(pair.key.split(":")[1]), NOW - timedelta(hours=place))
        for place, pair in enumerate(pairs)
    ]


@pytest.fixture
def kept(account):
    takeover_pairs.renew(account.id, found(*ALL), NOW)
    return account.id


def row(account_id, pair):
    return next(
        one
        for one in takeover_pairs.of_booking(account_id, [pair.key])[pair.key]
        if one.lead_id == pair.lead_id
    )


def states(account_id):
    rows = takeover_pairs.of_booking(account_id, [pair.key for pair in ALL])
    return {(one.key, one.lead_id): one.state for some in rows.values() for one in some}


def decide(account_id, *pairs, after=State.ACCEPTED):
    ids = [row(account_id, pair).id for pair in pairs]
    return takeover_decisions.decide(account_id, ids, after, "irina", NOW)


def listed(account_id, **wanted):
    return [one.pair for one in takeover_pairs.page(account_id, Filter(**wanted))]


def test_a_pair_is_read_back_as_it_was_kept(kept):
    assert row(kept, LOOKED).pair == LOOKED
    assert row(kept, LOOKED).is_for_a_look
    assert takeover_pairs.get(kept, row(kept, SURE).id).pair == SURE
    assert takeover_pairs.get(kept + 1, row(kept, SURE).id) is None


@pytest.mark.parametrize(
    ("wanted", "pairs"),
    [
        ({"shown": OPEN}, [BEST, SECOND, THIRD, TIED]),
        ({"shown": OPEN, "company_id": OTHER}, [THIRD, TIED]),
        ({"shown": TIES}, [TIED]),
        ({"shown": LOOK}, [LOOKED]),
        ({"shown": "accepted", "tier": Tier.A}, [SURE]),
        ({"shown": "duplicate"}, [DOUBLE]),
        ({"shown": "rejected"}, []),
    ],
)
def test_lists_show_the_newest_visits_first(kept, wanted, pairs):
    assert listed(kept, **wanted) == pairs
    assert takeover_pairs.count(kept, Filter(**wanted)) == len(pairs)


def test_a_list_goes_on_after_its_last_row(kept):
    first = takeover_pairs.page(kept, Filter(), limit=2)
    rest = takeover_pairs.page(kept, Filter(), (first[-1].starts_at, first[-1].id))

    assert [one.pair for one in (*first, *rest)] == [BEST, SECOND, THIRD, TIED]


def test_counts_by_state_and_tier(kept):
    assert takeover_pairs.tallies(kept)["proposed", "B"] == 4
    assert takeover_pairs.tallies(kept, OTHER) == {("proposed", "B"): 2}
    assert takeover_pairs.salons(kept) == [SALON, OTHER]


def test_many_at_once_are_the_chosen_ones_without_equals(kept):
    ids = takeover_pairs.for_bulk(kept, Tier.B, None)

    assert ids == [row(kept, BEST).id, row(kept, THIRD).id]
    assert takeover_pairs.bulk_counts(kept, None) == {"B": 2}
    assert takeover_pairs.bulk_counts(kept, SALON) == {"B": 1}
    assert takeover_pairs.for_bulk(kept, Tier.B, OTHER) == [row(kept, THIRD).id]


def test_a_new_search_replaces_what_nobody_has_decided(kept):
    decide(kept, BEST)
    decide(kept, SURE, after=State.REJECTED)

    takeover_pairs.renew(kept, found(TIED), NOW)

    assert set(states(kept).values()) == {"accepted", "rejected", "proposed"}
    assert states(kept)[BEST.key, BEST.lead_id] == "accepted"
    assert states(kept)[SURE.key, SURE.lead_id] == "rejected"
    assert (LOOKED.key, LOOKED.lead_id) not in states(kept)


def test_what_is_settled_is_told_to_the_next_search(kept):
    decide(kept, BEST)
    decide(kept, LOOKED, after=State.REJECTED)

    settled = takeover_pairs.settled(kept)

    assert (settled.keys, settled.lead_ids) == ({BEST.key}, {BEST.lead_id})
    assert settled.refused == {(LOOKED.key, LOOKED.lead_id), (SECOND.key, SECOND.lead_id)}


def test_to_accept_one_refuses_its_rivals(kept):
    batch = decide(kept, SECOND)

    assert (batch.accepted, batch.rejected) == (1, 2)  # BEST has its booking, THIRD its lead
    assert states(kept)[BEST.key, BEST.lead_id] == "rejected"
    assert states(kept)[THIRD.key, THIRD.lead_id] == "rejected"


def test_of_two_that_clash_the_first_is_accepted(kept):
    batch = decide(kept, BEST, SECOND, THIRD)

    assert (batch.accepted, batch.rejected) == (2, 1)
    assert states(kept)[SECOND.key, SECOND.lead_id] == "rejected"


def test_what_clashes_with_an_accepted_pair_stays_as_it_is(kept):
    batch = decide(kept, DOUBLE)

    assert (batch.accepted, batch.rejected) == (0, 0)
    assert states(kept)[DOUBLE.key, DOUBLE.lead_id] == "duplicate"


def test_the_last_word_is_taken_back_whole_and_then_the_one_before(kept):
    before = states(kept)
    decide(kept, SECOND)
    between = states(kept)
    decide(kept, TIED, after=State.REJECTED)

    assert [one.accepted for one in takeover_decisions.newest(kept)] == [0, 1]
    assert takeover_decisions.undo(kept).restored == 1
    assert states(kept) == between
    assert takeover_decisions.undo(kept).restored == 3
    assert states(kept) == before
    assert takeover_decisions.undo(kept) is None
    assert takeover_pairs.settled(kept).refused == frozenset()


def test_what_has_its_link_meanwhile_is_not_taken_back(kept):
    decide(kept, BEST)
    takeover_links.adopt(kept, [linked(BEST)], [], NOW)

    taken = takeover_decisions.undo(kept)

    assert (taken.restored, taken.linked) == (1, 1)  # its refused rival is open again
    assert states(kept)[BEST.key, BEST.lead_id] == "adopted"
    assert decide(kept, BEST, after=State.REJECTED).rejected == 0


def linked(pair, **more):
    return Link(pair.key, pair.lead_id, applied={MEMORY: "digest"}, opened_by_us=False, **more)


def test_accepted_pairs_become_links_once(kept):
    waiting = takeover_pairs.accepted(kept, SALON)
    assert [one.pair for one in waiting] == [SURE, LOOKED]

    assert takeover_links.adopt(kept, [linked(SURE), linked(LOOKED)], [], NOW) == [SURE.key, LOOKED.key]
    assert takeover_links.adopt(kept, [linked(SURE)], [], NOW) == []

    assert takeover_pairs.accepted(kept, SALON) == []
    assert takeover_links.taken(kept) == ({SURE.key, LOOKED.key}, {101, 102})
    assert links.by_keys(kept, [SURE.key])[SURE.key].lead_id == 101
    assert not links.by_keys(kept, [SURE.key])[SURE.key].opened_by_us


def test_what_clashes_with_a_link_is_open_no_more(kept):
    """A fresh search has found what an older one had left open."""
    takeover_links.adopt(kept, [linked(SECOND)], [], NOW)

    assert states(kept)[SECOND.key, SECOND.lead_id] == "adopted"
    assert listed(kept) == [TIED]


def test_a_lead_that_has_a_booking_gets_no_other(kept):
    takeover_links.adopt(kept, [linked(SURE)], [], NOW)

    assert takeover_links.adopt(kept, [Link(LOOKED.key, SURE.lead_id)], [], NOW) == []


def test_only_links_that_nothing_was_written_through_are_renewed(kept):
    takeover_links.adopt(kept, [linked(SURE), Link(LOOKED.key, 102, applied={"price": "1"})], [], NOW)
    assert list(takeover_links.silent(kept, [SURE.key, LOOKED.key])) == [SURE.key]

    again = [Link(key, lead, applied={MEMORY: "new"}) for key, lead in ((SURE.key, 101), (LOOKED.key, 102))]

    assert takeover_links.replace(kept, again, NOW) == 1
    assert links.by_keys(kept, [SURE.key])[SURE.key].applied == {MEMORY: "new"}
    assert links.by_keys(kept, [LOOKED.key])[LOOKED.key].applied == {"price": "1"}


def test_a_link_that_has_changed_its_lead_is_not_renewed(kept):
    takeover_links.adopt(kept, [linked(SURE)], [], NOW)

    assert takeover_links.replace(kept, [Link(SURE.key, 999, applied={MEMORY: "new"})], NOW) == 0


def test_more_pairs_come_beside_those_that_are_there(kept):
    fresh = Pair("yclients:41001:9", 109, Tier.B, (Why.TIME,), State.ACCEPTED, is_best=True)

    takeover_pairs.add(kept, found(fresh, SURE), NOW)

    assert row(kept, fresh).pair == fresh
    assert len(states(kept)) == len(ALL)
