"""The files that reports make: a list and a workbook, no name a formula, a line for whoever takes one."""

import io
import zipfile
from xml.etree import ElementTree

from backend.store import audit, db
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.admin.report_pages import CAME, MISSED, NAMES, around, look, visit
from tests.support.stand import CLEANING, LASER_ARMPITS, MOSCOW

__all__ = ["visit"]

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


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
