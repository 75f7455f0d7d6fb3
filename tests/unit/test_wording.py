"""Words we write into the CRM, in the salon's local time."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.core.salon import Client, Phase, StaffMember
from backend.core.sync import sharing, wording
from tests.support.facts import CONFIGURATION, RULES, booking, line

LATE = datetime(2026, 3, 12, 22, 30, tzinfo=UTC)  # half past one of the next day in Moscow


def in_zone(branch_zone, account_zone="Europe/Moscow"):
    branches = tuple(replace(branch, timezone=branch_zone) for branch in CONFIGURATION.branches)
    return replace(RULES, configuration=replace(CONFIGURATION, branches=branches, timezone=account_zone))


@pytest.mark.parametrize(
    ("branch_zone", "account_zone", "moment"),
    [
        (None, "Europe/Moscow", "13.03.2026 01:30"),
        ("Asia/Yekaterinburg", "Europe/Moscow", "13.03.2026 03:30"),
        (None, "Europe/Kaliningrad", "13.03.2026 00:30"),
    ],
)
def test_times_are_those_of_the_salon(branch_zone, account_zone, moment):
    rules = in_zone(branch_zone, account_zone)

    assert wording.moment(LATE, wording.zone(booking(), rules)) == moment


def test_times_of_an_unknown_salon_are_those_of_the_account():
    assert wording.zone(booking(branch_id=49999), RULES).key == "Europe/Moscow"


@pytest.mark.parametrize(
    ("client", "name"),
    [
        (Client("c", "Мария", "+79990000001"), "Эпиляция · Мария · 13.03.2026"),
        (Client("c", "", "+79990000001"), "Эпиляция · +79990000001 · 13.03.2026"),
        (Client("c"), "Эпиляция · Клиент · 13.03.2026"),
        (None, "Эпиляция · 13.03.2026"),
    ],
)
def test_name_of_a_lead(client, name):
    about = booking(client=client, starts_at=LATE)

    assert wording.lead_name(about, sharing.shares(about, CONFIGURATION), RULES) == name


def test_name_of_a_lead_without_a_direction():
    about = replace(booking(starts_at=LATE), lines=())

    assert wording.lead_name(about, sharing.Shares(()), RULES) == "Мария · 13.03.2026"


def test_services_stand_line_by_line():
    about = booking(Phase.WAITING, line(), line(price=5000, amount=2, title="Лазер: голени"))

    assert wording.services(about) == "Лазер: подмышки — 2 500 ₽\nЛазер: голени × 2 — 5 000 ₽"


@pytest.mark.parametrize(
    ("is_attached", "head"), [(False, "Новая запись"), (True, "Запись привязана к сделке")]
)
def test_a_note_says_everything_at_a_glance(is_attached, head):
    about = booking(starts_at=LATE, comment="Аллергия")

    assert wording.booking_note(about, RULES, is_attached).splitlines() == [
        f"{head}: 13.03.2026 01:30, Тверская",
        "Мастер: Вера",
        "Лазер: подмышки — 2 500 ₽",
        "Итого: 2 500 ₽",
        "Комментарий: Аллергия",
    ]


def test_a_note_leaves_out_what_nobody_said():
    about = booking(starts_at=LATE, staff=StaffMember(0), branch_id=49999)

    assert wording.booking_note(about, RULES, is_attached=False).splitlines() == [
        "Новая запись: 13.03.2026 01:30, 49999",
        "Лазер: подмышки — 2 500 ₽",
        "Итого: 2 500 ₽",
    ]


def test_a_move_names_both_times():
    about = booking(starts_at=LATE)

    note = wording.moved_note("2026-03-10T12:00:00+00:00", about, RULES)

    assert note == "Перенос записи: с 10.03.2026 15:00 на 13.03.2026 01:30"


def test_closed_leads_are_spoken_of_in_words():
    about = booking(Phase.CONFIRMED, starts_at=LATE)

    note, task = wording.closed_note(about, RULES), wording.closed_task(about, RULES)

    assert "Подтвердил" in note
    assert "Этап не изменён" in note
    assert "13.03.2026 01:30" in task


@pytest.mark.parametrize("phase", list(Phase))
def test_every_phase_has_a_word(phase):
    assert wording.PHASES[phase]
