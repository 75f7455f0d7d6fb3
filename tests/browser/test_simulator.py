"""Rules are looked at before they are saved: draft, preview, back to the form, save."""

import pytest
from playwright.sync_api import expect

from backend.flows.rules import configuration
from backend.flows.works import long_work
from backend.store import lanes
from tests.browser.visitor import PHONE, WIDE
from tests.support.stand import (
    CLEANING,
    DOMAIN,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    OLGA,
    STAGES,
    TVERSKAYA,
)

HOME = f"/admin/accounts/{DOMAIN}"
LOOK = "Посмотреть, что изменится"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def person(live, visit, request):
    visitor = visit(live, java_script_enabled=request.param)
    visitor.sign_in()
    return visitor


@pytest.fixture
def lived(live):
    """Bookings of two directions, each with a lead."""
    stand = live.stand
    for number, services in enumerate(((LASER_ARMPITS,), (LASER_LEGS, CLEANING), (CLEANING,))):
        stand.book(*services, client=(("Мария", "Елена", "Ольга")[number], f"+7999000000{number}"))
    stand.settle()
    return stand


def test_a_category_is_tried_elsewhere_and_then_moved(lived, person):
    person.go(f"{HOME}/directions")
    person.page.get_by_role("checkbox", name="Эпиляция", exact=True).check()
    person.page.get_by_label("Отмеченные перенести в").select_option(label="Косметология")
    person.page.locator("#move-look").click()

    expect(person.page.get_by_role("heading", name="Что изменится")).to_be_visible()
    expect(person.page.get_by_text("По-другому пройдут 2 записи из 3")).to_be_visible()
    assert configuration.number(lived.account.id) == 1
    person.page.locator("#kinds a").first.click()
    expect(person.page.get_by_role("link", name="Запись №").first).to_be_visible()
    person.press("Сохранить")

    expect(person.page.get_by_role("heading", name="Направления", exact=True)).to_be_visible()
    saved = configuration.current(lived.account.id)
    assert 501 in saved.direction("cosmetology").categories[TVERSKAYA]


def test_the_form_comes_back_as_it_was_filled_in(lived, person):
    person.expect(422)
    person.go(f"{HOME}/settings")
    person.page.get_by_label("По сделке на каждое направление").check()
    person.press(LOOK)
    expect(person.page.get_by_text("По-другому пройдёт 1 запись из 3")).to_be_visible()

    person.press("Вернуться к форме")

    expect(person.page.get_by_label("По сделке на каждое направление")).to_be_checked()
    assert configuration.number(lived.account.id) == 1


def test_settings_are_read_off_the_data_and_accepted(live, person):
    stand = live.stand
    for number in range(6):
        client = (f"Клиент {number}", f"+7999000010{number}")
        stand.open_lead(EPILATION, STAGES[EPILATION] + 9, client=client, user=OLGA, responsible_user_id=OLGA)
        stand.book(LASER_ARMPITS, client=client)
    stand.settle()
    person.go(f"{HOME}/learned")
    person.press("Посмотреть на данные")
    long_work.run(stand.ctx, lanes.lane_id(stand.account.id, long_work.LANE))
    person.go(f"{HOME}/learned")

    expect(person.page.get_by_role("heading", name="Настройки по данным")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_screens_are_whole_and_readable(lived, live, visit, size, scheme):
    visitor = visit(live, viewport=size, color_scheme=scheme)
    visitor.sign_in()
    visitor.go(f"{HOME}/directions")
    visitor.page.get_by_role("checkbox", name="Эпиляция", exact=True).check()
    visitor.page.get_by_label("Отмеченные перенести в").select_option(label="Косметология")
    visitor.page.locator("#move-look").click()
    visitor.page.locator("#kinds a").first.click()
    pages = ["", f"{HOME}/settings", f"{HOME}/people/{TVERSKAYA}", f"{HOME}/learned", f"{HOME}/routes",
             f"{HOME}/directions", f"{HOME}/directions/leads"]  # fmt: skip
    wrong = {}
    for number, path in enumerate(pages):
        if path:
            visitor.go(path)
        visitor.shoot(f"rules-{number}-{scheme}-{size['width']}")
        found = [*visitor.complaints(), *(["too wide"] if visitor.is_too_wide() else [])]
        if found:
            wrong[path] = found

    assert not wrong
