"""Hints by likeness of names: cautious, and never about waiting lists."""

import pytest

from backend.core import names


@pytest.mark.parametrize(
    ("crm", "journal"),
    [
        ("Вера Образцова", "Образцова Вера"),
        ("ВЕРА ОБРАЗЦОВА", "Вера Образцова (мастер)"),
        ("Артём Пробный", "Артем Пробный"),
        ("Оксана Пробная", "Аксана Пробная"),
        ("Вера", "Вера Образцова"),
    ],
)
def test_one_person_spelled_twice(crm, journal):
    assert names.nearest(crm, {81: journal, 82: "Инна Иная"}) == 81


@pytest.mark.parametrize(
    ("crm", "journal"),
    [
        ("Вера Образцова", "Вера Пробная"),
        ("Ольга", "Оля"),
        ("Ольга", "Олег"),
        ("", "Вера"),
        ("Вера", "№ 81"),
    ],
)
def test_two_people_are_not_one(crm, journal):
    assert names.nearest(crm, {81: journal}) is None


def test_two_equally_alike_give_no_hint():
    assert names.nearest("Вера", {81: "Вера Образцова", 82: "Вера Пробная"}) is None


def test_the_whole_name_wins_over_a_part_of_it():
    assert names.nearest("Вера Образцова", {81: "Вера Образцова", 82: "Вера"}) == 81


def test_nobody_is_like_nobody():
    assert names.nearest("Вера", {}) is None


@pytest.mark.parametrize(
    "name", ["Лист ожидания", "РЕЗЕРВ", "ожидание звонка", "Waiting list", "Перенос записи"]
)
def test_a_waiting_list_is_recognised(name):
    assert names.is_nobody(name)


@pytest.mark.parametrize("name", ["Вера Образцова", "Резеда", "Дарья Тестова", ""])
def test_a_master_is_not_a_waiting_list(name):
    assert not names.is_nobody(name)
