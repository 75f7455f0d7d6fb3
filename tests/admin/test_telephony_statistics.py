"""Statistics of the calls: what they say is what the list of calls says, on the page and in the file."""

import html
import io
import re
import secrets
import zipfile
from datetime import timedelta

import pytest

from backend.store import audit
from backend.store.telephony import dials
from backend.store.telephony.dials import Wish
from tests.admin.calling import keep, stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import ANNA, OLGA, PETR

__all__ = ["stand"]

PAGE = f"{HOME}/telephony/statistics"
OLD = timedelta(days=1)
COUNTED = re.compile(r'<a class="counted" href="([^"]+)" aria-label="([^"]+): (\d+)">')


@pytest.fixture
def day(stand):
    """Yesterday: three answered calls, two missed, one lost in a transfer, two outbound, one internal."""
    at = stand.now().replace(hour=9, minute=0) - OLD
    keep(stand, talks=[("101", 4, 64)], at=at, user_id=ANNA, line="Москва")
    keep(stand, talks=[("102", 12, 72)], at=at + timedelta(hours=1), user_id=OLGA, line="Москва")
    keep(
        stand,
        talks=[("102", 90, 150)],
        at=at + timedelta(hours=1),
        user_id=OLGA,
        trunk="spb",
        line="Петербург",
    )
    keep(stand, rings=["101"], at=at, user_id=ANNA, line="Москва")
    keep(stand, rings=[], at=at + timedelta(hours=9), line="", trunk="reserve")
    keep(stand, talks=[("101", 5, 35)], lost_after_transfer=True, at=at, user_id=PETR, line="Москва")
    keep(stand, "out", talks=[("101", 5, 35)], at=at, user_id=ANNA, line="Москва")
    keep(stand, "out", lasts=20, at=at, user_id=ANNA, line="Москва")
    keep(stand, "internal", talks=[("102", 5, 35)], at=at, user_id=ANNA)
    keep(stand, talks=[("101", 4, 64)], at=at - timedelta(days=30), user_id=ANNA, line="Москва")
    return stand


def test_before_the_first_call_it_is_said(stand, owner):
    assert "звонков с клиентами не было" in owner.get(PAGE).text


def test_the_sums_of_a_day(day, owner):
    said = text_of(owner.get(PAGE))

    assert "Входящие 6" in said
    assert "Отвеченные 4 67 %" in said
    assert "Пропущенные 2 33 %" in said
    assert "До ответа, в среднем 0:27" in said
    assert "Исходящие 2" in said
    assert "Потеряны при переводе 1" in said


def test_every_number_opens_as_many_calls(day, owner):
    found = COUNTED.findall(owner.get(PAGE).text)

    assert len(found) > 15
    for address, label, number in found:
        shown = owner.get(html.unescape(address)).text.count('<tr class="goes">')
        assert shown == int(number), label


def test_how_soon_calls_are_answered(day, owner):
    said = text_of(owner.get(PAGE))

    assert "До 5 с 1 25 %" in said
    assert "5–10 с 1 25 %" in said
    assert "10–20 с 1 25 %" in said
    assert "Дольше 60 с 1 25 %" in said
    assert "Дольше всех ждали 1:30" in said


def test_by_hour_of_the_accounts_own_clock(day, owner):
    hours = text_of(owner.get(PAGE)).split("Показать числами")[-1]

    assert "12:00 2 1" in hours
    assert "13:00 2 —" in hours
    assert "21:00 — 1" in hours


def test_the_calls_of_today_are_among_the_usual_days(stand, owner):
    keep(stand, talks=[("101", 4, 64)], at=stand.now(), user_id=ANNA, line="Москва")
    keep(stand, talks=[("101", 4, 64)], at=stand.now() - 7 * OLD, user_id=ANNA, line="Москва")

    assert "Входящие 1" in text_of(owner.get(PAGE))


def test_days_are_chosen(day, owner):
    yesterday = (day.now() - OLD).date()

    assert "Входящие 6" in text_of(owner.get(f"{PAGE}?since={yesterday}&until={yesterday}"))
    assert "не было" in text_of(owner.get(f"{PAGE}?since=2020-01-01&until=2020-01-02"))
    assert owner.get(f"{PAGE}?since=2026-02-30").status_code == 422


def test_a_file_holds_every_call_and_the_sums(day, owner):
    answer = owner.get(f"{PAGE}/xlsx")

    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        calls = book.read("xl/worksheets/sheet1.xml").decode()
    assert len(sheets) == 5
    assert calls.count("<row ") == 1 + 8
    assert audit.page(day.account.id)[0].action == "report.taken"


def test_a_csv_is_the_list_of_calls(day, owner):
    lines = owner.get(f"{PAGE}/csv").data.decode("utf-8-sig").splitlines()

    assert lines[0].startswith("Когда;Направление;Номер клиента")
    assert len(lines) == 1 + 8
    assert any("Пропущен;10;0" in line for line in lines)


def test_a_number_in_a_file_is_a_number_and_what_only_looks_like_one_is_harmless(stand, owner):
    for key in ("+79990001122", "+7+cmd|' /C calc'!A0"):
        keep(stand, talks=[("101", 4, 64)], at=stand.now() - OLD, client_key=key)

    text = owner.get(f"{PAGE}/csv").data.decode("utf-8-sig")
    assert ";+79990001122;" in text
    assert "'+7+cmd" in text


def test_a_file_of_days_that_are_none_is_the_page_that_says_so(day, owner):
    assert owner.get(f"{PAGE}/csv?since=2026-02-30").status_code == 422
    assert owner.get(f"{PAGE}/pdf").status_code == 404


def test_a_name_that_a_spreadsheet_would_run_is_harmless(stand, owner):
    keep(stand, talks=[("101", 4, 64)], at=stand.now() - OLD, client="=1+1", line="@SUM(A1)")

    assert "'@SUM(A1)" in owner.get(f"{PAGE}/csv").data.decode("utf-8-sig")


@pytest.fixture
def clicked(day):
    """Besides: Anna did not take up after two clicks, Olga after one; colleagues are none."""
    at = day.now().replace(hour=9, minute=0) - OLD
    for user, phone in ((ANNA, "101"), (ANNA, "101"), (OLGA, "102")):
        click(day, user, phone, at)
    keep(day, "internal", at=at, user_id=ANNA)
    return day


def click(stand, user, phone, at=None):
    token = secrets.token_hex(8)
    wish = Wish(
        stand.account.id,
        stand.pbx.id,
        user,
        token,
        "+79990005566",
        "",
        None,
        "",
        None,
        stand.now(),
        stand.now(),
    )
    dials.add(wish)
    dials.step(dials.by_token(token).id, dials.FAILED, stand.now(), reason="operator_silent")
    more = {"at": at} if at else {}
    return keep(
        stand,
        "internal",
        client="",
        operator=phone,
        rings=[phone],
        request_id=token,
        user_id=user,
        trunk="",
        **more,
    )


def test_a_click_that_nobody_took_up_has_a_name_of_its_own(clicked, owner):
    said = text_of(owner.get(PAGE))

    assert "Не взяли трубку после щелчка 3" in said
    assert "Входящие 6" in said
    assert "Исходящие 2" in said
    assert "Линия не названа" not in said


def test_the_clicks_open_as_many_in_the_list_and_are_no_internal_calls(clicked, owner):
    found = {label: (address, int(n)) for address, label, n in COUNTED.findall(owner.get(PAGE).text)}

    clicks = [(address, n) for label, (address, n) in found.items() if "kind=untaken" in address]
    assert [n for _, n in clicks] == [3, 2, 1]
    for address, n in clicks:
        assert owner.get(html.unescape(address)).text.count('<tr class="goes">') == n
    internal = text_of(owner.get(f"{HOME}/telephony/calls?kind=internal"))
    assert "Не ответили" in internal
    assert "щелч" not in internal.split("Чем кончился")[1].lower()


def test_a_file_names_the_clicks_and_whom_they_were_meant_for(clicked, owner):
    lines = owner.get(f"{PAGE}/csv").data.decode("utf-8-sig").splitlines()

    named = [line for line in lines if "Щелчок по номеру;+79990005566;" in line]
    assert len(named) == 3
    assert all("Сотрудник не взял трубку" in line for line in named)
    assert len(lines) == 1 + 8 + 3


def test_the_page_of_a_click_says_what_happened(stand, owner):
    row = click(stand, ANNA, "101")

    said = text_of(owner.get(f"{HOME}/telephony/calls/{row.id}"))

    assert "Щелчок по номеру: +7 999 000-55-66" in said
    assert "трубку своего телефона не взял: клиенту не звонили" in said
    assert "внутренний" not in said.lower()
