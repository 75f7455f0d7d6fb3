"""What the overview and the page of an account say, and what their buttons do."""

from backend.flows.vendors import figures
from backend.store import accounts, alarms, audit, connections, db
from tests.admin.conftest import HOME
from tests.admin.reading import event_path, text_of
from tests.support.stand import CONFIGURATION, LASER_ARMPITS, TVERSKAYA, UNMAPPED


def test_the_overview_says_that_all_is_well(stand, owner, booked):
    figures.roll_up(stand.ctx)

    page = text_of(owner.get("/admin/"))

    assert "Всё работает" in page
    assert "Новых сделок 1" in page


def test_the_overview_before_anything_is_connected(stand, owner):
    for table in ("outbox_commands", "inbound_events", "lanes", "lead_fields", "config_versions"):
        db.run(f"DELETE FROM {table}")
    for table in ("branch_categories", "branch_services", "branch_staff", "branches", "accounts"):
        db.run(f"DELETE FROM {table}")

    page = text_of(owner.get("/admin/"))

    assert "Пока ничего не подключено" in page
    assert "Подключить amoCRM" in page


def test_where_no_salon_writes_nothing_is_said_to_reach_the_crm(stand, owner):
    db.run("UPDATE branches SET mode = 'observe'")

    for page in (text_of(owner.get("/admin/")), text_of(owner.get(HOME))):
        assert "Мостик наблюдает" in page
        assert "Всё работает" not in page
    assert "Закончить настройку" in text_of(owner.get(HOME))
    assert "наблюдает · 1" in text_of(owner.get("/admin/accounts"))


def test_a_delay_is_told_in_words(stand, owner):
    stand.book(LASER_ARMPITS)
    stand.work()  # the client's card is read at once, the booking still rests
    stand.world.clock.advance(600)

    assert "Есть задержка" in owner.get("/admin/").text
    assert "9 мин" in text_of(owner.get(HOME))


def test_what_stopped_says_what_to_press_and_resume_goes_on(stand, owner):
    connections.pause(stand.account.id, TVERSKAYA, "yclients.unauthorized")
    alarms.raise_alarm(stand.account.id, "yclients.unauthorized", "branch", str(TVERSKAYA), {}, stand.now())
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    page = text_of(owner.get("/admin/"))
    assert "Нужен человек" in page
    assert "YCLIENTS не принимает ключ салона" in page
    assert "Дать доступ заново" in page
    assert stand.leads_of(record) == []

    answer = owner.post(f"{HOME}/resume")
    stand.settle()

    assert (answer.status_code, answer.location) == (303, HOME)
    assert "Всё работает" in owner.get("/admin/").text
    assert stand.lead_of(record)["price"] == 2500
    assert audit.page(stand.account.id)[0].action == "account.resumed"


def test_a_person_may_pause_and_the_bookings_wait(stand, owner):
    owner.post(f"{HOME}/pause")
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert accounts.by_id(stand.account.id).state == "paused"
    assert "Работу приостановил сотрудник" in owner.get(HOME).text
    assert stand.leads_of(record) == []
    assert audit.page(stand.account.id)[0].operator == "irina"


def test_a_notice_stops_nothing(stand, owner):
    stand.book(UNMAPPED)
    stand.settle()

    page = text_of(owner.get(HOME))

    assert "Категория «Маникюр» салона «Тверская» не сопоставлена с направлением" in page
    assert "Всё работает" in page


def test_a_lost_field_is_named_as_people_know_it(stand, owner):
    alarms.raise_alarm(
        stand.account.id, "amocrm.field_gone", "field", "visit_at", {"field_id": 5}, stand.now()
    )

    page = text_of(owner.get(HOME))

    assert "Поле «Дата и время визита» удалено в amoCRM" in page
    assert "Ничего не остановлено" in page


def test_the_account_shows_its_salons(owner, booked):
    page = text_of(owner.get(HOME))

    assert "Тверская YCLIENTS № 41001 работает" in page
    assert "Урал YCLIENTS № 41002 работает" in page


def test_a_viewer_has_no_buttons_and_no_rights(stand, viewer, booked):
    assert "/pause" not in viewer.get(HOME).text
    assert "/replay" not in viewer.get(event_path(stand, booked)).text
    assert "Подключить" not in viewer.get("/admin/").text

    assert viewer.post(f"{HOME}/pause").status_code == 403
    assert viewer.post(f"{event_path(stand, booked)}/replay").status_code == 403
    assert accounts.by_id(stand.account.id).state == "active"


def test_a_viewer_gets_no_message_with_a_phone(stand, owner, viewer, booked):
    path = event_path(stand, booked)

    assert "79990000001" in owner.get(path).text
    assert "79990000001" not in viewer.get(path).text


def test_hours_that_nobody_counted_are_counted_when_somebody_does_again(stand, owner, booked):
    figures.roll_up(stand.ctx)
    stand.world.clock.advance(3600)
    stand.book(LASER_ARMPITS, client=("Иван", "+79990000002"))
    stand.settle()
    stand.world.clock.advance(6 * 3600)

    figures.roll_up(stand.ctx)

    assert "Новых сделок 2" in text_of(owner.get("/admin/"))


def test_an_account_where_no_salon_works_yet_is_led_to_the_guide(stand, owner):
    assert "Закончить настройку" not in owner.get(HOME).text

    db.run("UPDATE branches SET mode = 'observe'")

    assert f'href="{HOME}/guide">Закончить настройку' in owner.get(HOME).text


def test_what_was_only_observed_is_no_new_lead(stand, owner):
    stand.configure(CONFIGURATION.read_text(encoding="utf-8").replace("mode: active", "mode: observe"))
    stand.book(LASER_ARMPITS)
    stand.settle()

    figures.roll_up(stand.ctx)

    assert "Новых сделок 0" in text_of(owner.get("/admin/"))
