"""Reports in a browser: a drawing that can be read aloud, a question and its form, a file that arrives."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import PHONE
from tests.support.stand import CLEANING, DOMAIN, LASER_ARMPITS

HOME = f"/admin/accounts/{DOMAIN}"
MISSED = -1


@pytest.fixture
def lost(live):
    """Two visits of this morning that did not take place, and one of another direction that did."""
    stand = live.stand
    morning = f"{stand.today()} 09:00:00"
    records = [
        stand.book(service, client=(name, f"+7999000000{number}"), at=morning)
        for number, (name, service) in enumerate((("Мария", LASER_ARMPITS), ("Елена", CLEANING)), start=1)
    ]
    stand.settle()
    for record in records:
        stand.mark(record, MISSED)
    stand.settle()
    stand.pass_time(86400)
    return records


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def person(live, visit, request):
    visitor = visit(live, java_script_enabled=request.param)
    visitor.sign_in()
    return visitor


def test_lost_money_is_narrowed_and_taken(live, lost, person):
    person.go(HOME)
    person.follow("Отчёты", exact=True)
    person.page.locator("main").get_by_role("link", name="Потерянные деньги").click()
    expect(person.page.get_by_text("6 500 ₽").first).to_be_visible()

    person.page.get_by_label("Направление").select_option(label="Косметология")
    person.press("Показать")

    expect(person.page.get_by_text("4 000 ₽").first).to_be_visible()
    expect(person.page.get_by_text("Мария")).to_have_count(0)
    with person.page.expect_download() as csv:
        person.page.get_by_role("link", name="Скачать таблицей CSV").click()
    with person.page.expect_download() as book:
        person.page.get_by_role("link", name="Скачать книгой Excel").click()
    rows = csv.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(";")[5] for row in rows[1:]] == ["Елена"]
    assert book.value.suggested_filename.endswith(".xlsx")
    assert book.value.path().read_bytes().startswith(b"PK")


def test_a_drawing_is_told_in_words_and_numbers(live, lost, owner):
    owner.go(f"{HOME}/reports/lost")

    drawing = owner.page.get_by_role("img", name="Потеряно по дням")
    expect(drawing).to_be_visible()
    owner.page.get_by_text("Показать числами").click()
    table = owner.page.get_by_role("table", name="Потеряно по дням")
    expect(table.get_by_role("cell", name="6 500 ₽")).to_be_visible()
    assert owner.complaints() == []


def test_a_wrong_day_is_told_beside_its_field(live, lost, owner):
    owner.expect(422)
    day = live.stand.now().date()
    owner.go(f"{HOME}/reports/lost?since={day}&until={day - timedelta(days=2)}")

    field = owner.page.get_by_label("С", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(owner.page.get_by_text("Первый день позже последнего")).to_be_visible()
    assert owner.complaints() == []


@pytest.mark.parametrize("name", ["", "/unmarked", "/lost", "/rebooking", "/money"])
def test_every_report_fits_a_phone(live, lost, visit, name):
    visitor = visit(live, viewport=PHONE)
    visitor.sign_in()

    visitor.go(f"{HOME}/reports{name}")

    assert not visitor.is_too_wide()
    assert visitor.complaints() == []
