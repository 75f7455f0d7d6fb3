"""INV1, INV2, INV4 and INV10 whatever an account has chosen: which leads a booking has, what becomes of them
when it changes, who opens the next one. Services change here, and masters work side by side.
"""

import random
from collections import defaultdict

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from tests.property.histories import (
    BAD,
    EVERYTHING,
    LOST,
    MISSED,
    Player,
    choices,
    histories,
    usual,
    written,
)
from tests.property.seen import everything, key_of, keyed, record_posts

SEEDS = st.integers(1, 1000)
STAFF = histories(deeds=EVERYTHING, hands=("hand_complaint", "hand_name", "hand_merge"), least=2)
EACH, TOGETHER = choices(), choices(group_by_visit=st.just(True))


@pytest.fixture
def play(stage):
    """Plays a history in an account that has chosen so; automations work unless the next lead is ours."""
    opened = []

    def start(history, seed, options, network=BAD, watch=None):
        for stand in opened:
            stand.close()
        stand = stage.open(seed, robots=options["next_lead"] == "crm")
        opened[:] = [stand]
        stand.configure(written(options))
        player = Player(stand, network)
        return player.play(history, (lambda: watch(player)) if watch else lambda: None)

    yield start
    for stand in opened:
        stand.close()


def visits(player):
    """Visits that somebody waits for or had, each with its bookings that are not deleted."""
    found = defaultdict(list)
    for record in player.records():
        if not record["deleted"]:
            found[str(record["visit_id"])].append(record)
    return [known for known in found.values() if any(int(r["attendance"]) != MISSED for r in known)]


def active(player):
    return [r for known in visits(player) for r in known if int(r["attendance"]) != MISSED]


def bought(records):
    return sum(line["cost"] for record in records for line in record["services"])


def alive(player, keys):
    """Leads of these bookings, main ones and satellites, that nobody has closed as lost."""
    return [
        lead
        for key, found in keyed(player).items()
        for lead in found
        if key.partition("#")[0] in keys and lead["status_id"] != LOST
    ]


@usual(20)
@given(history=STAFF, seed=SEEDS, options=EACH)
def test_INV1_INV2_every_active_booking_has_one_main_lead_of_its_own(play, history, seed, options):
    player = play(history, seed, options)

    leads = keyed(player)

    note(f"{options} {history}")
    assert {key: len(found) for key, found in leads.items() if len(found) > 1} == {}
    assert [key_of(record) for record in active(player) if key_of(record) not in leads] == []
    ids = [lead["id"] for record in active(player) for lead in leads[key_of(record)]]
    assert len(ids) == len(set(ids))


@usual(20)
@given(history=STAFF, seed=SEEDS, options=EACH)
def test_INV4_the_leads_of_a_booking_hold_its_money_once(play, history, seed, options):
    player = play(history, seed, options)

    note(f"{options} {history}")
    for record in active(player):
        assert sum(lead["price"] for lead in alive(player, {key_of(record)})) == bought([record])


@usual(20)
@given(history=STAFF, seed=SEEDS, options=TOGETHER)
def test_INV1_INV4_the_leads_of_a_visit_hold_its_money_once(play, history, seed, options):
    """Its bookings share leads where they are of one direction."""
    player = play(history, seed, options)

    leads = keyed(player)

    note(f"{options} {history}")
    assert {key: len(found) for key, found in leads.items() if len(found) > 1} == {}
    for known in visits(player):
        of_visit = {
            key_of(record)
            for record in player.records()
            if str(record["visit_id"]) == str(known[0]["visit_id"])
        }
        assert of_visit & leads.keys()
        assert sum(lead["price"] for lead in alive(player, of_visit)) == bought(known)


@usual(15)
@given(history=STAFF, seed=SEEDS, options=EACH | TOGETHER, again=st.integers(1, 2))
def test_INV10_replaying_every_event_in_any_order_changes_nothing(play, history, seed, options, again):
    posted = []

    def watch(player):
        if not posted:
            record_posts(player.stand, posted)

    player = play(history, seed, options, network={}, watch=watch)
    before = everything(player)
    replayed = posted * again
    random.Random(seed).shuffle(replayed)

    for url, body, headers in replayed:
        player.stand.world.sender.post(url, body, headers, 5.0)
    player.quiet()

    note(f"{options} {history}")
    assert everything(player) == before
