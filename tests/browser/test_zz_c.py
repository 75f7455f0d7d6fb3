import pytest
from tests.browser.visitor import PHONE, WIDE
from tests.support.stand import DOMAIN
from backend.flows.rules import configuration_edit, configuration
from dataclasses import replace
from backend.core.rules.sections import *
@pytest.mark.parametrize("scheme", ["light","dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_shoot(live, visit, scheme, size):
    acc=live.stand.account
    n=configuration.number(acc.id)
    r=configuration_edit.edit(live.stand.ctx, acc, n, ("tasks",), lambda b: replace(b, tasks=(TaskRule(TaskWhen.UNMARKED,hours=24),TaskRule(TaskWhen.BOOKED,days=-1,text="Подтвердить визит: {клиент}, {дата}",user_id=7000002)), texts={TextName.MOVED_NOTE:"Перенос с {было} на {дата|день недели}, {дата}"}), "x")
    v=visit(live, viewport=size, color_scheme=scheme); v.sign_in()
    v.go(f"/admin/accounts/{DOMAIN}/wording?text=booking_note")
    v.page.screenshot(path=f"/root/w/C/shots/{scheme}-{size['width']}.png", full_page=True)
    v.page.fill("#template","{клинт} и {дата|где}"); v.page.wait_for_timeout(900)
    v.page.screenshot(path=f"/root/w/C/shots/{scheme}-{size['width']}-bad.png", full_page=False)
