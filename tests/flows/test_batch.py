"""Batched writes: one bad entity costs only itself, and a field that is gone costs nobody anything."""

import pytest

from backend.store import outbox
from tests.support.stand import CONFIGURATION, DOMAIN, LASER_ARMPITS, URAL, URAL_LASER, URAL_MASTER

CONFIGURED = CONFIGURATION.read_text(encoding="utf-8")


def client(number):
    return f"Клиент {number}", f"+7999000{number:04d}"


@pytest.fixture
def without_option(stand, field_id):
    """An administrator removed the option «Урал» from our list of salons, and nobody told us."""
    field = stand.world.amocrm.find(DOMAIN).fields["leads"][field_id("MOSTIK_SALON")]
    field.enums = [enum for enum in field.enums if enum.value != "Урал"]
    return stand


@pytest.fixture
def fifty(without_option):
    """Fifty bookings that settle together; the one in Ural cannot be written any more."""
    stand = without_option
    good = [stand.book(LASER_ARMPITS, client=client(number)) for number in range(49)]
    bad = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=client(49))
    stand.work()
    stand.world.amocrm.journal_clear()
    return good, bad


def test_one_bad_value_among_fifty_costs_one_lead(without_option, fifty):
    stand, (good, bad) = without_option, fifty

    stand.settle()

    assert len(stand.leads()) == 49
    assert [len(stand.leads_of(record)) for record in good] == [1] * 49
    assert stand.leads_of(bad) == []


def test_only_the_culprit_is_rejected_and_says_why(without_option, fifty):
    stand, (good, bad) = without_option, fifty

    stand.settle()

    (event,) = stand.events(bad)
    statuses = {event.status for record in good for event in stand.events(record)}
    assert statuses == {"done"}
    assert (event.status, event.reason) == ("rejected", "amocrm.refused")
    assert "NotSupportedChoice" in event.error
    assert {row.status for row in outbox.of_event(event.id)} == {"failed"}


def test_the_culprit_is_found_in_three_requests(without_option, fifty):
    without_option.settle()

    sent = [row for row in without_option.world.amocrm.journal() if row["path"].endswith("leads/complex")]
    assert [(row["status"], row["rows"]) for row in sent] == [(400, 0), (200, 49), (400, 0)]


def test_the_culprit_can_be_replayed_once_the_option_is_back(without_option, fifty, stand):
    _good, bad = fifty
    stand.settle()
    stand.configure(CONFIGURED)

    stand.edit(bad, comment="ещё раз")
    stand.settle()

    assert stand.value(stand.lead_of(bad), "MOSTIK_SALON") == ["Урал"]


def test_H14_a_deleted_field_is_left_out_and_told(stand, field_id, alarm_codes):
    stand.world.amocrm.ui_delete_field(DOMAIN, field_id("MOSTIK_MASTER"))
    records = [stand.book(LASER_ARMPITS, client=client(number)) for number in range(3)]

    stand.settle()

    leads = [stand.lead_of(record) for record in records]
    assert [stand.value(lead, "MOSTIK_SERVICES") for lead in leads] == [["Лазер: подмышки — 2 500 ₽"]] * 3
    assert alarm_codes() == ["amocrm.field_gone"]


def test_H14_the_next_booking_does_not_stumble_over_it_again(stand, field_id):
    stand.world.amocrm.ui_delete_field(DOMAIN, field_id("MOSTIK_MASTER"))
    stand.book(LASER_ARMPITS, client=client(1))
    stand.settle()
    stand.world.amocrm.journal_clear()

    record = stand.book(LASER_ARMPITS, client=client(2))
    stand.settle()

    assert stand.lead_of(record)["price"] == 2500
    assert [row["status"] for row in stand.world.amocrm.journal() if row["method"] != "GET"] == [200, 200]


def test_H14_a_linked_lead_is_edited_without_the_deleted_field(stand, field_id):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.world.amocrm.ui_delete_field(DOMAIN, field_id("MOSTIK_MASTER"))

    stand.edit(record, staff_id=82, comment="Другой мастер")
    stand.settle()

    assert stand.value(stand.lead_of(record), "MOSTIK_COMMENT") == ["Другой мастер"]
