"""People: who answers for what is saved in one form; who left amoCRM is seen; likeness is only a hint."""

import html
import re

import pytest

from backend.flows.rules import catalogue, configuration, schemas
from backend.store import connections, operators
from tests.admin.conftest import HOME
from tests.support.stand import ANNA, DOMAIN, INNA, OLGA, PETR, TVERSKAYA, URAL, WAITING_LIST

PEOPLE = f"{HOME}/people"
EPILATION_ROUTE = f"route-{TVERSKAYA}-epilation"


def text_of(answer):
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def base(stand):
    return configuration.number(stand.account.id)


def rules(stand):
    return configuration.current(stand.account.id)


def form_of(page):
    """What a browser would send if nothing was touched."""
    selects = re.findall(r'<select id="([^"]+)"(.*?)</select>', page, re.DOTALL)
    fields = {
        name: (re.findall(r'<option value="([^"]*)"\s+selected', options) or [""])[0]
        for name, options in selects
    }
    for name, value in re.findall(r'name="(skipped-\d+)" value="(\d+)"\s+checked', page):
        fields.setdefault(name, []).append(value)
    return fields


def send(stand, browser, **changes):
    fields = {**form_of(browser.get(PEOPLE).text), "base": base(stand), **changes}
    return browser.client.post(PEOPLE, data={"csrf": browser.token(), **fields})


def test_the_form_sent_untouched_changes_nothing(stand, owner):
    before = base(stand)

    answer = send(stand, owner)

    assert answer.location == PEOPLE
    assert base(stand) == before
    assert "Ничего не изменилось" in text_of(owner.get(PEOPLE))


def test_salons_routes_and_columns_are_saved_in_one_version(stand, owner):
    before = base(stand)

    send(
        stand, owner,
        **{f"salon-{URAL}": OLGA, EPILATION_ROUTE: PETR, f"skipped-{TVERSKAYA}": [INNA, WAITING_LIST]},
    )  # fmt: skip

    saved = rules(stand)
    assert base(stand) == before + 1
    assert saved.branch(URAL).responsible_id == OLGA
    assert saved.route(TVERSKAYA, "epilation").responsible_id == PETR
    assert saved.branch(TVERSKAYA).excluded_staff == {INNA, WAITING_LIST}
    assert saved.route(TVERSKAYA, "cosmetology").responsible_id == OLGA
    assert operators.audit_page(stand.account.id)[0].after["branches[41002].responsible_id"] == OLGA


def test_nobody_chosen_means_as_the_salon(stand, owner):
    send(stand, owner, **{EPILATION_ROUTE: ""})

    assert rules(stand).route(TVERSKAYA, "epilation").responsible_id is None


def test_one_answer_for_all_salons_that_have_nobody(stand, owner):
    send(stand, owner, **{f"salon-{TVERSKAYA}": "", f"salon-{URAL}": ""})
    assert "Всем салонам без ответственного" in text_of(owner.get(PEOPLE))

    send(stand, owner, **{f"salon-{URAL}": PETR, "vacant": OLGA})

    assert (rules(stand).branch(TVERSKAYA).responsible_id, rules(stand).branch(URAL).responsible_id) == (
        OLGA, PETR)  # fmt: skip


def test_a_form_that_does_not_show_a_salon_leaves_it_alone(stand, owner):
    owner.post(PEOPLE, base=base(stand), **{f"salon-{URAL}": OLGA})

    assert rules(stand).branch(TVERSKAYA).responsible_id == ANNA
    assert rules(stand).branch(TVERSKAYA).excluded_staff == {WAITING_LIST}
    assert rules(stand).route(TVERSKAYA, "epilation").responsible_id == ANNA


@pytest.mark.parametrize("field", [f"salon-{TVERSKAYA}", EPILATION_ROUTE])
def test_a_person_who_is_not_there_is_told_beside_the_field(stand, owner, field):
    answer = send(stand, owner, **{field: 123})

    assert answer.status_code == 422
    assert f'id="{field}-problem"' in answer.text
    assert "нет пользователя 123" in text_of(answer)


def test_somebody_saved_meanwhile(stand, owner):
    old = base(stand)
    send(stand, owner, **{f"salon-{URAL}": OLGA})

    answer = send(stand, owner, base=old, **{f"salon-{URAL}": ANNA})

    assert (answer.status_code, "Пока вы правили" in text_of(answer)) == (422, True)
    assert rules(stand).branch(URAL).responsible_id == OLGA


def test_everybody_of_the_crm_is_shown_with_what_they_answer_for(owner):
    page = text_of(owner.get(PEOPLE))

    assert "Анна администратор Тверская Тверская · Эпиляция" in page
    assert "Пётр Урал Урал · Эпиляция" in page


def test_who_left_the_crm_is_flagged_where_they_are_missed(stand, owner):
    users = [(ANNA, "Анна", True, True), (OLGA, "Ольга", False, True), (PETR, "Пётр", False, False)]
    stand.world.amocrm.account(
        DOMAIN,
        users=[
            {"id": i, "name": name, "is_admin": is_admin, "is_active": is_active}
            for i, name, is_admin, is_active in users
        ],
    )
    schemas.refresh(stand.account.id, stand.ctx.amo(stand.account.id))

    page = text_of(owner.get(PEOPLE))

    assert "Пётр больше не работает в amoCRM, но отвечает за сделки" in page
    assert "Пётр (отключён в amoCRM)" in page
    assert "Ольга больше не работает" not in page


def test_likeness_of_names_is_a_hint(stand, owner):
    stand.world.yclients.company(
        URAL, staff=[{"id": 83, "name": "Петр (мастер)"}, {"id": 84, "name": "Дина"}]
    )
    row = connections.get(stand.account.id, URAL)
    catalogue.refresh(stand.ctx.yclients(stand.account.id, URAL), row, stand.now())

    assert "Петр (мастер) Урал" in text_of(owner.get(PEOPLE))


def test_a_waiting_list_is_pointed_at_until_it_is_left_out(stand, owner):
    assert "похоже, это не мастер" not in text_of(owner.get(PEOPLE))

    send(stand, owner, **{f"skipped-{TVERSKAYA}": []})

    assert "похоже, это не мастер" in text_of(owner.get(PEOPLE))


def test_a_viewer_looks_only(stand, viewer):
    assert "Сохранить" not in text_of(viewer.get(PEOPLE))
    assert viewer.post(PEOPLE, base=base(stand), **{f"salon-{URAL}": OLGA}).status_code == 403
    assert rules(stand).branch(URAL).responsible_id == PETR
