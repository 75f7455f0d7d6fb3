"""What people do with a bridge that works: a new category, a fault and its mending."""

import re

import pytest
from playwright.sync_api import expect

from backend.flows.works import long_work
from backend.store import lanes
from tests.support.stand import CONFIGURATION, DOMAIN, LASER_ARMPITS, OTHER, UNMAPPED

HOME = f"/admin/accounts/{DOMAIN}"


@pytest.fixture
def strict(live):
    """No direction takes what is unsorted: such bookings wait for a person."""
    live.stand.configure(CONFIGURATION.read_text(encoding="utf-8").replace(", default: true", ""))
    return live


@pytest.fixture
def troubled(strict):
    """A booking of a category that nobody has sorted yet; it has no deal."""
    record = strict.stand.book(UNMAPPED)
    strict.stand.settle()
    assert strict.stand.leads_of(record) == []
    return record


def test_a_new_category_from_the_notice_to_the_deal(strict, troubled, owner):
    owner.go(HOME)
    assert owner.complaints() == []
    owner.follow("Отнести к направлению")

    owner.page.get_by_role("checkbox", name="Маникюр").check()
    owner.page.get_by_label("Отмеченные перенести в").select_option(label="Прочее")
    owner.press("Перенести", exact=True)
    expect(owner.page.get_by_role("heading", name="Все категории разобраны")).to_be_visible()
    strict.stand.settle()

    assert strict.stand.lead_of(troubled)["pipeline_id"] == OTHER
    owner.go(HOME)
    expect(owner.page.get_by_role("heading", level=1)).to_be_visible()
    expect(owner.page.get_by_text("Отнести к направлению")).to_have_count(0)


def test_a_card_is_dragged_to_its_direction(strict, troubled, owner):
    owner.go(f"{HOME}/directions")
    card = owner.page.get_by_role("listitem").filter(has_text="Маникюр")

    card.drag_to(owner.page.get_by_role("region", name=re.compile("^Прочее")))
    expect(owner.page.get_by_role("heading", name="Все категории разобраны")).to_be_visible()
    strict.stand.settle()

    assert strict.stand.lead_of(troubled)["pipeline_id"] == OTHER


def test_a_salon_whose_key_was_refused_catches_up(live, owner):
    live.stand.world.yclients.change_password("salon-token", "fresh-token")
    live.stand.reconcile()
    record = live.stand.book(LASER_ARMPITS)
    live.stand.settle()
    waited = live.stand.leads_of(record)

    owner.go(HOME)
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("Нужен человек")
    owner.follow("Дать доступ заново")
    assert owner.complaints() == []
    owner.page.get_by_label("Ключ (user token)").fill("fresh-token")
    owner.page.get_by_role("region", name="По ключу пользователя").get_by_role("button").click()
    for title in ("Тверская", "Урал"):
        owner.page.get_by_role("checkbox", name=title).check()
    owner.press("Подключить отмеченные")
    expect(owner.page.get_by_text("Доступ обновлён у 2 салонов.")).to_be_visible()
    live.stand.settle()

    assert waited == []
    assert live.stand.lead_of(record)["price"] == 2500
    owner.go(HOME)
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("Всё работает")


def test_bookings_whose_news_were_lost_are_read_again_together(live, owner):
    records = [live.stand.book(LASER_ARMPITS, client=None, at=day) for day in ("+2", "+3")]
    live.stand.settle()
    for record, phone in zip(records, ("+79990000001", "+79990000002"), strict=True):
        live.stand.edit(record, client={"name": "Мария", "phone": phone})
    live.stand.world.sender.drop("yclients")
    live.stand.settle()
    before = live.stand.leads()
    live.stand.world.yclients.faults(kind="500", next=1)

    owner.go(f"{HOME}/events")
    owner.page.get_by_role("combobox", name="Салон").select_option(label="Тверская")
    expect(owner.page).to_have_url(re.compile("branch="))
    owner.follow("Обработать заново всё, что найдено")
    assert owner.complaints() == []
    owner.press("Обработать заново", exact=True)
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("Долгие дела")
    long_work.run(live.stand.ctx, lanes.lane_id(live.stand.account.id, long_work.LANE))
    live.stand.settle()
    expect(owner.page.get_by_text("Заново обработаны 2 события.")).to_be_visible()

    assert before == []
    assert {live.stand.lead_of(record)["price"] for record in records} == {2500}
