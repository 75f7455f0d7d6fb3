"""Counters in the panel: both moments side by side, exceptions, the protocol and its acceptance."""

import io
import zipfile

import pytest

from backend.store import audit, takeover_counters, writers
from backend.store.writers import WriterName
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import TVERSKAYA, URAL

COUNTERS = f"{HOME}/takeover/counters"
OURS = f"{COUNTERS}/{TVERSKAYA}"


@pytest.fixture
def switched(stand, booked):
    """The salon is ours since a minute ago."""
    account_id, now = stand.account.id, stand.now()
    writers.begin(account_id, [TVERSKAYA], now)
    writers.move(account_id, TVERSKAYA, WriterName.GET8, WriterName.DRAINING, now, t0=now)
    writers.move(account_id, TVERSKAYA, WriterName.DRAINING, WriterName.OURS, now)
    return booked


def spoiled(stand, record):
    """A budget that nobody can explain."""
    stand.edit_lead(stand.lead_of(record), price=100)
    stand.work()
    stand.pass_time(61)


def test_before_anything_was_counted_it_says_so(owner):
    page = text_of(owner.get(COUNTERS))

    assert "Счётчики ещё не считали" in page
    assert "Принять переезд" not in page


def test_counted_before_the_switch_stands_in_the_first_column(stand, owner, booked):
    assert owner.post(OURS).status_code == 303

    page = text_of(owner.get(f"{COUNTERS}?salon={TVERSKAYA}"))

    assert "Будущие записи, у которых есть ровно одна главная сделка" in page
    assert "1 из 1 , сходится" in page
    assert "После переключения ещё не считали" in page
    assert list(takeover_counters.newest(stand.account.id)) == [(TVERSKAYA, "before")]
    assert "takeover.counted" in [entry.action for entry in audit.page(limit=5)]


def test_a_red_one_names_what_does_not_agree(stand, owner, booked):
    spoiled(stand, booked)
    owner.post(OURS)

    page = owner.get(f"{COUNTERS}?salon={TVERSKAYA}")

    assert "В сделке 100 ₽, по записи 7 000 ₽" in text_of(page).replace("\xa0", " ").replace("\u202f", " ")
    assert "не сходится" in text_of(page)
    assert f"leads/detail/{stand.lead_of(booked)['id']}" in page.text


def test_counted_after_the_switch_stands_beside(owner, switched):
    owner.post(OURS)

    page = text_of(owner.get(f"{COUNTERS}?salon={TVERSKAYA}"))

    assert "Принять переезд салона" in page
    assert "До переключения ещё не считали" in page


def test_the_protocol_is_a_workbook_with_room_for_signatures(owner, switched):
    owner.post(OURS)

    answer = owner.get(f"{OURS}/protocol")

    assert answer.mimetype.endswith("spreadsheetml.sheet")
    words = zipfile.ZipFile(io.BytesIO(answer.data)).read("xl/sharedStrings.xml").decode()
    assert "Со стороны сети" in words
    assert "0 из 25" in words
    assert "сходится" in words


def test_the_protocol_to_print_lists_exceptions(stand, owner, switched):
    spoiled(stand, switched)
    owner.post(OURS)

    page = text_of(owner.get(f"{OURS}/print"))

    assert "Протокол приёмки переезда" in page
    assert "GET8 остановлен" in page
    assert "Запись " in page
    assert "подпись, дата" in page


def test_a_green_salon_is_accepted_by_two_names(stand, owner, switched):
    owner.post(OURS)

    answer = owner.post(f"{OURS}/accept", customer="Анна Иванова", contractor="Мостик")

    assert answer.status_code == 303
    row = takeover_counters.accepted(stand.account.id)[TVERSKAYA]
    assert (row.customer, row.contractor, row.author) == ("Анна Иванова", "Мостик", "irina")
    assert "Анна Иванова (сеть)" in text_of(owner.get(f"{COUNTERS}?salon={TVERSKAYA}"))


def test_a_red_salon_is_accepted_with_a_reason_only(stand, owner, switched):
    spoiled(stand, switched)
    owner.post(OURS)
    names = {"customer": "Анна", "contractor": "Мостик"}

    refused = owner.post(f"{OURS}/accept", **names)

    assert refused.status_code == 422
    assert "напишите, почему" in text_of(refused)
    assert owner.post(f"{OURS}/accept", **names, note="Скидка постоянной клиентке").status_code == 303


@pytest.mark.parametrize("sent", [{}, {"customer": "Анна"}])
def test_both_sides_have_to_be_named(owner, switched, sent):
    owner.post(OURS)

    answer = owner.post(f"{OURS}/accept", **sent)

    assert answer.status_code == 422
    assert "complaint" in answer.text


def test_a_salon_that_is_not_switched_cannot_be_accepted(stand, owner, booked):
    owner.post(OURS)

    answer = owner.post(f"{OURS}/accept", customer="Анна", contractor="Мостик")

    assert answer.status_code == 422
    assert "принимать нечего" in text_of(answer)
    assert takeover_counters.accepted(stand.account.id) == {}


def test_before_the_counters_there_is_nothing_to_accept(owner, switched):
    answer = owner.post(f"{OURS}/accept", customer="Анна", contractor="Мостик")

    assert "Сначала посчитайте" in text_of(answer)


def test_a_strange_salon_is_not_there(owner):
    assert owner.post(f"{COUNTERS}/7").status_code == 404
    assert owner.get(f"{COUNTERS}/7/print").status_code == 404


def test_a_viewer_looks_and_presses_nothing(stand, owner, viewer, booked):
    owner.post(OURS)

    page = viewer.get(f"{COUNTERS}?salon={TVERSKAYA}")

    assert "Посчитать сейчас" not in page.text
    assert "Протокол в Excel" in page.text
    assert str(URAL) in page.text
