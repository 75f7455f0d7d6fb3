"""L. Back to YCLIENTS from the card of a lead, and C16: our own writes when they come back."""

import threading
import uuid

import pytest

from backend.store import connections
from tests.support.card import Card
from tests.support.stand import (
    CLEANING,
    CONFIGURATION,
    COSMETOLOGY,
    EPILATION,
    INNA,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
    VERA,
    WAITING_LIST,
)

FRESH, BOOKED, CONFIRMED, LOST = 8100, 8101, 8102, 143


@pytest.fixture
def card(stand):
    return Card(stand)


@pytest.fixture
def lead(stand):
    """A lead of an advertisement: a person with a phone, no booking."""
    found = stand.open_lead(EPILATION, FRESH)
    stand.settle()
    return found


@pytest.fixture
def booked(stand):
    """A booking made at the desk, and its lead."""
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    return record


def journal(stand, company=TVERSKAYA):
    """What stands in the salon's journal."""
    return [one for one in stand.world.yclients.state(company)["records"] if not one["deleted"]]


def fresh(stand, record):
    found = stand.world.yclients.state(record["company_id"])["records"]
    return next(one for one in found if one["id"] == record["id"])


def calls(stand, method, kind):
    return [row for row in stand.world.yclients.journal() if (row["method"], row["kind"]) == (method, kind)]


# L1


def test_L1_a_booking_from_the_card_stands_in_the_journal(stand, card, lead):
    answer = card.book(lead, LASER_ARMPITS, LASER_LEGS, comment="Звонила в обед")

    (record,) = journal(stand)
    assert answer.status_code == 201
    assert [line["id"] for line in record["services"]] == [LASER_ARMPITS, LASER_LEGS]
    assert (record["staff_id"], record["date"][:16]) == (VERA, stand.wall("+2")[:16])
    assert (record["comment"], record["seance_length"], record["attendance"]) == ("Звонила в обед", 7200, 0)
    assert record["api_id"].startswith("mostik-")


def test_L1_the_lead_of_the_card_is_linked_at_once(stand, card, lead):
    card.book(lead)

    stand.work()  # no time passes: nothing waits for a settle time

    (record,) = journal(stand)
    linked = stand.lead_of(record)
    assert (linked["id"], linked["status_id"], linked["price"]) == (lead["id"], BOOKED, 2500)
    assert len(stand.leads()) == 1


def test_L1_the_lead_of_the_card_wins_over_its_equals(stand, card):
    older = stand.open_lead(EPILATION, FRESH)
    contact = older["_embedded"]["contacts"][0]["id"]
    stand.pass_time(60)
    newer = stand.open_lead(EPILATION, FRESH, client=contact)
    stand.settle()

    card.book(older)
    stand.settle()

    (record,) = journal(stand)
    assert stand.lead_of(record)["id"] == older["id"]
    assert stand.value(next(one for one in stand.leads() if one["id"] == newer["id"]), "MOSTIK_KEY") == []


def test_L1_a_lead_of_another_direction_is_left_alone(stand, card, lead):
    card.book(lead, CLEANING, master=INNA)

    stand.settle()

    (record,) = journal(stand)
    linked = stand.lead_of(record)
    assert linked["id"] != lead["id"]
    assert linked["pipeline_id"] == COSMETOLOGY


def test_L1_a_lead_with_a_booking_ahead_keeps_it(stand, card, booked):
    before = stand.lead_of(booked)

    card.book(before, at="+9")
    stand.settle()

    assert stand.lead_of(booked)["id"] == before["id"]
    new = next(one for one in journal(stand) if one["id"] != booked["id"])
    assert stand.lead_of(new)["id"] != before["id"]


def test_L1_the_hook_of_our_own_booking_changes_nothing(stand, card, lead):
    stand.world.yclients.hooks(self_sending=1, delay=5)
    card.book(lead)
    stand.work()
    (record,) = journal(stand)
    notes = stand.notes(lead)

    stand.settle()

    assert stand.notes(lead) == notes
    assert len(stand.leads()) == 1
    assert stand.reason(record) == "own_echo"


def test_L1_a_hook_that_is_quicker_than_we_holds_nothing_up(stand, card, lead):
    stand.world.yclients.hooks(self_sending=1, delay=0)
    card.book(lead)

    stand.work()

    (record,) = journal(stand)
    assert stand.lead_of(record)["id"] == lead["id"]


def test_L1_a_booking_whose_answer_was_lost_is_linked_all_the_same(stand, card, lead):
    stand.world.yclients.hooks(self_sending=1, delay=5)
    stand.world.yclients.faults("500", match="GET /api/v1/records", next=1)
    stand.world.yclients.faults("reset_after_commit", match="POST /api/v1/records", next=1)
    answer = card.book(lead)

    stand.settle()

    assert answer.json["code"] == "card.uncertain"
    (record,) = journal(stand)
    assert stand.lead_of(record)["id"] == lead["id"]


def test_L1_free_times_leave_out_what_is_taken(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 14:30:00", client=("Ольга", "+79990000005"))

    found = card.look(f"book/times?salon={TVERSKAYA}&master={VERA}&services={LASER_ARMPITS}&day={day}").json[
        "times"
    ]

    assert found[0] == "09:00"
    assert found[-1] == "20:00"  # an hour before the salon closes
    assert not {"13:45", "14:00", "14:15", "14:30", "15:15"}.intersection(found)
    assert {"13:30", "15:30"}.issubset(found)


def test_L1_masters_and_services_are_those_of_the_salon(card, lead):
    salons = card.look(f"book/salons?lead={lead['id']}").json
    services = card.look(f"book/services?salon={URAL}").json
    masters = card.look(f"book/masters?salon={TVERSKAYA}&services={LASER_ARMPITS}").json

    assert [one["title"] for one in salons["salons"]] == ["Тверская", "Урал"]
    assert services["categories"] == [
        {
            "title": "Эпиляция",
            "services": [
                {
                    "id": URAL_LASER,
                    "title": "Лазер: подмышки",
                    "price": "2 200 ₽",
                    "rubles": 2200,
                    "minutes": 60,
                }
            ],
        }
    ]
    assert [one["name"] for one in masters["masters"]] == ["Вера", "Инна"]  # the waiting list is no person


def test_L1_the_salon_of_the_last_visit_is_offered_first(stand, card):
    record = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER)
    stand.settle()

    assert card.look(f"book/salons?lead={stand.lead_of(record)['id']}").json["chosen"] == URAL


def test_L1_the_history_shows_all_salons(stand, card):
    here = stand.book(LASER_ARMPITS, at="+2")
    there = stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="+5")
    stand.settle()

    found = card.person(stand.lead_of(here))

    assert [one["key"] for one in found["bookings"]] == [
        f"yclients:{URAL}:{there['id']}",
        f"yclients:{TVERSKAYA}:{here['id']}",
    ]
    assert found["person"]["phone"] == "+79990000001"
    assert found["linked_lead"] == stand.lead_of(here)["id"]
    assert f"/timetable/{TVERSKAYA}" in found["journal_url"]
    assert found["can_create"] is True


def test_L1_the_history_shows_bookings_without_a_lead_too(stand, card, booked):
    skipped = stand.book(LASER_ARMPITS, staff=WAITING_LIST, at="+6")
    stand.settle()

    found = card.person(stand.lead_of(booked))["bookings"]

    assert [one["key"] for one in found] == [
        f"yclients:{TVERSKAYA}:{skipped['id']}",
        f"yclients:{TVERSKAYA}:{booked['id']}",
    ]
    assert [one["lead_id"] for one in found] == [None, stand.lead_of(booked)["id"]]


def test_L1_days_without_a_free_hour_are_not_offered(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 09:00:00", client=("Ольга", "+79990000005"), seance_length=12 * 3600)

    found = card.look(f"book/days?salon={TVERSKAYA}&master={VERA}&services={LASER_ARMPITS}").json["days"]

    assert day not in found
    assert {stand.wall("+1")[:10], stand.wall("+3")[:10]}.issubset(found)
    assert len(found) >= 58


# L2


def test_L2_a_taken_time_is_told_with_the_nearest_free_ones(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 14:30:00", client=("Ольга", "+79990000005"))
    stand.settle()

    answer = card.book(lead, at=f"{day} 14:30:00")

    assert (answer.status_code, answer.json["code"]) == (409, "booking.slot_taken")
    assert answer.json["message"] == "Это время только что заняли. Ничего не записано — выберите другое."
    assert {f"{day} 13:30", f"{day} 15:30"}.issubset(answer.json["nearest"])
    assert answer.json["nearest"] == sorted(answer.json["nearest"])
    assert len(journal(stand)) == 1


def test_L2_another_time_can_be_booked_after_it(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 14:30:00", client=("Ольга", "+79990000005"))
    nearest = card.book(lead, at=f"{day} 14:30:00").json["nearest"]

    answer = card.press("book", **{**card.wish(lead), "at": nearest[0]})

    assert answer.status_code == 201
    assert len(journal(stand)) == 2


def test_L2_a_move_onto_a_taken_time_changes_nothing(stand, card, booked):
    day = stand.wall("+3")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 12:00:00", client=("Ольга", "+79990000005"))
    stand.settle()

    answer = card.act("move", stand.lead_of(booked), booked, at=f"{day} 12:00")

    assert (answer.status_code, answer.json["code"]) == (409, "booking.slot_taken")
    assert f"{day} 11:00" in answer.json["nearest"]
    assert fresh(stand, booked)["date"] == booked["date"]


def test_L2_a_taken_time_is_told_even_when_no_other_can_be_found(stand, card, lead):
    day = stand.wall("+2")[:10]
    stand.book(LASER_ARMPITS, at=f"{day} 14:30:00", client=("Ольга", "+79990000005"))
    stand.world.yclients.faults("500", match="staff/schedule", next=1)

    answer = card.book(lead, at=f"{day} 14:30:00")

    assert (answer.status_code, answer.json["nearest"]) == (409, [])


# L3


def test_L3_an_unknown_client_is_made_from_the_contact(stand, card):
    lead = stand.open_lead(EPILATION, FRESH, client=("Дарья", "8 (999) 000-00-07"))
    stand.settle()

    card.book(lead)

    (record,) = journal(stand)
    assert record["client"]["name"] == "Дарья"
    assert str(record["client"]["phone"]).lstrip("+") == "79990000007"
    assert len(calls(stand, "POST", "clients")) == 1


def test_L3_a_known_client_is_found_by_the_phone(stand, card, lead):
    before = stand.book(LASER_ARMPITS, client=("Мария Старая", "89990000001"), at="+1")

    card.book(lead, at="+3")

    new = next(one for one in journal(stand) if one["id"] != before["id"])
    assert new["client"]["id"] == before["client"]["id"]
    assert calls(stand, "POST", "clients") == []


def test_L3_a_known_client_whose_phone_is_hidden_gets_no_second_card(stand, card, lead):
    before = stand.book(LASER_ARMPITS, client=("Мария", "89990000001"), at="+1")
    stand.world.yclients.options(phones_hidden=True)

    answer = card.book(lead, at="+3")

    assert answer.status_code == 201
    new = next(one for one in journal(stand) if one["id"] != before["id"])
    assert new["client"]["id"] == before["client"]["id"]


def test_L3_a_search_that_failed_is_repeated(stand, card, lead):
    stand.world.yclients.faults("success_false", match="clients/search", next=1)
    first = card.book(lead)
    stand.pass_time(60)

    second = card.book(lead)

    assert (first.status_code, second.status_code) == (503, 201)
    assert len(calls(stand, "POST", "clients")) == 1


@pytest.mark.parametrize(
    ("phone", "code"), [("", "card.no_phone"), ("12-34", "card.bad_phone"), ("+7 999 000", "card.bad_phone")]
)
def test_L3_without_a_whole_phone_nobody_is_booked(stand, card, phone, code):
    lead = stand.open_lead(EPILATION, FRESH, client=("Дарья", phone))
    stand.settle()

    answer = card.book(lead)

    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert journal(stand) == []
    assert card.person(lead)["denied"] == answer.json["message"]


# L4


@pytest.fixture
def told(stand):
    """The option is on: a stage may confirm a booking."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    stand.configure(text.replace("options:\n", "options:\n  attendance_from_stage: true\n", 1))


def test_L4_a_stage_set_by_a_person_confirms_the_booking(stand, told, booked):
    stand.move(stand.lead_of(booked), CONFIRMED)

    stand.settle()

    assert fresh(stand, booked)["attendance"] == 2
    assert len(calls(stand, "PUT", "visits")) == 1
    assert stand.lead_of(booked)["status_id"] == CONFIRMED
    assert stand.value(stand.lead_of(booked), "MOSTIK_STATUS") == ["Подтвердил"]


def test_L4_it_is_off_until_somebody_wants_it(stand, booked):
    stand.move(stand.lead_of(booked), CONFIRMED)

    stand.settle()

    assert fresh(stand, booked)["attendance"] == 0


def test_L4_the_comment_stays(stand, told):
    record = stand.book(LASER_ARMPITS, comment="У окна")
    stand.settle()

    stand.move(stand.lead_of(record), CONFIRMED)
    stand.settle()

    assert (fresh(stand, record)["attendance"], fresh(stand, record)["comment"]) == (2, "У окна")


@pytest.mark.parametrize("stage", [142, LOST, FRESH])
def test_L4_no_other_stage_writes_into_the_journal(stand, told, booked, stage):
    stand.move(stand.lead_of(booked), stage)

    stand.settle()

    assert fresh(stand, booked)["last_change_date"] == booked["last_change_date"]


def test_L4_a_visit_marked_meanwhile_is_left_alone(stand, told, booked):
    stand.world.yclients.hooks(loss=1.0)
    stand.mark(booked, -1)

    stand.move(stand.lead_of(booked), CONFIRMED)
    stand.settle()

    assert fresh(stand, booked)["attendance"] == -1


def test_L4_without_the_right_the_salon_goes_on_and_a_person_is_told(stand, told, booked, alarm_codes):
    stand.world.yclients.user(
        "salon-token", companies=[TVERSKAYA, URAL], denied=["edit_records_attendance_access"]
    )

    stand.move(stand.lead_of(booked), CONFIRMED)
    stand.settle()

    assert fresh(stand, booked)["attendance"] == 0
    assert "card.confirm_refused" in alarm_codes()
    assert connections.get(stand.account.id, TVERSKAYA).paused_code == ""


def test_L4_a_salon_that_does_not_answer_is_asked_again(stand, told, booked):
    stand.world.yclients.faults("500", match="PUT /api/v1/visits", next=1)

    stand.move(stand.lead_of(booked), CONFIRMED)
    stand.settle(1200)

    assert fresh(stand, booked)["attendance"] == 2


# L5


def test_L5_a_lost_lead_asks_about_its_booking_and_cancels_nothing(stand, card, booked):
    lead = stand.lead_of(booked)
    stand.move(lead, LOST)
    stand.settle()

    question = card.person(lead)["question"]

    assert question["key"] == f"yclients:{TVERSKAYA}:{booked['id']}"
    assert question["sentence"].startswith("Сделка закрыта как нереализованная, а запись на ")
    assert not fresh(stand, booked)["deleted"]


def test_L5_the_answer_yes_cancels_it(stand, card, booked):
    lead = stand.lead_of(booked)
    stand.move(lead, LOST)
    stand.settle()

    answer = card.act("cancel", lead, booked)
    stand.settle()

    assert answer.status_code == 200
    assert fresh(stand, booked)["deleted"]
    assert card.person(lead)["question"] is None


def test_L5_nobody_is_asked_about_an_open_lead(stand, card, booked):
    assert card.person(stand.lead_of(booked))["question"] is None


# L6


@pytest.mark.parametrize(
    ("act", "denied", "words"),
    [
        ("book", "create_records_access", "«Создание записей»"),
        ("move", "edit_records_access", "«Редактирование записей»"),
        ("cancel", "delete_records_access", "«Удаление записей»"),
        ("confirm", "edit_records_attendance_access", "«Изменение статуса визита»"),
        ("arrive", "edit_records_attendance_access", "«Изменение статуса визита»"),
    ],
)
def test_L6_a_missing_right_is_named(stand, card, act, denied, words):
    record = stand.book(LASER_ARMPITS, at=stand.wall("+0").replace("14:30", "23:30"))
    stand.settle(4)
    stand.world.yclients.user("salon-token", companies=[TVERSKAYA, URAL], denied=[denied])
    lead = stand.lead_of(record) if stand.leads_of(record) else None
    stand.settle()
    lead = lead or stand.lead_of(record)
    at = stand.wall("+3")[:16]

    answer = card.book(lead, at="+4") if act == "book" else card.act(act, lead, record, at=at)

    assert answer.status_code == 409
    assert answer.json["code"] == f"card.no_right.{denied}"
    assert words in answer.json["message"]


def test_L6_a_paid_booking_needs_a_right_of_its_own(stand, card, booked):
    stand.world.yclients.ui_pay(TVERSKAYA, booked["id"], 2500)
    stand.world.yclients.user(
        "salon-token", companies=[TVERSKAYA, URAL], denied=["record_edit_full_paid_access"]
    )
    stand.settle()

    answer = card.act("move", stand.lead_of(booked), booked, at=stand.wall("+3")[:16])

    assert answer.json["code"] == "card.no_right.record_edit_full_paid_access"
    assert "оплачена" in answer.json["message"]
    assert connections.get(stand.account.id, TVERSKAYA).paused_code == ""


# L7


def test_L7_a_double_click_makes_one_booking(stand, card, lead):
    form = str(uuid.uuid4())

    first, second = card.book(lead, form=form), card.book(lead, form=form)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json
    assert len(journal(stand)) == 1


def test_L7_two_presses_at_the_same_moment_make_one_booking(stand, card, lead):
    form, answers = str(uuid.uuid4()), []
    stand.world.yclients.faults("slow", match="POST /api/v1/records", next=1, seconds=0.3)
    presses = [
        threading.Thread(target=lambda: answers.append(Card(stand).book(lead, form=form))) for _ in range(2)
    ]

    for press in presses:
        press.start()
    for press in presses:
        press.join()

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["booking"]["key"] == answers[1].json["booking"]["key"]
    assert len(journal(stand)) == 1


def test_L7_the_same_form_with_another_wish_is_refused(stand, card, lead):
    form = str(uuid.uuid4())
    card.book(lead, form=form)

    answer = card.book(lead, form=form, at="+5")

    assert (answer.status_code, answer.json["code"]) == (409, "card.form_reused")
    assert len(journal(stand)) == 1


@pytest.mark.parametrize("act", ["move", "cancel", "confirm"])
def test_L7_other_buttons_work_once_too(stand, card, booked, act):
    lead, given = stand.lead_of(booked), {"form": str(uuid.uuid4()), "at": stand.wall("+3")[:16]}
    first = card.act(act, lead, booked, **given)
    stand.settle()
    changed = fresh(stand, booked)

    second = card.act(act, lead, booked, **given)

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json["sentence"] == first.json["sentence"]
    assert fresh(stand, booked)["last_change_date"] == changed["last_change_date"]


# L8


def test_L8_a_booking_made_behind_a_time_out_is_found_at_once(stand, card, lead):
    stand.world.yclients.faults("reset_after_commit", match="POST /api/v1/records", next=1)

    answer = card.book(lead)

    assert answer.status_code == 201
    assert len(journal(stand)) == 1


def test_L8_the_second_attempt_looks_first(stand, card, lead):
    form = str(uuid.uuid4())
    stand.world.yclients.faults("reset_after_commit", match="POST /api/v1/records", next=1)
    stand.world.yclients.faults("500", match="GET /api/v1/records", next=1)

    first = card.book(lead, form=form)
    stand.pass_time(60)
    second = card.book(lead, form=form)

    assert (first.status_code, first.json["code"]) == (503, "card.uncertain")
    assert second.status_code == 201
    assert len(journal(stand)) == 1
    assert calls(stand, "POST", "records") == []  # the first one got no answer, and there was no second


def test_L8_what_never_arrived_is_sent_again_after_a_while(stand, card, lead):
    form = str(uuid.uuid4())
    stand.world.yclients.faults("500", match="POST /api/v1/records", next=1)

    first = card.book(lead, form=form)
    too_early = card.book(lead, form=form)
    stand.pass_time(60)
    last = card.book(lead, form=form)

    assert [one.status_code for one in (first, too_early, last)] == [503, 503, 201]
    assert len(journal(stand)) == 1


def test_L8_a_slow_deletion_is_not_repeated(stand, card, booked):
    stand.world.yclients.faults("reset_after_commit", match="DELETE /api/v1/record", next=1)

    answer = card.act("cancel", stand.lead_of(booked), booked)

    assert answer.status_code == 200
    assert fresh(stand, booked)["deleted"]


# C16


@pytest.mark.parametrize(("act", "attendance", "stage"), [("confirm", 2, CONFIRMED)])
def test_C16_a_status_set_from_the_card_moves_the_lead_once(stand, card, booked, act, attendance, stage):
    stand.world.yclients.hooks(self_sending=1, delay=5)
    lead = stand.lead_of(booked)

    card.act(act, lead, booked)
    stand.work()
    after = stand.lead_of(booked)
    stand.settle()

    assert fresh(stand, booked)["attendance"] == attendance
    assert after["status_id"] == stage
    assert stand.lead_of(booked)["updated_at"] == after["updated_at"]
    assert stand.reason(booked) == "own_echo"


def test_C16_a_move_from_the_card_is_told_once(stand, card, booked):
    stand.world.yclients.hooks(self_sending=1, delay=5)
    lead = stand.lead_of(booked)

    answer = card.act("move", lead, booked, at=stand.wall("+3")[:16], master=INNA)
    stand.settle()

    assert answer.status_code == 200
    assert (fresh(stand, booked)["staff_id"], fresh(stand, booked)["date"]) == (INNA, stand.wall("+3"))
    assert len([note for note in stand.notes(lead) if note.startswith("Перенос записи")]) == 1
    assert stand.lead_of(booked)["status_id"] == BOOKED


def test_C16_our_own_move_of_the_stage_asks_for_nothing_in_the_journal(stand, told, booked):
    stand.mark(booked, 2)
    stand.settle()
    moved = stand.lead_of(booked)["status_id"]

    stand.mark(booked, 0)
    stand.settle()

    assert moved == CONFIRMED
    assert fresh(stand, booked)["attendance"] == 0
    assert calls(stand, "PUT", "visits") == []


def test_C16_a_confirmation_from_the_stage_comes_back_once(stand, told, booked):
    stand.world.yclients.hooks(self_sending=1, delay=5)
    stand.move(stand.lead_of(booked), CONFIRMED)
    stand.work()
    after = stand.lead_of(booked)

    stand.settle()

    assert stand.lead_of(booked)["updated_at"] == after["updated_at"]
    assert stand.reason(booked) == "own_echo"
    assert len(stand.notes(after)) == 1
