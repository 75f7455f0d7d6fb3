"""Figures of bookings and the questions of the reports, on both engines."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.reports.figures import Figures
from backend.core.reports.lost import Return
from backend.core.reports.rebooking import Stay
from backend.core.salon import Catalogue, Phase, StaffMember
from backend.core.sync.links import Role
from backend.store import booking_figures, connections, db, links, migrate, mirror, reports
from backend.store.lanes import LeaseLost
from backend.store.links import LinkChange
from backend.store.reports import Asked
from tests.store.conftest import NOW

DAY = date(2026, 3, 1).toordinal()
TWO = (("epilation", Kopecks(250000)), ("cosmetology", Kopecks(400000)))
CARD = "yclients:41001:5001"


def key(number):
    return f"yclients:41001:{number}"


@pytest.fixture
def note(lease, branch):
    """Keeps figures of a booking; `branch_id` stands for another salon."""

    def _note(number=1, phase=Phase.WAITING, day=DAY, branch_id=None, **changes):
        starts = datetime(2026, 3, 1, 11, tzinfo=UTC) + timedelta(days=day - DAY)
        usual = Figures(
            key(number), phase, day, day - 5, starts, starts + timedelta(hours=1), NOW, Kopecks(650000),
            Kopecks(650000), TWO, "epilation", "contact:5", CARD, 81, 3000002,
        )  # fmt: skip
        booking_figures.save(lease, {key(number): branch_id or branch.id}, [replace(usual, **changes)])

    return _note


@pytest.fixture
def link(lease, account):
    def _link(number, lead_id, price=650000, share="", **changes):
        change = LinkChange(
            key(number), lead_id, "epilation", 5, remembers={"price": str(price)}, share=share, **changes
        )
        links.remember(lease, account.id, [change], NOW)

    return _link


@pytest.fixture
def lead(account):
    def _lead(lead_id, price=650000, stage=8101, **changes):
        found = Lead(lead_id, 8001, stage, Kopecks(price), responsible_id=7000001, updated_at=NOW, **changes)
        mirror.save_leads(account.id, [found])

    return _lead


@pytest.fixture
def asked(account):
    return lambda first=DAY, last=DAY, **more: Asked(account.id, first, last, **more)


LATER = datetime(2026, 3, 1, 15, tzinfo=UTC)


def numbers(visits):
    return [visit.number for visit in visits]


def test_a_booking_is_kept_with_its_parts(note, link, asked):
    note()
    link(1, 900)

    (found,) = reports.unmarked(asked(), LATER)

    assert (found.price, found.shares, found.direction) == (650000, TWO, "epilation")
    assert (found.person, found.staff_id, found.made_day, found.lead_id) == ("contact:5", 81, DAY - 5, 900)
    assert found.ended_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_bare_deletion_keeps_the_money_that_was_there(note, asked):
    note()
    note(phase=Phase.CANCELLED, price=None, budget=None, shares=None, direction=None)

    (found,) = reports.missed(asked())

    assert (found.phase, found.price, found.shares) == (Phase.CANCELLED, 650000, TWO)


def test_what_was_never_seen_alive_is_lost_for_nothing(note, asked):
    note(phase=Phase.CANCELLED, price=None, budget=None, shares=None, direction=None)

    assert [found.price for found in reports.missed(asked())] == [0]


def test_older_figures_never_overwrite_newer_ones(note, asked):
    note(changed_at=NOW + timedelta(minutes=5), phase=Phase.ARRIVED)
    note(changed_at=NOW, phase=Phase.WAITING)

    assert reports.unmarked(asked(), LATER) == []


def test_the_newest_of_one_batch_wins(lease, branch, asked, note):
    note()
    (first,) = reports.unmarked(asked(), LATER)
    said = Figures(
        first.key, Phase.ARRIVED, DAY, DAY, first.starts_at, first.ended_at, NOW + timedelta(minutes=8),
        first.price, first.price, first.shares, first.direction, "contact:5", CARD, 81, 0,
    )  # fmt: skip
    states = [replace(said, phase=Phase.NO_SHOW, changed_at=NOW + timedelta(minutes=9)), said]
    booking_figures.save(lease, {first.key: branch.id}, states)

    assert [found.phase for found in reports.missed(asked())] == [Phase.NO_SHOW]


def test_a_lost_lane_notes_nothing(note, lease, account):
    db.run("UPDATE lanes SET fencing = fencing + 1")

    with pytest.raises(LeaseLost):
        note()

    assert db.rows("SELECT 1 FROM booking_figures") == []


def test_a_person_known_by_a_card_is_one_with_the_contact_found_later(note, account):
    note(1, person=CARD)
    note(2, person="yclients:41001:5002", card="yclients:41001:5002")
    note(3)

    rows = db.rows("SELECT key, person FROM booking_figures ORDER BY key")

    assert rows == [(key(1), "contact:5"), (key(2), "yclients:41001:5002"), (key(3), "contact:5")]


def test_merged_contacts_are_one_person(note, account):
    """Row E6: the card was remembered for a contact that people merged into another."""
    mirror.save_contacts(account.id, [Contact(4, updated_at=NOW), Contact(5, updated_at=NOW)], lambda _: ())
    mirror.remember_keys(account.id, [(CARD, 4), (CARD, 5)])
    note(1, person="contact:4")
    note(2, person="contact:7", card="another")
    mirror.mark_contact_deleted(account.id, 4)

    note(3)

    rows = db.rows("SELECT key, person FROM booking_figures ORDER BY key")
    assert rows == [(key(1), "contact:5"), (key(2), "contact:7"), (key(3), "contact:5")]


def test_a_contact_that_is_there_stays_somebody_else(note, account):
    mirror.save_contacts(account.id, [Contact(4, updated_at=NOW), Contact(5, updated_at=NOW)], lambda _: ())
    mirror.remember_keys(account.id, [(CARD, 4), (CARD, 5)])
    note(1, person="contact:4")

    note(2)

    assert set(db.rows("SELECT person FROM booking_figures")) == {("contact:4",), ("contact:5",)}


def test_another_accounts_card_is_another_person(note, lease):
    note(1, person=CARD)
    db.run("UPDATE booking_figures SET account_id = account_id + 1")

    note(2)

    assert set(db.rows("SELECT person FROM booking_figures")) == {(CARD,), ("contact:5",)}


def test_unmarked_are_those_that_ended_and_are_open(note, asked):
    note(1)
    note(2, Phase.CONFIRMED, starts_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    note(3, Phase.ARRIVED)
    note(4, ended_at=LATER + timedelta(seconds=1))
    note(5, day=DAY + 1)
    note(6, day=DAY - 1)

    assert numbers(reports.unmarked(asked(), LATER)) == ["2", "1"]
    assert reports.unmarked_by_day(asked(DAY - 1, DAY + 1), LATER) == {DAY: 2, DAY - 1: 1}


def test_a_salon_and_a_direction_narrow(note, asked, branch):
    note(1)
    note(2, branch_id=branch.id + 1)
    note(3, direction="cosmetology")

    assert numbers(reports.unmarked(asked(branch_id=branch.id + 1), LATER)) == ["2"]
    assert numbers(reports.unmarked(asked(direction="cosmetology"), LATER)) == ["3"]


def test_columns_that_are_nobody_and_time_kept_free_are_no_visits(note, asked, branch):
    note(1, staff_id=91)
    note(2, person="", card="")
    note(3, staff_id=91, branch_id=branch.id + 1)
    waiting_list = {"columns": ((branch.id, 91), (branch.id, 92))}

    assert numbers(reports.unmarked(asked(**waiting_list), LATER)) == ["3"]
    assert reports.unmarked_by_day(asked(**waiting_list), LATER) == {DAY: 1}
    assert len(reports.stays(asked(**waiting_list), 1)) == 1
    assert len(reports.held(asked(**waiting_list))) == 3


def test_missed_visits_are_found_by_any_of_their_directions(note, asked):
    note(1, Phase.NO_SHOW)
    note(2, Phase.CANCELLED, starts_at=datetime(2026, 3, 1, 8, tzinfo=UTC))
    note(3, Phase.ARRIVED)

    assert numbers(reports.missed(asked(direction="cosmetology"))) == ["1", "2"]


def test_returns_are_active_bookings_of_those_people(note, account):
    note(1, day=DAY + 7)
    note(2, day=DAY - 30)
    note(3, day=DAY - 1, made_day=DAY + 1)
    note(4, Phase.NO_SHOW)
    note(5, person="contact:6", card="c")

    found = reports.returns(account.id, ["contact:5", "", "contact:9"], DAY)

    assert sorted(found, key=lambda one: one.key) == [
        Return(key(1), "contact:5", ("epilation", "cosmetology"), DAY + 7, DAY + 2),
        Return(key(3), "contact:5", ("epilation", "cosmetology"), DAY - 1, DAY + 1),
    ]


def test_stays_reach_as_far_as_a_client_is_waited_for(note, asked, branch, link, lead):
    note(1, Phase.ARRIVED)
    note(2, day=DAY + 10, branch_id=branch.id + 1)
    note(3, day=DAY + 11)
    note(4, Phase.NO_SHOW)
    link(1, 900)
    lead(900)

    found = sorted(reports.stays(asked(branch_id=branch.id), 10, with_responsible=True), key=lambda s: s.day)

    assert found == [
        Stay("contact:5", DAY, DAY - 5, True, branch.id, 81, 3000002, 7000001),
        Stay("contact:5", DAY + 10, DAY + 5, False, branch.id + 1, 81, 3000002, 0),
    ]
    assert {stay.responsible_id for stay in reports.stays(asked(), 10)} == {0}


def test_held_tells_each_lead_that_carries_money(note, asked, link, lead):
    note(1, Phase.ARRIVED)
    note(2)
    note(3, Phase.NO_SHOW)
    link(1, 900, 250000)
    link(1, 901, 400000, share="cosmetology")
    link(1, 902, 0, share=">epilation")
    lead(900, 250000, stage=142)
    lead(901, 400000, is_deleted=True)
    lead(902, 0)

    found = sorted(reports.held(asked()), key=lambda row: (row.key, row.lead_id or 0))

    assert [tuple(row[5:]) for row in found] == [
        (900, True, 250000, False, True), (901, False, 400000, True, False), (None, False, 0, False, False),
    ]  # fmt: skip
    assert {(row.price, row.budget) for row in found} == {(650000, 650000)}


def test_what_was_written_is_told_of_every_lead_in_force(account, note, link):
    link(1, 800)
    link(1, 900, 250000)
    link(1, 901, 400000, share="cosmetology")

    assert reports.applied(account.id, [key(1), key(2)]) == {
        key(1): [{"price": "250000"}, {"price": "400000"}]
    }


def test_the_newest_event_tells_where_a_booking_stands(account, record):
    record(subject=key(1))
    record(subject=key(2))
    db.run("UPDATE inbound_events SET status = 'done' WHERE subject = %s", (key(1),))
    newest = record(subject=key(1))

    assert newest
    assert reports.newest_statuses(account.id, [key(1), key(2), key(3)]) == {
        key(1): "received", key(2): "received",
    }  # fmt: skip


def test_a_lead_that_was_once_a_bookings_is_found_too(account, link):
    link(1, 800)
    link(1, 900)
    link(2, 801)
    links_of = reports.leads_of(account.id, [key(1), key(2), key(3)])

    assert links_of == {key(1): 900, key(2): 801}
    assert db.rows("SELECT role FROM links WHERE lead_id = 800") == [(Role.HISTORY.value,)]


def test_masters_who_left_keep_their_names(account, branch):
    connections.save_catalogue(branch.id, Catalogue(staff=(StaffMember(81, "Вера"),)), NOW)
    connections.save_catalogue(branch.id, Catalogue(staff=(StaffMember(82, "Инна"),)), NOW)

    assert reports.staff_names(account.id) == {(branch.id, 81): "Вера", (branch.id, 82): "Инна"}


def test_bookings_from_before_the_reports_are_counted(store, account, branch):
    """What 0008 does to a database that has lived."""
    db.run("DROP TABLE booking_figures")
    db.run("DELETE FROM schema_version WHERE name = '0008_reports'")
    starts = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)
    db.run(
        """INSERT INTO bookings (account_id, branch_id, key, record_id, phase, starts_at, changed_at,
        content_hash, snapshot, updated_at) VALUES (%s, %s, %s, 1, 'no_show', %s, %s, 'h', %s, %s)""",
        (
            account.id,
            branch.id,
            key(1),
            db.micros(starts),
            db.micros(NOW),
            '{"price": 250000}',
            db.micros(NOW),
        ),
    )
    db.run(
        """INSERT INTO links (account_id, key, lead_id, role, direction, contact_id, applied, opened_by_us,
        created_at, updated_at) VALUES (%s, %s, 900, 'main', 'epilation', 5, '{}', %s, 0, 0)""",
        (account.id, key(1), True),
    )

    assert migrate.upgrade() == ["0008_reports"]

    (found,) = reports.missed(Asked(account.id, DAY, DAY))
    assert (found.price, found.shares, found.person) == (250000, (("epilation", 250000),), "contact:5")


def test_a_report_reads_its_days_alone(note, asked, statements):
    """However long the account's history is: the days of the question are found by their index."""
    note()
    _live_long()
    statements.clear()

    reports.unmarked(asked(), LATER)
    reports.missed(asked())
    reports.stays(asked(), 7, with_responsible=True)
    reports.held(asked())

    plans = [_plan_of(sql) for sql in list(statements)]
    assert len(plans) == 4
    assert all("booking_figures_day" in plan for plan in plans), plans


def _live_long():
    """Ten years before the asked day, two bookings a day."""
    db.run(
        """INSERT INTO booking_figures
        WITH RECURSIVE past (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM past WHERE n < 7000)
        SELECT f.account_id, f.key || n, f.branch_id, f.phase, f.day - n / 2, f.made_day, f.starts_at,
        f.ended_at, f.changed_at, f.price, f.budget, f.shares, f.direction, f.person, f.staff_id, f.author_id
        FROM booking_figures f, past"""
    )
    db.run("ANALYZE")


def _plan_of(sql):
    """How the engine would do it, with the values of the question in their places."""
    filled = sql.replace("?", "%s")
    for value in ("1", str(DAY), str(DAY + 7)):
        filled = filled.replace("%s", value, 1)
    explain = "EXPLAIN QUERY PLAN " if db.is_sqlite() else "EXPLAIN "
    return str(db.rows(explain + filled.replace("%s", "'0'")))
