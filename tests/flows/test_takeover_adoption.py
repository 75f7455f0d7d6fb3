"""Leads of the former widget become ours without a write; the first natural change brings our key; what is
fresh is found at once; what the widget missed can be caught up with.
"""

import pytest

from backend.core.sync.adopted import MEMORY
from backend.core.takeover.pairing import State, Tier
from backend.flows.rules import configuration
from backend.flows.sync import mirror
from backend.flows.takeover.pairs import adoption, matching
from backend.flows.works import long_work
from backend.store import bookings, lanes, links, long_works, takeover_decisions, takeover_pairs
from backend.store.takeover_pairs import Filter
from tests.catalogue.test_M_matching import adopted, key_of, ours, paired, pairs_of, switch_on
from tests.support.stand import CLEANING, LASER_ARMPITS, TVERSKAYA

CONFIRMED = 8102


def refreshed(stand):
    """The mirror is as fresh as whoever asks for fresh pairs has just made it."""
    client = stand.ctx.amo(stand.account.id)
    for name in (mirror.CONTACTS, mirror.LEADS):
        mirror.refresh(stand.account.id, name, client)


def link_of(stand, record):
    return links.by_keys(stand.account.id, [key_of(record)])[key_of(record)]


def found(stand, *records):
    refreshed(stand)
    return matching.find(stand.account.id, [key_of(r) for r in records], configuration.load(stand.account.id))


@pytest.fixture
def moved(get8):
    """One visit on GET8, found, matched and adopted; the salons are ours."""
    get8.record = get8.book(LASER_ARMPITS, at="+20")
    get8.settle()
    paired(get8)
    assert adopted(get8) == 1
    switch_on(get8)
    return get8


def test_read_again_nothing_is_written(moved):
    before = moved.leads()

    moved.reconcile()
    moved.ctx.ring(lanes.lane_id(moved.account.id, lanes.BOOKINGS))
    moved.edit(moved.record, comment="")
    moved.settle()

    assert moved.leads() == before
    assert ours(moved) == []


def test_the_first_change_brings_the_key_and_every_field_in_one_request(moved):
    deal = moved.foreign_lead(moved.record)

    moved.edit(moved.record, comment="Аллергия на лидокаин")
    moved.settle()

    changed = moved.lead_of(moved.record)
    assert changed["id"] == deal["id"]
    assert changed["status_id"] == deal["status_id"]
    assert changed["name"] == deal["name"]
    assert moved.value(changed, "MOSTIK_SERVICES")
    assert link_of(moved, moved.record).applied[MEMORY] == ""
    assert len([path for path in ours(moved) if path.endswith("/leads")]) == 1


def test_the_next_changes_are_written_as_everywhere(moved):
    moved.mark(moved.record, 2)
    moved.settle()
    moved.mark(moved.record, 0)
    moved.settle()

    assert moved.lead_of(moved.record)["status_id"] == moved.foreign_lead(moved.record)["status_id"]
    assert len(moved.leads()) == 1


def test_the_next_visit_of_a_person_who_did_not_come_goes_on_with_the_adopted_lead(moved):
    moved.mark(moved.record, -1)
    moved.settle()

    again = moved.book(LASER_ARMPITS, at="+9")
    moved.settle()

    assert moved.lead_of(again)["id"] == moved.linked_lead(moved.record)
    assert len(moved.leads()) == 1


def test_a_fresh_booking_finds_the_lead_that_the_widget_has_just_made(get8):
    paired(get8)
    record = get8.book(LASER_ARMPITS, at="+20")
    get8.settle()

    (pair,) = found(get8, record)

    assert (pair.lead_id, pair.tier, pair.state) == (get8.foreign_lead(record)["id"], Tier.A, State.ACCEPTED)
    assert adoption.take(get8.account.id, [pair]) == [key_of(record)]
    assert get8.linked_lead(record) == pair.lead_id
    assert found(get8, record) == []
    assert [pair.state for pair in pairs_of(get8, record)] == [State.ADOPTED]
    assert ours(get8) == []


def test_a_fresh_booking_without_a_mark_is_found_by_its_time(new_get8):
    stand = new_get8(style="none")
    paired(stand)
    record = stand.book(LASER_ARMPITS, at="+20")
    other = stand.book(CLEANING, at="+21")
    stand.settle()

    pairs = {pair.key: pair for pair in found(stand, record, other)}

    assert pairs[key_of(record)].lead_id == stand.foreign_lead(record)["id"]
    assert pairs[key_of(other)].lead_id == stand.foreign_lead(other)["id"]
    assert {pair.state for pair in pairs.values()} == {State.ACCEPTED}


def test_nothing_is_found_of_what_nobody_knows(get8):
    assert matching.find(get8.account.id, ["yclients:41001:1"], configuration.load(get8.account.id)) == []
    assert adoption.take(get8.account.id, []) == []
    assert adoption.renew(get8.account.id, ["yclients:41001:1"]) == 0
    assert adoption.catch_up(get8.account.id, ["yclients:41001:1"]) == []


def test_renewed_only_the_next_change_is_spoken_of(get8):
    """In the shadow: we saw a change that GET8 carried out; from then on it is history."""
    record = get8.book(LASER_ARMPITS, at="+20")
    get8.settle()
    paired(get8)
    adopted(get8)
    get8.mark(record, 2)
    get8.settle()
    refreshed(get8)

    assert adoption.renew(get8.account.id, [key_of(record)]) == 1
    switch_on(get8)
    get8.reconcile()
    get8.settle()

    assert link_of(get8, record).applied["phase"] == "confirmed"
    assert ours(get8) == []


def test_what_the_widget_missed_is_caught_up_with(get8):
    record = get8.book(LASER_ARMPITS, at="+20")
    get8.settle()
    get8.disconnect(TVERSKAYA)
    get8.mark(record, 2)
    get8.settle()
    paired(get8)
    adopted(get8)
    switch_on(get8)

    late = adoption.catch_up(get8.account.id, [key_of(record)])
    get8.edit(record, comment="")  # the salon tells of it once more
    get8.settle()

    assert late == [key_of(record)]
    assert get8.lead_of(record)["status_id"] == CONFIRMED
    assert adoption.catch_up(get8.account.id, late) == []


def test_what_is_known_of_the_booking_is_kept_with_its_link(moved):
    row = bookings.by_keys(moved.account.id, [key_of(moved.record)])[key_of(moved.record)]

    assert (row.lead_id, row.phase) == (moved.linked_lead(moved.record), "waiting")
    assert moved.reconcile() == 0  # the salon's journal says nothing new


def test_a_lead_deleted_meanwhile_gets_no_link(get8):
    record = get8.book(LASER_ARMPITS, at="+20")
    get8.settle()
    paired(get8)
    get8.world.amocrm.ui_delete("lotos.amocrm.ru", 7000001, get8.foreign_lead(record)["id"])
    get8.work()

    assert adopted(get8) == 0


def test_a_refused_pair_is_not_found_again(get8):
    record = get8.book(LASER_ARMPITS, at="+20")
    get8.settle()
    paired(get8)
    (row,) = takeover_pairs.page(get8.account.id, Filter("accepted"))
    takeover_decisions.decide(get8.account.id, [row.id], State.REJECTED, "irina", get8.now())

    assert matching.run(get8.ctx, get8.account.id) == 0
    assert [pair.state for pair in pairs_of(get8, record)] == [State.REJECTED]


def test_adopted_as_a_long_work_in_portions(get8, monkeypatch):
    monkeypatch.setattr(adoption, "PORTION", 2)
    for number in range(5):
        get8.book(LASER_ARMPITS, client=("Вера", f"+7999000010{number}"), at="+20")
    get8.settle()
    paired(get8)

    work_id = adoption.start(get8.ctx, get8.account.id, TVERSKAYA, "irina")
    long_work.run(get8.ctx, lanes.lane_id(get8.account.id, long_work.LANE))

    work = long_works.get(work_id)
    assert (work.state, work.done) == ("done", 5)
    assert takeover_pairs.count(get8.account.id, Filter("adopted")) == 5


def test_cut_between_two_portions_the_rest_is_adopted_later(get8, monkeypatch):
    for number in range(3):
        get8.book(LASER_ARMPITS, client=("Вера", f"+7999000010{number}"), at="+20")
    get8.settle()
    paired(get8)
    monkeypatch.setattr(adoption, "PORTION", 1)
    real, met = adoption._link, []

    def dies(*given):
        met.append(given)
        if len(met) == 2:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(adoption, "_link", dies)
    with pytest.raises(KeyboardInterrupt):
        adopted(get8)
    monkeypatch.setattr(adoption, "_link", real)

    assert takeover_pairs.count(get8.account.id, Filter("adopted")) == 1
    assert adopted(get8) == 2
