"""The story of one event, from what came to what was answered."""

import pytest

from backend.store import accounts, audit, db
from backend.store.accounts import Tokens
from tests.admin.conftest import HOME
from tests.admin.reading import event_path, text_of
from tests.support.stand import ANNA, EPILATION, LASER_ARMPITS, STAGES


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
    assert 'data-live="5"' in before
    assert 'data-live="5"' not in after


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
    assert audit.page(stand.account.id)[0].action == "event.replayed"


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


def test_candidates_are_shown_with_what_was_thought_of_each(stand, owner):
    complaint = stand.open_lead(EPILATION, STAGES[EPILATION] + 9)
    stand.open_lead(
        EPILATION, STAGES[EPILATION], client=complaint["_embedded"]["contacts"][0]["id"], user=ANNA
    )
    stand.settle()
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    page = text_of(owner.get(event_path(stand, record)))

    assert "ни салон, ни направление не указаны" in page
    assert "не тот этап или воронка" in page


def test_a_change_is_shown_with_the_value_before(stand, owner):
    stand.open_lead(EPILATION, STAGES[EPILATION])
    stand.settle()
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    page = text_of(owner.get(event_path(stand, record)))

    assert "Этап Новая заявка → Записан" in page
