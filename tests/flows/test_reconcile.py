"""What a look at the salons' lists must find, and what it must not be misled by."""

import dataclasses
from datetime import timedelta

import pytest

from backend.flows.road import reconcile
from backend.store import alarms, connections
from tests.support.stand import CONFIGURATION, LASER_ARMPITS, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER

CLOSED_SALON = 40999
WITH_CLOSED = CONFIGURATION.read_text(encoding="utf-8").replace(
    "branches:\n", f"branches:\n  - {{company_id: {CLOSED_SALON}, title: Закрытый, mode: off}}\n", 1
)


def mark_of(stand, company_id):
    return connections.get(stand.account.id, company_id).reconciled_to


def book_in_ural(stand):
    return stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=("Дарья", "+79990000077"))


@pytest.mark.parametrize("hours", [5, 12, 23])
def test_a_change_that_lies_hours_before_the_mark_is_found(stand, hours):
    """The mark is our moment; the salon reads it by a clock and a zone that nobody knows."""
    ahead = dataclasses.replace(stand.ctx, now=lambda: stand.now() + timedelta(hours=hours))
    reconcile.reconcile_account(ahead, stand.account.id)
    stand.world.yclients.hooks(loss=1.0)
    stand.world.clock.advance(60)
    record = stand.book(LASER_ARMPITS)
    assert stand.now() < mark_of(stand, TVERSKAYA)

    found = reconcile.reconcile_account(ahead, stand.account.id)
    stand.settle((hours + 1) * 3600)

    assert found == 1
    assert stand.lead_of(record)


@pytest.fixture
def closed_salon(stand):
    """One of the customer's salons is switched off, and nobody ever gave us its token."""
    stand.world.yclients.company(CLOSED_SALON, title="Закрытый")
    stand.configure(WITH_CLOSED)
    assert not connections.get(stand.account.id, CLOSED_SALON).user_token


@pytest.mark.usefixtures("closed_salon")
def test_a_closed_salon_without_a_token_does_not_stop_the_import_of_the_others(stand):
    stand.world.yclients.hooks(loss=1.0)
    records = [stand.book(LASER_ARMPITS), book_in_ural(stand)]

    found = reconcile.import_bookings(stand.ctx, stand.account.id)
    stand.settle()

    assert found == 2
    assert all(stand.lead_of(record) for record in records)


@pytest.mark.usefixtures("closed_salon")
def test_a_closed_salon_without_a_token_does_not_stop_the_look_at_the_others(stand, alarm_codes):
    stand.world.yclients.hooks(loss=1.0)
    stand.book(LASER_ARMPITS)
    book_in_ural(stand)

    assert stand.reconcile() == 2
    assert alarm_codes() == []


def test_cut_rights_of_a_quiet_salon_are_seen_behind_a_busy_one(stand):
    book_in_ural(stand)
    stand.settle()
    before = mark_of(stand, URAL)
    for number in range(reconcile.SAMPLE + 1):
        stand.book(LASER_ARMPITS, client=(f"К{number}", f"+7999000{number:04d}"))
    stand.settle()
    stand.world.yclients.options(rights_cut=True)

    stand.reconcile()

    raised = {alarm.scope_key for alarm in alarms.open_alarms(stand.account.id)}
    assert raised == {str(TVERSKAYA), str(URAL)}
    assert mark_of(stand, URAL) == before
