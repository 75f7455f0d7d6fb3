"""Switching a salon's mode, importing and pausing lose nothing that happened meanwhile."""

from backend.flows.accounts import accounts as account_flow
from backend.flows.road import reconcile
from backend.store import accounts
from tests.support.stand import CLIENT, CONFIGURATION, DOMAIN, LASER_ARMPITS

ACTIVE = CONFIGURATION.read_text(encoding="utf-8")
OBSERVED = ACTIVE.replace("mode: active, responsible_id: 7000001", "mode: observe, responsible_id: 7000001")
LOST = 143
THREE_DAYS = 3 * 86400


def test_cancellation_that_was_only_observed_is_carried_out_when_the_salon_is_active_again(stand):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.configure(OBSERVED)
    stand.delete(record)
    stand.settle()
    assert stand.lead_of(record)["status_id"] != LOST

    stand.configure(ACTIVE)
    stand.settle()
    stand.reconcile()
    stand.settle()

    assert stand.lead_of(record)["status_id"] == LOST


def test_import_of_bookings_does_not_hide_a_deletion_from_the_next_look(stand):
    record = deleted_unheard(stand)

    reconcile.import_bookings(stand.ctx, stand.account.id)
    stand.settle()
    stand.reconcile()
    stand.settle()

    assert stand.lead_of(record)["status_id"] == LOST


def test_deletion_is_found_by_a_look_days_later(stand):
    record = deleted_unheard(stand)

    stand.reconcile()
    stand.settle()

    assert stand.lead_of(record)["status_id"] == LOST


def test_pause_that_a_person_chose_outlasts_a_reinstall(stand):
    account_flow.pause(stand.ctx, stand.account.id)

    answer = stand.world.amocrm.install(DOMAIN, CLIENT, "server")

    assert answer["status"] == 200
    assert accounts.by_id(stand.account.id).state == "paused"


def deleted_unheard(stand):
    record = stand.book(LASER_ARMPITS, at="+9")
    stand.settle()
    stand.reconcile()
    stand.delete(record)
    stand.world.sender.drop("yclients")
    stand.world.clock.advance(THREE_DAYS)
    return record
