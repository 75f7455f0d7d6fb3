"""Cards of clients and payments on the road: observed, repeated, gone, unreadable, silent."""

import json

import pytest

from backend.flows.rules import configuration
from backend.store import alarms, events, outbox
from backend.store.inbound import Filters
from tests.support.stand import CONFIGURATION, DOMAIN, LASER_ARMPITS, LASER_LEGS, TVERSKAYA
from tests.support.stand_fixtures import alarm_codes, caught_hooks, field_id, post_hook, stand
from tests.support.wishes import MONEY, money, told, wish

__all__ = ["alarm_codes", "caught_hooks", "field_id", "post_hook", "stand"]


@pytest.fixture
def booked(stand):
    """A booking whose contact shows discounts."""
    wish(stand, contact=["discount"])
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.journal_clear()
    return record


def edit(stand, record, **changes):
    stand.world.yclients.ui_client(TVERSKAYA, record["client"]["id"], **changes)


def client_hooks(stand):
    return [h["event"] for h in stand.world.yclients.hooks_pending() if h["event"]["resource"] == "client"]


def stored(stand, kind):
    return events.page(stand.account.id, Filters(kind=kind))


def test_in_an_observed_salon_nothing_is_written_and_the_plan_is_kept(stand, booked):
    text = CONFIGURATION.read_text(encoding="utf-8").replace("mode: active", "mode: observe")
    stand.configure(text + "\ncontact_fields: {discount: create}\n")
    stand.world.amocrm.journal_clear()
    edit(stand, booked, discount=10)

    stand.settle()

    newest = stored(stand, "yclients.client")[0]
    assert [row.status for row in outbox.of_event(newest.id)] == ["observed"]
    assert [row for row in stand.world.amocrm.journal(DOMAIN) if row["method"] == "PATCH"] == []


def test_the_same_news_again_write_nothing(stand, booked, post_hook):
    edit(stand, booked, discount=10)
    hooks = client_hooks(stand)
    stand.settle()
    stand.world.amocrm.journal_clear()

    for hook in hooks:
        post_hook({**hook, "status": "again"})

    assert stand.world.amocrm.journal(DOMAIN) == []


def test_many_changes_at_once_are_one(stand, booked):
    for discount in (5, 10, 15):
        edit(stand, booked, discount=discount)

    stand.settle()

    patches = [row for row in stand.world.amocrm.journal(DOMAIN) if row["method"] == "PATCH"]
    assert told(stand, stand.contacts()[0], "discount") == "15"
    assert len(patches) == 1


def test_a_card_of_nobody_waits_for_its_booking(stand):
    wish(stand, contact=["labels"])
    yclients = stand.world.yclients
    company = yclients.store.companies[TVERSKAYA]
    card = yclients.desk.new_client(company, {"name": "Нина", "phone": "+79990000041"})
    yclients.ui_client(TVERSKAYA, card.id, categories=[{"id": 1, "title": "VIP"}])
    stand.settle()
    assert stored(stand, "yclients.client")[0].reason == "client_unknown"
    stand.book(LASER_ARMPITS, client=("Нина", "+79990000041"))

    stand.settle()

    assert told(stand, stand.contacts()[0], "labels") == "VIP"


def test_a_contact_that_is_gone_costs_only_its_event(stand, booked):
    (contact,) = stand.contacts()
    stand.world.amocrm.ui_delete_contact(DOMAIN, 7000001, contact["id"])
    stand.world.sender.drop("amocrm")
    edit(stand, booked, discount=10)

    stand.settle()

    assert stored(stand, "yclients.client")[0].status == "rejected"
    edit(stand, booked, discount=12)
    stand.settle()
    assert stored(stand, "yclients.client")[0].reason == "client_unknown"


def test_a_contact_field_that_is_gone_is_left_out_and_told(stand, booked, field_id, alarm_codes):
    stand.world.amocrm.ui_delete_field(DOMAIN, field_id("MOSTIK_CLIENT_DISCOUNT"))
    edit(stand, booked, discount=10, phone="+79990000099")

    stand.settle()

    assert stand.phones(stand.contacts()[0]) == ["+79990000001", "+79990000099"]
    assert "amocrm.field_gone" in alarm_codes()
    assert configuration.load(stand.account.id).contact_field_ids == {}


def test_a_contact_field_that_is_gone_does_not_hold_up_a_new_lead(stand, booked, field_id, alarm_codes):
    stand.world.amocrm.ui_delete_field(DOMAIN, field_id("MOSTIK_CLIENT_DISCOUNT"))
    record = stand.book(LASER_LEGS, client=("Нина", "+79990000041"))

    stand.settle()

    assert stand.lead_of(record)["price"] == 4500
    assert "amocrm.field_gone" in alarm_codes()


@pytest.mark.parametrize("data", [{"name": "без номера"}, []])
def test_a_card_that_cannot_be_read_is_rejected(stand, post_hook, data):
    body = {"company_id": TVERSKAYA, "resource": "client", "resource_id": 5, "status": "update", "data": data}

    assert post_hook(body) == 200

    assert stored(stand, "yclients.client")[0].status == "rejected"


def test_the_crm_that_is_away_lets_the_news_wait(stand, booked):
    stand.world.amocrm.faults("500", domain=DOMAIN, match="PATCH /api/v4/contacts", next=1)
    edit(stand, booked, discount=10)

    stand.settle()
    stand.settle()

    assert told(stand, stand.contacts()[0], "discount") == "10"


@pytest.mark.parametrize("resource", ["finances_operation", "goods_operations_sale"])
def test_money_that_nobody_needs_is_noted_and_over(stand, booked, post_hook, resource):
    data = {"id": 5, "record_id": booked["id"], "amount": "2500.00"}
    body = {
        "company_id": TVERSKAYA, "resource": resource, "resource_id": 5, "status": "create", "data": data,
    }  # fmt: skip
    post_hook(body)

    assert stored(stand, f"yclients.{resource}")[0].reason == "not_needed"


@pytest.mark.parametrize("data", [{"record_id": "много"}, {}, {"record": []}])
def test_a_payment_of_nothing_concerns_no_booking(stand, post_hook, data):
    wish(stand, fields=MONEY)
    body = {
        "company_id": TVERSKAYA, "resource": "finances_operation", "resource_id": 5, "status": "create",
        "data": data,
    }  # fmt: skip
    post_hook(body)

    assert stored(stand, "yclients.finances_operation")[0].reason == "not_needed"


def test_a_payment_of_a_booking_we_never_saw_reads_it(stand, caught_hooks, post_hook):
    wish(stand, fields=MONEY)
    record = stand.book(LASER_ARMPITS)
    caught_hooks()
    stand.world.yclients.ui_pay(TVERSKAYA, record["id"], 1000)
    hooks = [h["event"] for h in stand.world.yclients.hooks_pending()]
    caught_hooks()
    post_hook(next(hook for hook in hooks if hook["resource"] == "finances_operation"))

    stand.settle()

    assert money(stand, record, "paid") == "1000"


def test_a_salon_that_is_silent_about_money_lets_its_bookings_wait(stand):
    wish(stand, fields=MONEY)
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.yclients.ui_pay(TVERSKAYA, record["id"], 1000)
    stand.edit(record, prepaid_confirmed=True)
    stand.world.yclients.faults("500", match="visit/details", next=1)

    stand.settle()
    stand.settle()

    assert money(stand, record, "paid") == "1000"


def test_abonements_that_nobody_may_see_are_no_trouble(stand, booked, post_hook):
    wish(stand, contact=["abonements"])
    data = {
        "id": 5, "loyalty_abonement_id": 7, "record_id": 0, "cost": 18000,
        "client": {"id": booked["client"]["id"], "name": "Мария", "phone": ""},
    }  # fmt: skip
    body = {
        "company_id": TVERSKAYA, "resource": "goods_operations_sale", "resource_id": 5, "status": "create",
        "data": data,
    }  # fmt: skip
    stand.world.yclients.faults("403", match="loyalty/abonements", next=1)
    post_hook(body)

    assert stored(stand, "yclients.goods_operations_sale")[0].reason == "not_needed"
    assert "yclients.forbidden" not in [alarm.code for alarm in alarms.open_alarms(stand.account.id)]


def test_an_abonement_sold_to_nobody_is_over(stand, post_hook):
    wish(stand, contact=["abonements"])
    data = {"id": 5, "loyalty_abonement_id": 7, "record_id": 0, "client": []}
    body = {
        "company_id": TVERSKAYA, "resource": "goods_operations_sale", "resource_id": 5, "status": "create",
        "data": data,
    }  # fmt: skip
    post_hook(body)

    assert stored(stand, "yclients.goods_operations_sale")[0].reason == "client_unknown"
    assert json.loads(stored(stand, "yclients.goods_operations_sale")[0].body)["resource_id"] == 5
