"""Long work: in slices, written down after each, cancelled by a person, taken up again by another worker."""

import dataclasses

import pytest

from backend.core.errors import InvalidInput, NeedsHuman
from backend.flows.works import long_steps, long_work
from backend.store import accounts, connections, db, journal, lanes, long_works
from backend.store.inbound import Filters
from tests.support.stand import CLEANING, LASER_ARMPITS, URAL, URAL_LASER, URAL_MASTER


def lane(stand):
    return lanes.lane_id(stand.account.id, long_work.LANE)


def start(stand, kind, params=None):
    return long_work.start(stand.ctx, stand.account.id, kind, params or {}, "irina")


def everything(stand, **params):
    return {"filters": {"kind": "yclients.record"}, "upto": journal.newest_id(stand.account.id), **params}


def replays(stand):
    return [event for event in journal.search(stand.account.id, Filters()).rows if event.source == "replay"]


@pytest.fixture
def two_booked(stand):
    first = stand.book(LASER_ARMPITS)
    second = stand.book(CLEANING, client=("Елена", "+79990000002"))
    stand.settle()
    stand.edit(first, comment="перезвонить")
    stand.settle()
    return first, second


def test_everything_a_filter_finds_is_asked_again_once_per_booking(stand, two_booked):
    work_id = start(stand, "replay", everything(stand))

    long_work.run(stand.ctx, lane(stand))
    stand.settle()
    work = long_works.get(work_id)

    assert (work.state, work.done, work.started_by) == ("done", 3, "irina")
    assert len(replays(stand)) == 2
    assert {event.status for event in replays(stand)} == {"done"}
    assert len(stand.leads()) == 2


def test_chosen_events_are_asked_again_and_strangers_are_not(stand, two_booked):
    chosen = stand.events(two_booked[1])[0].id
    start(stand, "replay", {"ids": [chosen, 10**9], "count": 1})

    long_work.run(stand.ctx, lane(stand))

    assert [event.subject for event in replays(stand)] == [f"yclients:41001:{two_booked[1]['id']}"]


def test_a_killed_worker_costs_one_slice_and_repeats_nothing(stand, two_booked, monkeypatch):
    monkeypatch.setattr(long_steps, "PORTION", 1)
    work_id = start(stand, "replay", everything(stand))
    monkeypatch.setattr(long_works, "advance", _killed)
    with pytest.raises(KeyboardInterrupt):
        long_work.run(stand.ctx, lane(stand))
    monkeypatch.undo()
    db.run("UPDATE lanes SET expires = 0 WHERE id = %s", (lane(stand),))

    successor = dataclasses.replace(stand.ctx, owner="another worker")
    long_work.run(successor, lane(stand))
    stand.settle()

    assert long_works.get(work_id).state == "done"
    assert len(replays(stand)) == 2


def _killed(*_):
    raise KeyboardInterrupt


def test_a_cancelled_work_stops_after_its_slice(stand, two_booked, monkeypatch):
    work_id = start(stand, "replay", everything(stand))
    ask = long_steps.STEPS["replay"]

    def cancelled_meanwhile(task):
        long_work.cancel(stand.ctx, task.work.id)
        return ask(task)

    monkeypatch.setitem(long_steps.STEPS, "replay", cancelled_meanwhile)
    monkeypatch.setattr(long_steps, "PORTION", 1)
    long_work.run(stand.ctx, lane(stand))

    work = long_works.get(work_id)
    assert (work.state, work.done) == ("cancelled", 0)
    assert len(replays(stand)) == 1
    assert long_work.cancel(stand.ctx, work_id) is False


def test_the_same_wish_while_open_is_one_work(stand):
    assert start(stand, "catalogue") == start(stand, "catalogue")
    assert start(stand, "catalogue") != start(stand, "mirror")


def test_an_import_reads_every_salon_month_by_month(stand, two_booked):
    stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Дарья", "+79990000003"), at="+70")
    db.run("DELETE FROM inbound_events WHERE subject LIKE %s", ("yclients:41002:%",))
    stand.world.deliver()
    db.run("DELETE FROM inbound_events WHERE subject LIKE %s", ("yclients:41002:%",))
    work_id = start(stand, "import", {"from": stand.now().date().isoformat()})

    for _ in range(40):
        long_work.run(stand.ctx, lane(stand))
    work = long_works.get(work_id)

    assert (work.state, work.done, work.total) == ("done", 28, 28)
    assert work.params["found"] == 1  # the others are known as they are


def test_a_salon_in_trouble_stops_alone(stand, alarm_codes):
    ural = connections.BranchRow.company_id == URAL
    connections.BranchRow.update(user_token="unheard-of").where(ural).execute()
    work_id = start(stand, "catalogue")

    long_work.run(stand.ctx, lane(stand))
    work = long_works.get(work_id)

    assert (work.state, work.done, work.total) == ("done", 2, 2)
    assert alarm_codes() == ["yclients.unauthorized"]


def test_the_crm_is_read_again_without_stopping_bookings(stand, two_booked):
    db.run("DELETE FROM crm_contacts")
    db.run("DELETE FROM crm_leads")
    work_id = start(stand, "mirror")

    long_work.run(stand.ctx, lane(stand))
    work = long_works.get(work_id)

    assert work.state == "done"
    assert db.rows("SELECT count(*) FROM crm_leads")[0][0] == len(stand.leads())
    assert work.done == len(stand.leads()) + len(stand.contacts())


def test_a_vendor_away_is_waited_for(stand, two_booked):
    work_id = start(stand, "mirror")
    stand.world.amocrm.faults(kind="500", next=1)

    long_work.run(stand.ctx, lane(stand))
    assert (long_works.get(work_id).state, long_works.get(work_id).note) == ("running", "amocrm.failing")
    long_work.ring_all(stand.ctx)
    long_work.run(stand.ctx, stand.rung.popleft())

    assert long_works.get(work_id).state == "done"


def test_our_own_mistake_ends_the_work_and_says_so(stand, monkeypatch, caplog):
    monkeypatch.setitem(long_steps.STEPS, "catalogue", lambda _: 1 / 0)
    work_id = start(stand, "catalogue")

    long_work.run(stand.ctx, lane(stand))

    assert (long_works.get(work_id).state, long_works.get(work_id).note) == ("failed", "work.bug")
    assert "long work failed" in caplog.text


def test_a_paused_account_works_on_after_resume(stand):
    work_id = start(stand, "catalogue")
    accounts.pause(stand.account.id, "account.paused_by_person", "", stand.now())
    stand.rung.clear()

    long_work.run(stand.ctx, lane(stand))

    assert long_works.get(work_id).state == "running"
    assert long_work.ring_all(stand.ctx) == 0
    accounts.resume(stand.account.id, stand.now())
    long_work.run(stand.ctx, lane(stand))
    assert long_works.get(work_id).state == "done"


def test_one_who_left_starts_nothing_and_unknown_work_is_refused(stand):
    with pytest.raises(InvalidInput, match=r"work\.unknown"):
        start(stand, "dig a hole")
    accounts.remove(stand.account.id, stand.now())

    with pytest.raises(NeedsHuman, match="not_connected"):
        start(stand, "mirror")


def test_filters_survive_being_written_down(stand):
    asked = Filters(status="failed", subjects=("a",), since=stand.now(), until=stand.now(), lead_id=5)

    assert long_steps.filters(long_steps.written(asked)) == asked
