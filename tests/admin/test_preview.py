"""«Проверка правил»: a booking of the past under the rules of now; nobody is asked, nothing is written."""

import re

import pytest

from backend.store import db
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import CLEANING, CONFIGURATION, EPILATION, LASER_ARMPITS, UNMAPPED, URAL, URAL_LASER


def key(record):
    return f"yclients:{record['company_id']}:{record['id']}"


def look(browser, record):
    return text_of(browser.get(f"{HOME}/preview", query_string={"key": key(record)}))


def everything_stored():
    tables = ("inbound_events", "outbox_commands", "links", "bookings", "alarms", "crm_leads", "lanes")
    return {table: db.rows(f"SELECT * FROM {table} ORDER BY id") if table != "crm_leads" else
            db.rows("SELECT * FROM crm_leads ORDER BY lead_id") for table in tables}  # fmt: skip


def test_both_ways_of_looking_are_told(stand, owner, booked):
    page = look(owner, booked)

    assert "Как есть" in page
    assert "В сделке уже всё верно, менять нечего" in page
    assert "В amoCRM ничего бы не отправилось" in page
    assert "Если бы запись пришла впервые" in page
    assert "создана новая" in page
    assert "Создать сделку" in page
    assert "Лазер: подмышки Эпиляция Эпиляция 2 500 ₽" in page
    assert "Мария" in page


def test_nothing_is_written_and_nobody_is_asked(stand, owner, booked):
    before, asked = everything_stored(), (stand.counts(), len(stand.world.yclients.journal()))

    look(owner, booked)

    assert everything_stored() == before
    assert (stand.counts(), len(stand.world.yclients.journal())) == asked


def test_new_rules_show_before_they_are_met(stand, owner, booked):
    text = CONFIGURATION.read_text(encoding="utf-8")
    stand.configure(re.sub(r"Эпиляция", "Лазер и эпиляция", text))

    assert "Лазер и эпиляция" in look(owner, booked)


def test_a_lead_that_was_there_before_is_found_again(stand, owner):
    lead = stand.open_lead(EPILATION, 8100)
    stand.work()
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    page = look(owner, record)

    assert f"Нашлась открытая сделка клиента № {lead['id']}" in page
    assert "Создать сделку" not in page


def test_a_booking_without_a_lead_has_one_way(stand, owner):
    record = stand.book(LASER_ARMPITS, client=None)
    stand.settle()

    page = look(owner, record)

    assert "Как есть" not in page
    assert "В записи нет клиента" in page
    assert "клиент не указан" in page


def test_a_category_that_nobody_mapped_is_pointed_at(stand, owner):
    record = stand.book(UNMAPPED)
    stand.settle()

    assert "Маникюр Маникюр Прочее не сопоставлена" in look(owner, record)


def test_a_booking_whose_messages_are_gone_is_said_to_be_so(stand, owner, booked):
    db.run("DELETE FROM outbox_commands")
    db.run("DELETE FROM inbound_events")

    assert "Сообщения об этой записи не сохранилось" in look(owner, booked)


def test_a_state_that_is_not_the_newest_is_said_to_be_so(stand, owner, booked):
    stand.edit(booked, comment="перезвонить")
    stand.settle()
    db.run("DELETE FROM outbox_commands")
    db.run(
        "DELETE FROM inbound_events WHERE id = (SELECT max(id) FROM inbound_events WHERE subject = %s)",
        (key(booked),),
    )

    assert "более новое сообщение не сохранилось" in look(owner, booked)


@pytest.mark.parametrize("question", ["мария", "+79990000001", "{id}"])
def test_a_booking_is_found_by_number_name_or_phone(stand, owner, booked, question):
    stand.book(CLEANING, client=("Елена", "+79990000002"))
    stand.settle()
    asked = {"q": question.format(id=booked["id"])}

    page = text_of(owner.get(f"{HOME}/preview", query_string=asked))

    assert f"Запись № {booked['id']} Мария · Тверская" in page
    assert page.count("Запись №") == 1


def test_a_booking_is_found_by_the_day_of_its_visit_and_its_salon(stand, owner, booked):
    ural = stand.book(URAL_LASER, company=URAL, staff=83, client=("Дарья", "+79990000003"), at="+5")
    stand.settle()
    branch = db.rows("SELECT id FROM branches WHERE company_id = %s", (URAL,))[0][0]
    day = stand.wall("+5")[:10]

    def found(**query):
        page = text_of(owner.get(f"{HOME}/preview", query_string=query))
        return [number for number in re.findall(r"Запись № (\d+)", page)]

    assert found(day=day) == [str(ural["id"])]
    assert found(branch=branch) == [str(ural["id"])]
    assert found(day=stand.wall("+2")[:10], branch=branch) == []
    assert sorted(found()) == sorted([str(booked["id"]), str(ural["id"])])


@pytest.mark.parametrize(
    "query", ["key=yclients:1:2", "key=a:b:c", "key=::", "day=2026-99-99", "branch=x", "q=%25"]
)
def test_a_strange_question_is_no_error(owner, booked, query):
    assert owner.get(f"{HOME}/preview?{query}").status_code == 200
