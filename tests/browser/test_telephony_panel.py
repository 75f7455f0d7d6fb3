"""Connecting a PBX in a real browser: the text for Asterisk is copied, the first look happens by itself, and
calls come to the list without a press.
"""

import re

import pytest
from playwright.sync_api import expect

from backend.store.telephony import calls, pbxes
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.rights import Account
from tests.support.calls import CallStand
from tests.support.stand import DOMAIN, OLGA

HUB = f"/admin/accounts/{DOMAIN}/telephony"


@pytest.fixture
def live(open_live):
    opened = open_live(network=CallStand)
    opened.add("irina")
    return opened


def test_a_pbx_is_connected_from_nothing(live, visit):
    for one in pbxes.of_account(live.stand.account.id):
        pbxes.remove(one.id)
    visitor = visit(live, permissions=["clipboard-read", "clipboard-write"])
    visitor.sign_in()
    visitor.go(HUB)
    visitor.follow("Подключить АТС")
    visitor.follow("Подключить Asterisk")
    page = visitor.page
    secret = page.get_by_label("Пароль", exact=True).input_value()

    page.locator("details.snippet").first.get_by_role("button", name="Скопировать").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"secret = {secret}" in copied

    with Asterisk(accounts=[Account(name="mostik", secret=secret)]) as asterisk:
        page.get_by_label("Как называть").fill("Офис")
        page.get_by_label("Адрес станции").fill("127.0.0.1")
        page.get_by_label("Порт").fill(str(asterisk.port))
        page.get_by_label("Шифровать соединение").uncheck()
        visitor.press("Сохранить")
        expect(page.locator("#tested")).to_contain_text("Станция отвечает: Asterisk 16")

        asterisk.allow(Account(name="mostik", secret="another"))
        visitor.press("Проверить")
        expect(page.locator("#tested")).to_contain_text("не приняла имя или пароль")

    assert secret not in page.content()


def test_calls_come_to_the_list_by_themselves(live, visit):
    visitor = visit(live)
    visitor.sign_in()
    visitor.go(f"{HUB}/calls")
    expect(visitor.page.locator("#calls")).to_contain_text("Звонков ещё не было")

    call = live.stand.call(talks=[("102", 8, 68)])
    calls.save(live.stand.account.id, call, now=live.stand.now(), user_id=OLGA, client_key="+79990001122")

    expect(visitor.page.locator("#calls")).to_contain_text("+7 999 000-11-22", timeout=15_000)
    visitor.page.get_by_label("Какие").select_option("missed")
    expect(visitor.page.locator("#calls")).to_contain_text("Таких звонков нет")
    expect(visitor.page).to_have_url(re.compile("kind=missed"))
