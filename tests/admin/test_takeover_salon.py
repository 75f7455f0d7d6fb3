"""The page of a salon's switch: conditions in words, one button, a timeline, and the way to call it off."""

import pytest

from backend.core.rules.configuration import Mode
from backend.core.takeover.cutover import State
from backend.flows.rules import configuration, configuration_edit, configuration_import
from backend.store import audit, configs, cutovers, operators, writers
from tests.admin.conftest import PASSWORD, Browser
from tests.support import moving
from tests.support.get8 import ADDRESS
from tests.support.stand import DOMAIN, LASER_ARMPITS, TVERSKAYA, URAL
from tests.support.stand_fixtures import get8, new_get8

__all__ = ["get8", "new_get8"]

PAGE = f"/admin/accounts/{DOMAIN}/takeover/salons/{TVERSKAYA}"
ALL = f"/admin/accounts/{DOMAIN}/takeover/salons"


@pytest.fixture
def salon(get8):
    """Ready for the button."""
    get8.book(LASER_ARMPITS, at="+20")
    get8.settle()
    moving.prepare(get8)
    return get8


def signed_in(stand, role="owner"):
    operators.add(role, PASSWORD, role, stand.now())
    opened = Browser(stand)
    assert opened.sign_in(role).status_code == 303
    return opened


def test_a_salon_that_is_not_ready_says_what_to_do_and_cannot_be_switched(get8):
    owner = signed_in(get8)
    shown = owner.get(PAGE).text

    assert "Сверка не пройдена" in shown
    assert "Нужно 7 дней или 300 записей" in shown
    assert f'href="/admin/accounts/{DOMAIN}/takeover/shadow">Открыть</a>' in shown
    assert 'value="start"' not in shown
    owner.post(PAGE, act="start")
    moving.walk(get8)
    after = owner.get(PAGE).text
    assert "Не готово: " in after
    assert "Салон остался на GET8" in after


def test_the_button_the_timeline_and_the_end(salon):
    owner = signed_in(salon)
    before = owner.get(PAGE).text
    assert 'value="start"' in before
    assert f'value="{ADDRESS}' in before

    assert owner.post(PAGE, act="start").status_code == 303
    moving.walk(salon, State.DRAINING)
    draining = owner.fragment(PAGE).text
    done = moving.walk(salon)
    after = owner.get(PAGE).text

    assert "Салон станет нашим в " in draining
    assert "Перед переключением" not in draining
    assert "Отменить переключение" in draining
    assert done.state is State.DONE
    assert "Салон переключён" in after
    assert "Пишет Мостик" in after
    assert "Отменить переключение" not in after
    assert "Из списка салона убрано: " + ADDRESS in after
    assert "cutover.start" in [line.action for line in audit.page(salon.account.id)]


def test_nothing_is_configured_while_it_is_switched(salon):
    owner = signed_in(salon)
    owner.post(PAGE, act="start")
    moving.walk(salon, State.ANNOUNCED)
    number = configs.current(salon.account.id).number
    mode = configuration_edit.set_mode(salon.ctx, salon.account, URAL, Mode.OFF, "irina")

    assert [problem.code for problem in mode.problems] == ["takeover_cutover.frozen"]
    shown = owner.post(f"/admin/accounts/{DOMAIN}/salons/{URAL}/mode", mode="off")
    assert shown.status_code in (200, 303, 422)
    assert configs.current(salon.account.id).number == number
    moving.walk(salon, State.WATCHING)
    assert configuration_edit.set_mode(salon.ctx, salon.account, URAL, Mode.OFF, "irina").number


def test_a_salon_of_get8_is_not_switched_on_by_a_form(salon):
    result = configuration_edit.set_mode(salon.ctx, salon.account, TVERSKAYA, Mode.ACTIVE, "irina")

    assert [problem.code for problem in result.problems] == ["takeover_cutover.not_yet_ours"]


def test_a_salon_of_ours_does_not_fall_silent_by_a_form_or_by_an_older_version(salon):
    before = configs.current(salon.account.id).number
    signed_in(salon).post(PAGE, act="start")
    moving.walk(salon)
    result = configuration_edit.set_mode(salon.ctx, salon.account, TVERSKAYA, Mode.OBSERVE, "irina")
    restored = configuration_import.restore(salon.ctx, salon.account, before, "irina")

    assert [problem.code for problem in result.problems] == ["takeover_cutover.ours_now"]
    assert restored.number
    assert configuration.current(salon.account.id).branch(TVERSKAYA).mode is Mode.ACTIVE


def test_it_can_be_called_off_until_it_is_ours(salon):
    owner = signed_in(salon)
    owner.post(PAGE, act="start")
    moving.walk(salon, State.ANNOUNCED)
    assert owner.post(PAGE, act="cancel").status_code == 303
    moving.walk(salon)

    assert "Отменено человеком" in owner.get(PAGE).text
    late = owner.post(PAGE, act="cancel")
    assert late.status_code == 422
    assert "Отменить уже нельзя" in late.text


def test_a_closed_list_asks_a_person_to_switch_the_other_one_off(salon):
    salon.world.yclients.options(hooks_settings="404")
    owner = signed_in(salon)
    owner.post(PAGE, act="start")
    for _ in range(40):
        moving.works(salon)
        salon.world.clock.advance(20)
    waiting = owner.get(PAGE).text

    assert moving.now(salon).state is State.STOPPING
    assert writers.of_salon(salon.account.id, TVERSKAYA).writer == "get8"
    assert "Я выключил GET8 для этого салона" in waiting
    salon.get8.switch(TVERSKAYA, False)
    assert owner.post(PAGE, act="stopped").status_code == 303
    assert moving.walk(salon).state is State.DONE


def test_a_group_waits_for_the_pilot_and_then_goes_one_after_another(salon):
    owner = signed_in(salon)
    assert owner.post(ALL, salon=str(URAL)).status_code == 422
    owner.post(PAGE, act="start")
    moving.walk(salon)
    salon.pass_time(3 * 86400 + 60)
    assert "Переключить отмеченные" in owner.get(ALL).text

    assert owner.post(ALL, salon=str(URAL)).status_code == 303
    ended = moving.walk(salon, company=URAL)
    assert ended.state is State.FAILED_BACK
    assert ended.kept["why"] == "takeover_cutover.not_ready"
    assert cutovers.newest(salon.account.id, TVERSKAYA).state is State.DONE


def test_a_viewer_sees_it_and_presses_nothing(salon):
    viewer = signed_in(salon, "viewer")

    assert 'value="start"' not in viewer.get(PAGE).text
    assert viewer.post(PAGE, act="start").status_code == 403
    assert cutovers.newest(salon.account.id, TVERSKAYA) is None


def test_another_salon_is_nobodys(salon):
    owner = signed_in(salon)

    assert owner.get(f"{ALL}/777").status_code == 404
    assert owner.post(PAGE, act="explode").status_code == 400
