"""Our engine in GET8's shadow: what both do alike, what GET8 misses or doubles; nothing is written."""

import pytest

from backend.flows.takeover.beside import shadow
from backend.store import links
from tests.support import shadow as shown
from tests.support.shadow import DAY, rule, stand
from tests.support.stand import CLEANING, EPILATION, LASER_ARMPITS, LASER_LEGS, STAGES, URAL

__all__ = ["stand"]

HALF_HOUR = 1800


def person(n):
    return f"Клиентка {n}", f"+7999000010{n}"


# The same


def test_same_lead_is_equal_and_ours_to_follow_from_then_on(stand):
    record = stand.book(LASER_ARMPITS)

    assert shown.compared(stand) == 1

    row, lead = shown.newest(stand, record), stand.foreign_lead(record)
    link = links.by_keys(stand.account.id, [row.key])[row.key]
    assert (row.diff, row.lead_id, row.acted) == ("equal", lead["id"], True)
    assert (link.lead_id, link.opened_by_us, link.direction) == (lead["id"], False, "epilation")
    assert 0 < row.lag_seconds < 180


@pytest.mark.parametrize("style", ["url", "note", "none"])
def test_however_the_lead_is_marked(new_get8, style):
    stand = shown.begun(new_get8(style=style))
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, row.lead_id) == ("equal", stand.foreign_lead(record)["id"])


def test_next_intent_speaks_only_of_the_next_change(stand):
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    stand.edit(record, services=[{"id": LASER_ARMPITS}, {"id": LASER_LEGS}])
    shown.compared(stand)
    stand.mark(record, 2)
    shown.compared(stand)

    first, edited, confirmed = shown.diffs(stand, record)

    assert [row.diff for row in (first, edited, confirmed)] == ["equal"] * 3
    assert [row.trait for row in (first, edited, confirmed)] == ["open:epilation", "edit", "move:confirmed"]
    assert edited.intent["intent"]["wanted"]["price"] == 700_000
    assert confirmed.intent["intent"]["wanted"]["price"] is None


def test_nothing_is_compared_twice(stand):
    stand.book(LASER_ARMPITS)
    shown.compared(stand)

    assert shadow.compare(stand.ctx, stand.account.id) == 0
    assert shown.compared(stand) == 0
    assert len(shown.diffs(stand)) == 1


def test_what_has_not_settled_waits(stand):
    stand.book(LASER_ARMPITS)

    assert shown.compared(stand, 300) == 0
    assert shown.compared(stand) == 1


def test_lead_that_comes_late_is_equal_later(stand):
    stand.get8.options.change({"lag": [HALF_HOUR, HALF_HOUR]})
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    early = shown.newest(stand, record).diff

    shown.compared(stand, 2 * HALF_HOUR)

    row = shown.newest(stand, record)
    assert (early, row.diff, row.next_look_at) == ("ours_extra", "equal_later", None)
    assert HALF_HOUR <= row.lag_seconds < HALF_HOUR + 300
    assert row.lead_id == stand.foreign_lead(record)["id"]


# GET8 does less


def test_what_get8_never_does_has_to_be_decided(stand):
    stand.get8.options.change({"loss": 1.0})
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, shown.parts(stand, row)) == ("ours_extra", [("ours_extra", "new_lead")])
    assert row.next_look_at is not None


def test_what_get8_usually_does_was_missed_by_it(stand):
    for n in range(4):
        stand.book(LASER_ARMPITS, client=person(n))
    shown.compared(stand)
    stand.get8.options.change({"loss": 1.0})
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    assert shown.newest(stand, record).diff == "get8_missed"


def test_move_that_get8_missed(stand):
    records = [stand.book(LASER_ARMPITS, client=person(n)) for n in range(4)]
    shown.compared(stand)
    for record in records[:3]:
        stand.mark(record, 2)
    shown.compared(stand)
    stand.get8.options.change({"loss": 1.0})
    stand.mark(records[3], 2)

    shown.compared(stand)

    row = shown.newest(stand, records[3])
    assert (row.diff, rule(row, stand)) == ("get8_missed", ["stage:confirmed"])


def test_patience_ends_after_a_day(stand):
    stand.get8.options.change({"loss": 1.0})
    record = stand.book(LASER_ARMPITS)
    for _ in range(12):
        shown.compared(stand, DAY / 6)

    row = shown.newest(stand, record)
    assert (row.diff, row.next_look_at) == ("ours_extra", None)


def test_second_lead_of_one_booking(new_get8):
    stand = shown.begun(new_get8(duplicate=1.0))
    record = stand.book(LASER_ARMPITS)

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert len(stand.leads()) == 2
    assert row.diff == "get8_duplicate"
    assert shown.parts(stand, row) == [("get8_duplicate", "double")]


def test_second_lead_that_comes_later(stand):
    record = stand.book(LASER_ARMPITS)
    shown.compared(stand)
    lead = stand.foreign_lead(record)
    copy = {"name": "Ещё раз", "pipeline_id": EPILATION, "status_id": STAGES[EPILATION] + 1, "price": 2500}
    fields = [{"field_id": stand.get8.layout.ids["record"], "values": [{"value": str(record["id"])}]}]
    contact = lead["_embedded"]["contacts"][0]["id"] if "_embedded" in lead else stand.contacts()[0]["id"]
    stand.get8.crm.create(
        {**copy, "custom_fields_values": fields, "_embedded": {"contacts": [{"id": contact}]}}
    )

    shown.compared(stand)

    row = shown.newest(stand, record)
    assert (row.diff, shown.parts(stand, row)) == ("get8_duplicate", [("get8_duplicate", "double")])


# What never happens


def test_whatever_happens_nothing_is_written_to_the_crm(stand):
    stand.world.amocrm.journal_clear()
    records = [stand.book(LASER_ARMPITS, client=person(n)) for n in range(3)]
    shown.compared(stand)
    stand.mark(records[0], 1)
    stand.mark(records[1], -1)
    stand.delete(records[2])
    stand.edit(records[0], services=[{"id": CLEANING}])
    shown.compared(stand)
    shown.compared(stand, DAY)

    assert len(shown.diffs(stand)) >= 6
    assert shown.our_writes(stand) == []
    assert stand.writes() != []


def test_salon_that_is_not_compared_leaves_no_row(stand):
    stand.book(90101, company=URAL, staff=83)

    assert shown.compared(stand) == 0
    assert shown.diffs(stand) == []
