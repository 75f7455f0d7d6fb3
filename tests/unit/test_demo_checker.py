"""The judge of the demo must notice everything that can go wrong: one that always agrees proves nothing."""

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.demo import table
from sandbox.demo.checker import KEY_CODE, Seeded, judge
from sandbox.demo.day import BookingPlan, Expected, LeadPlan, load

SCRIPT = Path(__file__).parents[2] / "sandbox" / "days" / "two-salons.yaml"
BOOKING = {"company_id": 41001, "client": {"name": "Нина"}, "datetime": "2026-11-22 10:00:00"}
PLANS = (
    BookingPlan("nina", 41001, BOOKING, Expected(8001, 8101, 2500, 7000001)),
    BookingPlan("alla", 41001, BOOKING, Expected(history_of="again")),
    BookingPlan("again", 41001, BOOKING, Expected(8001, 8101, 1800, 7000004)),
    BookingPlan("block", 41002, BOOKING, Expected(is_none=True)),
)
RECORDS = {"nina": 1, "alla": 2, "again": 3, "block": 4}


def lead(lead_id, key="", price=2500, stage=8101, responsible=7000001, name="Запись"):
    fields = [{"field_code": KEY_CODE, "values": [{"value": key}]}] if key else None
    return {
        "id": lead_id,
        "name": name,
        "price": price,
        "pipeline_id": 8001,
        "status_id": stage,
        "responsible_user_id": responsible,
        "custom_fields_values": fields,
        "_embedded": {"contacts": [{"id": 50, "is_main": True}]},
    }


def contact(contact_id, phone):
    values = [{"value": phone, "enum_code": "WORK"}]
    return {"id": contact_id, "custom_fields_values": [{"field_code": "PHONE", "values": values}]}


ADVERT = lead(90, price=0, stage=8100, responsible=7000004, name="Заявка")
FOREIGN = lead(91, price=5000, stage=8200, responsible=7000002, name="Чужая")
SEEDED = (
    Seeded(LeadPlan("advert", {"name": "Заявка"}, is_taken=True), ADVERT),
    Seeded(LeadPlan("foreign", {"name": "Чужая"}, is_taken=False), FOREIGN),
)


@pytest.fixture
def crm():
    """A state in which everything is as it must be."""
    continued = lead(90, "yclients:41001:3", 1800, responsible=7000004, name="Заявка")
    leads = [lead(80, "yclients:41001:1"), continued, FOREIGN]
    return {"leads": deepcopy(leads), "contacts": [contact(50, "+79000000101"), contact(51, "+79000000102")]}


def verdict_of(crm):
    return judge(PLANS, RECORDS, SEEDED, crm)


def kinds(crm):
    return sorted({finding.kind for finding in verdict_of(crm).findings})


def test_a_right_state_is_found_good(crm):
    verdict = verdict_of(crm)

    assert verdict.is_good
    assert (verdict.bookings, verdict.leads, verdict.duplicates, verdict.wrong) == (2, 2, 0, 0)
    assert verdict.lead_of["alla"]["id"] == verdict.lead_of["again"]["id"] == 90


def test_a_second_lead_of_a_booking_is_a_duplicate(crm):
    crm["leads"].append(lead(81, "yclients:41001:1"))

    verdict = verdict_of(crm)

    assert (verdict.duplicates, verdict.leads, verdict.is_good) == (1, 3, False)


def test_a_missing_lead_is_noticed(crm):
    del crm["leads"][0]

    verdict = verdict_of(crm)

    assert kinds(crm) == ["missing"]
    assert (verdict.bookings, verdict.leads, verdict.wrong) == (2, 1, 1)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("status_id", 8102, "этап"),
        ("price", 2499, "бюджет"),
        ("responsible_user_id", 7000002, "ответственный"),
        ("pipeline_id", 8002, "воронка"),
    ],
)
def test_a_wrong_property_is_named(crm, name, value, word):
    crm["leads"][0][name] = value

    verdict = verdict_of(crm)

    assert [finding.kind for finding in verdict.findings] == ["wrong"]
    assert verdict.findings[0].text.startswith(word)


def test_a_lead_without_a_person_is_wrong(crm):
    crm["leads"][0]["_embedded"]["contacts"] = []

    assert kinds(crm) == ["wrong"]


@pytest.mark.parametrize("key", ["yclients:41002:4", "yclients:41001:2", "yclients:41001:999", ""])
def test_a_lead_that_should_not_exist_is_unexpected(crm, key):
    crm["leads"].append(lead(82, key))

    assert kinds(crm) == ["unexpected"]


def test_a_lead_that_must_rest_may_not_change(crm):
    crm["leads"][2]["status_id"] = 8201

    assert kinds(crm) == ["wrong"]


def test_a_new_lead_instead_of_the_continued_one_is_wrong(crm):
    crm["leads"][1] = lead(83, "yclients:41001:3", 1800, responsible=7000004)
    crm["leads"].append(deepcopy(ADVERT))

    assert kinds(crm) == ["wrong"]


def test_a_person_with_two_cards_is_a_duplicate(crm):
    crm["contacts"].append(contact(52, "8 (900) 000-01-01"))

    assert kinds(crm) == ["duplicate"]


def test_a_booking_that_was_never_made_is_missing(crm):
    verdict = judge(PLANS, {name: RECORDS[name] for name in ("nina", "alla", "again")}, SEEDED, crm)

    assert [(finding.kind, finding.about) for finding in verdict.findings] == [("missing", "block")]


def test_the_script_is_complete_and_lies_ahead():
    now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)

    day = load(SCRIPT, now)

    plans = list(day.plans())
    names = [plan.id for plan in plans]
    assert day.starts > now
    assert len(set(names)) == len(names) >= 50
    assert {plan.expected.history_of for plan in plans} <= {"", *names}
    assert [hour.at for hour in day.hours] == sorted(hour.at for hour in day.hours)
    assert all(hour.at > day.starts for hour in day.hours)


def test_the_table_shows_reasons_and_names(crm):
    day = load(SCRIPT, datetime(2026, 11, 21, tzinfo=UTC))
    stages = [{"id": 8101, "name": "Записан"}]
    names = {"users": [{"id": 7000001, "name": "Анна"}], "pipelines": [{"id": 8001, "name": "Эпиляция"}]}
    names["pipelines"][0]["_embedded"] = {"statuses": stages}
    told = table.Told(names, [{"key": "yclients:41001:1", "lead_id": 80, "reason": "Новая сделка"}])

    shown = table.render(table.rows(PLANS, day, verdict_of(crm), RECORDS, told))

    line = next(line for line in shown.splitlines() if " 80 " in line)
    assert all(
        word in line for word in ("Тверская", "Эпиляция", "Записан", "2 500 ₽", "Анна", "Новая сделка")
    )
