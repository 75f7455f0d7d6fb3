"""What a card in amoCRM tells of why: the sentence, and what it unfolds into."""

from backend.store import db
from tests.support.shown_card import shown
from tests.support.stand import EPILATION, LASER_ARMPITS, STAGES

__all__ = ["shown"]

# Why


def test_why_tells_what_made_the_lead(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    why = shown(stand.lead_of(record)["id"])["why"]

    assert "«Эпиляция»" in why["sentence"]
    assert "«Тверская»" in why["sentence"]
    assert why["when"]


def test_a_check_that_changed_nothing_does_not_hide_why(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    before = shown(stand.lead_of(record)["id"])["why"]
    stand.edit(record, color="ff0000")
    stand.settle()
    assert stand.reason(record) == "up_to_date"

    assert shown(stand.lead_of(record)["id"])["why"] == before


def test_why_outlives_the_events(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    db.run("DELETE FROM outbox_commands")
    db.run("DELETE FROM inbound_events")

    why = shown(stand.lead_of(record)["id"])["why"]

    assert "«Эпиляция» в салоне «Тверская»" in why["sentence"]
    assert "—" not in why["sentence"]


# Why, unfolded


def part(why, title):
    """Lines of a fold, as label → text and what was before."""
    found = next((part["lines"] for part in why["parts"] if part["title"] == title), [])
    return {line.get("label") or line["text"]: (line.get("before", ""), line["text"]) for line in found}


def test_why_unfolds_into_what_was_known_and_by_which_rule(stand, shown):
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    why = shown(stand.lead_of(record)["id"])["why"]

    known, rule = part(why, "Что было известно"), part(why, "По какому правилу")
    assert known["Статус"][1] == "ожидание"
    assert known["Сумма"][1] == "2 500 ₽"
    assert (rule["Салон"][1], rule["Направление"][1], rule["Воронка"][1]) == (
        "Тверская", "Эпиляция", "Эпиляция",
    )  # fmt: skip
    assert rule["Этап, когда «ожидание»"][1] == "Записан"


def test_why_names_the_leads_that_came_into_question(stand, shown):
    other = stand.open_lead(EPILATION, STAGES[EPILATION] + 9)
    chosen = stand.open_lead(EPILATION, STAGES[EPILATION], client=other["_embedded"]["contacts"][0]["id"])
    stand.settle()
    stand.book(LASER_ARMPITS)
    stand.settle()

    why = shown(chosen["id"])["why"]

    (lines,) = [part["lines"] for part in why["parts"] if part["title"] == "Какие сделки рассматривались"]
    assert [line["lead_id"] for line in lines] == [chosen["id"], other["id"]]
    assert lines[0]["hint"] == "выбрана: ни салон, ни направление не указаны"
    assert lines[1]["hint"].startswith("не тот этап")


def test_why_tells_values_before_and_after(stand, shown):
    lead = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    stand.book(LASER_ARMPITS)
    stand.settle()

    changes = part(shown(lead["id"])["why"], "Что изменилось")

    assert changes["Этап"] == ("Новая заявка", "Записан")
    assert changes["Сумма"] == ("0 ₽", "2 500 ₽")


def test_why_keeps_the_leads_in_question_after_later_changes(stand, shown):
    lead = stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.mark(record, 2)
    stand.settle()

    why = shown(lead["id"])["why"]

    assert part(why, "Что изменилось")["Этап"] == ("Записан", "Подтвердил")
    assert f"№ {lead['id']}" in part(why, "Какие сделки рассматривались")
