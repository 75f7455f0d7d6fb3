"""Reports: what they list and add up, how they are narrowed, and the files they make."""

import io
import re
import zipfile
from xml.etree import ElementTree

import pytest

from backend.store import audit, db
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import (
    ANNA,
    CLEANING,
    CONFIGURATION,
    INNA,
    LASER_ARMPITS,
    LASER_LEGS,
    MOSCOW,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

NAMES = ("unmarked", "lost", "rebooking", "money")
MARIA, ELENA = ("Мария", "+79990000001"), ("Елена", "+79990000002")
CAME, MISSED = 1, -1
DESK = 3000002
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def look(browser, name, **query):
    return text_of(browser.get(f"{HOME}/reports/{name}", query_string=query))


def around(stand):
    """Days that hold everything of a test."""
    return {"since": stand.today(-10), "until": stand.today(40)}


@pytest.fixture
def visit(stand):
    """A visit of today, marked when `mark` is given."""

    def make(*services, client=MARIA, mark=None, **more):
        record = stand.book(
            *(services or (LASER_ARMPITS,)), client=client, **{"at": f"{stand.today()} 09:00:00", **more}
        )
        stand.settle()
        if mark is not None:
            stand.mark(record, mark)
            stand.settle()
        return record

    return make


def taken(browser, name, kind, **query):
    return browser.get(f"{HOME}/reports/{name}/{kind}", query_string=query)


def csv_rows(answer):
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return [line.split(";") for line in answer.data.decode("utf-8-sig").split("\r\n") if line]


def sheets(answer):
    """Sheets of a workbook as rows of texts and numbers; a formula anywhere fails."""
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        shared = [
            "".join(part.text or "" for part in item.iter(f"{MAIN}t"))
            for item in _tree(book, "xl/sharedStrings.xml")
        ]
        found = []
        for name in sorted(n for n in book.namelist() if n.startswith("xl/worksheets/")):
            page = _tree(book, name)
            assert not list(page.iter(f"{MAIN}f"))
            found.append([[_cell(cell, shared) for cell in row] for row in page.iter(f"{MAIN}row")])
    return found


def _tree(book, name):
    return ElementTree.fromstring(book.read(name))  # noqa: S314 - we wrote it ourselves


def _cell(cell, shared):
    value = cell.find(f"{MAIN}v")
    return shared[int(value.text)] if cell.get("t") == "s" else float(value.text)


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


# --- lost money ---


def test_no_shows_and_cancellations_are_lost_until_booked_again(stand, owner, visit):
    visit(LASER_ARMPITS, mark=MISSED)
    cancelled = visit(CLEANING, client=ELENA, at="+3")
    stand.delete(cancelled)
    stand.settle()
    before = look(owner, "lost", **around(stand))

    stand.book(LASER_LEGS, client=MARIA, at="+9")
    stand.settle()

    after = look(owner, "lost", **around(stand))
    assert "Всего 6 500 ₽ 2 случая Неявки 2 500 ₽ 1 случай Отмены 4 000 ₽ 1 случай" in before
    assert "Всего 4 000 ₽ 1 случай" in after
    assert "Елена" in after
    assert "Мария" not in after


def test_another_direction_does_not_make_it_good(stand, owner, visit):
    visit(LASER_ARMPITS, mark=MISSED)
    stand.book(CLEANING, client=MARIA, at="+9")
    stand.settle()

    assert "Всего 2 500 ₽" in look(owner, "lost", **around(stand))


def test_another_salon_of_the_network_makes_it_good(stand, owner, visit):
    visit(LASER_ARMPITS, mark=MISSED)
    stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, client=MARIA, at="+9")
    stand.settle()

    assert "Ничего не потеряно" in look(owner, "lost", **around(stand))


def test_each_direction_of_a_visit_is_lost_by_itself(stand, owner, visit):
    visit(LASER_ARMPITS, CLEANING, mark=MISSED)

    page = look(owner, "lost", **around(stand))

    assert "Косметология 1 случай 4 000 ₽" in page
    assert "Эпиляция 1 случай 2 500 ₽" in page
    assert "Всего 4 000 ₽ 1 случай" in look(owner, "lost", direction="cosmetology", **around(stand))


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


# --- money ---


def test_money_agrees_to_the_ruble(stand, owner, visit):
    visit(LASER_ARMPITS, LASER_LEGS, mark=CAME)

    page = look(owner, "money", **around(stand))

    assert "Сходится до рубля" in page
    assert "По записям 7 000 ₽ По сделкам 7 000 ₽ Разница 0 ₽" in page


def test_a_budget_that_a_person_typed_is_explained(stand, owner, visit):
    lead = stand.lead_of(visit())
    stand.edit_lead(lead, price=3000)
    stand.settle()

    page = look(owner, "money", **around(stand))

    assert "Все расхождения объяснены" in page
    assert "Бюджет изменили в amoCRM 1 случай 500 ₽" in page
    assert "+500 ₽ объяснено" in page


def test_a_booking_that_may_have_no_lead_says_why(stand, owner, visit):
    visit(client=None)

    page = look(owner, "money", **around(stand))

    assert "У записи нет сделки 1 случай 2 500 ₽" in page
    assert "−2 500 ₽" in page


def test_a_salon_that_is_only_watched_is_explained(stand, owner, visit):
    stand.configure(CONFIGURATION.read_text(encoding="utf-8").replace("mode: active", "mode: observe", 1))
    visit()

    assert "Салон только наблюдается" in look(owner, "money", **around(stand))


def test_a_change_on_its_way_is_explained(stand, owner, visit):
    record = visit()
    stand.edit(record, services=[{"id": LASER_ARMPITS}, {"id": LASER_LEGS}])
    stand.world.deliver()
    db.run("UPDATE booking_figures SET price = 700000, budget = 700000")

    assert "Изменение ещё обрабатывается 1 случай 4 500 ₽" in look(owner, "money", **around(stand))


def test_what_nothing_explains_is_said_first(stand, owner, visit):
    visit()
    visit(client=None, at=f"{stand.today()} 12:00:00")
    db.run("UPDATE booking_figures SET price = price + 100000, budget = budget + 100000")

    page = look(owner, "money", **around(stand))

    assert "1 запись требует проверки" in page
    assert page.index("Не объяснено, проверьте сделку") > page.index("Почему расходится")


def test_visits_that_did_not_take_place_are_no_money(stand, owner, visit):
    visit(mark=MISSED)

    assert "Записей нет" in look(owner, "money", **around(stand))


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


# --- files ---


def test_a_list_is_taken_as_csv(stand, owner, visit):
    record = visit(LASER_ARMPITS, CLEANING, mark=MISSED)

    answer = taken(owner, "lost", "csv", **around(stand))

    head, *rows = csv_rows(answer)
    lead = str(stand.lead_of(record)["id"])
    when = f"{stand.now().astimezone(MOSCOW):%d.%m.%Y} 09:00"
    assert head == [
        "Салон", "Время визита", "Мастер", "Направление", "Запись", "Клиент", "Что случилось", "Сумма",
        "Сделка",
    ]  # fmt: skip
    assert sorted(rows) == sorted(
        ["Тверская", when, "Вера", title, str(record["id"]), "Мария", "неявка", money, lead]
        for title, money in (("Эпиляция", "2500,00"), ("Косметология", "4000,00"))
    )
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="lost_')
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_list_is_taken_as_a_workbook(stand, owner, visit):
    record = visit()
    stand.pass_time(86400)

    answer = taken(owner, "unmarked", "xlsx")

    ((head, row),) = sheets(answer)
    assert (head[0], row[0], row[2]) == ("Салон", "Тверская", "Вера")
    assert (row[4], row[6], row[7]) == (str(record["id"]), 2500.0, float(stand.lead_of(record)["id"]))


def test_money_has_a_sheet_of_days_and_one_of_differences(stand, owner, visit):
    stand.edit_lead(stand.lead_of(visit()), price=3000)
    stand.settle()

    days, differing = sheets(taken(owner, "money", "xlsx", **around(stand)))

    assert days[1][1:] == ["Тверская", 1.0, 2500.0, 3000.0, 500.0, 500.0, 0.0]
    assert differing[1][3:7] == [2500.0, 3000.0, 500.0, "Бюджет изменили в amoCRM"]


def test_rates_are_taken_by_whoever_was_asked_about(stand, owner, visit):
    visit(mark=CAME)

    asked = {"by": "staff", "since": stand.today(), "until": stand.today()}

    head, row = csv_rows(taken(owner, "rebooking", "csv", **asked))

    assert head[1] == "Мастер"
    assert row == ["Тверская", "Вера", "1", "0", "0", "0", "0", "0", "1"]


def test_no_name_is_a_formula(stand, owner, visit):
    names = ['=HYPERLINK("http://evil.example")', "+7999000+1", "-1+1", "@SUM(A1)"]
    for number, name in enumerate(names):
        visit(client=(name, f"+7999000010{number}"))
    stand.pass_time(86400)

    plain = taken(owner, "unmarked", "csv").data.decode("utf-8-sig")
    ((_, *rows),) = sheets(taken(owner, "unmarked", "xlsx"))

    assert sorted(row[5] for row in rows) == sorted(f"'{name}" for name in names)
    assert all(f";'{name[:10]}" in plain or f";\"'{name[:10]}" in plain for name in names)


def test_a_telephone_number_in_place_of_a_name_stays_one(stand, owner, visit):
    visit(client=("+79990000001", "+79990000100"))
    stand.pass_time(86400)

    ((_, row),) = sheets(taken(owner, "unmarked", "xlsx"))

    assert row[5] == "+79990000001"


def test_whoever_takes_a_file_leaves_a_line(stand, owner, visit):
    visit(mark=MISSED)

    taken(owner, "lost", "xlsx", **around(stand))

    (line,) = audit.page(stand.account.id, action="report.taken")
    assert (line.operator, line.subject) == ("irina", "lost")
    assert (line.after["kind"], line.after["rows"], line.after["since"]) == ("xlsx", 1, stand.today(-10))
    assert "Выгружен отчёт" in text_of(owner.get(f"{HOME}/audit"))


def test_looking_leaves_no_line(stand, owner):
    look(owner, "lost")

    assert audit.page(stand.account.id, action="report.taken") == []


def test_there_is_no_other_file(owner):
    paths = ("nothing/csv", "lost/pdf", "lost/csv.exe")

    assert {owner.get(f"{HOME}/reports/{path}").status_code for path in paths} == {404}


def test_a_file_of_days_that_are_none_is_refused_as_the_page_is(stand, owner):
    asked = {"since": "x", "until": "y"}
    answers = [owner.get(f"{HOME}/reports/{name}/csv", query_string=asked) for name in NAMES]

    assert {answer.status_code for answer in answers} == {422}
    assert all("Такого дня нет" in answer.text for answer in answers)
    assert "report.taken" not in [line.action for line in audit.page(stand.account.id)]


def test_a_file_is_refused_when_the_time_to_wait_for_is_none(owner):
    answer = owner.get(f"{HOME}/reports/rebooking/xlsx?within=0")

    assert answer.status_code == 422
    assert 'id="within-problem"' in answer.text


def test_a_long_list_is_cut_on_the_page_and_whole_in_the_file(stand, owner, visit):
    visit()
    stand.pass_time(86400)
    db.run(
        """INSERT INTO booking_figures
        WITH RECURSIVE more (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < 150)
        SELECT f.account_id, f.key || n, f.branch_id, f.phase, f.day, f.made_day, f.starts_at, f.ended_at,
        f.changed_at, f.price, f.budget, f.shares, f.direction, f.person, f.staff_id, f.author_id
        FROM booking_figures f, more"""
    )

    page = look(owner, "unmarked")

    assert page.count("Запись №") == 100
    assert "Показаны первые 100 строк, все — в файле" in page
    assert len(csv_rows(taken(owner, "unmarked", "csv"))) == 152


def test_the_page_of_the_account_leads_to_what_to_mark(stand, owner, visit):
    before = owner.get(HOME)
    visit()
    stand.pass_time(86400)

    page = owner.get(HOME)

    assert 'id="unmarked"' not in before.text
    assert "Вчера не отмечены 1" in text_of(page)
    assert f'id="unmarked" href="{HOME}/reports/unmarked"' in page.text
