"""The salons screens: connecting, looking, switching, leaving; what they say when YCLIENTS refuses."""

import dataclasses
import html
import re
from urllib.parse import unquote

import pytest

from backend.flows.people.sessions import begun_by_admin
from backend.flows.rules import configuration
from backend.store import alarms, connections, operators
from tests.admin.conftest import HOME
from tests.support.stand import ANNA, LASER_ARMPITS, PETR, TVERSKAYA, URAL, VERA, WAITING_LIST

SALONS = f"{HOME}/salons"
ONE = f"{SALONS}/{TVERSKAYA}"
KAZAN, APP = 41003, 5001
OTHER = "https://other.example.test/hook"


def text_of(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def network(stand):
    """A third salon that is not connected, a user who manages all three, and an application of ours."""
    yc = stand.world.yclients
    yc.company(KAZAN, title="Казань", timezone_name="Europe/Moscow", city="Казань")
    yc.user("owner-token", login="79000000001", password="secret-example")
    settings = dataclasses.replace(stand.ctx.settings, yclients_application_id=APP)
    stand.ctx = dataclasses.replace(stand.ctx, settings=settings)
    stand.app.extensions["mostik"] = stand.ctx
    return stand


def base(stand):
    return configuration.number(stand.account.id)


def branch(stand, company=TVERSKAYA):
    return configuration.current(stand.account.id).branch(company)


def trail(stand):
    return operators.audit_page(stand.account.id)[0]


def flash(browser, path=SALONS):
    return text_of(browser.get(path))


def test_the_list_shows_every_salon(stand, owner):
    page = text_of(owner.get(SALONS))

    assert "Тверская YCLIENTS № 41001 работает Анна" in page
    assert "Урал YCLIENTS № 41002 работает Пётр" in page


def test_an_account_without_salons_says_what_to_do(stand, owner):
    for company in (TVERSKAYA, URAL):
        owner.post(f"{SALONS}/{company}/leave", base=base(stand))

    page = text_of(owner.get(SALONS))

    assert "Салонов пока нет" in page
    assert "Подключить салоны" in page


def test_a_viewer_sees_and_does_not_touch(stand, viewer):
    assert "Подключить ещё" not in viewer.get(SALONS).text
    assert 'type="submit">Сохранить' not in viewer.get(ONE).text
    assert viewer.get(f"{SALONS}/connect").status_code == 403
    assert viewer.post(ONE, base=base(stand), title="Чужая").status_code == 403
    assert branch(stand).title == "Тверская"


def test_a_salon_that_is_not_there_is_not_found(owner):
    assert owner.get(f"{SALONS}/99999").status_code == 404
    assert owner.post(f"{SALONS}/99999/mode", mode="off").status_code == 404


# Connecting


def give(browser, **fields):
    return browser.post(f"{SALONS}/connect", **fields)


def by_login(browser, **more):
    answer = give(browser, way="login", login="79000000001", password="secret-example", **more)
    assert answer.status_code == 303, text_of(answer)
    return answer.location


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


# Looking, news, modes


def test_missing_rights_say_what_they_cost_and_what_to_press(stand, owner):
    stand.world.yclients.user("salon-token", restricted=True, companies=[TVERSKAYA, URAL])

    assert owner.post(f"{ONE}/check").location == ONE

    page = text_of(owner.get(ONE))
    assert "Мостик не увидит телефоны клиентов" in page
    assert "разрешите видеть телефоны клиентов" in page
    assert "не хватает 3 прав" in text_of(owner.get(SALONS))


def test_all_salons_are_checked_in_portions(network, owner):
    owner.post(by_login(owner), all="1", base=base(network))

    answer = owner.post(f"{SALONS}/check")

    assert answer.location == f"{SALONS}?checking=1"
    page = text_of(owner.get(answer.location))
    assert page.count("всё видно") == 3
    assert "Проверяем" not in page


def test_notifications_are_connected_by_a_button(stand, owner):
    stand.world.yclients.hooks_url(TVERSKAYA, [OTHER])
    owner.post(f"{ONE}/check")
    assert "YCLIENTS не сообщает Мостику" in text_of(owner.get(ONE))

    owner.post(f"{ONE}/hooks")

    urls = stand.world.yclients.state(TVERSKAYA)["companies"][0]["urls"]
    assert (urls[0], len(urls)) == (OTHER, 2)
    assert "YCLIENTS сообщает Мостику о каждом изменении" in text_of(owner.get(ONE))
    assert (trail(stand).action, trail(stand).subject) == ("salon.hooks_connected", "Тверская")
    assert (trail(stand).before, trail(stand).after) == ({"news": "off"}, {"news": "settings"})


def test_notifications_that_cannot_be_connected_say_what_to_do(stand, owner):
    stand.world.yclients.options(hooks_settings="404")

    owner.post(f"{ONE}/hooks")

    page = text_of(owner.get(ONE))
    assert "Подключите их вручную" in page
    assert connections.get(stand.account.id, TVERSKAYA).hook_secret in page


def test_the_secret_address_is_not_for_viewers(stand, viewer):
    assert connections.get(stand.account.id, TVERSKAYA).hook_secret not in viewer.get(ONE).text


def test_switching_on_is_confirmed_and_leaves_a_line(stand, owner):
    owner.post(f"{ONE}/mode", mode="observe")
    assert branch(stand).mode == "observe"
    assert "только наблюдается" in flash(owner, ONE)
    page = text_of(owner.get(f"{ONE}/switch-on"))
    assert "Настроено 3 маршрута" in page

    owner.post(f"{ONE}/mode", mode="active")

    assert branch(stand).mode == "active"
    line = trail(stand)
    assert (line.operator, line.before, line.after) == (
        "irina", {"branches[41001].mode": "observe"}, {"branches[41001].mode": "active"})  # fmt: skip


def test_switching_on_without_routes_warns(network, owner):
    owner.post(by_login(owner), salon=KAZAN, base=base(network))

    page = text_of(owner.get(f"{SALONS}/{KAZAN}/switch-on"))

    assert "нет ни одного маршрута" in page
    assert "Ответственный не назначен" in page


@pytest.mark.parametrize("mode", ["", "destroy"])
def test_an_unknown_mode_is_refused(stand, owner, mode):
    assert owner.post(f"{ONE}/mode", mode=mode).status_code == 400
    assert branch(stand).mode == "active"


# Settings of one salon


def test_settings_of_a_salon_are_saved_as_a_version(stand, owner):
    before = base(stand)

    answer = owner.client.post(ONE, data={
        "csrf": owner.token(), "base": before, "title": "Тверская, 1", "responsible_id": PETR,
        "timezone": "Europe/Samara", "skipped": [VERA, WAITING_LIST],
    })  # fmt: skip

    assert answer.location == ONE
    saved = branch(stand)
    assert (saved.title, saved.responsible_id, saved.timezone) == ("Тверская, 1", PETR, "Europe/Samara")
    assert saved.excluded_staff == {VERA, WAITING_LIST}
    assert (base(stand), trail(stand).action) == (before + 1, "configuration.saved")


def test_nothing_changed_saves_no_version(stand, owner):
    before = base(stand)

    owner.post(ONE, base=before, title="Тверская", responsible_id=ANNA, skipped=WAITING_LIST)

    assert base(stand) == before
    assert "Ничего не изменилось" in flash(owner, ONE)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"title": " "}, "Заполните"),
        ({"title": "Урал"}, "Такое уже есть, напишите другое."),
        ({"title": "Тверская", "responsible_id": 123}, "нет пользователя 123"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(stand, owner, fields, sentence):
    answer = owner.post(ONE, base=base(stand), **fields)

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'aria-invalid="true"' in answer.text
    assert branch(stand).title == "Тверская"


def test_a_title_cannot_bring_a_script(stand, owner):
    owner.post(ONE, base=base(stand), title="<script>alert(1)</script>", responsible_id=ANNA)

    for path in (SALONS, ONE, f"{ONE}/leave", f"{ONE}/switch-on", f"{SALONS}/connect?salon={TVERSKAYA}"):
        assert "<script>alert" not in owner.get(path).text


# Leaving


def test_a_salon_leaves_after_a_warning(stand, owner):
    page = text_of(owner.get(f"{ONE}/leave"))
    assert "3 его маршрута" in page

    answer = owner.post(f"{ONE}/leave", base=base(stand))

    assert answer.location == SALONS
    assert branch(stand) is None
    assert "«Тверская» отключён" in flash(owner)
    assert trail(stand).before["branches[41001].title"] == "Тверская"


def test_leaving_over_somebody_elses_change_is_looked_at_again(stand, owner):
    old = base(stand)
    owner.post(ONE, base=old, title="Тверская, 1", responsible_id=ANNA)

    answer = owner.post(f"{ONE}/leave", base=old)

    assert (answer.status_code, "Пока вы правили" in text_of(answer)) == (422, True)
    assert branch(stand) is not None


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


# What stopped


def test_a_salon_that_was_mended_elsewhere_is_resumed_alone(stand, owner):
    for company in (TVERSKAYA, URAL):
        connections.pause(stand.account.id, company, "yclients.unpaid")
        alarms.raise_alarm(stand.account.id, "yclients.unpaid", "branch", str(company), {}, stand.now())
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    assert "Лицензия салона в YCLIENTS не оплачена" in text_of(owner.get(ONE))

    owner.post(f"{ONE}/resume")
    stand.settle()

    assert stand.lead_of(record)
    assert connections.get(stand.account.id, URAL).paused_code == "yclients.unpaid"
    assert [alarm.scope_key for alarm in alarms.open_alarms(stand.account.id)] == [str(URAL)]
    assert (trail(stand).action, trail(stand).before) == ("salon.resumed", {"stopped": "yclients.unpaid"})


@pytest.mark.parametrize(
    ("code", "button"), [("yclients.unauthorized", "Дать доступ заново"), ("yclients.frozen", "Возобновить")]
)
def test_the_button_is_the_one_that_helps(stand, owner, code, button):
    connections.pause(stand.account.id, TVERSKAYA, code)

    alarm = owner.get(SALONS).text.split('class="alarm"')[1].split("</table>")[0]

    assert button in alarm.split("<thead>")[0]


def test_the_time_zone_of_yclients_comes_back(stand, owner):
    fields = {"title": "Тверская", "responsible_id": ANNA, "skipped": WAITING_LIST}
    owner.post(ONE, base=base(stand), timezone="Asia/Omsk", **fields)
    assert connections.get(stand.account.id, TVERSKAYA).timezone == "Asia/Omsk"

    owner.post(ONE, base=base(stand), timezone="", **fields)

    assert branch(stand).timezone is None
    assert connections.get(stand.account.id, TVERSKAYA).timezone == "Europe/Moscow"
