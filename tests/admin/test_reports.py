"""Reports of visits: what nobody marked and who comes again; how every report is narrowed."""

import re

import pytest

from backend.store import db
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.admin.report_pages import CAME, ELENA, MARIA, NAMES, look, visit
from tests.support.stand import (
    ANNA,
    CONFIGURATION,
    INNA,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

__all__ = ["visit"]

DESK = 3000002


# --- not marked ---


def test_the_index_tells_what_yesterday_is_not_marked(stand, owner, visit):
    visit()
    stand.pass_time(86400)

    page = text_of(owner.get(f"{HOME}/reports"))

    assert "Вчера не отмечен 1 визит" in page
    assert all(
        title in page for title in ("Не отмечены", "Потерянные деньги", "Перезапись", "Деньги сходятся?")
    )


def test_a_visit_nobody_marked_is_told_with_its_person_and_lead(stand, owner, visit):
    record = visit(LASER_ARMPITS, LASER_LEGS, staff=INNA)
    stand.pass_time(86400)

    answer = owner.get(f"{HOME}/reports/unmarked")

    lead = stand.lead_of(record)["id"]
    assert "1 визит без отметки" in text_of(answer)
    assert f"Запись № {record['id']} Мария Тверская Инна · Эпиляция 7 000 ₽ № {lead}" in text_of(answer)
    assert f"/leads/detail/{lead}" in answer.text
    assert f"{HOME}/why?q={record['id']}" in answer.text


def test_two_weeks_are_drawn_whatever_day_is_asked_for(stand, owner, visit):
    visit()
    stand.pass_time(86400)

    answer = owner.get(f"{HOME}/reports/unmarked")

    assert answer.text.count('<rect class="bar') == 1
    assert answer.text.count('<th scope="row">') == 14
    assert "<desc" in answer.text


def test_marked_visits_are_no_list(stand, owner, visit):
    visit(mark=CAME)
    stand.pass_time(86400)

    assert "Все визиты отмечены" in look(owner, "unmarked")


def test_a_salon_narrows(stand, owner, visit):
    visit()
    ural = visit(URAL_LASER, company=URAL, staff=URAL_MASTER, client=ELENA)
    stand.pass_time(86400)
    branch = db.rows("SELECT id FROM branches WHERE company_id = %s", (URAL,))[0][0]

    assert re.findall(r"Запись № (\d+)", look(owner, "unmarked", branch=branch)) == [str(ural["id"])]


def test_the_page_of_the_account_leads_to_what_to_mark(stand, owner, visit):
    before = owner.get(HOME)
    visit()
    stand.pass_time(86400)

    page = owner.get(HOME)

    assert 'id="unmarked"' not in before.text
    assert "Вчера не отмечены 1" in text_of(page)
    assert f'id="unmarked" href="{HOME}/reports/unmarked"' in page.text


# --- re-booking ---


def test_the_desk_that_booked_the_visit_is_told_how_many_come_again(stand, owner, visit):
    visit(mark=CAME, created_user_id=DESK)
    visit(client=ELENA, mark=CAME, created_user_id=DESK)
    stand.book(LASER_ARMPITS, client=MARIA, at="+20")
    stand.settle()

    page = look(owner, "rebooking", since=stand.today(), until=stand.today())

    assert "50 % из 2 визитов" in page
    assert f"№ {DESK} Тверская 2 1 0 1 0 50 %" in page
    assert "Для 1 визита срок ещё не вышел" in page


def test_an_author_whom_the_salon_names_has_a_name(stand, owner, visit):
    named = CONFIGURATION.read_text(encoding="utf-8").replace(
        "excluded_staff: [91]}", f"excluded_staff: [91], authors: {{{DESK}: {ANNA}}}}}"
    )
    stand.configure(named)
    visit(mark=CAME, created_user_id=DESK)

    assert "Анна Тверская 1 0" in look(owner, "rebooking", since=stand.today(), until=stand.today())


def test_an_author_without_a_name_leads_to_where_it_is_given(stand, owner, visit):
    visit(mark=CAME, created_user_id=DESK)

    page = owner.get(
        f"{HOME}/reports/rebooking", query_string={"since": stand.today(), "until": stand.today()}
    )

    assert f'href="{HOME}/people/{TVERSKAYA}">№ {DESK}</a>' in page.text


@pytest.mark.parametrize(("by", "who"), [("staff", "Вера Тверская"), ("responsible", "Анна Тверская")])
def test_masters_and_responsible_people_are_asked_about_too(stand, owner, visit, by, who):
    visit(mark=CAME)

    assert f"{who} 1 0" in look(owner, "rebooking", by=by, since=stand.today(), until=stand.today())


def test_how_long_a_client_is_waited_for_is_asked(stand, owner, visit):
    visit(mark=CAME)
    stand.book(LASER_ARMPITS, client=MARIA, at="+20")
    stand.settle()
    today = {"since": stand.today(), "until": stand.today()}

    assert "0 % из 1 визита" in look(owner, "rebooking", within=19, **today)
    assert "100 % из 1 визита" in look(owner, "rebooking", within=20, **today)


def test_a_time_that_is_none_is_complained_of_beside_its_field(owner):
    asked = [{"within": within} for within in ("0", "181", "много", "-1")]
    answers = [owner.get(f"{HOME}/reports/rebooking", query_string=query) for query in asked]

    assert {answer.status_code for answer in answers} == {422}
    assert all('id="within-problem"' in answer.text for answer in answers)


# --- what is asked ---


@pytest.mark.parametrize(
    ("days", "field", "words"),
    [
        ({"since": "2026-02-30", "until": "2026-03-01"}, "since", "Такого дня нет"),
        ({"since": "2026-03-01", "until": "вчера"}, "until", "Такого дня нет"),
        ({"since": "0001-01-01", "until": "0001-01-02"}, "since", "Такого дня нет"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "since", "Первый день позже последнего"),
        ({"since": "2026-01-01", "until": "2026-12-31"}, "since", "Не больше 92 дней"),
    ],
)
def test_days_that_are_none_are_complained_of_beside_their_field(owner, days, field, words):
    answers = [owner.get(f"{HOME}/reports/{name}", query_string=days) for name in NAMES]

    assert {answer.status_code for answer in answers} == {422}
    for answer in answers:
        assert words in answer.text.split(f'id="{field}-problem"')[1].split("</span>")[0]


@pytest.mark.parametrize(
    "query", ["branch=9999&by=x", "branch=x", "direction=nobody", "since=2026-03-01", "since="]
)
def test_a_strange_question_is_no_error(owner, query):
    assert {owner.get(f"{HOME}/reports/{name}?{query}").status_code for name in NAMES} == {200}


def test_one_day_alone_is_that_day(stand, owner, visit):
    visit(client=None)

    assert "По записям 2 500 ₽" in look(owner, "money", since=stand.today())


def test_the_address_of_a_file_asks_the_same(stand, owner):
    page = owner.get(f"{HOME}/reports/rebooking?since=2026-03-01&until=2026-03-02&within=9&by=staff").text

    found = re.search(r'href="([^"]*/reports/rebooking/csv[^"]*)"', page)[1]
    assert {"since=2026-03-01", "until=2026-03-02", "within=9", "by=staff"} <= set(
        found.split("?")[1].split("&amp;")
    )


def test_reports_are_told_in_english_too(owner):
    owner.post("/admin/language", language="en", next=f"{HOME}/reports")

    assert "Does the money agree?" in look(owner, "money")
