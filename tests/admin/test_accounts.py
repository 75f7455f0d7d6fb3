"""The list of accounts: finding one among many, without a query for each."""

import pytest

from backend.store import accounts, alarms, db, hour_figures
from backend.store.accounts import Tokens
from backend.store.hour_figures import Requests
from tests.admin.conftest import HOME
from tests.admin.reading import text_of

LIST = "/admin/accounts"


def install(stand, number):
    return accounts.install(
        stand.now(), domain=f"salon{number}.amocrm.ru", crm_id=31000000 + number, name=f"Сеть {number}",
        timezone="Europe/Moscow", user_id=1, tokens=Tokens("a", "r", stand.now()),
    )  # fmt: skip


@pytest.fixture
def network(stand):
    """Sixty more accounts."""
    return [install(stand, number) for number in range(60)]


def test_an_account_stands_there_with_its_state_and_requests(stand, owner, booked):
    hour_figures.add_requests(stand.now(), [Requests(stand.account.id, amo=1234, yclients=56)])
    alarms.raise_alarm(stand.account.id, "category_unmapped", "notice", "41001:509", {}, stand.now())

    page = text_of(owner.get(LIST))

    assert "lotos.amocrm.ru" in page
    assert "amoCRM 1234 (0 %) YCLIENTS 56" in page
    assert "1 предупреждение" in page


def test_requests_of_the_hour_before_last_are_forgotten(stand, owner):
    hour_figures.add_requests(stand.now(), [Requests(stand.account.id, amo=1234)])

    stand.world.clock.advance(2 * 3600)

    assert "1234" not in owner.get(LIST).text


def test_one_is_found_by_name_and_address(owner, network):
    by_name, by_address = owner.get(f"{LIST}?q=СЕТЬ 17"), owner.get(f"{LIST}?q=salon17.")

    for answer in (by_name, by_address):
        assert "salon17.amocrm.ru" in answer.text
        assert "salon18.amocrm.ru" not in answer.text
        assert "Нашёлся 1" in answer.text


def test_a_state_narrows_the_list(stand, owner, network):
    owner.post(f"{HOME}/pause")

    page = owner.get(f"{LIST}?mood=paused").text

    assert "lotos.amocrm.ru" in page
    assert "salon1.amocrm.ru" not in page


def test_nothing_found_says_so(owner):
    assert "Ничего не нашлось" in owner.get(f"{LIST}?q=nobody").text


def test_many_come_in_pages(owner, network):
    first, second = owner.get(LIST).text, owner.get(f"{LIST}?page=2").text

    assert "Страница 1 из 2" in first
    found = [f"salon{n}.amocrm.ru" for n in range(60)]
    assert all((domain in first) != (domain in second) for domain in found)
    assert "Страница 2 из 2" in owner.get(f"{LIST}?page=99").text
    assert "Страница 1 из 2" in owner.get(f"{LIST}?page=x").text


def queries(monkeypatch, browser, path):
    counted, execute = [], db.database.obj.execute_sql

    def counting(sql, *rest, **more):
        counted.append(sql)
        return execute(sql, *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(db.database.obj, "execute_sql", counting)
        assert browser.get(path).status_code == 200
    return len(counted)


def test_more_accounts_ask_no_more_queries(stand, owner, monkeypatch):
    few = queries(monkeypatch, owner, LIST)
    for number in range(30):
        install(stand, number)

    assert queries(monkeypatch, owner, LIST) == few


def test_the_list_holds_the_buttons_for_those_who_may_act(owner, viewer):
    assert f'action="{HOME}/pause"' in owner.get(LIST).text
    assert f'action="{HOME}/pause"' not in viewer.get(LIST).text


def test_a_pause_in_the_list_stays_in_the_list(owner):
    answer = owner.post(f"{HOME}/pause", next=f"{LIST}?q=lotos")

    assert answer.location == f"{LIST}?q=lotos"
    assert f'action="{HOME}/resume"' in owner.get(LIST).text


def test_a_button_never_leads_elsewhere(owner):
    assert owner.post(f"{HOME}/pause", next="https://evil.example/").location == "/admin/"
