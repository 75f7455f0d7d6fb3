"""What a click asks for is changed in a real browser: saved at once, then the PBX says what it thinks."""

import dataclasses

import pytest
from playwright.sync_api import expect

from backend.store.telephony import pbxes
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.rights import Account
from tests.support.calls import CallStand
from tests.support.stand import DOMAIN

HUB = f"/admin/accounts/{DOMAIN}/telephony"


@pytest.fixture
def live(open_live):
    opened = open_live(network=CallStand)
    opened.add("irina")
    return opened


def test_3b_the_pbx_says_at_once_what_is_wrong_with_a_change(live, visit):
    visitor = visit(live)
    visitor.sign_in()
    with Asterisk() as asterisk:
        account, known = Account(), pbxes.by_id(live.stand.pbx.id)
        here = {"port": asterisk.port, "login": account.name, "secret": account.secret}
        pbxes.save(dataclasses.replace(known, host="127.0.0.1", **here))
        visitor.go(f"{HUB}/formats")

        visitor.page.get_by_label("Контекст", exact=True).fill("nowhere")
        visitor.press("Сохранить")
        expect(visitor.page.locator("#asked")).to_contain_text("АТС не знает контекста «nowhere»")
        visitor.go(HUB)
        expect(visitor.page.locator("#telephony")).to_contain_text("АТС не знает контекста «nowhere»")

        visitor.go(f"{HUB}/formats")
        visitor.page.get_by_label("Контекст", exact=True).fill("from-crm")
        visitor.press("Сохранить")
        expect(visitor.page.locator("#asked")).to_contain_text("АТС примет щелчок")
