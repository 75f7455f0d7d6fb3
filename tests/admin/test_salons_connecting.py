"""Salons are connected by login, by key, many at once, or from the marketplace of YCLIENTS."""

import html
import re
from urllib.parse import unquote

import pytest

from backend.flows.people.sessions import begun_by_admin
from backend.flows.rules import configuration
from backend.store import alarms, connections, operators
from tests.admin.salon_pages import (
    APP,
    KAZAN,
    ONE,
    SALONS,
    base,
    branch,
    by_login,
    flash,
    give,
    network,
    text_of,
    trail,
)
from tests.support.stand import ANNA, TVERSKAYA, URAL

__all__ = ["network"]


def test_a_salon_is_connected_by_login_and_only_observed(network, owner):
    choice = by_login(owner)
    page = text_of(owner.get(choice))
    assert "Казань" in page

    answer = owner.post(choice, salon=KAZAN, base=configuration.number(network.account.id), hooks="1")

    assert (answer.status_code, answer.location) == (303, SALONS)
    row = connections.get(network.account.id, KAZAN)
    assert (branch(network, KAZAN).mode, row.mode, row.user_token) == ("observe", "observe", "owner-token")
    urls = network.world.yclients.state(KAZAN)["companies"][0]["urls"]
    assert urls == [f"http://mostik.test/hooks/yclients/{row.hook_secret}"]
    assert "Подключён 1 салон" in flash(owner)
    assert trail(network).action == "salon.connected"
    assert "owner-token" not in str([vars(line) for line in operators.audit_page(network.account.id)])


def test_a_salon_is_connected_by_a_key(network, owner):
    choice = give(owner, way="token", token="owner-token").location

    owner.post(choice, salon=KAZAN, base=base(network))

    assert connections.get(network.account.id, KAZAN).user_token == "owner-token"
    assert network.world.yclients.state(KAZAN)["companies"][0]["urls"] == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"way": "login", "login": "79000000001", "password": "guess"}, "не принял логин или пароль"),
        ({"way": "login", "login": "", "password": ""}, "Заполните"),
        ({"way": "token", "token": "не ключ"}, "не похоже на ключ"),
        ({"way": "token", "token": "stranger"}, "не принимает этот ключ"),
    ],
)
def test_a_refused_access_says_why_beside_the_field(network, owner, fields, sentence):
    answer = give(owner, **fields)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert "guess" not in answer.text


def test_a_second_factor_says_what_to_do_instead(network, owner):
    network.world.yclients.options(second_factor=True)

    answer = give(owner, way="login", login="79000000001", password="secret-example")

    assert "код подтверждения" in text_of(answer)


def test_yclients_out_of_order_is_a_sentence(network, owner):
    network.world.yclients.faults("500", next=1)

    answer = give(owner, way="token", token="owner-token")

    assert (answer.status_code, "YCLIENTS ответил ошибкой" in text_of(answer)) == (422, True)


def test_rights_are_read_in_portions_while_the_person_ticks(network, owner):
    for number in range(8):
        network.world.yclients.company(42000 + number, title=f"Салон {number}")
    network.world.yclients.user("cut-token", login="79000000002", password="secret-example", restricted=True)
    choice = give(owner, way="token", token="cut-token").location
    assert "не проверены" in text_of(owner.get(choice))

    parts = [owner.fragment(choice).text for _ in range(3)]

    assert ["из 11" in part for part in parts] == [True, True, False]
    assert parts[0].count("hx-swap-oob") == 5
    assert "Телефоны клиентов скрыты" in parts[0]
    assert "не найдёт человека в amoCRM" in parts[2]
    assert "не проверены" not in text_of(owner.get(choice))


def test_without_scripts_rights_are_read_by_a_link(network, owner):
    choice = by_login(owner)

    page = text_of(owner.get(f"{choice}?look=1"))

    assert "всё видно" in page


def test_a_large_network_is_connected_in_portions(network, owner):
    for number in range(6):
        network.world.yclients.company(42000 + number, title=f"Салон {number}")
    choice = by_login(owner)

    going_on = owner.post(choice, all="1", base=base(network), hooks="1").location
    page = owner.get(going_on)
    assert "Осталось 2 салона" in text_of(page)
    answer = owner.post(choice, **hidden(page))

    assert answer.location == SALONS
    assert len(configuration.current(network.account.id).branches) == 9
    assert "Подключено 7 салонов" in flash(owner)
    assert all(network.world.yclients.state(42000 + number)["companies"][0]["urls"] for number in range(6))


def test_some_of_a_large_network_are_connected_in_portions(network, owner):
    for number in range(8):
        network.world.yclients.company(42000 + number, title=f"Салон {number}")
    choice, ticked = by_login(owner), [42000 + number for number in range(7)]

    going_on = owner.post(choice, salon=ticked, base=base(network), hooks="1").location
    page = owner.get(going_on)
    owner.post(choice, **hidden(page))

    assert {branch.company_id for branch in configuration.current(network.account.id).branches} >= set(ticked)
    assert branch(network, 42007) is None


def test_hundreds_of_salons_fit_into_the_address(network, owner):
    for number in range(400):
        network.world.yclients.company(4200000 + number, title=f"Салон {number}")

    going_on = owner.post(by_login(owner), all="1", base=base(network)).location

    assert len(going_on) < 500
    assert "Осталось 396 салонов" in text_of(owner.get(going_on))


def hidden(page):
    """What a form sends besides what a person fills in."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text.partition("<main")[2])
    names = {name for name, _ in found} - {"csrf"}
    return {name: [value for given, value in found if given == name] for name in names}


def test_silent_salons_are_told_of(network, owner):
    network.world.yclients.options(hooks_settings="404")
    choice = by_login(owner)

    owner.post(choice, salon=KAZAN, base=base(network), hooks="1")

    assert "Уведомления 1 салона включить не удалось: YCLIENTS не даёт менять" in flash(owner)


def test_nothing_ticked_is_a_sentence(network, owner):
    answer = owner.post(by_login(owner), base=base(network))

    assert (answer.status_code, "Отметьте хотя бы один салон" in text_of(answer)) == (422, True)


def test_somebody_saved_meanwhile(network, owner):
    choice, old = by_login(owner), base(network)
    owner.post(ONE, base=old, title="Тверская, 1", responsible_id=ANNA)

    answer = owner.post(choice, salon=KAZAN, base=old)

    assert (answer.status_code, "Пока вы правили" in text_of(answer)) == (422, True)
    assert branch(network, KAZAN) is None


def test_an_access_that_is_over_begins_anew(network, owner):
    answer = owner.get(f"{SALONS}/connect/made-up")

    assert answer.location == f"{SALONS}/connect"
    assert "Дайте его ещё раз" in flash(owner, f"{SALONS}/connect")


def test_a_refused_key_is_replaced_from_the_screen(network, owner):
    network.world.yclients.change_password("salon-token", "changed")
    network.reconcile()
    page = text_of(owner.get(SALONS))
    assert "YCLIENTS не принимает ключ салона" in page
    assert "Дать доступ заново" in page

    choice = by_login(owner, salon=TVERSKAYA)
    assert choice.endswith(f"salon={TVERSKAYA}")
    assert re.search(rf'value="{TVERSKAYA}"\s+checked', owner.get(choice).text)
    owner.post(choice, salon=TVERSKAYA, base=base(network))

    assert connections.get(network.account.id, TVERSKAYA).paused_code == ""
    assert {alarm.scope_key for alarm in alarms.open_alarms(network.account.id)} == {str(URAL)}
    assert branch(network).mode == "active"
    assert "Доступ обновлён у 1 салона" in flash(owner)


# From the marketplace


def pressed(stand, company=KAZAN, broken=False):
    return stand.world.yclients.owner_connect(company, APP, "partner", broken)


def test_an_owner_signed_in_goes_from_yclients_to_a_connected_salon(network, owner):
    door = owner.client.get("/yclients/marketplace", query_string=pressed(network))
    ask = owner.get(door.location)
    assert "Из YCLIENTS подключают салон № 41003" in text_of(owner.get(ask.location))
    invitation = ask.location.split("invitation=")[1]

    choice = by_login(owner, invitation=unquote(invitation))
    assert re.search(rf'value="{KAZAN}"\s+checked', owner.get(choice).text)
    owner.post(choice, salon=KAZAN, base=base(network))

    assert network.world.yclients.installs[(KAZAN, APP)]["status"] == "active"
    assert branch(network, KAZAN).mode == "observe"


def test_who_has_no_session_is_told_how_to_get_one_and_comes_back(network, browser):
    operators.add("irina", "a long enough password", "owner", network.now())
    door = browser.client.get("/yclients/marketplace", query_string=pressed(network))
    assert (door.status_code, "Почти готово" in text_of(door)) == (200, True)
    onward = html.unescape(re.search(r'href="(/admin/sign-in\?next=[^"]+)"', door.text)[1])

    answer = browser.sign_in("irina", next=onward.split("next=")[1])

    assert "/admin/marketplace/" in answer.location
    assert browser.get(answer.location).status_code == 303


def test_a_redirect_that_yclients_did_not_sign_is_refused(network, owner):
    answer = owner.client.get("/yclients/marketplace", query_string=pressed(network, broken=True))

    assert (answer.status_code, "Подпись YCLIENTS не сошлась" in text_of(answer)) == (403, True)


def test_an_administrator_of_the_account_connects_to_it_without_being_asked(network, browser):
    with browser.client.session_transaction() as session:
        session.update(begun_by_admin(network.account, ANNA, "Анна", network.now()))

    door = browser.client.get("/yclients/marketplace", query_string=pressed(network))

    assert browser.get(door.location).location.startswith(f"{SALONS}/connect?invitation=")


@pytest.mark.parametrize(("token", "status"), [("guess", 403), ("partner", 200)])
def test_the_end_of_an_application_is_heard_from_yclients_only(network, token, status):
    network.world.yclients.owner_connect(TVERSKAYA, APP, "partner")
    network.world.yclients.store.companies[TVERSKAYA].application = {}
    body = {"salon_id": TVERSKAYA, "application_id": APP, "event": "uninstall", "partner_token": token}

    answer = network.app.test_client().post("/yclients/marketplace/events", json=body)

    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert connections.get(network.account.id, TVERSKAYA).paused_code == ""
