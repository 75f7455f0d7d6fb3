"""What another widget has done is read whole, from both systems, and nothing is written."""

import pytest

from backend.core.salon import Phase
from backend.flows.takeover.reading import discovery, found
from backend.integrations.yclients import client as salon_client
from backend.store import connections, db, mirror, takeover_found, takeover_pulls
from backend.store.takeover_pulls import DONE, FAILED
from tests.support.discovering import (
    PEOPLE,
    asked,
    discover,
    go_on,
    last_request,
    lived,
    pulls,
    records,
    small_pages,
)
from tests.support.get8 import ADDRESS, ROBOT_USER
from tests.support.stand import ANNA, LASER_ARMPITS, TVERSKAYA, URAL

__all__ = ["lived"]

SALON_GONE = "yclients.branch_unknown"


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


def test_narrowed_rights_are_told_and_what_they_leave_is_read(lived):
    lived.world.yclients.user("salon-token", companies=[TVERSKAYA, URAL], restricted=True, last_days_count=60)
    work = discover(lived)
    around = takeover_pulls.surroundings(lived.account.id)[0]["salons"][str(TVERSKAYA)]

    assert work.state == "done"
    assert (around["hooks"], around["days_shown"]) == (None, 60)
    assert "timetable.timetable_phones_access" in around["lacking"]
    assert len(records(lived)) == 8
    assert not any(record.phone for record in records(lived))


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


def test_a_strange_record_is_counted_and_left(lived, monkeypatch):
    page = salon_client.YclientsClient.records_page

    def strange(self, *args):
        rows, is_last = page(self, *args)
        return [*rows, *([{"id": 1, "company_id": TVERSKAYA, "attendance": 7}] if rows else [])], is_last

    monkeypatch.setattr(salon_client.YclientsClient, "records_page", strange)
    discover(lived)

    assert pulls(lived)[f"records:{TVERSKAYA}"].unreadable > 0
    assert len(records(lived)) == 8
