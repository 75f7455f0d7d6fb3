"""The matrix of routes, the stage map and the field map: what filling them in means."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.core.crm import LOST, WON, CrmSchema, CustomField, Pipeline, Stage
from backend.core.mapping import mapping_fields, mapping_routes, mapping_stages, mapping_words
from backend.core.mapping.mapping_routes import Trigger, Wish
from backend.core.mapping.mapping_stages import StageMap
from backend.core.money import Kopecks
from backend.core.rules.configuration import Branch, Configuration, Direction, FieldName, Route
from backend.core.salon import Booking, Phase, ServiceLine

HAIR = Direction("hair", "Волосы", 1, categories={1: frozenset({10}), 2: frozenset({20})})
NAILS = Direction("nails", "Ногти", 2, services={1: frozenset({500})})
REST = Direction("rest", "Прочее", 100, is_default=True)
STAGES = tuple(
    Stage(number, 800, name, sort)
    for sort, (number, name) in enumerate(
        [
            (80, "Неразобранное"),
            (81, "Новая заявка"),
            (82, "Записан"),
            (83, "Подтвердил"),
            (85, "Перенос визита"),
        ]
    )
)
PIPELINE = Pipeline(800, "Салон", (replace(STAGES[0], is_incoming=True), *STAGES[1:]))
OTHER = Pipeline(900, "Другая", (Stage(91, 900, "Заявка", 1), Stage(92, 900, "Работа", 2)))
SCHEMA = CrmSchema(1, "d", "n", "UTC", True, (PIPELINE, OTHER), (), ())
ROUTE = Route(1, "hair", 800, {Phase.WAITING: 81}, responsible_id=7, attachable=frozenset({81}))
RULES = Configuration(
    branches=(Branch(1, "Центр"), Branch(2, "Север")), directions=(HAIR, NAILS, REST), routes=(ROUTE,)
)


# Routes


def test_a_new_route_takes_the_stages_of_another_one_in_its_pipeline():
    rules = mapping_routes.filled(RULES, [(2, "nails")], Wish(800), SCHEMA)

    assert rules.routes[1] == Route(2, "nails", 800, {Phase.WAITING: 81}, attachable=frozenset({81}))


def test_the_first_route_of_a_pipeline_takes_stages_by_their_names():
    rules = mapping_routes.filled(replace(RULES, routes=()), [(1, "hair")], Wish(800, 5), SCHEMA)

    stages = {
        Phase.WAITING: 82,
        Phase.CONFIRMED: 83,
        Phase.NO_SHOW: 85,
        Phase.ARRIVED: WON,
        Phase.CANCELLED: LOST,
    }
    assert rules.routes == (
        Route(1, "hair", 800, stages, responsible_id=5, attachable=frozenset({81, 82, 85})),
    )


def test_without_known_names_a_booking_begins_at_the_first_open_stage():
    assert mapping_words.stages(OTHER)[Phase.WAITING] == 91


def test_another_pipeline_keeps_the_responsible_and_the_place():
    rules = mapping_routes.filled(RULES, [(1, "hair"), (1, "rest")], Wish(900), SCHEMA)

    assert [(r.direction, r.pipeline_id, r.responsible_id) for r in rules.routes] == [
        ("hair", 900, 7),
        ("rest", 900, None),
    ]


def test_the_same_pipeline_again_changes_no_stage():
    assert mapping_routes.filled(RULES, [(1, "hair")], Wish(800), SCHEMA) == RULES


def test_a_responsible_is_set_only_where_there_is_a_route():
    rules = mapping_routes.filled(RULES, [(1, "hair"), (2, "hair")], Wish(responsible_id=9), SCHEMA)

    assert [(r.branch_id, r.responsible_id) for r in rules.routes] == [(1, 9)]


def test_the_salons_own_responsible_again():
    rules = mapping_routes.filled(RULES, [(1, "hair")], Wish(responsible_id=0), SCHEMA)

    assert rules.routes[0].responsible_id is None


def test_routes_are_removed():
    assert mapping_routes.filled(RULES, [(1, "hair")], Wish(removes=True), SCHEMA).routes == ()


def test_tags_and_the_automations_place_are_set_where_there_is_a_route():
    wish = Wish(tags=("салон",), trigger=Trigger(900, 91))

    rules = mapping_routes.filled(RULES, [(1, "hair"), (2, "hair")], wish, SCHEMA)

    assert rules.routes == (replace(ROUTE, tags=("салон",), trigger_pipeline_id=900, trigger_stage_id=91),)


def test_a_wish_that_names_neither_keeps_both():
    tagged = replace(ROUTE, tags=("салон",), trigger_pipeline_id=900, trigger_stage_id=91)

    rules = mapping_routes.filled(
        replace(RULES, routes=(tagged,)), [(1, "hair")], Wish(responsible_id=9), SCHEMA
    )

    assert rules.routes == (replace(tagged, responsible_id=9),)


def test_an_automation_is_taken_off_a_route_by_naming_no_place():
    placed = replace(ROUTE, trigger_pipeline_id=900, trigger_stage_id=91)

    rules = mapping_routes.filled(
        replace(RULES, routes=(placed,)), [(1, "hair")], Wish(trigger=Trigger()), SCHEMA
    )

    assert rules.routes == (ROUTE,)


@pytest.mark.parametrize(
    ("wish", "needs"),
    [
        pytest.param(Wish(tags=("салон",)), True, id="it only changes routes"),
        pytest.param(Wish(800), False, id="it brings a pipeline"),
        pytest.param(Wish(removes=True), False, id="it removes routes"),
    ],
)
def test_a_wish_needs_routes_unless_it_makes_or_removes_them(wish, needs):
    assert wish.needs_pipeline is needs


def test_whole_rows_and_columns():
    found = mapping_routes.cells(RULES, [(2, "rest"), (9, "hair")], rows=[1], columns=["nails"])

    assert found == ((1, "hair"), (1, "nails"), (1, "rest"), (2, "nails"), (2, "rest"))


# Stages


def test_routes_with_one_map_are_one_group():
    twin, other = replace(ROUTE, branch_id=2), replace(ROUTE, direction="nails", stages={Phase.WAITING: 82})
    rules = replace(RULES, routes=(ROUTE, other, twin))

    found = mapping_stages.groups(rules)

    assert [group.cells for group in found] == [((1, "hair"), (2, "hair")), ((1, "nails"),)]
    assert found[0].name == "1/hair"
    assert mapping_stages.cells_of(rules, 800) == ((1, "hair"), (1, "nails"), (2, "hair"))


def test_a_group_is_mapped_together_and_nobody_else():
    twin = replace(ROUTE, branch_id=2)
    map_ = StageMap({Phase.WAITING: 82}, frozenset({82}), {82: 5})

    rules = mapping_stages.mapped(replace(RULES, routes=(ROUTE, twin)), [(2, "hair")], map_)

    assert rules.routes[0] == ROUTE
    assert (rules.routes[1].stages, rules.routes[1].attachable, rules.routes[1].ranks) == (
        {Phase.WAITING: 82}, {82}, {82: 5}
    )  # fmt: skip


def test_a_booking_never_begins_at_a_closed_or_unsorted_stage():
    assert [s.id for s in mapping_stages.choices(PIPELINE, Phase.WAITING)] == [81, 82, 83, 85]
    assert [s.id for s in mapping_stages.choices(PIPELINE, Phase.ARRIVED)][-2:] == [WON, LOST]


def test_leads_of_common_pipelines_may_be_continued_too():
    assert [s.id for s in mapping_stages.adoptable(SCHEMA, 800, {900})] == [81, 82, 83, 85, 91, 92]
    assert [s.id for s in mapping_stages.adoptable(SCHEMA, 800, ())] == [81, 82, 83, 85]


def test_the_usual_rank_is_that_of_the_phase():
    stages = {Phase.WAITING: 82, Phase.CONFIRMED: 82, Phase.NO_SHOW: 85}

    assert [mapping_stages.usual_rank(stage, stages) for stage in (81, 82, 85)] == [10, 30, 15]


def test_the_strip_ends_with_both_closing_stages():
    assert [stage.id for stage in mapping_stages.everything(PIPELINE)] == [81, 82, 83, 85, WON, LOST]


# Fields

FIELDS = (
    CustomField(1, "Дата", "date"),
    CustomField(2, "Адрес", "text"),
    CustomField(3, "Салон", "select", "MOSTIK_SALON"),
)


def test_fields_that_fit_come_first_and_ours_are_not_offered():
    schema = replace(SCHEMA, lead_fields=FIELDS)

    assert [(one.field.id, one.fits) for one in mapping_fields.candidates(FieldName.VISIT_AT, schema)] == [
        (1, True),
        (2, False),
    ]
    assert mapping_fields.own(FieldName.SALON, schema).id == 3
    assert mapping_fields.own(FieldName.MASTER, schema) is None


def test_broken_are_those_the_crm_refused_and_those_it_lacks():
    schema = replace(SCHEMA, lead_fields=FIELDS)
    rules = replace(RULES, fields={FieldName.VISIT_AT: 77, FieldName.COMMENT: None, FieldName.MASTER: 2})
    ids = {"salon": 3, "visit_at": 77, "status": 55}

    found = mapping_fields.broken(rules, schema, ids, ["direction", "comment"])

    assert found == {FieldName.VISIT_AT, FieldName.STATUS, FieldName.DIRECTION}


def test_one_field_for_two_values_is_told_at_the_second():
    choices = {FieldName.MASTER: 2, FieldName.COMMENT: 2, FieldName.SALON: "create", FieldName.STATUS: None}

    assert mapping_fields.repeated(choices) == {FieldName.COMMENT: FieldName.MASTER}


def test_an_example_is_what_we_would_write():
    line = ServiceLine(1, "Стрижка", Kopecks(150_000), category_id=10)
    moment = datetime(2026, 5, 1, 10, tzinfo=UTC)
    booking = Booking("yclients", 1, 77, Phase.WAITING, moment, moment, moment, lines=(line,))

    found = mapping_fields.example(booking, RULES)

    assert found[FieldName.SALON] == "Центр"
    assert found[FieldName.DIRECTION] == ("Волосы",)
    assert found[FieldName.SERVICES] == "Стрижка — 1 500 ₽"
    assert found[FieldName.VISIT_AT] == int(moment.timestamp())
    assert found[FieldName.RECORD_ID] == "77"
