"""Connections to PBXes: added, tried, changed and removed; their secrets go in and never come out."""

import dataclasses
from zoneinfo import ZoneInfo

import pytest

from backend.flows.people import sessions
from backend.store import audit, events
from backend.store.telephony import pbxes, readings
from sandbox.asterisk.emulator import Asterisk
from sandbox.asterisk.rights import EVERYTHING, Account
from tests.admin.calling import keep, stand
from tests.admin.conftest import HOME, Browser
from tests.admin.reading import text_of
from tests.support.stand import ANNA, DOMAIN

__all__ = ["stand"]

LIST = f"{HOME}/telephony/connections"
OFFICE = f"{LIST}/office"
FORM = {"title": "Склад", "host": "10.0.0.9", "port": "5038", "login": "mostik", "is_on": "1"}
SECRET = "a-very-own-secret"


@pytest.fixture
def asterisk():
    with Asterisk() as opened:
        yield opened


def point_at(stand, opened, **more):
    """The connection of the stand leads to this Asterisk, with its own account."""
    account = Account()
    here = {"host": "127.0.0.1", "port": opened.port, "login": account.name, "secret": account.secret}
    pbxes.save(dataclasses.replace(pbxes.by_id(stand.pbx.id), **{**here, **more}))


def saved(stand, code):
    return pbxes.by_code(stand.account.id, code)


def test_a_new_connection_comes_with_a_password_and_what_to_write_into_asterisk(stand, owner):
    page = owner.get(f"{LIST}/new/asterisk")
    secret = page.text.split('name="secret"')[1].split('value="')[1].split('"')[0]

    assert len(secret) > 20
    assert f"secret = {secret}" in page.text
    assert "read = call,cdr,agent,user" in page.text
    assert "timestampevents = yes" in page.text


def test_a_new_asterisk_begins_encrypted(stand, owner):
    page = owner.get(f"{LIST}/new/asterisk").text

    assert 'value="5039"' in page
    assert "checked" in page.split('name="tls"')[1].split(">")[0]
    assert "tlsbindaddr = 0.0.0.0:5039" in page


def complaint(answer, field):
    return answer.text.split(f'id="{field}-problem">')[1].split("</span>")[0]


def test_a_connection_is_added_and_its_secret_never_shown_again(stand, owner):
    answer = owner.post(f"{LIST}/new/asterisk", **FORM, secret=SECRET)

    assert answer.status_code == 303
    found = saved(stand, "pbx1")
    assert (found.title, found.host, found.port, found.login) == ("Склад", "10.0.0.9", 5038, "mostik")
    assert found.secret == SECRET
    page = owner.get(f"{LIST}/pbx1").text
    assert SECRET not in page
    assert f"/telephony/route/{found.token}" in page
    trail = text_of(owner.get(f"{HOME}/audit"))
    assert "АТС подключена" in trail
    assert SECRET not in trail


def test_an_empty_secret_stays_as_it_is(stand, owner):
    owner.post(OFFICE, **FORM, secret="")

    assert saved(stand, "office").secret == "not-a-secret"
    assert saved(stand, "office").title == "Склад"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "Заполните"),
        ("host", "http://10.0.0.9", "без http://"),
        ("host", "10.0.0.9\r\nAction: Login", "без http://"),
        ("port", "70000", "от 1 до 65535"),
        ("login", "crm\r\nEvents: on", "В одну строку"),
        ("secret", "one\ntwo", "В одну строку"),
        ("options.ca", "not a certificate", "Это не сертификат"),
        ("options.fingerprint", "ab:cd", "SHA-256"),
        ("tables", "http://10.0.0.5/cdr", "не адрес таблиц"),
        ("zone", "Mars/Olympus", "часового пояса нет"),
        ("route_from", "10.0.0.5, office", "«office» — не адрес"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(stand, owner, field, value, said):
    answer = owner.post(OFFICE, **{**FORM, "secret": "", field: value})

    assert answer.status_code == 422
    assert said in complaint(answer, field)
    assert saved(stand, "office").title == "Офис"


def test_what_to_write_into_the_pbx_is_shown_before_anything_is_saved(stand, owner):
    """The password is to be seen only until then."""
    answer = owner.post(
        f"{LIST}/new/asterisk", **{**FORM, "host": "", "login": "salons", "tls": "1", "look": "1"}
    )

    assert answer.status_code == 200
    assert "[salons]\nsecret = " in answer.text
    assert f"tlsbindaddr = 0.0.0.0:{FORM['port']}" in answer.text
    assert "Заполните" not in answer.text
    assert [one.code for one in pbxes.of_account(stand.account.id)] == ["office"]


def test_two_connections_share_neither_a_name_nor_a_pbx(stand, owner):
    pbxes.save(
        dataclasses.replace(
            pbxes.by_id(stand.pbx.id), id=0, token="", code="yard", title="Двор", host="10.0.0.8", port=5038
        )
    )

    named = owner.post(OFFICE, **{**FORM, "title": "двор"})
    twice = owner.post(OFFICE, **{**FORM, "host": "10.0.0.8"})

    assert named.status_code == twice.status_code == 422
    assert "Так уже называется другая АТС" in complaint(named, "title")
    assert "Эта АТС уже подключена: «Двор»" in complaint(twice, "host")
    off = {name: value for name, value in FORM.items() if name != "is_on"}
    assert owner.post(OFFICE, **{**off, "host": "10.0.0.8"}).status_code == 303, "what is off hears nothing"
    assert owner.post(OFFICE, **{**FORM, "port": "5039", "host": "10.0.0.8"}).status_code == 303


def test_what_was_saved_a_moment_ago_is_not_called_abandoned(stand, owner):
    owner.post(f"{LIST}/new/asterisk", **FORM, secret=SECRET)

    assert "Подключаемся…" in text_of(owner.get(f"{LIST}/pbx1?try=1"))
    assert "некому дойти" in text_of(owner.get(f"{LIST}/pbx1"))


def test_files_of_this_machine_are_opened_by_the_people_of_the_installation_only(stand, owner):
    tables = {"tables": "sqlite:////var/log/asterisk/master.db"}
    admin = Browser(stand)
    with admin.client.session_transaction() as session:
        session.update(sessions.begun_by_admin(stand.account, ANNA, "Анна", stand.now()))

    refused = admin.post(OFFICE, **FORM, **tables)

    assert refused.status_code == 422
    assert "открывают только сотрудники установки" in refused.text
    assert owner.post(OFFICE, **FORM, **tables).status_code == 303
    assert admin.post(OFFICE, **FORM, **tables).status_code == 303, "what stands there already may stay"


def test_the_password_of_the_tables_is_kept_and_not_shown(stand, owner):
    owner.post(OFFICE, **FORM, tables="mysql://reader@10.0.0.5/asteriskcdrdb", tables_secret="p@ss/word")
    assert saved(stand, "office").options["tables"] == "mysql://reader:p%40ss%2Fword@10.0.0.5/asteriskcdrdb"

    page = owner.get(OFFICE).text
    assert "mysql://reader@10.0.0.5/asteriskcdrdb" in page
    assert "p%40ss" not in page

    owner.post(OFFICE, **FORM, tables="mysql://reader@10.0.0.5/asteriskcdrdb", tables_secret="")
    assert "p%40ss" in saved(stand, "office").options["tables"]

    owner.post(OFFICE, **FORM, tables="mysql://reader@10.0.0.6/asteriskcdrdb", tables_secret="")
    assert "p%40ss" not in saved(stand, "office").options["tables"]


def check(owner):
    return text_of(owner.post(f"{OFFICE}/check"))


def test_a_connection_that_works_is_said_to(stand, owner, asterisk):
    point_at(stand, asterisk)

    said = check(owner)

    assert "Станция отвечает: Asterisk 16" in said
    assert "Не получилось" not in said


def test_a_wrong_password_is_named(stand, owner, asterisk):
    point_at(stand, asterisk, secret="another")

    assert "АТС не приняла имя или пароль" in check(owner)


def test_an_address_where_nobody_answers_is_named(stand, owner, asterisk):
    point_at(stand, asterisk)
    asterisk.stop()

    assert "По этому адресу никто не отвечает" in check(owner)


def test_a_name_that_no_server_has_is_told_in_words(stand, owner):
    pbxes.save(dataclasses.replace(pbxes.by_id(stand.pbx.id), host="nobody.invalid"))

    said = check(owner)
    assert "Сервера с таким именем нет: nobody.invalid." in said
    assert "known" not in said


def test_rights_that_are_too_wide_or_missing_are_named(stand, owner, asterisk):
    point_at(stand, asterisk)
    asterisk.allow(Account(write=EVERYTHING))
    assert "опасное право: write = command" in check(owner)

    asterisk.allow(Account(write=frozenset({"call", "reporting"})))
    assert "не хватает права: write = originate" in check(owner)


def test_tables_that_cannot_be_read_are_named(stand, owner, asterisk, tmp_path):
    point_at(stand, asterisk, options={"tables": f"sqlite:///{tmp_path / 'nothing.db'}"})

    said = check(owner)

    assert "Станция отвечает" in said
    assert "Не получилось" in said


def test_the_first_look_after_saving_happens_by_itself(stand, owner):
    page = owner.get(f"{OFFICE}?try=1").text

    assert 'hx-trigger="load, submit"' in page
    assert 'hx-trigger="load, submit"' not in owner.get(OFFICE).text


def test_days_are_processed_again(stand, owner):
    subject = f"call:{keep(stand).uniq}"
    day = f"{stand.now().astimezone(ZoneInfo(stand.account.timezone)):%Y-%m-%d}"

    answer = owner.post(f"{OFFICE}/again", since=day, until=day)

    assert answer.status_code == 303
    assert "Дни обрабатываются заново" in text_of(owner.get(OFFICE))
    assert events.of_subject(stand.account.id, subject) == []
    stand.work()
    assert len(events.of_subject(stand.account.id, subject)) == 1
    assert stand.account.id in {entry.account_id for entry in audit.page(stand.account.id)}


def test_only_some_days_at_once(stand, owner):
    answer = owner.post(f"{OFFICE}/again", since="2026-01-01", until="2026-02-01")

    assert answer.status_code == 422
    assert "Не больше 7 дней" in text_of(answer)


@pytest.mark.parametrize("deed", ["token", "remove"])
def test_what_cannot_be_taken_back_wants_a_tick(stand, owner, deed):
    before = saved(stand, "office")

    assert owner.post(f"{OFFICE}/{deed}").status_code == 422
    assert saved(stand, "office").token == before.token


def test_a_secret_address_is_replaced(stand, owner):
    before = saved(stand, "office").token
    owner.post(f"{OFFICE}/token", sure="1")

    assert saved(stand, "office").token != before


def test_a_removed_connection_is_gone_with_its_secrets_and_its_calls_stay(stand, owner):
    row = keep(stand)
    owner.post(f"{OFFICE}/remove", sure="1")

    assert saved(stand, "office") is None
    assert pbxes.by_id(stand.pbx.id).secret == ""
    assert owner.get(f"{HOME}/telephony/calls/{row.id}").status_code == 200
    assert owner.get(OFFICE).status_code == 404


def test_a_cloud_shows_its_address_to_those_who_may_act(stand, owner, viewer):
    owner.post(
        f"{LIST}/new/cloud",
        title="Облако",
        **{"options.url": "https://pbx.example", "options.key": "k3y"},
        secret="s",
        is_on="1",
    )
    token = saved(stand, "pbx1").token

    assert f"/hooks/pbx/{token}" in owner.get(f"{LIST}/pbx1").text
    assert token not in viewer.get(f"{LIST}/pbx1").text
    assert "k3y" not in owner.get(f"{LIST}/pbx1").text


def test_a_kind_that_nobody_knows_is_not_there(stand, owner):
    assert owner.get(f"{LIST}/new/pigeon").status_code == 404


def test_the_status_of_tables_is_told(stand, owner):
    pbxes.save(dataclasses.replace(pbxes.by_id(stand.pbx.id), options={"tables": "mysql://r@10.0.0.5/cdr"}))
    readings.note_trouble(stand.pbx.id, "cel", "tables.unreachable", {"error": "timed out"})

    page = text_of(owner.get(f"{HOME}/telephony"))

    assert "Таблицы «Офис» не работает" in page


def test_the_connection_to_amocrm_is_tried_as_well(stand, owner):
    assert "amoCRM отвечает" not in owner.get(LIST).text
    assert "работают 3 сотрудника" in text_of(owner.post(f"{LIST}/amocrm"))

    stand.world.amocrm.faults(kind="402", domain=DOMAIN, next=1)
    said = owner.post(f"{LIST}/amocrm")
    assert '<li class="bad">' in said.text
    assert "amoCRM отвечает" not in said.text
