"""The page for people: everything works by plain forms, and shows what happened in both services."""

import re

import pytest
from werkzeug.test import Client

from tests.support.yclients import CARE, LASER, SALON, STAFF, Salon

DOMAIN = "salon.amocrm.ru"
STAGES = [{"id": 8100, "name": "Новая заявка"}, {"id": 8101, "name": "Записан"}]


@pytest.fixture
def salon():
    made = Salon()
    made.world.amocrm.account(
        domain=DOMAIN,
        users=[{"id": 7000001, "name": "Анна Тверская"}],
        pipelines=[{"id": 8001, "name": "Эпиляция", "stages": STAGES}],
        lead_fields=[{"id": 9001, "name": "Номер записи", "type": "text"}],
    )
    return made


@pytest.fixture
def browser(salon):
    return Client(salon.world.amocrm_wsgi)


@pytest.fixture
def lead(salon):
    return salon.world.amocrm.ui_lead(
        domain=DOMAIN,
        user_id=7000001,
        name="Заявка с сайта",
        pipeline_id=8001,
        stage_id=8100,
        price=2500,
        contact={"name": "Полина", "phone": "+79000000301"},
        fields={9001: "770000001"},
        tags=["реклама"],
    )


def form(**more):
    return {"salon": SALON, "day": "2026-12-01", "domain": DOMAIN, **more}


def booking(salon):
    (record,) = salon.yclients.state()["records"]
    return record


def test_an_empty_sandbox_has_a_page():
    empty = Salon()
    empty.yclients.reset()

    shown = Client(empty.world.amocrm_wsgi).get("/")

    assert shown.status_code == 200
    assert "Салонов пока нет" in shown.text


def test_a_client_is_booked_by_a_form(salon, browser):
    fields = form(name="Мария", phone="8 900 000-00-11", staff=STAFF, date="2026-12-01", time="10:30")

    answer = browser.post("/page/do/book", data={**fields, "service": [LASER, CARE]})
    shown = browser.get(answer.headers["Location"])

    record = booking(salon)
    assert answer.status_code == 303
    assert (record["date"], record["client"]["name"]) == ("2026-12-01 10:30:00", "Мария")
    assert [line["cost"] for line in record["services"]] == [2500, 4000]
    assert all(word in shown.text for word in ("Мария", "10:30–12:30", "Лазер, Чистка лица"))


@pytest.mark.parametrize(
    ("attendance", "word"), [(2, "Подтвердил"), (1, "Пришёл"), (-1, "Не пришёл"), (0, "Ждём")]
)
def test_attendance_is_marked(salon, browser, attendance, word):
    record = salon.book()

    browser.post("/page/do/attend", data=form(record=record["id"], attendance=attendance))
    shown = browser.get("/", query_string=form())

    assert booking(salon)["attendance"] == attendance
    assert f'<span class="state">{word}</span>' in shown.text


def test_a_booking_is_moved_paid_deleted_and_restored(salon, browser):
    record = salon.book()
    one = form(record=record["id"])

    browser.post("/page/do/move", data={**one, "date": "2026-12-03", "time": "18:00", "staff": 82})
    moved = booking(salon)
    browser.post("/page/do/pay", data={**one, "amount": 2500})
    paid = booking(salon)
    browser.post("/page/do/delete", data=one)
    deleted = booking(salon)
    browser.post("/page/do/restore", data=one)

    assert (moved["date"], moved["staff_id"], paid["paid_full"]) == ("2026-12-03 18:00:00", 82, 1)
    assert (bool(deleted["deleted"]), bool(booking(salon)["deleted"])) == (True, False)


def test_a_wrong_form_is_answered_in_words(salon, browser):
    record = salon.book()

    answer = browser.post(
        "/page/do/pay", data=form(record=record["id"], amount="много"), follow_redirects=True
    )

    assert answer.status_code == 200
    assert "Форма заполнена не так" in answer.text


def test_the_board_shows_cards_and_a_card_shows_everything(browser, lead):
    board = browser.get("/", query_string=form())
    card = browser.get("/page/lead", query_string=form(lead=lead["id"]))

    assert all(word in board.text for word in ("Заявка с сайта", "2\u202f500 ₽", "Анна Тверская", "реклама"))
    assert all(
        word in card.text for word in ("Полина", "+79000000301", "Номер записи", "770000001", "Примечания")
    )


def test_a_card_can_be_moved(salon, browser, lead):
    browser.post("/page/do/stage", data=form(lead=lead["id"], stage=8101))

    (moved,) = salon.world.amocrm.state(DOMAIN)["leads"]
    assert moved["status_id"] == 8101


def test_the_clock_is_moved_for_both_services(salon, browser):
    browser.post("/page/do/clock", data=form(seconds=3600))

    assert salon.world.clock.offset == 3600


def test_the_live_parts_are_those_of_the_page(salon, browser, lead):
    salon.book()

    parts = browser.get("/page/live", query_string=form()).json

    assert set(parts) == {"clock", "journal", "board"}
    assert "Мария" in parts["journal"]
    assert lead["name"] in parts["board"]


def test_nothing_is_taken_from_elsewhere(browser):
    page = browser.get("/").text
    with browser.get("/page/static/page.css") as style, browser.get("/page/static/page.js") as script:
        css, status = style.text, script.status_code

    assert status == 200
    assert re.findall(r"(?:src|href)=\"(https?:)?//", page) == []
    assert "url(" not in css


def test_names_are_not_markup(salon, browser):
    salon.book(client={"name": "<b>Мария</b>", "phone": "79000000011"})

    assert "<b>Мария</b>" not in browser.get("/", query_string=form()).text


def test_a_link_to_the_journal_opens_the_salons_page(salon):
    shown = Client(salon.world.yclients_wsgi).get(f"/timetable/{SALON}", follow_redirects=True)

    assert shown.request.full_path == f"/?salon={SALON}"
    assert 'id="journal"' in shown.text


def test_the_api_beside_the_journal_answers_as_ever(salon):
    answer = Client(salon.world.yclients_wsgi).get("/api/v1/nothing")

    assert answer.status_code == 404
    assert answer.json["success"] is False
