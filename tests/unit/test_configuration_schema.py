"""What a configuration names must exist in the amoCRM account, and fit."""

from dataclasses import replace

import pytest

from backend import texts
from backend.core.crm import CrmSchema, CrmUser, CustomField, Pipeline, Stage
from backend.core.rules.configuration import Branch, Configuration, Direction, FieldName, Route
from backend.core.rules.configuration_schema import FIELD_TYPES, check_against
from backend.core.rules.options import Options
from backend.core.salon import Phase

SCHEMA = CrmSchema(
    account_id=1, domain="one.amocrm.ru", name="", timezone="Europe/Moscow", has_filters=False,
    pipelines=(
        Pipeline(8001, "Эпиляция", (
            Stage(8099, 8001, "Неразобранное", is_incoming=True), Stage(8100, 8001, "Заявка"),
            Stage(8101, 8001, "Записан"), Stage(142, 8001, "Успешно"),
        )),
        Pipeline(8002, "Общая", (Stage(8201, 8002, "Новая"),)),
    ),
    users=(CrmUser(7000001, "Анна"), CrmUser(7000002, "Борис", is_active=False)),
    lead_fields=(CustomField(9001, "Текст", "text"), CustomField(9002, "Дата", "date")),
    loss_reasons=((501, "Отмена"),),
)  # fmt: skip
ROUTE = Route(
    41001, "epilation", 8001, {Phase.WAITING: 8101, Phase.ARRIVED: 142, Phase.CANCELLED: 143}, 7000001,
    frozenset({8100}), {8100: 10, 142: 100},
)  # fmt: skip
FITTING = Configuration(
    options=Options(cancelled_loss_reason=501, common_pipelines=frozenset({8002})),
    branches=(Branch(41001, "Тверская", responsible_id=7000001),),
    directions=(Direction("epilation", "Эпиляция"),),
    routes=(ROUTE,),
    fields={
        FieldName.COMMENT: 9001,
        FieldName.VISIT_AT: 9002,
        FieldName.SALON: "create",
        FieldName.MASTER: None,
    },
)


def with_route(**changes):
    return replace(FITTING, routes=(replace(ROUTE, **changes),))


def with_options(**changes):
    return replace(FITTING, options=replace(FITTING.options, **changes))


def test_what_is_there_and_fits_is_no_problem():
    assert check_against(FITTING, SCHEMA) == ()


def test_stages_of_common_pipelines_may_be_attached_to():
    assert check_against(with_route(attachable=frozenset({8100, 8201})), SCHEMA) == ()


def test_a_phase_may_close_the_lead_in_any_pipeline():
    bare = replace(
        SCHEMA,
        pipelines=(replace(SCHEMA.pipelines[0], stages=SCHEMA.pipelines[0].stages[:3]), SCHEMA.pipelines[1]),
    )

    assert check_against(FITTING, bare) == ()


@pytest.mark.parametrize(("configuration", "path", "code"), [
    (with_route(pipeline_id=8009), "routes[0].pipeline", "no_pipeline"),
    (with_route(stages={Phase.WAITING: 8201}), "routes[0].stages.waiting", "no_stage"),
    (with_route(stages={Phase.WAITING: 8099}), "routes[0].stages.waiting", "stage_incoming"),
    (with_route(responsible_id=7), "routes[0].responsible_id", "no_user"),
    (with_route(responsible_id=7000002), "routes[0].responsible_id", "user_inactive"),
    (with_route(attachable=frozenset({8301})), "routes[0].attachable", "no_stage"),
    (with_route(ranks={8301: 10}), "routes[0].ranks", "no_stage"),
    (with_options(cancelled_loss_reason=502), "options.loss_reasons.cancelled", "no_loss_reason"),
    (with_options(technical_loss_reason=502), "options.loss_reasons.technical", "no_loss_reason"),
    (with_options(common_pipelines=frozenset({8009})), "options.common_pipelines", "no_pipeline"),
    (replace(FITTING, branches=(Branch(1, "Я", responsible_id=7),)), "branches[0].responsible_id", "no_user"),
    (replace(FITTING, fields={FieldName.SALON: 9009}), "fields.salon", "no_field"),
    (replace(FITTING, fields={FieldName.VISIT_AT: 9001}), "fields.visit_at", "field_type"),
])  # fmt: skip
def test_what_is_missing_is_named(configuration, path, code):
    (problem,) = check_against(configuration, SCHEMA)

    assert (problem.path, problem.code) == (path, f"configuration.{code}")
    assert texts.has(problem.code, "ru")
    assert str(problem.details["value"]) in texts.t(problem.code, "ru", **problem.details)


def test_every_field_has_a_type():
    assert set(FIELD_TYPES) == set(FieldName)
