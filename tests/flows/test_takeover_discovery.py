"""What another widget has done is read whole, from both systems, whatever cuts it; nothing is written."""

import dataclasses
import itertools
import os
import signal
from types import SimpleNamespace

import pytest

from backend.core.errors import TryLater
from backend.core.salon import Phase
from backend.flows.takeover.reading import discovery, found
from backend.flows.works import long_work
from backend.integrations.amocrm import surroundings
from backend.integrations.yclients import client as salon_client
from backend.store import connections, db, lanes, long_works, mirror, takeover_found, takeover_pulls
from backend.store.mirror import SyncMark
from backend.store.takeover_pulls import DONE, FAILED
from tests.support.get8 import ADDRESS, CLIENT, ROBOT_USER
from tests.support.stand import (
    ANNA,
    CLEANING,
    DOMAIN,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

PEOPLE = [(f"Клиентка {number}", f"+7999000{number:04}") for number in range(1, 9)]
HALF_A_MINUTE = 30
SALON_GONE = "yclients.branch_unknown"
WAYS = ("before", "within", "after")


@pytest.fixture
def lived(get8):
    """Some days on GET8: bookings of two salons, one deleted, one visit made, people's notes."""
    services = itertools.cycle([LASER_ARMPITS, CLEANING, LASER_LEGS])
    records = [get8.book(next(services), client=client) for client in PEOPLE[:6]]
    for client in PEOPLE[6:]:
        records.append(get8.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=client, at="+3"))
    get8.settle()
    get8.mark(records[0], 1)
    get8.delete(records[1])
    get8.settle()
    for number, lead in enumerate(get8.leads()):
        get8.world.amocrm.ui_note(DOMAIN, ANNA, lead["id"], f"примечание {number}")
    get8.work()
    return get8


def lane(stand):
    return lanes.lane_id(stand.account.id, long_work.LANE)


def go_on(stand, ctx=None):
    """The lane's worker, until it has nothing to do; a dead one's lease is over."""
    db.run("UPDATE lanes SET expires = 0 WHERE id = %s", (lane(stand),))
    long_work.run(ctx or stand.ctx, lane(stand))


def discover(stand):
    work_id = discovery.start(stand.ctx, stand.account.id, "irina")
    go_on(stand)
    return long_works.get(work_id)


def records(stand):
    return takeover_found.portion(stand.account.id, None, "", 1000)


def everything(stand):
    """What is kept, for comparing two ways of reading it."""
    account_id = stand.account.id
    return (
        records(stand),
        takeover_found.notes_portion(account_id, 0, 1000),
        [takeover_found.clients_portion(account_id, company, 0, 1000) for company in (TVERSKAYA, URAL)],
        takeover_pulls.surroundings(account_id)[0],
    )


def pulls(stand):
    return {pull.collection: pull for pull in takeover_pulls.of_account(stand.account.id)}


def small_pages(monkeypatch, size=2):
    monkeypatch.setattr(surroundings, "PAGE", size)
    monkeypatch.setattr(salon_client, "PAGE", size)


def asked(stand, since, client=None):
    """Requests of ours to amoCRM."""
    rows = stand.world.amocrm.journal(DOMAIN, since)
    return [row["path"] for row in rows if "/api/v4/" in row["path"] and row["author"] != CLIENT]


def last_request(stand):
    return max((row["n"] for row in stand.world.amocrm.journal(DOMAIN)), default=0)


def test_all_bookings_are_found_with_the_deleted_ones(lived):
    work = discover(lived)
    shown = {record["id"]: record for record in lived.world.yclients.state()["records"]}

    assert work.state == "done"
    assert {record.record_id for record in records(lived)} == set(shown)
    assert sorted(record.phase for record in records(lived)) == sorted(
        [Phase.ARRIVED, Phase.CANCELLED, *[Phase.WAITING] * 6]
    )


def test_a_found_booking_is_the_booking_of_the_journal(lived):
    discover(lived)
    one = next(record for record in records(lived) if record.phase == Phase.ARRIVED)
    booking = found.booking_of(one)

    assert (booking.key, booking.phase, booking.price) == (one.key, Phase.ARRIVED, one.price)
    assert (booking.starts_at, booking.created_at) == (one.starts_at, one.created_at)
    assert [line.category_id for line in booking.lines] == [501]
    assert one.services[0].category_id == 501
    assert takeover_found.by_phones(lived.account.id, ["+79990000001"])["+79990000001"][0].key == one.key


def test_notes_of_leads_are_kept_with_their_authors(lived):
    discover(lived)
    leads = {lead["id"] for lead in lived.leads()}
    notes = takeover_found.notes_of(lived.account.id, leads)

    assert {note.text for found_notes in notes.values() for note in found_notes} >= {
        f"примечание {number}" for number in range(len(leads))
    }
    assert all(any(note.author_id == ANNA for note in of_lead) for of_lead in notes.values())


def test_what_stands_around_is_kept(lived):
    discover(lived)
    around, _ = takeover_pulls.surroundings(lived.account.id)

    assert any(hook["url"].startswith(ADDRESS) for hook in around["webhooks"])
    assert {"id", "name"} <= set(around["users"][0])
    assert ROBOT_USER in [user["id"] for user in around["users"]]
    assert ROBOT_USER in [row["author"] for row in around["events"]]
    assert any(url.startswith(ADDRESS) for url in around["salons"][str(TVERSKAYA)]["hooks"])
    assert around["salons"][str(URAL)]["lacking"] == []


def test_client_cards_are_kept(lived):
    discover(lived)
    cards = takeover_found.clients_portion(lived.account.id, URAL, 0, 10)

    assert [card.phone for card in cards] == ["+79990000007", "+79990000008"]


def test_nothing_is_written_anywhere(lived):
    since = last_request(lived)
    journal = len(lived.world.yclients.journal())
    discover(lived)

    assert lived.writes(since=since) == []
    asked_of_salons = lived.world.yclients.journal()[journal:]
    assert {row["method"] for row in asked_of_salons if not row["path"].endswith("clients/search")} == {"GET"}


def test_leads_and_contacts_are_not_read_twice(lived):
    since = last_request(lived)
    discover(lived)
    paths = asked(lived, since)

    assert paths.count("/api/v4/leads") == paths.count("/api/v4/contacts") == 1


def test_a_cut_at_any_page_loses_and_doubles_nothing(lived, monkeypatch):
    small_pages(monkeypatch)
    discover(lived)
    whole, counts = everything(lived), {name: pull.found for name, pull in pulls(lived).items()}
    for table in ("takeover_records", "takeover_notes", "takeover_clients", "takeover_pulls"):
        db.run(f"DELETE FROM {table}")

    save, saved = takeover_pulls.save, itertools.count()

    def cut(*args):
        """The worker dies before the page is kept, the next one after it."""
        turn = next(saved) % 3
        if turn == 0:
            raise KeyboardInterrupt
        save(*args)
        if turn == 1:
            raise KeyboardInterrupt

    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    monkeypatch.setattr(takeover_pulls, "save", cut)
    deaths = 0
    while long_works.get(work_id).is_open:
        try:
            go_on(lived, dataclasses.replace(lived.ctx, owner=f"worker {deaths}"))
        except KeyboardInterrupt:
            deaths += 1

    assert deaths > 20
    assert everything(lived) == whole
    assert {name: pull.found for name, pull in pulls(lived).items()} == counts


def test_workers_killed_at_every_page_leave_a_whole_picture(lived):
    """Real processes and SIGKILL: one dies before its first page is kept, the next one in the middle of
    keeping it, the third right after it.
    """
    discovery.start(lived.ctx, lived.account.id, "irina", months=3)
    go_on(lived)
    whole, counts = everything(lived), {name: pull.found for name, pull in pulls(lived).items()}
    for table in ("takeover_records", "takeover_notes", "takeover_clients", "takeover_pulls"):
        db.run(f"DELETE FROM {table}")

    work_id = discovery.start(lived.ctx, lived.account.id, "irina", months=3)
    deaths = 0
    while not all(pull.is_over for pull in pulls(lived).values()):
        assert _killed(lived, WAYS[deaths % 3]) == signal.SIGKILL
        deaths += 1
        assert deaths < 150
    go_on(lived)

    assert long_works.get(work_id).state == "done"
    assert deaths > 40
    assert everything(lived) == whole
    assert {name: pull.found for name, pull in pulls(lived).items()} == counts


def _killed(stand, way):
    """A worker's process that kills itself at its first page; the signal that ended it."""
    child = os.fork()
    if child:
        return os.WTERMSIG(os.waitpid(child, 0)[1])
    save = takeover_pulls.save

    def die(*_):
        os.kill(os.getpid(), signal.SIGKILL)

    def kept(*args):
        save(*args)
        die()

    try:
        if way == "within":  # the page is written, its place is not
            takeover_pulls.bulk = SimpleNamespace(upsert=die)
        else:
            takeover_pulls.save = die if way == "before" else kept
        go_on(stand, dataclasses.replace(stand.ctx, owner=f"process {os.getpid()}"))
    finally:
        os._exit(1)


def test_narrowed_rights_are_told_and_what_they_leave_is_read(lived):
    lived.world.yclients.user("salon-token", companies=[TVERSKAYA, URAL], restricted=True, last_days_count=60)
    work = discover(lived)
    around = takeover_pulls.surroundings(lived.account.id)[0]["salons"][str(TVERSKAYA)]

    assert work.state == "done"
    assert (around["hooks"], around["days_shown"]) == (None, 60)
    assert "timetable.timetable_phones_access" in around["lacking"]
    assert len(records(lived)) == 8
    assert not any(record.phone for record in records(lived))


def test_after_a_long_pause_pages_that_may_have_moved_are_read_again(lived, monkeypatch):
    small_pages(monkeypatch)
    discover(lived)
    whole = everything(lived)
    for table in ("takeover_records", "takeover_notes", "takeover_clients", "takeover_pulls"):
        db.run(f"DELETE FROM {table}")

    save = takeover_pulls.save

    def dies(*args):
        save(*args)
        raise KeyboardInterrupt

    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    monkeypatch.setattr(takeover_pulls, "save", dies)
    while long_works.get(work_id).is_open:
        with pytest.raises(KeyboardInterrupt):
            go_on(lived)
        if all(pull.is_over for pull in pulls(lived).values()):
            monkeypatch.setattr(takeover_pulls, "save", save)
            go_on(lived)
        lived.world.clock.advance(HALF_A_MINUTE)

    assert everything(lived)[:3] == whole[:3]


def test_asked_again_only_what_came_since_is_read(lived, monkeypatch):
    discover(lived)
    first = pulls(lived)
    late = lived.book(LASER_ARMPITS, client=PEOPLE[0], at="+5")
    lived.settle()
    since = last_request(lived)
    work = discover(lived)

    assert work.state == "done"
    assert f"yclients:{TVERSKAYA}:{late['id']}" in [record.key for record in records(lived)]
    again = pulls(lived)
    assert again[f"records:{TVERSKAYA}"].requests < first[f"records:{TVERSKAYA}"].requests
    assert asked(lived, since).count("/api/v4/leads/notes") == 1


def test_too_many_requests_only_take_longer(lived):
    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    lived.world.amocrm.faults("429", DOMAIN, next=1)
    go_on(lived)
    work = long_works.get(work_id)
    assert (work.state, work.note) == ("running", "amocrm.too_many_requests")

    lived.world.clock.advance(60)
    lived.ctx.redis.flushdb()
    go_on(lived)
    assert long_works.get(work_id).state == "done"


def test_a_salon_that_lets_nobody_in_is_named_and_the_others_are_read(lived):
    db.run("UPDATE branches SET user_token = NULL WHERE company_id = %s", (URAL,))
    lived.world.yclients.user("other-token", companies=[TVERSKAYA])
    row = connections.get(lived.account.id, URAL)
    row.user_token = "other-token"
    row.save()
    work = discover(lived)

    assert work.state == "done"
    states = {name: (pull.state, pull.code) for name, pull in pulls(lived).items()}
    assert states[f"records:{URAL}"] == (FAILED, "yclients.forbidden")
    assert states[f"records:{TVERSKAYA}"] == (DONE, "")
    assert {record.branch_id for record in records(lived)} == {TVERSKAYA}


def test_the_first_full_pass_of_the_mirror_is_waited_for(lived):
    mirror.save_mark(lived.account.id, "leads", SyncMark(None, 1, is_complete=False, total=0))
    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    go_on(lived)

    work = long_works.get(work_id)
    assert (work.state, work.note) == ("running", "mirror.building")
    assert not records(lived)


def test_contacts_read_before_their_fields_were_kept_are_read_once_more(lived):
    db.run("UPDATE crm_contacts SET fields = NULL")
    discover(lived)

    assert not mirror.lacks_fields(lived.account.id)
    since = last_request(lived)
    discover(lived)
    assert asked(lived, since).count("/api/v4/contacts") == 1


def test_a_salon_that_is_off_is_read_and_left_alone(lived):
    connections.set_mode(lived.account.id, URAL, "off")
    lived.ctx.redis.flushdb()
    before = lived.leads()
    discover(lived)

    assert URAL in {record.branch_id for record in records(lived)}
    assert lived.leads() == before


@pytest.mark.parametrize(("mode", "paused"), [("off", ""), ("observe", SALON_GONE)])
def test_a_salon_that_is_gone_is_named_and_asked_no_further(lived, mode, paused):
    gone = 40999
    row = connections.get(lived.account.id, URAL)
    row.company_id, row.mode = gone, mode
    row.save()
    work = discover(lived)

    assert work.state == "done"
    failed = {name: pull.code for name, pull in pulls(lived).items() if pull.state == FAILED}
    assert failed == dict.fromkeys((f"salon:{gone}", f"clients:{gone}", f"records:{gone}"), SALON_GONE)
    assert connections.get(lived.account.id, gone).paused_code == paused
    assert {record.branch_id for record in records(lived)} == {TVERSKAYA}


def test_progress_tells_how_much_is_left(lived, monkeypatch):
    assert discovery.progress(lived.account.id).work is None
    small_pages(monkeypatch)
    discovery.start(lived.ctx, lived.account.id, "irina")
    told = []
    save = takeover_pulls.save

    def watched(*args):
        save(*args)
        lived.world.clock.advance(1)
        told.append(discovery.progress(lived.account.id))

    monkeypatch.setattr(takeover_pulls, "save", watched)
    go_on(lived)
    after = discovery.progress(lived.account.id)

    assert [one.found for one in told] == sorted(one.found for one in told)
    assert told[0].seconds_left > told[-2].seconds_left > 0
    assert all(one.total >= one.found for one in told)
    assert (after.seconds_left, after.is_complete, after.found) == (None, True, after.total)


def test_half_of_the_rate_is_asked_for(lived, monkeypatch):
    seen = []
    monkeypatch.setattr(
        discovery.pace, "slowly", lambda _ctx, vendor, keep_alive, *_: seen.append(vendor) or keep_alive
    )
    discover(lived)

    assert set(seen) == {"amocrm", "yclients"}


def test_a_strange_record_is_counted_and_left(lived, monkeypatch):
    page = salon_client.YclientsClient.records_page

    def strange(self, *args):
        rows, is_last = page(self, *args)
        return [*rows, *([{"id": 1, "company_id": TVERSKAYA, "attendance": 7}] if rows else [])], is_last

    monkeypatch.setattr(salon_client.YclientsClient, "records_page", strange)
    discover(lived)

    assert pulls(lived)[f"records:{TVERSKAYA}"].unreadable > 0
    assert len(records(lived)) == 8


def test_a_trouble_of_amocrm_stops_it_with_its_place_kept(lived, monkeypatch):
    def busy(*_):
        raise TryLater("amocrm.failing")

    monkeypatch.setattr(surroundings, "notes", busy)
    work_id = discovery.start(lived.ctx, lived.account.id, "irina")
    go_on(lived)

    assert long_works.get(work_id).note == "amocrm.failing"
    assert pulls(lived)["leads"].state == DONE
