"""People of one salon: masters, administrators who book, and what is special there."""

import pytest

from backend.core.rules.configuration import Master
from backend.core.rules.options import MultiCategory
from backend.flows.rules import configuration
from backend.store import audit
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import INNA, LASER_ARMPITS, OLGA, PETR, TVERSKAYA, URAL, VERA

MASTERS = f"{HOME}/people/{TVERSKAYA}"
FORM = {"base": "1", "multi_category": "", "staff": [str(VERA), str(INNA)]}


@pytest.fixture
def salon(stand):
    return lambda company=TVERSKAYA: configuration.current(stand.account.id).branch(company)


def test_a_master_is_given_a_person_and_a_direction(owner, salon):
    fields = {f"user-{VERA}": str(OLGA), f"direction-{VERA}": "epilation"}

    assert owner.post(MASTERS, **FORM, **fields).status_code == 303

    assert salon().staff == {VERA: Master(OLGA, "epilation")}
    trail = text_of(owner.get(f"{HOME}/audit"))
    assert "ответственный за мастера Вера Ольга" in trail
    assert "направление мастера Вера Эпиляция" in trail


def test_the_page_shows_what_is_in_force_and_links_from_people(stand, owner, salon):
    owner.post(MASTERS, **FORM, **{f"user-{VERA}": str(OLGA)})

    page = owner.get(MASTERS)

    assert f'<option value="{OLGA}" selected>' in page.text
    assert "Лист ожидания" not in page.text
    assert f'href="{MASTERS}"' in owner.get(f"{HOME}/people").text


def test_whoever_books_is_given_a_person(stand, owner, salon):
    stand.book(LASER_ARMPITS, created_user_id=555)
    stand.settle()
    page = owner.get(MASTERS).text
    author = page.split('name="author" value="')[1].split('"')[0]

    owner.post(MASTERS, **FORM, **{"author": author, f"author-{author}": str(PETR)})

    assert salon().authors == {int(author): PETR}


def test_a_salon_has_its_own_way_with_several_directions(stand, owner, salon):
    owner.post(MASTERS, **{**FORM, "multi_category": "split"})
    assert salon().multi_category is MultiCategory.SPLIT
    assert salon(URAL).multi_category is None

    owner.post(MASTERS, **{**FORM, "base": "2"})

    assert salon().multi_category is None


def test_a_direction_that_is_gone_is_told_beside_its_master(stand, owner):
    answer = owner.post(MASTERS, **FORM, **{f"direction-{VERA}": "nothing"})

    assert answer.status_code == 422
    assert f'id="direction-{VERA}-problem"' in answer.text
    assert configuration.number(stand.account.id) == 1


def test_people_that_the_form_does_not_show_keep_what_they_have(stand, owner, salon):
    owner.post(MASTERS, **FORM, **{f"user-{INNA}": str(OLGA)})

    owner.post(MASTERS, base="2", multi_category="split", staff=str(VERA))

    assert salon().staff == {INNA: Master(OLGA)}


def test_an_untouched_form_changes_nothing(stand, owner):
    owner.post(MASTERS, **FORM)

    assert configuration.number(stand.account.id) == 1
    assert all(line.action != "configuration.saved" for line in audit.page(stand.account.id))


def test_a_salon_that_is_not_there_has_no_page(owner):
    assert owner.get(f"{HOME}/people/49999").status_code == 404
    assert owner.post(f"{HOME}/people/49999", **FORM).status_code == 404


def test_it_is_looked_at_before_it_is_saved(stand, owner):
    stand.book(LASER_ARMPITS)
    stand.settle()

    answer = owner.post(MASTERS, **{**FORM, "multi_category": "split"}, preview="1")

    assert "/drafts/" in answer.location
    assert "Все 1" not in text_of(owner.get(answer.location))
