"""The field map: types checked, a live example, deleted fields made anew."""

import pytest

from backend.core.rules.configuration import FieldName
from backend.core.rules.configuration_document import FIELDS
from backend.flows.rules import configuration, schemas
from backend.store import alarms, configs, operators
from tests.admin.conftest import HOME
from tests.admin.reading import text_of
from tests.support.stand import AD_FIELD, CLEANING, DOMAIN, LASER_ARMPITS
from tests.support.stand_fixtures import field_id

__all__ = ["field_id"]

SCREEN = f"{HOME}/fields"
OWN = dict.fromkeys(map(str, FIELDS), "create")


@pytest.fixture
def rules(stand):
    return lambda: configuration.current(stand.account.id)


@pytest.fixture
def save(stand, owner):
    def press(**changes):
        return owner.post(SCREEN, **{"base": configuration.number(stand.account.id), **OWN, **changes})

    return press


def row(page, name):
    return page.text.split(f'name="{name}"')[1].split("</tr>")[0]


def test_the_example_is_the_newest_booking(stand, owner):
    stand.book(LASER_ARMPITS, CLEANING, comment="Аллергия на <лидокаин>")
    stand.settle()

    page = owner.get(SCREEN)

    assert "Лазер: подмышки — 2 500 ₽ Чистка лица — 4 000 ₽" in text_of(page)
    assert "Эпиляция, Косметология" in row(page, "direction")
    assert "Аллергия на &lt;лидокаин&gt;" in row(page, "comment")
    assert "14:30" in row(page, "visit_at")


def test_without_bookings_there_is_no_example(owner):
    assert "пока нечего показать" in row(owner.get(SCREEN), "services")


def test_a_cancelled_booking_is_no_example(stand, owner):
    record = stand.book(LASER_ARMPITS)
    stand.settle()
    stand.delete(record)
    stand.settle()

    assert "2 500" not in row(owner.get(SCREEN), "services")


def test_a_field_of_another_type_is_shown_and_cannot_be_chosen(owner):
    page = owner.get(SCREEN)

    fitting = row(page, "master").split(f'<option value="{AD_FIELD}"')[1].split("</option>")[0]
    assert "disabled" not in fitting
    wrong = row(page, "visit_at").split(f'<option value="{AD_FIELD}"')[1].split("</option>")[0]
    assert "disabled" in wrong
    assert "это текст, а нужно: дата и время" in wrong


def test_a_field_of_the_account_is_filled_from_now_on(stand, save, rules):
    answer = save(master=AD_FIELD)
    record = stand.book(LASER_ARMPITS)
    stand.settle()

    assert (answer.status_code, answer.location) == (303, SCREEN)
    assert rules().fields[FieldName.MASTER] == AD_FIELD
    assert stand.value(stand.lead_of(record), AD_FIELD) == ["Вера"]


def test_a_value_may_stay_unwritten(stand, save):
    save(comment="none")
    record = stand.book(LASER_ARMPITS, comment="Позвонить")
    stand.settle()

    assert stand.value(stand.lead_of(record), "MOSTIK_COMMENT") == []


def test_a_forged_type_is_said_beside_its_field(save, rules):
    answer = save(visit_at=AD_FIELD)

    assert answer.status_code == 422
    assert 'id="visit_at-problem">Поле 9100 имеет тип text' in answer.text
    assert rules().fields[FieldName.VISIT_AT] == "create"


def test_one_field_for_two_values_is_said_at_the_second(save):
    answer = save(master=AD_FIELD, comment=AD_FIELD)

    assert answer.status_code == 422
    assert 'id="comment-problem">Это поле уже выбрано для «Мастер»' in answer.text


def test_nonsense_is_said_beside_its_field(save):
    assert 'id="status-problem">Выберите поле из списка' in save(status="'; DROP").text


def test_a_form_without_a_field_leaves_it_alone(stand, owner, rules, save):
    save(master=AD_FIELD)

    owner.post(SCREEN, base=configuration.number(stand.account.id), comment="none")

    assert rules().fields[FieldName.MASTER] == AD_FIELD
    assert rules().fields[FieldName.COMMENT] is None


# Deleted in amoCRM


def drop(stand, field_id):
    stand.world.amocrm.ui_delete_field(DOMAIN, field_id)
    schemas.refresh(stand.account.id, stand.ctx.amo(stand.account.id))


def test_a_deleted_field_of_ours_is_made_anew(stand, owner, field_id):
    drop(stand, field_id("MOSTIK_MASTER"))
    configs.mark_field_broken(stand.account.id, "master")
    alarms.raise_alarm(stand.account.id, "amocrm.field_gone", "field", "master", {}, stand.now())
    version = configuration.number(stand.account.id)
    assert "Поле удалено в amoCRM" in row(owner.get(SCREEN), "master")

    answer = owner.post(f"{SCREEN}/master/mend", base=version)

    assert (answer.status_code, answer.location) == (303, SCREEN)
    assert "Поле удалено" not in owner.get(SCREEN).text
    assert configs.field_ids(stand.account.id)["master"] == field_id("MOSTIK_MASTER")
    assert alarms.open_alarms(stand.account.id) == []
    assert configuration.number(stand.account.id) == version
    assert operators.audit_page(stand.account.id)[0].action == "field.mended"


def test_a_deleted_field_of_the_account_gives_way_to_ours(stand, owner, save, rules):
    save(master=AD_FIELD)
    drop(stand, AD_FIELD)
    page = owner.get(SCREEN)
    assert f"Поле № {AD_FIELD} — удалено в amoCRM" in row(page, "master")

    owner.post(f"{SCREEN}/master/mend", base=configuration.number(stand.account.id))

    assert rules().fields[FieldName.MASTER] == "create"
    assert "Поле удалено" not in owner.get(SCREEN).text


def test_there_is_nothing_to_mend_of_a_name_that_is_none(owner):
    assert owner.post(f"{SCREEN}/nothing/mend").status_code == 404
    assert owner.post(f"{SCREEN}/key/mend").status_code == 404


def test_a_viewer_sees_and_cannot(viewer, rules):
    before = rules()

    assert "Сохранить" not in text_of(viewer.get(SCREEN))
    assert viewer.post(SCREEN, master=AD_FIELD).status_code == 403
    assert viewer.post(f"{SCREEN}/master/mend").status_code == 403
    assert rules() == before
