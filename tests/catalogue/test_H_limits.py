"""H14–H19. What amoCRM no longer has, does not take, or does not allow."""

import pytest

from backend.flows.people import sessions
from backend.flows.watch import watchers
from backend.store import accounts, connections, operators
from tests.support.stand import AD_FIELD, CONFIGURATION, DOMAIN, LASER_ARMPITS, LASER_LEGS, TVERSKAYA

BOOKED, CONFIRMED, COMPLAINT = 8101, 8102, 8109
SVETLANA = ("Светлана", "+79990000009")
LONG = "Аллергия на лидокаин, просила перезвонить. " * 12


@pytest.fixture
def booked(stand):
    """A booking whose lead is in «Записан»."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


def delete_field(stand, field):
    stand.world.amocrm.ui_delete_field(DOMAIN, field_id=field)


def test_H14_deleted_field_is_left_out_and_told(stand, booked, field_id, alarm_codes):
    delete_field(stand, field_id("MOSTIK_MASTER"))
    stand.edit(booked, staff_id=82, comment="Придёт позже")
    later = stand.book(LASER_LEGS, client=SVETLANA)

    stand.settle()

    assert stand.value(stand.lead_of(booked), "MOSTIK_COMMENT") == ["Придёт позже"]
    assert stand.lead_of(later)["status_id"] == BOOKED
    assert alarm_codes() == ["amocrm.field_gone"]


def test_H14_deleted_field_is_noticed_before_a_booking_trips_over_it(stand, booked, field_id, alarm_codes):
    delete_field(stand, field_id("MOSTIK_MASTER"))
    stand.world.amocrm.journal_clear()
    watchers.look(stand.ctx, stand.account.id)
    told = alarm_codes()

    stand.edit(booked, staff_id=82, comment="Придёт позже")
    stand.settle()

    refused = [row for row in stand.world.amocrm.journal() if row["status"] == 400]
    assert told == ["amocrm.field_gone"]
    assert refused == []
    assert stand.value(stand.lead_of(booked), "MOSTIK_COMMENT") == ["Придёт позже"]


def test_H15_long_text_is_cut_in_a_short_field_and_whole_in_the_note(stand):
    stand.configure(CONFIGURATION.read_text(encoding="utf-8") + f"\nfields: {{comment: {AD_FIELD}}}\n")
    record = stand.book(LASER_ARMPITS, comment=LONG.strip())

    stand.settle()

    lead = stand.lead_of(record)
    (written,) = stand.value(lead, AD_FIELD)
    assert len(written) <= 256
    assert written.endswith("…")
    assert LONG.strip() in stand.notes(lead)[0]


def test_H16_unpaid_crm_stops_the_account_and_loses_nothing(stand, alarm_codes):
    stand.world.amocrm.faults(kind="402", domain=DOMAIN, next=50)
    records = [stand.book(LASER_ARMPITS, client=(f"Клиент {n}", f"+7999000100{n}")) for n in range(3)]
    stand.settle()
    before, state = stand.leads(), accounts.by_id(stand.account.id).state
    codes = alarm_codes()

    stand.world.amocrm.faults_clear()
    stand.resume()
    stand.settle()

    assert (before, state, codes) == ([], "paused", ["amocrm.unpaid"])
    assert [stand.lead_of(record)["status_id"] for record in records] == [BOOKED] * 3
    assert stand.open_alarms() == []


def test_H17_cancelled_booking_of_the_past_makes_no_lead(stand):
    stand.world.yclients.hooks(loss=1.0)
    record = stand.book(LASER_ARMPITS, at="-1")
    stand.delete(record)

    stand.reconcile()
    stand.settle()

    assert stand.leads() == []
    assert stand.contacts() == []
    assert stand.reason(record) == "cancelled_early"


def test_H18_answers_are_checked_here_when_filters_do_nothing(stand, booked):
    stand.world.amocrm.filters(DOMAIN, enabled=False)
    for number in range(5):
        stand.open_lead(8001, 8100, client=(f"Прохожий {number}", f"+7999000200{number}"))
    again = stand.book(LASER_LEGS, at="+4")

    stand.settle()

    theirs = {lead["id"] for lead in stand.leads()} - {stand.lead_of(booked)["id"]}
    assert stand.lead_of(again)["id"] in theirs
    assert len(stand.leads()) == 7


def test_H18_the_panel_says_that_filters_are_off(stand):
    operators.add("irina", "a long enough password", "owner", stand.now())
    browser = stand.app.test_client()
    with browser.session_transaction() as session:
        session.update(sessions.begun_by(operators.by_login("irina")))
    off = browser.get(f"/admin/accounts/{DOMAIN}").text

    stand.world.amocrm.filters(DOMAIN, enabled=True)
    watchers.look(stand.ctx, stand.account.id)

    assert "выключены в тарифе" in off
    assert "выключены в тарифе" not in browser.get(f"/admin/accounts/{DOMAIN}").text


def test_H19_closed_door_stops_the_whole_account_while_the_salons_news_collect(stand, booked, alarm_codes):
    stand.world.amocrm.faults(kind="403", domain=DOMAIN, next=1)
    stand.mark(booked, 2)
    stand.settle()
    stopped, codes = accounts.by_id(stand.account.id).state, alarm_codes()
    stand.world.amocrm.journal_clear()
    later = stand.book(LASER_LEGS, client=SVETLANA)
    stand.settle()
    asked = stand.world.amocrm.journal()

    stand.resume()
    stand.settle()

    assert (stopped, codes) == ("paused", ["amocrm.blocked"])
    assert asked == []
    assert stand.lead_of(booked)["status_id"] == CONFIRMED
    assert stand.lead_of(later)["status_id"] == BOOKED


def test_C18_deleted_stage_stops_its_route_and_the_booking_goes_on_after_another_is_chosen(
    stand, booked, alarm_codes
):
    stand.world.amocrm.ui_delete_stage(DOMAIN, pipeline_id=8001, stage_id=CONFIRMED)
    stand.mark(booked, 2)
    other = stand.book(90021, client=SVETLANA)
    stand.settle()
    before, codes = stand.lead_of(booked)["status_id"], alarm_codes()

    stand.configure(CONFIGURATION.read_text(encoding="utf-8").replace("8102", str(COMPLAINT)))
    stand.settle()

    assert (before, codes) == (BOOKED, ["amocrm.stage_unknown"])
    assert stand.lead_of(other)["pipeline_id"] == 8002
    assert stand.lead_of(booked)["status_id"] == COMPLAINT
    assert stand.open_alarms() == []


def test_C18_deleted_stage_is_told_before_a_booking_needs_it(stand, booked, alarm_codes):
    stand.world.amocrm.ui_delete_stage(DOMAIN, pipeline_id=8001, stage_id=CONFIRMED)

    watchers.look(stand.ctx, stand.account.id)

    assert set(alarm_codes()) == {"amocrm.stage_unknown"}
    assert connections.get(stand.account.id, TVERSKAYA).paused_code == ""


def test_amocrm_that_forgot_our_hook_is_subscribed_to_again(stand, booked, alarm_codes):
    account = stand.world.amocrm.find(DOMAIN)
    account.webhooks.clear()
    stand.move(stand.lead_of(booked), COMPLAINT)
    stand.settle()

    watchers.look(stand.ctx, stand.account.id)
    stand.edit(booked, comment="Просила другой кабинет")
    stand.settle()

    assert len(account.webhooks) == 1
    assert alarm_codes() == ["amocrm.hook_restored"]
    assert stand.lead_of(booked)["status_id"] == COMPLAINT


def test_hook_that_amocrm_switched_off_is_made_anew(stand, booked):
    account = stand.world.amocrm.find(DOMAIN)
    (before,) = account.webhooks.values()
    before.disabled = True

    watchers.look(stand.ctx, stand.account.id)

    (after,) = account.webhooks.values()
    assert not after.disabled
    assert after.destination == before.destination
