"""The panel in the card of a lead, rows L1–L8: a person books, moves and cancels in a real browser, and the
salon's journal is what counts.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.crm import Crm
from tests.browser.visitor import PHONE
from tests.support.stand import (
    CONFIGURATION,
    EPILATION,
    LASER_ARMPITS,
    TVERSKAYA,
    URAL,
    URAL_LASER,
    URAL_MASTER,
)

FRESH, CONFIRMED, LOST = 8100, 8102, 143
ARMPITS, LEGS, CLEANING = "Лазер: подмышки", "Лазер: голени", "Чистка лица"


@pytest.fixture
def crm(live, visit, tmp_path):
    found = Crm(live, visit(live), tmp_path / "widget.zip")
    found.install()
    return found


@pytest.fixture
def lead(live):
    """A lead of an advertisement: a person with a phone, no booking."""
    found = live.stand.open_lead(EPILATION, FRESH)
    live.stand.settle()
    return found


@pytest.fixture
def booked(live):
    """A booking made at the desk."""
    record = live.stand.book(LASER_ARMPITS)
    live.stand.settle()
    return record


def journal(crm, company=TVERSKAYA):
    return [one for one in crm.live.stand.world.yclients.state(company)["records"] if not one["deleted"]]


def deny(crm, right):
    crm.live.stand.world.yclients.user("salon-token", companies=[TVERSKAYA, URAL], denied=[right])


def test_L1_a_booking_is_made_step_by_step(crm, lead):
    panel = crm.panel(lead)
    panel.shoot("L1-0-empty")

    panel.press("create")
    panel.asks("В какой салон?")
    panel.shoot("L1-1-salon")
    panel.pick("Тверская")
    panel.asks("Какие услуги?")
    panel.shoot("L1-2-services")
    panel.tick(ARMPITS, LEGS)
    panel.sees("7 000 ₽, 2 ч")
    panel.press("enough")
    panel.asks("К какому мастеру?")
    panel.shoot("L1-3-master")
    panel.pick("Вера")
    panel.asks("В какой день?")
    panel.shoot("L1-4-day")
    panel.block.locator("[data-ywx=pick]").nth(1).click()
    panel.asks("Во сколько?")
    panel.shoot("L1-5-time")
    panel.pick("12:00")
    panel.asks("Всё верно?")
    panel.block.get_by_label("Комментарий для салона").fill("Звонила в обед")
    panel.shoot("L1-6-check")
    panel.press("send")

    panel.done()
    panel.sees(ARMPITS, LEGS, "7 000 ₽")
    panel.shoot("L1-7-made")
    (record,) = journal(crm)
    assert [line["title"] for line in record["services"]] == [ARMPITS, LEGS]
    assert (record["date"][11:16], record["comment"]) == ("12:00", "Звонила в обед")
    assert crm.problems() == []


def test_L1_the_lead_of_the_card_leads_the_booking(crm, lead):
    panel = crm.panel(lead)
    panel.walk(ARMPITS)
    panel.press("send")
    panel.done()

    crm.live.stand.work()
    panel = crm.panel(lead)

    (record,) = journal(crm)
    assert crm.live.stand.lead_of(record)["id"] == lead["id"]
    panel.sees("Сделку ведёт запись на", "Почему сделка здесь")


def test_L1_each_step_remembers_and_the_way_back_works(crm, lead):
    panel = crm.panel(lead)
    panel.walk(ARMPITS)

    panel.press("back")
    panel.asks("Во сколько?")
    expect(panel.block.locator("[aria-pressed]")).to_have_text("12:00")
    panel.block.get_by_role("button", name="Изменить: Услуги").click()
    panel.asks("Какие услуги?")

    expect(panel.block.get_by_label(ARMPITS)).to_be_checked()
    panel.press("leave")
    expect(panel.button("create")).to_be_visible()
    assert journal(crm) == []


def test_L1_a_keyboard_is_enough(crm, lead):
    panel, keys = crm.panel(lead), crm.page.keyboard
    title = panel.block.locator(".ywx-book__title")

    panel.button("create").focus()
    keys.press("Enter")
    panel.asks("В какой салон?")
    expect(title).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    panel.asks("Какие услуги?")
    panel.button("search").focus()
    keys.type("голени")
    expect(panel.block.get_by_label(ARMPITS)).to_be_hidden()
    panel.block.get_by_label(LEGS).focus()
    keys.press("Space")
    panel.button("enough").focus()
    keys.press("Enter")

    panel.asks("К какому мастеру?")
    expect(title).to_be_focused()


def test_L1_nothing_is_asked_before_the_panel_is_opened_and_one_thing_then(crm, booked):
    lead = crm.live.stand.lead_of(booked)
    crm.page.goto("about:blank")  # whatever the page before was still asking
    crm.asked.clear()
    crm.go(f"leads/detail/{lead['id']}")
    # The stream of calls asks for its ticket on every page; it knows no card.
    before = [url for url in crm.asked if crm.live.url in url and not url.endswith("/widget/calls/ticket")]
    crm.toggle()
    expect(crm.page.locator(".ywx-booking").first).to_be_visible()

    after = [url for url in crm.asked if crm.live.url in url and "lead=" in url]

    assert before == []
    assert len({url.split("?")[0] for url in after}) == 1


def test_L1_the_history_has_all_salons(crm, booked):
    stand = crm.live.stand
    stand.pass_time(4 * 24 * 3600)
    stand.mark(booked, 1)
    here, elsewhere = (
        stand.book(LASER_ARMPITS),
        stand.book(URAL_LASER, company=URAL, staff=URAL_MASTER, at="+9"),
    )
    stand.settle()

    panel = crm.panel(stand.lead_of(here))

    panel.sees("Ещё записи впереди: 1", "Урал", str(elsewhere["id"]))
    panel.block.locator(".ywx-past summary").click()
    expect(panel.block.locator(".ywx-past")).to_contain_text(str(booked["id"]))
    panel.shoot("L1-history")
    panel.block.get_by_role("link", name="Открыть сделку").first.click()
    crm.rest()
    assert f"/leads/detail/{stand.lead_of(elsewhere)['id']}" in crm.page.url


def test_L1_a_booking_is_moved(crm, booked):
    lead = crm.live.stand.lead_of(booked)
    panel = crm.panel(lead)

    panel.press("move")
    panel.asks("В какой день?")
    panel.block.get_by_role("button", name="Изменить: Мастер").click()
    panel.asks("К какому мастеру?")
    panel.pick("Инна")
    panel.asks("В какой день?")
    panel.block.locator("[data-ywx=pick]").nth(3).click()
    panel.asks("Во сколько?")
    panel.pick("11:00")
    panel.asks("Переносим?")
    panel.shoot("L1-move")
    panel.press("send")

    panel.done()
    panel.sees("11:00", "Мастер: Инна")
    (record,) = journal(crm)
    assert (record["id"], record["staff_id"], record["date"][11:16]) == (booked["id"], 82, "11:00")


def test_L1_a_booking_is_confirmed(crm, booked):
    panel = crm.panel(crm.live.stand.lead_of(booked))

    panel.press("confirm")

    panel.done()
    panel.shoot("L1-confirmed")
    (record,) = journal(crm)
    assert record["attendance"] == 2
    expect(panel.button("confirm")).to_have_count(0)


def test_L1_a_booking_is_cancelled_after_a_question(crm, booked):
    panel = crm.panel(crm.live.stand.lead_of(booked))

    panel.press("cancel")
    expect(panel.button("keep")).to_be_visible()
    panel.shoot("L1-cancel")
    left = len(journal(crm))
    panel.press("sure")

    panel.done()
    assert (left, journal(crm)) == (1, [])


def test_L2_a_time_taken_meanwhile_is_replaced_by_a_near_one(crm, lead):
    crm.visitor.expect(409)
    panel = crm.panel(lead)
    at = panel.walk(ARMPITS)
    crm.live.stand.book(LASER_ARMPITS, at=f"{at}:00", client=("Ольга", "+79990000005"))

    panel.press("send")
    expect(panel.button("slot")).to_be_visible()
    panel.shoot("L2-taken")
    before = len(journal(crm))
    nearest = panel.button("slot").get_attribute("data-value")
    panel.press("slot")
    expect(panel.button("slot")).to_have_count(0)
    panel.press("send")
    panel.done()

    assert before == 1
    assert sorted(one["date"][:16] for one in journal(crm)) == sorted([at, nearest])


def test_L3_a_client_is_made_from_the_contact(crm):
    lead = crm.live.stand.open_lead(EPILATION, FRESH, client=("Дарья", "8 (999) 000-00-07"))
    crm.live.stand.settle()
    panel = crm.panel(lead)

    panel.walk(ARMPITS)
    panel.press("send")
    panel.done()

    (record,) = journal(crm)
    assert (record["client"]["name"], str(record["client"]["phone"])[-10:]) == ("Дарья", "9990000007")


def test_L3_without_a_phone_the_first_step_says_what_is_missing(crm):
    crm.visitor.expect(400)
    lead = crm.live.stand.open_lead(EPILATION, FRESH, client=("Дарья", ""))
    crm.live.stand.settle()

    panel = crm.panel(lead)

    panel.press("create")

    panel.sees("телефон")
    panel.shoot("L3-no-phone")
    expect(panel.button("pick")).to_have_count(0)


def test_L4_a_stage_confirms_the_booking_and_the_card_shows_it(crm, booked):
    stand = crm.live.stand
    rules = CONFIGURATION.read_text(encoding="utf-8")
    stand.configure(rules.replace("options:\n", "options:\n  attendance_from_stage: true\n"))
    lead = stand.lead_of(booked)

    crm.go(f"leads/detail/{lead['id']}")
    crm.page.select_option("#host-card select[name=stage]", label="Подтвердил")
    with crm.page.expect_navigation():
        crm.page.click("#host-card form button[type=submit]")
    stand.settle()
    panel = crm.panel(lead)

    panel.sees("подтверждена")
    panel.shoot("L4-confirmed")
    (record,) = journal(crm)
    assert record["attendance"] == 2
    assert stand.lead_of(booked)["status_id"] == CONFIRMED


def test_L5_a_lost_lead_asks_and_nothing_happens_by_itself(crm, booked):
    stand = crm.live.stand
    lead = stand.lead_of(booked)
    stand.move(lead, LOST)
    stand.settle()

    panel = crm.panel(lead)
    panel.sees("Сделка закрыта как нереализованная", "Отменить её?")
    panel.shoot("L5-question")
    left = len(journal(crm))
    panel.press("leave_it")
    expect(panel.button("leave_it")).to_have_count(0)

    assert (left, len(journal(crm))) == (1, 1)


def test_L5_the_answer_yes_cancels_the_booking(crm, booked):
    stand = crm.live.stand
    lead = stand.lead_of(booked)
    stand.move(lead, LOST)
    stand.settle()
    panel = crm.panel(lead)

    panel.press("sure")
    panel.done()
    panel.shoot("L5-cancelled")

    assert journal(crm) == []
    expect(panel.button("leave_it")).to_have_count(0)


def test_L6_a_missing_right_is_named(crm, lead):
    crm.visitor.expect(409)
    panel = crm.panel(lead)
    panel.walk(ARMPITS)
    deny(crm, "create_records_access")

    panel.press("send")

    panel.sees("«Создание записей»", "Всё верно?")
    panel.shoot("L6-right")
    assert journal(crm) == []


def test_L7_a_double_click_books_once(crm, lead):
    panel = crm.panel(lead)
    panel.walk(ARMPITS)

    panel.button("send").dblclick()
    panel.done()

    assert len(journal(crm)) == 1


def test_L8_without_an_answer_the_card_says_so_and_books_once(crm, lead):
    crm.visitor.expect(503)
    faults = crm.live.stand.world.yclients.faults
    panel = crm.panel(lead)
    panel.walk(ARMPITS)
    faults("reset_after_commit", match="POST /api/v1/records", next=1)
    faults("500", match="GET /api/v1/records", next=1)

    panel.press("send")
    expect(panel.button("send")).to_have_text("Повторить")
    panel.shoot("L8-unknown")
    crm.live.stand.pass_time(60)
    panel.press("send")
    panel.done()

    assert len(journal(crm)) == 1


def test_L8_a_bridge_that_is_away_is_told_and_asked_again(crm, lead):
    crm.visitor.expect(503)
    crm.visitor.forgive("blocked by CORS policy", "net::ERR_FAILED")
    panel = crm.panel(lead)
    panel.walk(ARMPITS)
    crm.live.servers[0].app.is_open = False

    panel.press("send")
    panel.sees("вторая запись не появится")
    crm.live.servers[0].app.is_open = True
    panel.press("send")
    panel.done()

    assert len(journal(crm)) == 1


def test_every_step_fits_a_phone(live, visit, tmp_path, lead):
    crm = Crm(live, visit(live, viewport=PHONE), tmp_path / "widget.zip")
    crm.install()
    panel = crm.panel(lead)

    panel.press("create")
    panel.asks("В какой салон?")
    panel.pick("Тверская")
    panel.asks("Какие услуги?")
    panel.shoot("phone-services")
    panel.tick(ARMPITS, LEGS, CLEANING)
    panel.press("enough")
    panel.asks("К какому мастеру?")
    panel.pick("Вера")
    panel.asks("В какой день?")
    panel.shoot("phone-day")
    panel.block.locator("[data-ywx=pick]").nth(1).click()
    panel.asks("Во сколько?")
    panel.shoot("phone-time")
    panel.pick("12:00")
    panel.asks("Всё верно?")

    panel.shoot("phone-check")
