"""A salon that is another widget's, whatever its mode says: nothing about it is written anywhere."""

from backend.flows.duplicates import deeds
from backend.flows.road import inbox
from backend.store import outbox, writers
from backend.store.writers import WriterName
from tests.support.stand import DOMAIN, LASER_ARMPITS, OLGA, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER

GET8, DRAINING, OURS = WriterName.GET8, WriterName.DRAINING, WriterName.OURS


def foreign(stand, company=TVERSKAYA):
    writers.begin(stand.account.id, [company], stand.ctx.now())


def ours(stand, company=TVERSKAYA):
    now = stand.ctx.now()
    writers.move(stand.account.id, company, GET8, DRAINING, now)
    writers.move(stand.account.id, company, DRAINING, OURS, now)


def statuses(stand, record):
    return {command.status for event in stand.events(record) for command in outbox.of_event(event.id)}


def test_a_booking_of_a_foreign_salon_is_only_observed_and_its_neighbours_is_written(stand):
    foreign(stand)
    theirs = stand.book(LASER_ARMPITS)
    own = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Ольга", "+79990000002"))
    stand.settle()

    assert statuses(stand, theirs) == {"observed"}
    assert stand.leads_of(theirs) == []
    assert stand.lead_of(own)


def test_nobodys_salon_is_not_written_for_either(stand):
    foreign(stand)
    writers.move(stand.account.id, TVERSKAYA, GET8, DRAINING, stand.ctx.now())
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.leads() == []
    assert statuses(stand, record) == {"observed"}


def test_once_it_is_ours_it_is_written_for(stand):
    foreign(stand)
    ours(stand)
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.lead_of(record)["pipeline_id"] == 8001


def test_what_was_decided_before_the_salon_went_back_is_not_sent(stand, monkeypatch):
    """The lease moves between the plan and the request: the request never goes out."""
    foreign(stand)
    ours(stand)
    record = stand.book(LASER_ARMPITS)
    stand.work()
    whole = outbox.plan

    def planned_and_gone(lease, rows, now, fences=None):
        ids = whole(lease, rows, now, fences)
        if fences:
            writers.move(stand.account.id, TVERSKAYA, OURS, DRAINING, now)
        return ids

    monkeypatch.setattr(outbox, "plan", planned_and_gone)
    stand.world.clock.advance(31)
    inbox.sweep(stand.ctx)
    inbox.drain(stand.ctx, stand.rung.popleft())

    assert stand.leads() == []
    (event,) = [one for one in stand.events(record) if one.status == "waiting"]
    assert "writer_moved" in event.error
    monkeypatch.setattr(outbox, "plan", whole)
    stand.settle()
    assert stand.leads() == []
    assert "observed" in statuses(stand, record)


def test_a_card_of_a_client_teaches_no_contact_there(stand):
    ours_record = stand.book(LASER_ARMPITS)
    stand.settle()
    contact = stand.lead_of(ours_record)["_embedded"]["contacts"][0]["id"]
    before = [c for c in stand.contacts() if c["id"] == contact]
    foreign(stand)
    stand.world.yclients.ui_client(TVERSKAYA, ours_record["client"]["id"], phone="+79990000077")
    stand.settle()

    assert [c for c in stand.contacts() if c["id"] == contact] == before


def test_a_copy_of_a_foreign_salons_lead_keeps_its_key(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead_id = stand.lead_of(record)["id"]
    copied = stand.world.amocrm.ui_copy(DOMAIN, user_id=OLGA, lead_id=lead_id)["id"]
    stand.work()
    foreign(stand)

    assert deeds.clear_copies(stand.ctx, stand.account.id) == 0
    assert [lead["id"] for lead in stand.leads_of(record)] == [lead_id, copied]
    writers.move(stand.account.id, TVERSKAYA, GET8, OURS, stand.ctx.now())
    assert deeds.clear_copies(stand.ctx, stand.account.id) == 1
    stand.work()
    assert stand.lead_of(record)["id"] == lead_id


def test_an_account_without_a_move_asks_nothing_before_its_requests(stand, monkeypatch):
    asked = []
    monkeypatch.setattr(writers, "assert_current", lambda _account_id, expected: asked.append(expected))
    stand.book(LASER_ARMPITS)
    stand.settle()

    assert stand.leads()
    assert not any(asked)
