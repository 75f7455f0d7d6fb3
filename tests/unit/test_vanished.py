"""What the configuration names and the CRM has no more."""

from dataclasses import replace

from backend.core.crm import CrmSchema, CrmUser, CustomField, Pipeline, Stage
from backend.core.rules.configuration import BookingRules, Configuration, FieldName
from backend.core.watch.vanished import Missing, missing
from tests.support.facts import CONFIGURATION

USERS = tuple(CrmUser(7000000 + n, name) for n, name in ((1, "Анна"), (2, "Ольга"), (3, "Пётр")))
FIELDS = {FieldName.KEY: 1, FieldName.SALON: 2}
RULES = BookingRules(CONFIGURATION, FIELDS)


def pipeline(number, first):
    ids = (*(first + n for n in (0, 1, 2, 5)), 142, 143)
    return Pipeline(number, "", tuple(Stage(one, number, "") for one in ids))


SCHEMA = CrmSchema(
    1, "", "", "Europe/Moscow", has_filters=False,
    pipelines=(pipeline(8001, 8100), pipeline(8002, 8200), pipeline(8003, 8300)), users=USERS,
    lead_fields=(CustomField(1, "", "text"), CustomField(2, "", "text")), loss_reasons=((501, ""), (502, "")),
)  # fmt: skip


def test_whole_schema_misses_nothing():
    assert missing(RULES, SCHEMA) == ()


def test_nothing_configured_misses_nothing():
    assert missing(BookingRules(Configuration(), {}), SCHEMA) == ()


def test_deleted_pipeline_is_told_once_for_each_route():
    found = missing(RULES, replace(SCHEMA, pipelines=SCHEMA.pipelines[:2]))

    assert [(one.code, one.scope_kind, one.scope_key) for one in found] == [
        ("amocrm.stage_unknown", "route", "41001:other")
    ]


def test_deleted_stage_is_told_for_every_route_that_uses_it():
    shorter = replace(SCHEMA.pipelines[0], stages=SCHEMA.pipelines[0].stages[1:2])
    found = missing(RULES, replace(SCHEMA, pipelines=(shorter, *SCHEMA.pipelines[1:])))

    assert [one.scope_key for one in found] == ["41001:epilation", "41002:epilation"]
    assert found[0].details == {"value": 142, "pipeline_id": 8001}


def test_people_who_left_are_named():
    left = replace(USERS[1], is_active=False)
    found = missing(RULES, replace(SCHEMA, users=(USERS[0], left)))

    assert found == (
        Missing("amocrm.user_left", "notice", "7000002", {"name": "Ольга"}),
        Missing("amocrm.user_left", "notice", "7000003", {"name": "№ 7000003"}),
    )


def test_deleted_field_is_told_but_our_key_is_made_anew_by_itself():
    found = missing(RULES, replace(SCHEMA, lead_fields=()))

    assert found == (Missing("amocrm.field_gone", "field", "salon", {"field_id": 2}),)


def test_deleted_loss_reasons_are_told():
    found = missing(RULES, replace(SCHEMA, loss_reasons=((501, ""),)))

    assert found == (Missing("amocrm.loss_reason_unknown", "notice", "502", {"value": 502}),)
