"""Which field of a contact may hold what."""

from dataclasses import replace

import pytest

from backend.core.crm import Catalog, CrmSchema, CustomField
from backend.core.rules import contact_fields
from backend.core.rules.configuration import Configuration
from backend.core.rules.configuration_schema import check_against
from backend.core.rules.sections import ContactFieldName

VISITS = ContactFieldName.VISITS
SCHEMA = CrmSchema(
    1, "lotos.amocrm.ru", "Лотос", "Europe/Moscow", False, (), (), (),
    contact_fields=(
        CustomField(1, "Ярлык", "text"), CustomField(2, "Визиты", "numeric"), CustomField(3, "Дата", "date"),
        CustomField(4, "Визитов", "numeric", "MOSTIK_CLIENT_VISITS"),
    ),
    catalogs=(Catalog(4001, "Товары", "products"),),
)  # fmt: skip


def problems(**chosen):
    found = check_against(replace(Configuration(), **chosen), SCHEMA)
    return [(problem.path, problem.code) for problem in found]


def test_fields_that_fit_stand_by_name_and_ours_is_not_among_them():
    assert [field.name for field in contact_fields.candidates(VISITS, SCHEMA)] == ["Визиты", "Ярлык"]


def test_our_own_field_is_known_by_its_code():
    assert contact_fields.own(VISITS, SCHEMA).id == 4
    assert contact_fields.own(ContactFieldName.SPENT, SCHEMA) is None


@pytest.mark.parametrize("choice", ["create", 2, None])
def test_a_choice_that_is_there_is_no_problem(choice):
    assert problems(contact_fields={VISITS: choice}, products=4001) == []


def test_what_is_not_there_or_does_not_fit_is_told_by_its_place():
    assert problems(contact_fields={VISITS: 99}) == [("contact_fields.visits", "configuration.no_field")]
    assert problems(contact_fields={VISITS: 3}) == [("contact_fields.visits", "configuration.field_type")]
    assert problems(products=9) == [("products", "configuration.no_catalog")]
    assert problems(products="create") == []
