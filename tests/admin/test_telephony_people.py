"""Whose phone is whose: saved as one more version, with guesses from names and from the calls themselves."""

import pytest

from backend.core.telephony.rules import Person
from backend.flows.rules import configuration, schemas
from backend.store.telephony import pbxes
from backend.store.telephony.pbxes import Pbx
from tests.admin.calling import keep, stand
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import ANNA, DOMAIN, OLGA, PETR

__all__ = ["stand"]

PEOPLE = f"{HOME}/telephony/people"


def people(stand):
    return configuration.current(stand.account.id).telephony.people


def sent(owner, *rows, **more):
    """The form with these rows: (user, extension) each, and further fields by name."""
    page = owner.get(PEOPLE).text
    base = page.split('name="base" value="')[1].split('"')[0]
    fields = {"base": base, "row": [str(n) for n in range(len(rows))]}
    for number, (user, extension) in enumerate(rows):
        fields |= {f"user-{number}": str(user), f"extension-{number}": extension}
    return owner.post(PEOPLE, **{**fields, **more})


def test_the_page_shows_everybody_who_works_there(stand, owner):
    stand.rules(people=(Person(ANNA, "101"),))

    page = owner.get(PEOPLE).text

    assert page.count("<fieldset>") == 3
    assert 'name="extension-0"' in page
    assert 'value="101"' in page


def test_phones_are_given_and_taken(stand, owner):
    answer = sent(
        owner, (ANNA, "101"), (OLGA, "201"), (PETR, ""),
        **{"phones-1": "olga-mobile, 202", "opens-1": "1", "timeout-1": "20", "variables-1": "DESK=2"},
    )  # fmt: skip

    assert answer.status_code == 303
    assert people(stand) == (
        Person(ANNA, "101"),
        Person(OLGA, "201", ("olga-mobile", "202"), opens_cards=True, timeout=20, variables={"DESK": "2"}),
    )
    assert "DESK=2</textarea>" in owner.get(PEOPLE).text
    assert "201" in text_of(owner.get(f"{HOME}/audit"))


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"extension-1": "1 0 2"}, "extension-1", "без пробелов"),
        ({"extension-1": "101"}, "extension-1", "уже есть: Анна"),
        ({"phones-1": "a@b"}, "phones-1", "без пробелов"),
        ({"channel-1": "PJSIP/{extension}\r\nAction: Login"}, "channel-1", "перевод строки"),
        ({"channel-1": "PJSIP/{extension}&PJSIP/1"}, "channel-1", "Канал"),
        ({"caller_id-1": "one,two"}, "caller_id-1", "без запятых"),
        ({"context-1": "from crm"}, "context-1", "Контекст"),
        ({"timeout-1": "500"}, "timeout-1", "120"),
        ({"variables-1": "DESK=1,A=2"}, "variables-1", "Имя переменной"),
        ({"extension-1": "", "phones-1": "202"}, "extension-1", "Сначала"),
        ({"user-1": ""}, "user-1", "Заполните"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(stand, owner, more, field, said):
    before = people(stand)

    answer = sent(owner, (ANNA, "101"), (OLGA, "102"), **more)

    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text
    assert said in answer.text.split(f'id="{field}-problem">')[1].split("</span>")[0]
    assert people(stand) == before


def test_a_phone_called_like_a_person_is_proposed(stand, owner):
    stand.rules(people=(Person(ANNA, "101"),))
    keep(stand, rings=["olga_mobile"])

    page = owner.get(PEOPLE)

    assert "Телефон так и зовётся: olga_mobile" in page.text
    assert 'value="olga_mobile"' in page.text
    assert people(stand) == (Person(ANNA, "101"),), "a guess is offered, never taken"


def test_a_phone_that_talks_with_somebodys_clients_is_proposed(stand, owner):
    stand.rules(people=(Person(ANNA, "101"),))
    for n in range(4):
        stand.world.amocrm.ui_contact(DOMAIN, user_id=PETR, name=f"Клиент {n}", phones=[f"+7999000110{n}"])
    stand.work()
    for n in range(4):
        keep(stand, talks=[("204", 5, 60)], client_key=f"+7999000110{n}")

    assert "С 204 говорили с клиентами этого сотрудника: 4 разговора из 4" in text_of(owner.get(PEOPLE))


def test_phones_that_nobody_named_are_listed(stand, owner):
    keep(stand, rings=["101", "305"])
    keep(stand, rings=["305"])

    page = owner.get(PEOPLE).text
    unnamed = page.split('id="unnamed"')[1]

    assert "<strong>305</strong>" in unnamed
    assert "<strong>101</strong>" not in unnamed


def test_a_person_may_have_a_phone_on_each_pbx(stand, owner):
    pbxes.save(Pbx(stand.account.id, "cloud", "Облако", kind="cloud"))

    answer = sent(owner, (ANNA, "101"), (ANNA, "101"), **{"pbx-0": "office", "pbx-1": "cloud"})

    assert answer.status_code == 303
    assert people(stand) == (Person(ANNA, "101", pbx="office"), Person(ANNA, "101", pbx="cloud"))
    assert "Ещё один телефон на другой АТС" in owner.get(PEOPLE).text


def test_somebody_who_left_is_told(stand, owner):
    users = [(ANNA, "Анна", True), (OLGA, "Ольга", True), (PETR, "Пётр", False)]
    told = [
        {"id": i, "name": name, "is_admin": i == ANNA, "is_active": is_active} for i, name, is_active in users
    ]
    stand.world.amocrm.account(DOMAIN, users=told)
    schemas.refresh(stand.account.id, stand.ctx.amo(stand.account.id))

    assert "Пётр больше не работает в amoCRM" in text_of(owner.get(PEOPLE))


def test_a_viewer_looks_only(stand, viewer):
    assert viewer.get(PEOPLE).status_code == 200
    assert viewer.post(PEOPLE).status_code == 403
