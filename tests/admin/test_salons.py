"""The salons screens: the list, what is checked and switched, settings, leaving, what stopped."""

import pytest

from backend.store import alarms, connections
from tests.admin.salon_pages import KAZAN, ONE, SALONS, base, branch, by_login, flash, network, text_of, trail
from tests.support.stand import ANNA, LASER_ARMPITS, PETR, TVERSKAYA, URAL, VERA, WAITING_LIST

__all__ = ["network"]

OTHER = "https://other.example.test/hook"


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


def test_the_time_zone_of_yclients_comes_back(stand, owner):
    fields = {"title": "Тверская", "responsible_id": ANNA, "skipped": WAITING_LIST}
    owner.post(ONE, base=base(stand), timezone="Asia/Omsk", **fields)
    assert connections.get(stand.account.id, TVERSKAYA).timezone == "Asia/Omsk"

    owner.post(ONE, base=base(stand), timezone="", **fields)

    assert branch(stand).timezone is None
    assert connections.get(stand.account.id, TVERSKAYA).timezone == "Europe/Moscow"


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
