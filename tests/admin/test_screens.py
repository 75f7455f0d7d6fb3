"""What the screens show of a day, and what their buttons do."""

import re

import pytest

from backend.store import accounts, alarms, connections, db, events, operators
from backend.store.accounts import Tokens
from backend.store.inbound import Filters
from tests.admin.conftest import HOME
from tests.support.stand import (
    CLEANING,
    CONFIGURATION,
    EPILATION,
    LASER_ARMPITS,
    LASER_LEGS,
    TVERSKAYA,
    UNMAPPED,
    WAITING_LIST,
)


def stored(stand, **filters):
    return events.page(stand.account.id, Filters(**filters))


def event_path(stand, record):
    return f"{HOME}/events/{stand.events(record)[0].id}"


def text_of(answer):
    """What a person reads: without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def booked(stand):
    record = stand.book(LASER_ARMPITS, LASER_LEGS, comment="Аллергия на лидокаин")
    stand.settle()
    return record


# Overview and account


def test_the_overview_says_that_all_is_well(owner, booked):
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


def test_a_delay_is_told_in_words(stand, owner):
    stand.book(LASER_ARMPITS)
    stand.world.deliver()
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
    assert "Загрузите настройки с новым ключом салона" in page
    assert stand.leads_of(record) == []

    answer = owner.post(f"{HOME}/resume")
    stand.settle()

    assert (answer.status_code, answer.location) == (303, HOME)
    assert "Всё работает" in owner.get("/admin/").text
    assert stand.lead_of(record)["price"] == 2500
    assert operators.audit_page(stand.account.id)[0].action == "account.resumed"


def test_a_person_may_pause_and_the_bookings_wait(stand, owner):
    owner.post(f"{HOME}/pause")
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert accounts.by_id(stand.account.id).state == "paused"
    assert "Работу приостановил сотрудник" in owner.get(HOME).text
    assert stand.leads_of(record) == []
    assert operators.audit_page(stand.account.id)[0].operator == "irina"


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

    assert "Тверская YCLIENTS № 41001 активен" in page
    assert "Урал YCLIENTS № 41002 активен" in page


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


# Journal


def test_the_journal_tells_how_each_event_ended(stand, owner, booked):
    page = text_of(owner.get(f"{HOME}/events"))

    assert f"Запись № {booked['id']}" in page
    assert "Открытой сделки этого клиента по направлению «Эпиляция» в салоне «Тверская» не нашлось" in page
    assert "изменение в amoCRM" not in page


def test_the_journal_can_show_everything(owner, booked):
    assert "изменение в amoCRM" in text_of(owner.get(f"{HOME}/events?what=all"))


def test_the_journal_is_searched_and_filtered(stand, owner, booked):
    other = stand.book(CLEANING, client=("Елена", "+79990000002"), staff=WAITING_LIST)
    stand.settle()

    found = text_of(owner.get(f"{HOME}/events?text={other['id']}"))
    nothing = text_of(owner.get(f"{HOME}/events?status=failed"))

    assert f"Запись № {other['id']}" in found
    assert f"Запись № {booked['id']}" not in found
    assert "Ничего не нашлось" in nothing


@pytest.mark.parametrize(
    "query", ["status=unheard-of", "branch=999", "before=x", "before=²", "lead=' OR 1=1", "what=x"]
)
def test_a_strange_filter_is_no_error(owner, query):
    assert owner.get(f"{HOME}/events?{query}").status_code == 200


def test_the_journal_has_pages(stand, owner):
    for number in range(60):
        events.record(
            stand.now(), account_id=stand.account.id, branch_id=None, lane="bookings",
            source="test", subject=f"yclients:41001:{9000 + number}",
             kind="yclients.record", dedup_key=str(number), body="{}",
            settle_seconds=0, status="rejected",
        )  # fmt: skip

    first = owner.get(f"{HOME}/events").text
    earlier = re.search(r'href="([^"]+before=[^"]+)"', first).group(1).replace("&amp;", "&")
    second = owner.get(earlier).text

    assert "№ 9059" in first
    assert "№ 9009" not in first
    assert "№ 9009" in second
    assert "№ 9010" not in second
    assert "every 7s" in first
    assert "every 7s" not in second


def test_an_unreadable_message_is_pointed_at(stand, owner):
    secret = connections.get(stand.account.id, TVERSKAYA).hook_secret
    owner.client.post(f"/hooks/yclients/{secret}", data=b'{"oops <script>alert(1)</script>')

    page = text_of(owner.get(f"{HOME}/events"))
    rejected = text_of(owner.get(f"{HOME}/events?what=all&status=rejected"))
    story = owner.get(f"{HOME}/events/{stored(stand, status='rejected')[0].id}").text

    assert "отклонено — 1" in page
    assert "Сообщение не удалось прочитать" in rejected
    assert "<script>alert" not in story
    assert "&lt;script&gt;alert" in story


# The story of one event


def test_the_story_goes_from_facts_to_answers(stand, owner, booked):
    page = text_of(owner.get(event_path(stand, booked)))

    for part in (
        "Уведомление от YCLIENTS", "Аллергия на лидокаин", "ожидание", "Вера", "Лазер: подмышки 2 500 ₽",
        "7 000 ₽", "Открытых сделок у клиента не было", "создана новая", "Создать сделку",
        "Этап Записан", "Ответственный Анна",
        "Номер записи YCLIENTS", "выполнено", "Ответ amoCRM", str(stand.lead_of(booked)["id"]),
    ):  # fmt: skip
        assert part in page


def test_an_open_event_refreshes_itself_until_it_is_decided(stand, owner):
    record = stand.book(LASER_ARMPITS)
    stand.world.deliver()
    path = event_path(stand, record)

    before = owner.fragment(path).text
    stand.settle()
    after = owner.fragment(path).text

    assert "Решение ещё не принято" in before
    assert "every 5s" in before
    assert "every 5s" not in after


def test_a_superseded_event_says_that_a_newer_one_was_handled(stand, owner):
    record = stand.book(LASER_ARMPITS)
    stand.work()
    stand.edit(record, comment="перезвонить")
    stand.settle()
    (older,) = [event for event in stand.events(record) if event.status == "superseded"]

    page = text_of(owner.get(f"{HOME}/events/{older.id}"))

    assert "пришло более новое состояние записи" in page


def test_our_own_bug_is_told_without_its_insides(stand, owner, booked):
    error = "AttributeError(\"module 'backend' has no attribute\")"
    db.run("UPDATE inbound_events SET status = 'failed', error = %s, reason = NULL", (error,))

    page = text_of(owner.get(event_path(stand, booked)))

    assert "ошибка на нашей стороне" in page
    assert "AttributeError" not in page


def test_an_error_is_told_with_its_details(stand, owner, booked):
    error = "amocrm.refused status=400 path=price detail=Слишком много problem=NotSupported"
    db.run("UPDATE inbound_events SET status = 'rejected', error = %s, reason = NULL", (error,))

    page = text_of(owner.get(event_path(stand, booked)))

    assert "amoCRM не приняла эти данные: Слишком много" in page


def test_replay_asks_again_and_shows_the_new_event(stand, owner, booked):
    before = event_path(stand, booked)

    answer = owner.post(f"{before}/replay")
    stand.settle()

    assert answer.status_code == 303
    assert answer.location != before
    assert "Повтор по просьбе сотрудника" in owner.get(answer.location).text
    assert "В сделке уже всё верно" in owner.get(answer.location).text
    assert len(stand.leads_of(booked)) == 1
    assert operators.audit_page(stand.account.id)[0].action == "event.replayed"


def test_another_accounts_event_does_not_exist_here(stand, owner, booked):
    other = accounts.install(
        stand.now(), domain="other.amocrm.ru", crm_id=5, name="Другой", timezone="Europe/Moscow", user_id=1,
        tokens=Tokens("a", "r", stand.now()),
    )  # fmt: skip
    event_id = stand.events(booked)[0].id

    assert owner.get(f"/admin/accounts/{other.domain}/events/{event_id}").status_code == 404
    assert owner.post(f"/admin/accounts/{other.domain}/events/{event_id}/replay").status_code == 404
    assert owner.get(f"{HOME}/events/{event_id}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/admin/accounts/nobody.amocrm.ru", f"{HOME}/events/999999", f"{HOME}/nothing"]
)
def test_what_is_not_there_is_a_page_that_says_so(owner, path):
    answer = owner.get(path)

    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.text


# Why this lead?


@pytest.mark.parametrize("spelling", ["+79990000001", "8 (999) 000-00-01", "9990000001"])
def test_a_phone_leads_to_the_reasons(stand, owner, booked, spelling):
    page = text_of(owner.get(f"{HOME}/why", query_string={"q": spelling}))

    assert f"Запись № {booked['id']}" in page
    assert f"№ {stand.lead_of(booked)['id']}" in page
    assert "создана новая" in page


def test_a_lead_or_a_booking_number_leads_to_the_reasons(stand, owner, booked):
    lead = stand.lead_of(booked)

    for question in (booked["id"], lead["id"], f"№ {lead['id']}"):
        page = text_of(owner.get(f"{HOME}/why", query_string={"q": question}))
        assert f"Запись № {booked['id']}" in page
        assert "создана новая" in page


def test_a_lead_that_is_not_ours_is_said_to_be_so(stand, owner):
    lead = stand.open_lead(EPILATION, 8100)
    stand.work()

    page = text_of(owner.get(f"{HOME}/why", query_string={"q": lead["id"]}))

    assert "Сделка не связана с записью" in page


def test_a_booking_without_a_lead_says_why(stand, owner):
    record = stand.book(LASER_LEGS, staff=WAITING_LIST)
    stand.settle()

    page = text_of(owner.get(f"{HOME}/why", query_string={"q": record["id"]}))

    assert "Сделки у этой записи нет" in page
    assert "Записи к этому сотруднику исключены" in page


@pytest.mark.parametrize("question", ["404404404", "абв", "9" * 40, "'; DROP TABLE links; --", "%", "²"])
def test_a_question_without_an_answer(owner, question):
    answer = owner.get(f"{HOME}/why", query_string={"q": question})

    assert answer.status_code == 200
    assert "Ничего не нашлось" in answer.text


# Configuration versions


def test_versions_are_shown_and_compared(stand, owner):
    stand.configure(CONFIGURATION.read_text(encoding="utf-8").replace("create: 30", "create: 45"))

    newest = owner.get(f"{HOME}/rules").text
    compared = text_of(owner.get(f"{HOME}/rules?version=2&before=1"))

    assert "create: 45" in newest
    assert "user_token: kept" in newest
    assert "salon-token" not in newest
    assert "options.settle.create 30 45" in compared


@pytest.mark.parametrize("query", ["version=99", "version=1&before=99"])
def test_an_unknown_version_is_not_found(owner, query):
    assert owner.get(f"{HOME}/rules?{query}").status_code == 404


# Pages and fragments


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/admin/", "overview"),
        (HOME, "account"),
        (f"{HOME}/events", "journal"),
        (f"{HOME}/events/1", "story"),
        (f"{HOME}/why?q=1", "answer"),
        (f"{HOME}/rules", "version"),
    ],
)
def test_a_fragment_is_the_same_block_of_the_same_page(owner, path, inside):
    page, fragment = owner.get(path), owner.fragment(path)

    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert f'id="{inside}"' in fragment.text
    assert _still(fragment.text) in _still(page.text)
    assert "HX-Request" in page.headers["Vary"]


def _still(text):
    """Without indentation, which differs, and without the clock."""
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize("header", [{"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}])
def test_boosted_and_restored_pages_are_whole(owner, header):
    answer = owner.get("/admin/", headers={"HX-Request": "true", **header})

    assert "<html" in answer.text


def test_pages_are_not_kept_by_caches(owner):
    assert owner.get("/admin/").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/admin/", HOME, f"{HOME}/events", f"{HOME}/why", f"{HOME}/rules"])
def test_every_text_has_its_words_in_both_languages(owner, path):
    for language in ("ru", "en"):
        owner.post("/admin/language", language=language, next="/admin/")
        page = text_of(owner.get(path))
        assert re.findall(r"\b(?:ui|reason|status|mode|state|todo)\.[a-z_.]+", page) == []
