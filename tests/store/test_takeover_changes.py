"""Values before and after of our writes, what others changed, and how a return went, on both engines."""

from datetime import timedelta

import pytest

from backend.core.crm import Lead
from backend.core.money import Kopecks
from backend.core.sync import journal
from backend.core.sync.adopted import MEMORY
from backend.core.sync.commands import AddNote, CreateLead, UpdateLead
from backend.core.sync.links import Link
from backend.core.takeover.conflicts import Foreign
from backend.core.takeover.undo import Line, Outcome, Wish
from backend.store import (
    alarms,
    db,
    foreign_writes,
    lanes,
    links,
    mirror,
    outbox,
    rollbacks,
    settlement,
    takeover_changes,
    takeover_links,
    writers,
)
from backend.store.outbox import PlannedRow, Settled
from backend.store.settlement import Answered
from backend.store.writers import WriterName
from tests.store.conftest import COMPANY, NOW

KEY = f"yclients:{COMPANY}:1"
LATER = NOW + timedelta(hours=1)
MAKE = CreateLead(KEY, "epilation", "Мария", 8001, 8101, 7, Kopecks(100), 5)


@pytest.fixture
def lease(account, record):
    """A lane in our hands, with an event of the booking in it."""
    lane = lanes.lane_id(account.id, lanes.BOOKINGS)
    return lanes.take(lane, "worker", 60)


@pytest.fixture
def fences(account, branch):
    writers.begin(account.id, [COMPANY], NOW)
    writers.move(account.id, COMPANY, WriterName.GET8, WriterName.DRAINING, NOW, t0=NOW)
    ours = writers.move(account.id, COMPANY, WriterName.DRAINING, WriterName.OURS, NOW)
    mirror.save_leads(account.id, [Lead(7, 8001, 8100, Kopecks(500), "Запись", updated_at=NOW)])
    return {COMPANY: ours.fence}


def planned(lease, record, fences, *commands):
    event = record()
    rows = [
        PlannedRow(event, place, one.key, type(one).__name__, journal.command(one))
        for place, one in enumerate(commands)
    ]
    return outbox.plan(lease, rows, NOW, fences)


def of_lead(account, lead_id):
    return {one.what: one for one in takeover_changes.of_leads(account.id, [lead_id])}


def test_values_before_are_planned_with_the_command_and_settled_with_its_answer(
    account, lease, record, fences
):
    (row,) = planned(lease, record, fences, UpdateLead(KEY, 7, price=Kopecks(900), name="Запись"))
    (before,) = of_lead(account, 7).values()
    assert (before.what, before.before, before.after, before.at) == ("price", "500", "900", None)

    settlement.settle(lease, Answered(results={row: Settled("done")}), LATER)

    assert of_lead(account, 7)["price"].at == LATER


def test_what_was_refused_was_never_written_and_what_is_in_doubt_stays(account, lease, record, fences):
    refused, doubted = planned(
        lease, record, fences, UpdateLead(KEY, 7, price=Kopecks(900)), UpdateLead(KEY, 7, name="Мария")
    )

    results = {
        refused: Settled("failed", None, "no"),
        doubted: Settled("failed", None, "?", is_doubtful=True),
    }
    settlement.settle(lease, Answered(results=results), LATER)

    assert {what: one.at for what, one in of_lead(account, 7).items()} == {"name": None}


def test_a_lead_that_was_made_gets_its_number_with_the_notes_planned_beside_it(
    account, lease, record, fences
):
    make, _ = planned(lease, record, fences, MAKE, AddNote(KEY, None, "слова"))

    settlement.settle(lease, Answered(results={make: Settled("done")}, made={make: 70}), LATER)

    assert set(of_lead(account, 70)) == {"created", "note"}
    salon = takeover_changes.of_salon(account.id, COMPANY, NOW)
    assert [one.lead_id for one in salon] == [70, 70]


def test_salons_that_never_moved_leave_no_trace(account, lease, record, fences):
    planned(lease, record, {}, UpdateLead(KEY, 7, price=Kopecks(900)))
    planned(lease, record, fences, UpdateLead("yclients:41002:1", 7, price=Kopecks(900)))

    assert of_lead(account, 7) == {}


def test_what_was_taken_back_is_taken_back_once(account, lease, record, fences):
    make, _, _ = planned(
        lease, record, fences, MAKE, UpdateLead(KEY, 7, price=Kopecks(900)), UpdateLead(KEY, 7, name="Мария")
    )
    settlement.settle(lease, Answered(results={make: Settled("done")}, made={make: 70}), LATER)

    takeover_changes.mark_undone(account.id, [(7, "price"), (70, "created")], LATER)

    assert set(of_lead(account, 7)) == {"name"}
    assert of_lead(account, 70) == {}


@pytest.mark.parametrize(
    ("key", "company"), [(KEY, COMPANY), ("amocrm:lead:7", 0), ("", 0), ("yclients:41001:client:7", COMPANY)]
)
def test_the_salon_of_a_key(key, company):
    assert takeover_changes.company_of(key) == company


# What others changed


def foreign(company=COMPANY, what="price", author=8, at=NOW, lead_id=7):
    return Foreign(company, KEY if company else "", lead_id, what, "а", "б", author, at)


def test_one_change_told_twice_is_one(account, branch):
    foreign_writes.note(account.id, [foreign(), foreign()])
    foreign_writes.note(account.id, [foreign()])

    assert foreign_writes.since(account.id, NOW) == [foreign()]


def test_the_last_one_of_a_salon_and_of_an_author(account, branch):
    rows = [foreign(), foreign(at=LATER, author=1), foreign(41002, at=LATER, lead_id=9)]
    foreign_writes.note(account.id, rows)

    assert foreign_writes.last(account.id, COMPANY) == LATER
    assert foreign_writes.last(account.id, COMPANY, {8}) == NOW
    assert foreign_writes.last(account.id, 41003) is None
    assert foreign_writes.since(account.id, NOW, COMPANY, {8}) == rows[:1]


def test_nobodys_are_placed_later_and_old_ones_go(account, branch):
    foreign_writes.note(account.id, [foreign(0, lead_id=9), foreign(0, at=LATER)])
    ((row, lead),) = foreign_writes.nobodys(account.id, LATER)
    assert lead == 7

    foreign_writes.place([row], COMPANY, KEY)
    foreign_writes.prune(account.id, LATER)

    assert foreign_writes.since(account.id, NOW) == [foreign(at=LATER)]


def test_when_the_salon_told_something_and_who_books_there(account, branch, record, lease):
    record(now=LATER, subject=KEY)
    db.run(
        """INSERT INTO bookings (account_id, branch_id, key, record_id, phase, starts_at, changed_at,
        content_hash, snapshot, person, updated_at)
        VALUES (%s, %s, %s, 1, 'waiting', 1, 1, '', '{}', 'somebody', 1)""",
        (account.id, branch.id, KEY),
    )

    assert foreign_writes.news_of(account.id, [KEY, "b"], NOW) == {KEY: [LATER]}
    assert foreign_writes.bookings_of_persons(account.id, ["somebody", "nobody"]) == {"somebody": [KEY]}


def test_what_is_stopped_is_let_go_piece_by_piece(account, branch):
    assert foreign_writes.stop(account.id, COMPANY, 7, "price", NOW)
    assert not foreign_writes.stop(account.id, COMPANY, 7, "price", LATER)
    foreign_writes.stop(account.id, COMPANY, 0, "created", LATER)

    assert foreign_writes.stopped(account.id) == [(COMPANY, 7, "price"), (COMPANY, 0, "created")]
    assert foreign_writes.release(account.id, COMPANY, 7, "price") == 1
    assert foreign_writes.release(account.id, COMPANY) == 1
    assert foreign_writes.stopped(account.id) == []


def test_what_people_were_told_last(account):
    assert foreign_writes.told_at(account.id, "takeover.flipping", "x") is None
    alarms.raise_alarm(account.id, "takeover.flipping", "notice", "x", {}, NOW)
    alarms.resolve(account.id, "takeover.flipping")
    assert foreign_writes.told_at(account.id, "takeover.flipping", "x") == NOW


# A return


@pytest.fixture
def back(account, branch):
    row = rollbacks.begin(account.id, COMPANY, "анна", Wish(True, False, True), "hooks", NOW, NOW)
    return rollbacks.get(row)


def line(what="price", outcome=Outcome.UNDO, lead_id=7):
    return Line(KEY, lead_id, what, "1", "2", "2", outcome)


def test_from_state_to_state_once_with_their_times(account, back):
    assert rollbacks.advance(back.id, "hooks", "returning", LATER)
    assert not rollbacks.advance(back.id, "hooks", "returning", LATER)
    assert rollbacks.advance(back.id, "returning", "done", LATER, returned_at=LATER)

    found = rollbacks.newest(account.id, COMPANY)

    assert (found.state, found.is_over, found.wish) == ("done", True, Wish(True, False, True))
    assert found.steps == (("hooks", NOW, LATER), ("returning", LATER, LATER))
    assert (found.returned_at, found.ended_at) == (LATER, LATER)
    assert [one.id for one in rollbacks.of_account(account.id)] == [back.id]
    assert rollbacks.get(0) is None


def test_a_trouble_is_over_with_its_state(account, back):
    rollbacks.trouble(back.id, "yclients.unreachable")
    assert rollbacks.get(back.id).trouble == "yclients.unreachable"

    rollbacks.advance(back.id, "hooks", "returning", LATER)

    assert rollbacks.get(back.id).trouble == ""


def test_lines_wait_for_the_crm_and_are_settled(account, back):
    rollbacks.save_lines(back.id, [line(), line("name", Outcome.CHANGED), line(lead_id=8)], NOW)
    rollbacks.save_lines(back.id, [line()], NOW)
    assert [one.lead_id for one in rollbacks.pending(back.id, 1)] == [7]

    rollbacks.settle_lines(back.id, {(7, "price"): ("undo", "1"), (8, "price"): ("failed", "2")}, LATER)

    assert rollbacks.pending(back.id, 5) == []
    assert rollbacks.counts(back.id) == {"undo": 1, "changed": 1, "failed": 1}
    assert [row.now for row in rollbacks.lines(back.id, "undo")] == ["1"]
    assert list(rollbacks.by_lead(back.id, ("failed",), 5)) == [8, 7]


def test_leads_that_the_report_does_not_name_yet(account, back, lease, record, fences):
    other = UpdateLead(KEY, 8, price=Kopecks(900))
    planned(lease, record, fences, other, UpdateLead(KEY, 7, price=Kopecks(900)))
    assert rollbacks.untold(back, 5) == [8, 7]

    rollbacks.save_lines(back.id, [line(lead_id=8)], NOW)

    assert rollbacks.untold(back, 5) == [7]


def test_born_records_and_their_copies(account, back):
    rollbacks.save_born(back.id, [(KEY, 7, "1"), ("b", 8, "")])
    rollbacks.save_born(back.id, [(KEY, 9, "2")])
    assert rollbacks.uncopied(account.id, NOW) == []
    rollbacks.advance(back.id, "hooks", "done", LATER, returned_at=LATER)
    first, _ = rollbacks.uncopied(account.id, NOW)

    assert rollbacks.note_copy(first.id, 99, LATER)
    assert not rollbacks.note_copy(first.id, 98, LATER)
    rollbacks.set_born(first.id, "closed")

    assert [(row.lead_id, row.copy_id, row.state) for row in rollbacks.born(back.id)] == [
        (7, 99, "closed"), (8, None, ""),
    ]  # fmt: skip
    assert rollbacks.get_born(first.id).copied_at == LATER
    assert [row.key for row in rollbacks.uncopied(account.id, NOW)] == ["b"]


def test_links_are_given_back_in_portions(account, branch):
    keys = [f"yclients:{COMPANY}:{number}" for number in range(3)]
    held = [Link(key, number + 1) for number, key in enumerate([*keys, "yclients:41002:1"])]
    takeover_links.adopt(account.id, held, [], NOW)

    first = rollbacks.give_back(account.id, COMPANY, 0, 2)
    rest = rollbacks.give_back(account.id, COMPANY, first[-1][0], 2)

    assert [key for _, key in (*first, *rest)] == keys
    known = links.by_keys(account.id, [*keys, "yclients:41002:1"])
    assert [key for key, link in known.items() if link.applied.get(MEMORY)] == keys
