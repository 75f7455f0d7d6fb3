"""What the contact learns of its client, and services as products: the second half of the field map."""

import pytest

from backend.core.rules.sections import ContactFieldName
from backend.flows.rules import configuration, schemas
from backend.store import contact_fields
from sandbox.amocrm.state import add_field
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import DOMAIN, LASER_ARMPITS
from tests.support.wishes import wish

SCREEN = f"{HOME}/fields/contact"
NOTHING = dict.fromkeys((*map(str, ContactFieldName), "products"), "none")


@pytest.fixture
def rules(stand):
    return lambda: configuration.current(stand.account.id)


@pytest.fixture
def save(stand, owner):
    def press(**changes):
        return owner.post(SCREEN, base=configuration.number(stand.account.id), **{**NOTHING, **changes})

    return press


@pytest.fixture
def own_field(stand):
    """A field of the account's own contacts, known to us."""

    def add(name, kind):
        add_field(stand.world.amocrm.find(DOMAIN), "contacts", {"id": 9777, "name": name, "type": kind})
        schemas.refresh(stand.account.id, stand.ctx.amo(stand.account.id))
        return 9777

    return add


def row(page, name):
    return page.text.split(f'name="{name}"')[1].split("</tr>")[0]


def test_nothing_is_filled_unless_it_is_chosen(owner):
    page = owner.get(SCREEN)

    assert page.status_code == 200
    assert all('value="none" selected' in row(page, name) for name in ContactFieldName)


def test_a_chosen_field_is_made_in_amocrm(stand, save, rules):
    assert save(visits="create").status_code == 303

    codes = [field["code"] for field in stand.crm()["fields"]]
    assert rules().contact_fields == {ContactFieldName.VISITS: "create"}
    assert "MOSTIK_CLIENT_VISITS" in codes
    assert list(contact_fields.ids(stand.account.id)) == ["visits"]


def test_what_is_no_longer_wanted_is_no_longer_filled(stand, save, rules):
    save(visits="create")

    assert save().status_code == 303

    assert rules().contact_fields == {}
    assert contact_fields.ids(stand.account.id) == {}


def test_a_field_of_the_account_is_taken(save, rules, own_field):
    field = own_field("Сколько раз был", "numeric")

    assert save(visits=field).status_code == 303

    assert rules().contact_fields == {ContactFieldName.VISITS: field}


def test_a_field_of_another_type_is_not_offered(owner, own_field):
    own_field("Сколько раз был", "numeric")
    page = owner.get(SCREEN)

    assert "Сколько раз был" in row(page, "visits")
    assert "Сколько раз был" not in row(page, "birthday")


@pytest.mark.parametrize(("chosen", "sentence"), [("999", "нет поля"), ("какое-то", "из списка")])
def test_a_wrong_choice_is_told_beside_the_field(save, rules, chosen, sentence):
    answer = save(visits=chosen)

    assert answer.status_code == 422
    assert sentence in row(answer, "visits")
    assert rules().contact_fields == {}


def test_one_field_cannot_hold_two_things(save, own_field):
    field = own_field("Счётчик", "numeric")

    answer = save(visits=field, no_shows=field)

    assert answer.status_code == 422
    assert "уже выбрано" in row(answer, "no_shows")


def test_the_catalogue_of_products_is_made(stand, save, rules):
    assert save(products="create").status_code == 303

    assert rules().products == "create"
    assert [catalog["type"] for catalog in stand.crm()["catalogs"]] == ["products"]


def test_the_catalogue_that_is_there_is_offered_by_its_name(owner, save):
    save(products="create")

    assert "Каталог товаров «Услуги салонов»" in text_of(owner.get(SCREEN))


def test_a_catalogue_that_is_not_there_is_refused(save, rules):
    answer = save(products="4999")

    assert answer.status_code == 422
    assert "нет каталога № 4999" in text_of(answer)
    assert rules().products is None


def test_the_example_is_the_client_of_the_newest_booking(stand, owner, save):
    stand.book(LASER_ARMPITS)
    stand.settle()
    save(visits="create", next_visit="create")
    page = owner.get(SCREEN)

    assert "14:30" in row(page, "next_visit")
    assert text_of(page).count("пока нечего показать") < 11


def test_a_change_leaves_its_line_in_the_trail(owner, save):
    save(visits="create", products="create")
    trail = text_of(owner.get(f"{HOME}/audit"))

    assert "Поле контакта «Визитов»" in trail
    assert "Услуги как товары" in trail


def test_a_viewer_sees_and_cannot(viewer, rules):
    assert "Сохранить" not in text_of(viewer.get(SCREEN))
    assert viewer.post(SCREEN, **{**NOTHING, "visits": "create"}).status_code == 403
    assert rules().contact_fields == {}


def test_hidden_payments_are_told_beside_their_fields(stand, owner):
    wish(stand, fields=["paid"])
    stand.world.yclients.options(money_hidden=True)
    record = stand.book(LASER_ARMPITS)
    stand.mark(record, 1)
    stand.settle()

    page = owner.get(f"{HOME}/fields")

    assert "Нет прав на финансы: Тверская" in text_of(page)


def test_without_hidden_payments_nothing_is_said_of_rights(owner):
    assert "Нет прав на финансы" not in text_of(owner.get(f"{HOME}/fields"))


def delete_field(stand, code):
    number = next(field["id"] for field in stand.crm()["fields"] if field["code"] == code)
    stand.world.amocrm.ui_delete_field(DOMAIN, number)


def test_a_field_that_somebody_deleted_is_told_and_made_anew(stand, owner, save):
    save(visits="create")
    delete_field(stand, "MOSTIK_CLIENT_VISITS")
    stand.book(LASER_ARMPITS)
    stand.settle()
    assert "удалено в amoCRM" in row(owner.get(SCREEN), "visits")

    assert owner.post(f"{SCREEN}/visits/mend").status_code == 303

    assert "удалено в amoCRM" not in row(owner.get(SCREEN), "visits")
    assert "MOSTIK_CLIENT_VISITS" in [field["code"] for field in stand.crm()["fields"]]


def test_in_place_of_a_chosen_field_that_is_gone_comes_our_own(stand, owner, save, rules, own_field):
    save(visits=own_field("Сколько раз был", "numeric"))
    stand.world.amocrm.ui_delete_field(DOMAIN, 9777)
    schemas.refresh(stand.account.id, stand.ctx.amo(stand.account.id))

    owner.post(f"{SCREEN}/visits/mend", base=configuration.number(stand.account.id))

    assert rules().contact_fields == {ContactFieldName.VISITS: "create"}


def test_there_is_nothing_to_mend_of_a_name_that_is_none(owner):
    assert owner.post(f"{SCREEN}/nothing/mend").status_code == 404
