"""What a press in the card's panel answers, what is refused in which words, and what is left of it."""

import pytest

from backend.flows.actions import acts
from backend.store import operators
from tests.support.card_doors import CHOSEN, FORM, booked, lead, records, wish
from tests.support.stand import INNA, LASER_ARMPITS, OLGA, TVERSKAYA, WAITING_LIST

__all__ = ["booked", "lead", "wish"]


def test_a_new_booking_is_answered_with_what_the_card_shows(stand, widget, wish):
    answer = widget("book", wish())

    assert answer.status_code == 201, answer.text
    booking = answer.json["booking"]
    assert (booking["salon"], booking["master"], booking["phase"]) == ("Тверская", "Вера", "waiting")
    assert booking["can"] == ["move", "cancel", "confirm"]
    assert booking["total"] == "2 500 ₽"
    assert answer.json["sentence"].startswith("Записали на ")
    assert answer.headers["Access-Control-Allow-Origin"] == "http://amo.test"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_card_speaks_the_language_of_the_page(widget, wish):
    assert widget("book", wish(lang="en")).json["sentence"].startswith("Booked for ")
    assert widget("book", wish(lang="en", form="5a7f0002", services=[])).json["message"] == (
        "Choose at least one service."
    )


# What a page may send


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"form": None}, "card.no_form"),
        ({"form": "1'--; drop"}, "card.no_form"),
        ({"form": 7}, "card.no_form"),
        ({"lead": None}, "widget.nothing_asked"),
        ({"lead": "abc"}, "widget.malformed"),
        ({"salon": None}, "widget.nothing_asked"),
        ({"salon": [1]}, "widget.malformed"),
        ({"services": None}, "widget.malformed"),
        ({"services": []}, "card.no_services"),
        ({"services": "90001"}, "widget.malformed"),
        ({"services": [True]}, "widget.malformed"),
        ({"services": [1]}, "card.unknown_service"),
        ({"services": [LASER_ARMPITS] * 21}, "card.too_many_services"),
        ({"services": [1] * 99}, "widget.malformed"),
        ({"master": None}, "widget.nothing_asked"),
        ({"master": WAITING_LIST}, "card.master_not_for_service"),
        ({"at": None}, "card.bad_time"),
        ({"at": "завтра"}, "card.bad_time"),
        ({"at": "2030-02-31 10:00"}, "card.bad_time"),
        ({"at": 20300301}, "card.bad_time"),
        ({"at": "2020-01-01 10:00"}, "card.time_passed"),
        ({"comment": ["x"]}, "widget.malformed"),
        ({"comment": "я" * 1001}, "card.comment_too_long"),
    ],
)
def test_what_cannot_be_booked_is_told_and_books_nothing(stand, widget, wish, changes, code):
    answer = widget("book", wish(**changes))

    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert answer.json["message"] not in ("", code)
    assert records(stand) == []


@pytest.mark.parametrize("key", [None, 7, "yclients:1", "yclients:1:2:3", "other:1:2", "yclients:1:x"])
def test_a_key_that_is_none(widget, booked, key):
    answer = widget("booking/cancel", {"form": FORM, "lead": booked[0], "key": key})

    assert answer.json["code"] == "widget.malformed"


@pytest.mark.parametrize("query", ["", "day=", "day=вчера", "day=2030-13-01"])
def test_a_day_that_is_none(widget, query):
    assert widget(f"book/times?{CHOSEN}&{query}").json["code"] == "card.bad_time"


def test_strange_letters_of_a_comment_do_no_harm(stand, widget, wish):
    assert widget("book", wish(comment="\ud800<b>Комментарий</b>\0")).status_code == 201

    assert "<b>Комментарий</b>" in records(stand)[0]["comment"]


def test_a_lead_that_there_is_not(widget, wish):
    answer = widget("book", wish(lead=19999999))

    assert (answer.status_code, answer.json["code"]) == (404, "card.no_lead")


def test_a_contact_that_there_is_not(widget):
    assert widget("person?contact=49999999").json["code"] == "card.no_contact"


def test_a_contacts_card_shows_the_same_person(stand, widget, booked):
    contact = stand.contacts()[0]["id"]

    found = widget(f"person?contact={contact}").json

    assert [one["key"] for one in found["bookings"]] == [booked[1]]
    assert found["linked_lead"] == booked[0]


def test_nobody_arrives_before_the_day(widget, booked):
    answer = widget("booking/arrive", {"form": FORM, "lead": booked[0], "key": booked[1]})

    assert (answer.status_code, answer.json["code"]) == (400, "card.too_early")


def test_a_place_at_a_group_event_is_not_moved(stand, widget):
    record = stand.book(LASER_ARMPITS, activity_id=108)
    stand.settle()
    lead_id, key = stand.lead_of(record)["id"], f"yclients:{TVERSKAYA}:{record['id']}"

    at = stand.wall("+4")[:16]
    answer = widget("booking/move", {"form": FORM, "lead": lead_id, "key": key, "at": at})

    assert (answer.status_code, answer.json["code"]) == (400, "card.group_event")


def test_what_the_desk_did_meanwhile_is_told(stand, widget, booked):
    record_id = int(booked[1].rpartition(":")[2])
    stand.world.yclients.ui_delete(TVERSKAYA, record_id)

    answer = widget("booking/confirm", {"form": FORM, "lead": booked[0], "key": booked[1]})

    assert answer.json["code"] == "card.not_now.confirm.cancelled"
    assert answer.json["message"] == "Запись уже отменена, подтвердить её нельзя."


def test_nobody_presses_without_end(widget, wish, monkeypatch):
    monkeypatch.setattr(acts, "MOST_ACTS", 2)

    codes = [widget("book", wish(form=f"5a7f000{n}", services=[])).status_code for n in range(3)]

    assert codes == [400, 400, 429]


def test_a_salon_that_does_not_answer_is_told_as_such(stand, widget):
    stand.world.yclients.faults("500", match="services", next=1)

    answer = widget(f"book/services?salon={TVERSKAYA}")

    assert (answer.status_code, answer.json["code"]) == (503, "yclients.failing")


# What is left of a press


def test_each_deed_leaves_a_line_in_the_trail(stand, widget, booked):
    lead_id, key = booked
    at = stand.wall("+3")[:16]

    widget(
        "booking/move", {"form": FORM, "lead": lead_id, "key": key, "at": at, "master": INNA}, user_id=OLGA
    )
    widget(
        "booking/move", {"form": FORM, "lead": lead_id, "key": key, "at": at, "master": INNA}, user_id=OLGA
    )

    (line,) = operators.audit_page(stand.account.id, action="card.move")
    assert (line.operator, line.subject) == ("Ольга (amoCRM)", key)
    assert line.before["starts_at"][:10] != line.after["starts_at"][:10]
