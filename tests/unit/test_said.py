"""Every field of the texts says what it promises about a booking."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from backend.core.money import Kopecks
from backend.core.salon import Client, Label, Phase
from backend.core.sync import said, sharing, wording
from backend.core.sync.said import Said
from backend.core.templates import builtin, fields
from tests.support.facts import CONFIGURATION, NOW, RULES, booking, line

MOSCOW = ZoneInfo("Europe/Moscow")
ABOUT = booking(
    Phase.CONFIRMED, line(), line(503, 4000, 90021, "Чистка лица", amount=2), duration_seconds=5400,
    comment="Позвонить", visitor="Ева", labels=(Label(1, "VIP"), Label(2)),
    client=Client("card", "Мария", "+79990000001", "maria@example.com", no_shows=3),
)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("client", "Мария"),
        ("phone", "+79990000001"),
        ("email", "maria@example.com"),
        ("date", datetime(2026, 3, 12, 15, 0, tzinfo=MOSCOW)),
        ("end", datetime(2026, 3, 12, 16, 30, tzinfo=MOSCOW)),
        ("duration", "1 ч 30 мин"),
        ("salon", "Тверская"),
        ("direction", "Эпиляция"),
        ("directions", ("Эпиляция", "Косметология")),
        ("services", ("Лазер: подмышки — 2 500 ₽", "Чистка лица × 2 — 4 000 ₽")),
        ("service_names", ("Лазер: подмышки", "Чистка лица")),
        ("amounts", ("Эпиляция — 2 500 ₽", "Косметология — 4 000 ₽")),
        ("sum", 650_000),
        ("master", "Вера"),
        ("comment", "Позвонить"),
        ("status", "Подтвердил"),
        ("number", 770001),
        ("no_shows", 3),
        ("visitor", "Ева"),
        ("labels", ("VIP",)),
        ("booked_at", datetime(2026, 3, 10, 15, 0, tzinfo=MOSCOW)),
        ("was", None),
        ("was_sum", None),
        ("news", ""),
        ("was_paid", None),
        ("paid", None),
        ("released", ""),
        ("next_visit", None),
    ],
)
def test_a_field_says_what_it_promises(code, value):
    assert Said(ABOUT, RULES)(code) == value


def test_there_is_a_value_for_every_field_and_no_other():
    known = {field.code for name in (*fields.TEXTS, fields.TASK) for field in fields.of(name)}

    assert said.VALUES.keys() == known


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("client", ""),
        ("phone", ""),
        ("email", ""),
        ("no_shows", 0),
        ("direction", ""),
        ("salon", "49999"),
        ("end", None),
    ],
)
def test_what_a_booking_lacks_is_nothing(code, value):
    bare = replace(booking(), client=None, branch_id=49999, lines=())
    rules = replace(RULES, configuration=replace(CONFIGURATION, directions=()))

    assert Said(bare, rules)(code) == value


def test_what_was_before_is_told_where_it_is_known():
    about = Said(ABOUT, RULES, was=NOW, was_sum=Kopecks(100), news="Новая запись")

    assert about("was") == datetime(2026, 3, 10, 15, 0, tzinfo=MOSCOW)
    assert (about("was_sum"), about("news")) == (100, "Новая запись")


def test_shares_that_are_known_are_not_worked_out_again():
    known = sharing.shares(ABOUT, CONFIGURATION, fixed="cosmetology")

    assert Said(ABOUT, RULES, known)("direction") == "Косметология"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            wording.moved_note("2026-03-11T12:00:00+00:00", ABOUT, RULES),
            "с 11.03.2026 15:00 на 12.03.2026 15:00",
        ),
        (wording.price_note(ABOUT, RULES, Kopecks(50_000), Kopecks(650_000)), "было 500 ₽, стало 6 500 ₽"),
        (wording.refund_note(ABOUT, RULES, Kopecks(500), Kopecks(300)), "было оплачено 5 ₽, осталось 3 ₽"),
        (wording.released_note(ABOUT, RULES, "Эпиляция"), "Услуги направления «Эпиляция» убраны"),
        (wording.booked_note(ABOUT, RULES, NOW), "Клиент уже записан (10.03.2026 15:00)"),
        (wording.revoked_note(ABOUT, RULES), "Визит больше не отмечен как состоявшийся"),
        (wording.cancelled_note(ABOUT, RULES), "Запись на 12.03.2026 15:00 отменена"),
        (wording.comment_note(ABOUT, RULES), "Комментарий к записи: Позвонить"),
        (wording.closed_note(ABOUT, RULES), "(Подтвердил), но сделка закрыта вручную"),
        (wording.closed_task(ABOUT, RULES), "Запись активна (12.03.2026 15:00)"),
    ],
)
def test_the_built_in_words(text, words):
    assert words in text


@pytest.mark.parametrize("name", [*fields.TEXTS, fields.TASK])
def test_every_text_has_usual_words(name):
    assert builtin.usual(name)


def test_own_words_replace_the_built_in_ones_of_their_text_only():
    own = replace(RULES, configuration=replace(CONFIGURATION, texts={"cancelled_note": "Отмена: {клиент}"}))

    assert wording.cancelled_note(ABOUT, own) == "Отмена: Мария"
    assert wording.comment_note(ABOUT, own) == "Комментарий к записи: Позвонить"
