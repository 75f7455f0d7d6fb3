"""What people come to the panel for, by nothing but clicks and keys."""

import pytest
from playwright.sync_api import expect

from backend.flows.sync import bookings
from tests.browser.visitor import PHONE
from tests.support.stand import DOMAIN, LASER_ARMPITS, LASER_LEGS, OTHER, TVERSKAYA, UNMAPPED

HOME = f"/admin/accounts/{DOMAIN}"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def person(live, visit, request):
    """Signed in, with scripts and without them: every form works both ways."""
    visitor = visit(live, java_script_enabled=request.param)
    visitor.sign_in()
    return visitor


def test_a_new_category_is_mapped_after_its_alarm(live, person):
    record = live.stand.book(UNMAPPED)
    live.stand.settle()
    assert live.stand.lead_of(record)["pipeline_id"] == OTHER

    person.go(HOME)
    expect(person.page.get_by_text("«Маникюр»").first).to_be_visible()
    person.page.locator(f"main a[href*='{HOME}/directions']").first.click()
    person.page.get_by_role("checkbox", name="Маникюр", exact=True).check()
    person.page.get_by_label("Отмеченные перенести в").select_option(label="Косметология")
    person.press("Перенести", exact=True)
    expect(person.page.get_by_text("Все категории разобраны")).to_be_visible()
    later = live.stand.book(UNMAPPED, client=("Елена", "+79990000002"))
    live.stand.settle()

    assert live.stand.value(live.stand.lead_of(later), "MOSTIK_DIRECTION") == ["Косметология"]
    person.go(HOME)
    expect(person.page.get_by_text("«Маникюр»")).to_have_count(0)


def test_what_failed_is_replayed(live, person, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(bookings, "decide", lambda *_: 1 / 0)
        record = live.stand.book(LASER_ARMPITS)
        for _ in range(20):
            live.stand.pass_time(900)
    person.go(HOME)
    expect(person.page.get_by_text("Нужен человек").first).to_be_visible()

    person.go(f"{HOME}/events")
    person.page.get_by_label("Итог").select_option(label="не удалось")
    person.press("Найти")
    person.page.get_by_role("link", name=f"Запись № {record['id']}").first.click()
    person.press("Обработать заново")
    live.stand.settle()

    assert live.stand.lead_of(record)["price"] == 2500
    person.go(f"{HOME}/events")
    expect(person.page.get_by_text("создана новая").first).to_be_visible()


def test_a_stopped_salon_goes_on(live, person):
    live.stand.world.yclients.change_password("salon-token", "another-token")
    live.stand.reconcile()
    record = live.stand.book(LASER_ARMPITS)
    live.stand.settle()
    person.go("/admin/")
    expect(person.page.get_by_text("YCLIENTS не принимает ключ салона").first).to_be_visible()

    person.go(f"{HOME}/salons/{TVERSKAYA}")
    person.page.locator(f"a[href*='{HOME}/salons/connect']").first.click()
    person.page.fill("input[name=token]", "another-token")
    person.page.locator("input[name=token]").press("Enter")
    expect(person.page.get_by_role("checkbox", name="Тверская")).to_be_checked()
    person.press("Подключить отмеченные")
    expect(person.page.get_by_role("status").first).to_be_visible()
    live.stand.settle()

    assert live.stand.lead_of(record)["price"] == 2500


def test_a_person_with_a_keyboard_reaches_everything(live, owner):
    record = live.stand.book(LASER_ARMPITS, LASER_LEGS)
    live.stand.settle()
    page = owner.page
    owner.go(f"{HOME}/events")

    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, f"Запись № {record['id']}")
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text(str(record["id"]))
    reach(page, "Обработать заново")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Повтор по просьбе сотрудника").first).to_be_visible()
    live.stand.settle()

    assert live.stand.events(record)[0].source == "replay"


def reach(page, words):
    """Tab until the thing with these words has the focus, which can be seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.innerText"):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", words
            return
    raise AssertionError(f"{words} is not reached by Tab")


def test_on_a_phone_every_section_is_a_tap_away(live, visit):
    visitor = visit(live, viewport=PHONE, has_touch=True, is_mobile=True)
    visitor.sign_in()
    visitor.go(HOME)

    menu = visitor.page.locator("nav[aria-label='Разделы'] a")
    addresses = menu.evaluate_all("all => all.map(one => one.getAttribute('href'))")

    assert len(addresses) > 8
    for address in addresses:
        visitor.go(address)
        expect(visitor.page.locator("main h1").first).to_be_visible()
        assert not visitor.is_too_wide(), address


@pytest.mark.long
def test_the_overview_lives_without_reloading(live, owner):
    owner.go(HOME)
    expect(owner.page.get_by_text("События").first).to_be_visible()
    loads = []
    owner.page.on("framenavigated", lambda frame: loads.append(frame.url))

    live.stand.book(UNMAPPED)
    live.stand.settle()

    expect(owner.page.get_by_text("«Маникюр»").first).to_be_visible(timeout=40_000)
    assert loads == []
