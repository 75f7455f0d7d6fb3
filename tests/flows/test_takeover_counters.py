"""The counters of a salon, each made red on purpose by what staff, managers and vendors do."""

from datetime import timedelta

import pytest

from backend.core.errors import InvalidInput
from backend.core.takeover.conflicts import Foreign
from backend.core.takeover.counters import Code
from backend.core.takeover.pairing import Pair, State, Tier
from backend.core.takeover.recognition import Kind, Place, What
from backend.flows.takeover.counting import counters
from backend.flows.takeover.counting.counters import Moment
from backend.flows.takeover.profile import recognition
from backend.flows.takeover.reading import found
from backend.flows.vendors import figures
from backend.store import foreign_writes, takeover_found, takeover_pairs, writers
from backend.store.takeover_pairs import FoundPair
from backend.store.writers import WriterName
from tests.support.stand import (
    AD_FIELD,
    ANNA,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    STAGES,
    TVERSKAYA,
    URAL,
)

BOB = ("Борис", "+79990000002")


def counted(stand, company=TVERSKAYA, since=None):
    return {one.code: one for one in counters.of(stand.ctx, stand.account.id, company, since)}


def why(counter):
    return [odd.why for odd in counter.exceptions]


def refreshed(stand):
    """News of the CRM arrive, as they do all the time."""
    stand.work()
    stand.pass_time(61)


@pytest.fixture
def booked(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


def test_a_salon_at_work_is_all_green(stand, booked):
    since = stand.now() - timedelta(hours=1)

    seen = counted(stand, since=since)

    assert list(seen) == list(Code)
    assert {code for code, one in seen.items() if not one.is_green} == set()
    assert seen[Code.FUTURE].value == {"n": 1, "of": 1}
    assert seen[Code.CREATED].value == {"n": 1, "expected": 1}
    assert seen[Code.KEYS].value == {"n": 1, "of": 1}
    assert seen[Code.LAG].value["of"] == 1


def test_another_salon_has_counters_of_its_own(stand, booked):
    assert counted(stand, URAL)[Code.FUTURE].value == {"n": 0, "of": 0}


def test_an_unknown_salon_is_refused(stand):
    with pytest.raises(InvalidInput, match="no_salon"):
        counters.of(stand.ctx, stand.account.id, 7)


def test_a_deleted_lead_of_a_booking_ahead(stand, booked):
    stand.world.amocrm.ui_delete(DOMAIN, user_id=ANNA, lead_id=stand.lead_of(booked)["id"])
    stand.work()

    seen = counted(stand)

    assert why(seen[Code.FUTURE]) == ["lead_gone"]
    assert seen[Code.FUTURE].exceptions[0].key.endswith(str(booked["id"]))


def test_records_that_nobody_linked(stand):
    """Discovery has read the journal of a salon that we have not worked for."""
    stand.world.yclients.hooks(loss=1.0)
    row = stand.book(LASER_ARMPITS, at="-3")
    read = found.of_rows(stand.account.id, [row], "Europe/Moscow").records
    takeover_found.save_many(stand.account.id, read)

    assert why(counted(stand)[Code.RECENT]) == ["no_lead"]


def test_a_number_that_no_journal_has(stand, booked):
    recognition.correct(stand.ctx, stand.account.id, [Place(Kind.FIELD, AD_FIELD, What.RECORD_ID)], "irina")
    stand.open_lead(EPILATION, STAGES[EPILATION], BOB, fields={AD_FIELD: "999000111"})
    refreshed(stand)

    seen = counted(stand)[Code.KEYS]

    assert (why(seen), seen.value) == (["key_unknown"], {"n": 1, "of": 2})


def test_two_leads_of_one_record(stand, booked):
    recognition.correct(stand.ctx, stand.account.id, [Place(Kind.FIELD, AD_FIELD, What.RECORD_ID)], "irina")
    other = stand.open_lead(EPILATION, STAGES[EPILATION], BOB, fields={AD_FIELD: str(booked["id"])})
    refreshed(stand)

    seen = counted(stand)[Code.DOUBLES]

    assert seen.exceptions[0].details["leads"].endswith(str(other["id"]))
    stand.move(other, 143)
    refreshed(stand)
    assert counted(stand)[Code.DOUBLES].is_green


def test_a_second_lead_without_any_number(stand, booked):
    other = stand.open_lead(EPILATION, STAGES[EPILATION], BOB)
    refreshed(stand)
    key = f"yclients:{TVERSKAYA}:{booked['id']}"
    pair = Pair(key, other["id"], Tier.B, (), State.DUPLICATE)
    takeover_pairs.add(stand.account.id, [FoundPair(pair, TVERSKAYA, stand.now())], stand.now())

    assert why(counted(stand)[Code.DOUBLES]) == ["double"]


def test_a_lead_whose_stage_did_not_follow(stand, booked):
    lead = stand.lead_of(booked)
    stand.mark(booked, 2)
    stand.settle()
    stand.move(lead, STAGES[EPILATION] + 1)
    refreshed(stand)

    seen = counted(stand)[Code.STAGES]

    assert why(seen) == ["stage"]
    assert seen.exceptions[0].details["wanted"] == STAGES[EPILATION] + 2


def test_a_budget_that_somebody_typed(stand, booked):
    stand.edit_lead(stand.lead_of(booked), price=100)
    refreshed(stand)

    seen = counted(stand)[Code.BUDGETS]

    assert seen.exceptions[0].details == {"leads": 10_000, "record": 250_000, "cause": "changed_in_crm"}


def test_the_money_of_yesterday(stand):
    record = stand.book(LASER_LEGS, at="+1")
    stand.settle()
    stand.mark(record, 1)
    stand.settle()
    stand.pass_time(2 * 86_400)
    assert counted(stand)[Code.YESTERDAY].value == {"leads": 450_000, "records": 450_000, "explained": 0}

    stand.edit_lead(stand.lead_of(record), price=1)
    refreshed(stand)

    assert not counted(stand)[Code.YESTERDAY].is_green


def test_a_lead_we_made_that_is_gone(stand, booked):
    since = stand.now() - timedelta(hours=1)
    stand.world.amocrm.ui_delete(DOMAIN, user_id=ANNA, lead_id=stand.lead_of(booked)["id"])
    stand.work()

    seen = counted(stand, since=since)[Code.CREATED]

    assert (why(seen), seen.value) == (["created_lost"], {"n": 0, "expected": 1})


def test_before_a_switch_nothing_is_counted_from_it(stand, booked):
    seen = counted(stand)

    assert (seen[Code.CREATED].value, seen[Code.FOREIGN].value) == ({"n": 0, "expected": 0}, {"n": 0})


def test_creations_that_the_brake_holds(stand):
    for hour in range(10, 15):
        stand.book(LASER_ARMPITS, at=f"2026-12-24 {hour}:00:00")
        stand.pass_time(61)
    stand.work()
    stand.pass_time(61)

    assert set(why(counted(stand)[Code.HELD])) == {"held"}


def test_writes_of_others_since_the_switch(stand, booked):
    t0 = stand.now() - timedelta(hours=2)
    writers.begin(stand.account.id, [TVERSKAYA], t0)
    writers.move(stand.account.id, TVERSKAYA, WriterName.GET8, WriterName.DRAINING, t0, t0=t0)
    lead, key = stand.lead_of(booked), f"yclients:{TVERSKAYA}:{booked['id']}"
    early = Foreign(TVERSKAYA, key, lead["id"], "price", "1", "2", OLGA, t0 - timedelta(minutes=1))
    late = Foreign(TVERSKAYA, key, lead["id"], "price", "2", "3", OLGA, t0 + timedelta(minutes=1))
    foreign_writes.note(stand.account.id, [early, late])

    seen = counted(stand)[Code.FOREIGN]

    assert [(odd.lead_id, odd.details["after"]) for odd in seen.exceptions] == [(lead["id"], "3")]


def test_a_manager_is_no_foreign_writer(stand, booked):
    recognition.correct(stand.ctx, stand.account.id, [], "irina", writer_ids=[ANNA])
    at = stand.now() - timedelta(minutes=5)
    one = Foreign(TVERSKAYA, "", 1, "price", "2", "3", OLGA, at)
    foreign_writes.note(stand.account.id, [one])

    assert counted(stand, since=at - timedelta(hours=1))[Code.FOREIGN].is_green


def test_news_that_came_late(stand):
    stand.world.yclients.hooks(delay=90)
    stand.book(LASER_ARMPITS)
    stand.pass_time(95)
    stand.settle()

    seen = counted(stand)[Code.LAG]

    assert (seen.is_green, seen.value["seconds"] >= 90) == (False, True)


def test_news_that_nobody_told(stand, booked):
    stand.world.yclients.hooks_url(TVERSKAYA, [])
    stand.book(LASER_LEGS, client=BOB)
    stand.reconcile()
    stand.settle()

    seen = counted(stand)[Code.LAG]

    assert (seen.is_green, seen.value["missed"]) == (False, 1)


def test_refusals_of_a_vendor(stand, booked):
    figures.roll_up(stand.ctx)
    assert counted(stand)[Code.ERRORS].is_green

    stand.world.amocrm.faults(kind="500", next=1)
    stand.book(LASER_LEGS, client=BOB)
    stand.settle()
    figures.roll_up(stand.ctx)

    seen = counted(stand)[Code.ERRORS]
    assert (seen.is_green, seen.value["n"]) == (False, 1)


def test_a_queue_that_stands(stand, booked):
    stand.world.yclients.ui_edit(TVERSKAYA, booked["id"], comment="позже")
    stand.world.deliver()
    stand.world.clock.advance(400)

    seen = counted(stand)[Code.QUEUE]

    assert (seen.is_green, seen.value["n"]) == (False, 1)
    assert seen.value["seconds"] >= 120


def test_what_was_counted_is_kept_for_both_moments(stand, booked):
    account_id = stand.account.id
    counters.take(stand.ctx, account_id, TVERSKAYA, Moment.BEFORE)
    stand.edit_lead(stand.lead_of(booked), price=100)
    refreshed(stand)
    counters.take(stand.ctx, account_id, TVERSKAYA, Moment.AFTER, stand.now() - timedelta(hours=1))

    kept = counters.kept(account_id)[TVERSKAYA]

    assert (kept[Moment.BEFORE].red, kept[Moment.AFTER].red) == (0, 1)
    assert list(kept[Moment.AFTER].counters) == counters.of(
        stand.ctx, account_id, TVERSKAYA, kept[Moment.AFTER].since
    )
