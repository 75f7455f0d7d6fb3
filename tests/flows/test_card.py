"""What a card in amoCRM shows of the booking behind a lead, and what is wrong before anything else."""

import dataclasses
import json

import pytest

from backend.core.salon import Phase
from backend.flows.accounts import accounts as account_flow
from backend.flows.widget import card
from backend.store import connections, db, events
from tests.support.shown_card import shown
from tests.support.stand import (
    DOMAIN,
    LASER_ARMPITS,
    LASER_LEGS,
    PUBLIC,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

__all__ = ["shown"]


def test_the_booking_that_drives_the_lead(stand, shown):
    record = stand.book(LASER_ARMPITS, {"id": LASER_LEGS, "amount": 2, "cost": 4500}, comment="У окна")
    stand.settle()
    lead = stand.lead_of(record)

    answer = shown(lead["id"])

    booking = answer["booking"]
    assert answer["state"] == "linked"
    assert answer["sentence"] == f"Сделку ведёт запись на {booking['when']}."
    assert booking["number"] == str(record["id"])
    assert (booking["salon"], booking["master"]) == ("Тверская", "Вера")
    assert booking["when"].endswith(", 14:30")
    assert (booking["status"], booking["status_text"], booking["tone"]) == ("waiting", "ожидание", "")
    assert [line["title"] for line in booking["services"]] == ["Лазер: подмышки", "Лазер: голени × 2"]
    assert booking["services"][0]["sum"] == "2 500 ₽"
    assert booking["total"].endswith(" ₽")
    assert booking["comment"] == "У окна"
    assert booking["lead_id"] == lead["id"]
    assert answer["others"] == []
    assert answer["panel_url"] == f"{PUBLIC}/admin/accounts/{DOMAIN}/why?q={lead['id']}"


def test_everything_is_said_in_the_language_asked(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    answer = shown(stand.lead_of(record)["id"], "en")

    assert answer["sentence"].startswith("The booking of ")
    assert answer["booking"]["status_text"] == "waiting"
    assert "was created" in answer["why"]["sentence"]


def test_the_whole_answer_is_json_and_names_no_client(stand, shown):
    record = stand.book(LASER_ARMPITS, client=("Мария Иванова", "+79990000001"))
    stand.settle()

    text = json.dumps(shown(stand.lead_of(record)["id"]), ensure_ascii=False)

    assert "79990000001" not in text
    assert "Иванова" not in text


def test_hours_are_the_salons_own(stand, shown):
    record = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="2030-03-02 10:00:00")
    stand.settle()

    booking = shown(stand.lead_of(record)["id"])["booking"]

    assert booking["when"] == "2 марта 2030, 10:00"
    assert "main_date=2030-03-02" in booking["journal_url"]


def test_the_journal_opens_at_the_booking(stand):
    record = stand.book(LASER_ARMPITS, at="2030-03-02 10:00:00")
    stand.settle()
    settings = dataclasses.replace(stand.ctx.settings, yclients_api_url="https://api.yclients.com/api/v1")
    ctx = dataclasses.replace(stand.ctx, settings=settings)

    booking = card.of_lead(ctx, stand.account, stand.lead_of(record)["id"], "ru")["booking"]

    day = "main_date=2030-03-02"
    address = f"https://yclients.com/timetable/{TVERSKAYA}#{day}&open_modal_by_record_id={record['id']}"
    assert booking["journal_url"] == address


def test_what_is_paid_in_full_is_told(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    assert shown(stand.lead_of(record)["id"])["booking"]["paid"] == ""

    stand.world.yclients.ui_pay(TVERSKAYA, record["id"], 2500)
    stand.settle()

    booking = shown(stand.lead_of(record)["id"])["booking"]
    assert booking["paid"] == booking["total"] == "2 500 ₽"


@pytest.mark.parametrize(("attendance", "tone"), [(2, "good"), (1, "good"), (-1, "bad"), (0, "")], ids=str)
def test_a_status_has_a_tone(stand, shown, attendance, tone):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, attendance)
    stand.settle()

    assert shown(stand.linked_lead(record))["booking"]["tone"] == tone


def test_every_phase_has_a_tone():
    assert set(card.TONES) == set(Phase)


def test_a_booking_can_be_told_apart_and_moved(stand, shown):
    record = stand.book(LASER_ARMPITS, {"id": LASER_LEGS, "amount": 2, "cost": 4500})
    stand.settle()

    booking = shown(stand.lead_of(record)["id"])["booking"]

    assert booking["key"] == f"yclients:{TVERSKAYA}:{record['id']}"
    assert (booking["salon_id"], booking["master_id"]) == (TVERSKAYA, 81)
    assert booking["service_ids"] == [LASER_ARMPITS, LASER_LEGS]
    assert booking["is_past"] is False


def test_what_was_and_what_was_cancelled_is_past(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead = stand.lead_of(record)
    stand.delete(record)
    stand.settle()

    assert shown(lead["id"])["booking"]["is_past"] is True


# What is wrong comes first


def test_a_paused_account_says_so(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    account_flow.pause(stand.ctx, stand.account.id)

    answer = shown(stand.lead_of(record)["id"])

    assert answer["state"] == "linked"
    assert answer["sentence"].startswith("Работа приостановлена")


def test_a_paused_salon_says_so(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    connections.pause(stand.account.id, TVERSKAYA, "yclients.unauthorized")

    assert shown(stand.lead_of(record)["id"])["sentence"].startswith("Салон «Тверская» приостановлен")


def test_a_change_on_its_way_says_so(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, -1)
    stand.work()

    assert shown(stand.lead_of(record)["id"])["sentence"].startswith("Изменение в записи принято")


def test_a_change_that_was_refused_says_why(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    key = f"yclients:{TVERSKAYA}:{record['id']}"
    newest = events.of_subject(stand.account.id, key, 1)[0]
    db.run("UPDATE inbound_events SET status = 'failed', error = 'KeyError 1' WHERE id = %s", (newest.id,))

    sentence = shown(stand.lead_of(record)["id"])["sentence"]

    assert sentence.startswith(
        "Последнее изменение записи не попало в сделку: При обработке случилась ошибка"
    )
    assert "KeyError" not in sentence


def test_a_link_whose_booking_is_not_stored_still_has_a_number(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    lead_id = stand.lead_of(record)["id"]
    db.run("DELETE FROM bookings")

    answer = shown(lead_id)

    assert answer["state"] == "linked"
    assert answer["sentence"].startswith(f"Сделку ведёт запись № {record['id']}")
    assert answer["booking"]["salon"] == "Тверская"
    assert answer["booking"]["services"] == []


def test_a_salon_switched_off_is_still_named(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    connections.set_mode(stand.account.id, TVERSKAYA, "off")

    assert shown(stand.lead_of(record)["id"])["booking"]["salon"] == "Тверская"
