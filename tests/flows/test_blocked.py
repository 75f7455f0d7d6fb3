"""What only a person can mend stops exactly its own scope, and goes on after «Продолжить»."""

import pytest

from backend.store import accounts, connections
from tests.support.stand import CLEANING, DOMAIN, LASER_ARMPITS, TVERSKAYA, URAL, URAL_LASER, URAL_MASTER

MARIA, OLGA = ("Мария", "+79990000001"), ("Ольга", "+79990000002")


@pytest.fixture
def blocked(stand):
    """amoCRM's gateway answers everything with its HTML page 403; a booking has run into it."""
    stand.world.amocrm.faults(kind="403", probability=1.0)
    stand.record = stand.book(LASER_ARMPITS, client=MARIA)
    stand.settle()
    return stand


def requests_seen(stand):
    return len(stand.world.amocrm.journal())


def test_a_403_page_pauses_the_account_and_says_so(blocked, alarm_codes):
    account = accounts.by_id(blocked.account.id)

    (event,) = blocked.events(blocked.record)

    assert (account.state, account.pause_code) == ("paused", "amocrm.blocked")
    assert alarm_codes() == ["amocrm.blocked"]
    assert event.status == "blocked"


def test_a_paused_account_asks_amocrm_nothing(blocked):
    before = requests_seen(blocked)
    blocked.book(LASER_ARMPITS, client=OLGA)

    blocked.settle()
    blocked.settle()

    assert requests_seen(blocked) == before


def test_hooks_of_a_paused_account_are_kept(blocked):
    record = blocked.book(LASER_ARMPITS, client=OLGA)

    blocked.settle()

    (event,) = blocked.events(record)
    assert event.is_open


def test_resume_carries_out_everything_that_waited(blocked, alarm_codes):
    later = blocked.book(LASER_ARMPITS, client=OLGA)
    blocked.settle()
    blocked.world.amocrm.faults_clear()

    blocked.resume()
    blocked.settle()

    assert [len(blocked.leads_of(record)) for record in (blocked.record, later)] == [1, 1]
    assert accounts.by_id(blocked.account.id).state == "active"
    assert alarm_codes() == []


def test_resume_before_the_block_is_over_pauses_again(blocked, alarm_codes):
    blocked.resume()
    blocked.settle()

    assert accounts.by_id(blocked.account.id).state == "paused"
    assert alarm_codes() == ["amocrm.blocked"]
    assert blocked.leads() == []


def test_a_password_changed_in_one_salon_pauses_only_this_salon(stand, alarm_codes):
    stand.world.yclients.faults("401", company_id=URAL, probability=1.0)

    stand.reconcile()

    assert connections.get(stand.account.id, URAL).paused_code == "yclients.unauthorized"
    assert connections.get(stand.account.id, TVERSKAYA).paused_code == ""
    assert accounts.by_id(stand.account.id).state == "active"
    assert alarm_codes() == ["yclients.unauthorized"]


def test_the_other_salon_goes_on_while_one_is_paused(stand):
    stand.world.yclients.faults("401", company_id=URAL, probability=1.0)
    stand.reconcile()
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=MARIA)
    here = stand.book(LASER_ARMPITS, client=OLGA)

    stand.settle()

    assert stand.lead_of(here)["status_id"] == 8101
    assert stand.leads_of(there) == []


def test_a_paused_salon_catches_up_after_resume(stand, alarm_codes):
    stand.world.yclients.faults("401", company_id=URAL, probability=1.0)
    stand.reconcile()
    hooked = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=MARIA)
    stand.settle()
    stand.world.yclients.hooks(loss=1.0)
    lost = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=OLGA)
    stand.world.yclients.faults_clear()

    stand.resume()
    stand.reconcile()
    stand.settle()

    assert [len(stand.leads_of(record)) for record in (hooked, lost)] == [1, 1]
    assert alarm_codes() == []


def test_a_stage_that_was_deleted_stops_only_its_route(stand, alarm_codes):
    stand.world.amocrm.ui_delete_stage(DOMAIN, 8001, 8101)
    laser = stand.book(LASER_ARMPITS, client=MARIA)
    cleaning = stand.book(CLEANING, client=OLGA)

    stand.settle()

    (event,) = stand.events(laser)
    assert stand.leads_of(laser) == []
    assert event.status == "blocked"
    assert stand.lead_of(cleaning)["pipeline_id"] == 8002
    assert alarm_codes() == ["amocrm.stage_unknown"]
    assert accounts.by_id(stand.account.id).state == "active"
