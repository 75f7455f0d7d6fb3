"""INV1 to INV10 after generated histories, judged by what amoCRM and the journal of the salon hold."""

import random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend import texts
from tests.property.histories import (
    BAD,
    CAME,
    CONFIRMED,
    EDITS,
    LOST,
    MISSED,
    WAITING,
    WON,
    Player,
    histories,
    usual,
    written,
)
from tests.property.seen import everything, key_of, keyed, record_posts
from tests.support.stand import (
    CONFIGURATION,
    LASER_ARMPITS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

SEEDS = st.integers(1, 1000)
HYBRID = written({"multi_category": "hybrid"})


@pytest.fixture
def play(stage):
    """Plays a history over a bad network and hands over the player; `watch` looks after every chapter."""
    opened = []

    def start(history, seed, watch=None, network=BAD, robots=False, text=None):
        for stand in opened:
            stand.close()
        stand = stage.open(seed, robots)
        opened[:] = [stand]
        if text:
            stand.configure(text)
        player = Player(stand, network)
        return player.play(history, (lambda: watch(player)) if watch else lambda: None)

    yield start
    for stand in opened:
        stand.close()


def active(player):
    """Bookings that wait for their visit or had it: neither cancelled nor missed."""
    return [r for r in player.records() if not r["deleted"] and int(r["attendance"]) != MISSED]


STAFF = histories(hands=("hand_complaint", "hand_name", "hand_merge"))


@usual(8)
@given(history=STAFF, seed=SEEDS)
def test_INV1_every_active_booking_has_exactly_one_main_lead(play, history, seed):
    player = play(history, seed)

    leads = keyed(player)

    assert {key_of(r): len(leads.get(key_of(r), [])) for r in active(player)} == {
        key_of(r): 1 for r in active(player)
    }


@usual(8)
@given(history=STAFF, seed=SEEDS)
def test_INV2_a_lead_has_one_active_main_booking_and_no_key_twice(play, history, seed):
    player = play(history, seed, robots=True)

    leads = keyed(player)

    assert {key: len(found) for key, found in leads.items() if len(found) > 1} == {}
    ids = [lead["id"] for r in active(player) for lead in leads.get(key_of(r), [])]
    assert len(ids) == len(set(ids))


@usual(8)
@given(history=STAFF, seed=SEEDS)
def test_INV3_a_lead_never_goes_to_a_booking_of_another_direction(play, history, seed):
    seen = {}

    def watch(player):
        for lead in player.stand.leads():
            titles = player.stand.value(lead, "MOSTIK_DIRECTION")
            if titles:
                first = seen.setdefault(lead["id"], set(titles))
                assert first & set(titles), f"lead {lead['id']}: {first} became {titles}"

    play(history, seed, watch, robots=True)

    assert seen


@usual(8)
@given(history=STAFF, seed=SEEDS)
def test_INV4_budgets_of_all_leads_of_a_booking_are_its_money(play, history, seed):
    player = play(history, seed, robots=True, text=HYBRID)

    leads = keyed(player)

    for record in active(player):
        parts = [lead for key, found in leads.items() for lead in found if is_of(key, record)]
        assert sum(lead["price"] for lead in parts) == sum(line["cost"] for line in record["services"])


def is_of(key, record):
    """The main lead's key, or a satellite's."""
    return key == key_of(record) or key.startswith(f"{key_of(record)}#")


@usual(8)
@given(history=histories(deeds=EDITS, hands=("hand_complaint", "hand_name"), share=2), seed=SEEDS)
def test_INV5_edits_move_no_stage_and_leave_the_work_of_people_alone(play, history, seed):
    seen = {}

    def watch(player):
        for lead in player.stand.leads():
            stage, name, responsible = seen.get(lead["id"], (lead["status_id"], None, None))
            assert lead["status_id"] == stage or lead["status_id"] % 100 == 9  # a person's «Жалоба»
            assert name in (None, lead["name"])
            assert responsible in (None, lead["responsible_user_id"])
            is_taken = lead["name"] == "Важная клиентка"
            mine = (lead["name"], lead["responsible_user_id"]) if is_taken else (None, None)
            seen[lead["id"]] = (lead["status_id"], *mine)

    play(history, seed, watch)

    assert seen


@usual(8)
@given(seed=SEEDS, copies=st.integers(1, 4), elsewhere=st.booleans())
def test_INV6_everything_is_created_through_one_gate(play, seed, copies, elsewhere):
    """One new person books in two salons in the same minute, and every hook comes several times."""
    player = play((), seed, network={})
    stand = player.stand
    for service in (stand.world.yclients, stand.world.amocrm):
        service.hooks(duplicate=copies, shuffle=15.0)
    first = stand.book(LASER_ARMPITS)
    where = {"company": URAL, "staff": URAL_MASTER} if elsewhere else {"company": TVERSKAYA, "at": "+6"}
    second = stand.book(URAL_LASER if elsewhere else LASER_ARMPITS, **where)

    player.quiet()

    assert len(stand.contacts()) == 1
    assert len(stand.leads()) == 2
    assert stand.lead_of(first)["id"] != stand.lead_of(second)["id"]


@usual(8)
@given(history=histories(deeds=("mark", "flip", "move"), hands=("hand_close",), least=2, share=1), seed=SEEDS)
def test_INV7_what_a_person_closed_stays_closed(play, history, seed):
    def watch(player):
        stages = {lead["id"]: lead["status_id"] for lead in player.stand.leads()}
        for lead_id, stage in player.closed_by_hand.items():
            assert stages[lead_id] == stage

    play(history, seed, watch)


@usual(6)
@given(history=STAFF, seed=SEEDS)
def test_INV8_every_lead_that_we_wrote_can_be_explained_in_words(play, history, seed):
    player = play(history, seed)

    for key in keyed(player):
        company, record_id = key.split(":")[1:]
        record = {"company_id": int(company), "id": int(record_id)}
        told = [event.reason for event in player.stand.events(record) if event.status == "done"]
        assert told
        assert all(texts.has(f"reason.{reason}", lang) for reason in told for lang in ("ru", "en"))


@usual(6)
@given(history=histories(hands=("hand_name",)), seed=SEEDS, mode=st.sampled_from(["observe", "off"]))
def test_INV9_nothing_is_written_for_a_salon_that_is_not_active(play, history, seed, mode):
    document = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    for branch in document["branches"]:
        branch["mode"] = mode

    player = play(history, seed, text=yaml.safe_dump(document, allow_unicode=True))

    assert player.stand.leads() == []
    assert player.stand.contacts() == []
    assert player.stand.crm()["notes"] == []


@usual(6)
@given(history=histories(hands=("hand_complaint", "hand_merge")), seed=SEEDS, again=st.integers(1, 3))
def test_INV10_replaying_every_event_in_any_order_changes_nothing(play, history, seed, again):
    posted = []

    def watch(player):
        if not posted:
            record_posts(player.stand, posted)

    player = play(history, seed, watch, network={})
    before = everything(player)
    replayed = posted * again
    random.Random(seed).shuffle(replayed)

    for url, body, headers in replayed:
        player.stand.world.sender.post(url, body, headers, 5.0)
    player.quiet()

    assert everything(player) == before


@usual(6)
@given(seed=SEEDS, marks=st.lists(st.sampled_from([WAITING, CONFIRMED]), min_size=1, max_size=4))
def test_INV7_our_own_close_is_undone_by_the_rule_alone(play, seed, marks):
    """A cancelled booking that is restored at once is the transition that has a rule."""
    player = play((), seed, network={})
    stand = player.stand
    record = stand.book(LASER_ARMPITS)
    player.quiet()
    stand.delete(record)
    player.quiet()
    closed = stand.lead_of(record)["status_id"]
    stand.world.yclients.ui_restore(record["company_id"], record["id"])
    for attendance in marks:
        stand.mark(record, attendance)

    player.quiet()

    assert closed == LOST
    assert stand.lead_of(record)["status_id"] == (8102 if marks[-1] == CONFIRMED else 8101)


@usual(2)
@given(seed=SEEDS)
def test_INV1_a_missed_visit_that_took_place_after_all_has_a_lead_again(play, seed):
    """Its lead has gone on with the next booking; the correction comes late."""
    player = play((), seed, network={})
    stand = player.stand
    missed = stand.book(LASER_ARMPITS)
    player.quiet()
    stand.mark(missed, MISSED)
    player.quiet()
    again = stand.book(LASER_ARMPITS, at="+6")
    player.quiet()
    stand.mark(missed, CAME)
    player.quiet()
    stand.edit(missed, comment="Всё-таки была")

    player.quiet()

    assert (stand.lead_of(missed)["status_id"], stand.lead_of(again)["status_id"]) == (WON, 8101)
    assert stand.lead_of(missed)["price"] == 2500
    assert len(stand.leads()) == 2
