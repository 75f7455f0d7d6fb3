"""L7, L8, C16. Pressed twice, left without an answer, come back as a hook: a deed is done once."""

import threading
import uuid

import pytest

from tests.support.card import Card
from tests.support.from_card import BOOKED, CONFIRMED, booked, calls, card, fresh, journal, lead, told
from tests.support.stand import INNA

__all__ = ["booked", "card", "lead", "told"]

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
