"""Telephony as a section of the document: read, refused with the place, written, checked against amoCRM."""

from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from backend import texts
from backend.core.crm import CrmSchema, CrmUser, CustomField, Pipeline, Stage
from backend.core.errors import InvalidInput
from backend.core.rules import configuration_changes, configuration_document, configuration_schema
from backend.core.rules.configuration import BookingRules, Configuration
from backend.core.telephony.rules import (
    Dialling,
    Entity,
    FieldRule,
    Hook,
    Hours,
    Line,
    LogAs,
    Missed,
    MissedTo,
    NumberFormat,
    Person,
    Recordings,
    Result,
    ResultRule,
    RingTo,
    TelephonyRules,
)
from backend.core.watch import vanished
from backend.flows.rules import configuration_file

ANNA, OLGA = 7000001, 7000002
OUT_OF_RANGE = "configuration.out_of_range"
WHOLE = TelephonyRules(
    is_on=True,
    people=(
        Person(ANNA, "101", ("anna-sip", "+79990001122"[1:]), "office", "SIP/{extension}", "x", "ctx", True,
               20, {"A": "1"}),
        Person(OLGA, "102"),
    ),
    lines=(
        Line(
            "msk", "74951000005", "office", "Москва", 8001, 8100, ANNA, OLGA, False, ("реклама",),
            {9100: "{линия}"}, "from-msk", "Local/{extension}@msk", "<{number}>", 15, {"B": "2"},
        ),
        Line("msk"),
    ),
    first_responsible_id=ANNA, pipeline_id=8001, stage_id=8100, contact_in=False, contact_out=False,
    lead_in=False, lead_out=True, incoming=True, log=LogAs.NOTES, card=False, notice=False,
    ring=(RingTo.EVERYBODY, RingTo.FIRST), rings_busy=True,
    hours=Hours({0: (time(10), time(21)), 6: (time(11, 30), time(19))}),
    missed=Missed(False, "Наберите {клиент}", 30, (MissedTo.FIRST,), True, True, False),
    white=("101", "100-199", "1XX"), black=("200-299",), own_numbers=("+74951000005",),
    formats=(NumberFormat("7XXXXXXXXXX", "8{rest}"),),
    dialling=Dialling(
        False, "ctx", "SIP/{extension}", "{number}", 20, {"A": "1", "B": "x.y"},
        (NumberFormat("7.", "{number}"),), 5, 50, ("7", "77"), ("200",),
    ),
    fields=(FieldRule(Entity.CONTACT, 9200, "{итог}", True), FieldRule(Entity.LEAD, 9100, "{линия}")),
    recordings=Recordings(False, "sftp", "{year}/{name}.wav", False, 30),
    hooks=(Hook("night", True, 100), Hook("salon.rule")),
    results=(ResultRule(Result.BUSY, "CONGESTION", 34), ResultRule(Result.CALL_BACK, cause=21)),
)  # fmt: skip


def parsed(section):
    return configuration_document.parse({"telephony": section}).configuration.telephony


def rendered(rules):
    return configuration_changes.render(Configuration(telephony=rules))["telephony"]


def someone(**more):
    return {"people": [{"user": 1, "extension": 1, **more}]}


def problems(section):
    with pytest.raises(InvalidInput) as raised:
        parsed(section)
    return [(one.path.removeprefix("telephony."), one.code) for one in raised.value.details["problems"]]


@pytest.mark.parametrize("rules", [WHOLE, TelephonyRules()])
def test_a_round_trip_through_yaml_changes_nothing(rules):
    text = configuration_file.write(configuration_changes.render(Configuration(telephony=rules)))

    assert configuration_document.parse(configuration_file.read(text)).configuration.telephony == rules


def test_an_empty_section_is_the_usual_one():
    assert parsed({}) == TelephonyRules()
    assert parsed(None) == TelephonyRules()


def test_numbers_need_no_quotes():
    found = parsed(
        {
            "people": [{"user": 1, "extension": 101, "phones": [201]}],
            "white": [101],
            "own_numbers": [84951000005],
        }
    )

    assert found.people[0].endpoints == ("101", "201")
    assert found.white == ("101",)
    assert found.own_numbers == ("+74951000005",)


def test_the_documentation_names_every_key():
    described = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert [key for key in _keys(rendered(WHOLE)) if f"`{key}`" not in described] == []


def _keys(value):
    if isinstance(value, list):
        for item in value:
            yield from _keys(item)
    elif isinstance(value, dict):
        for key, child in value.items():
            if isinstance(key, str) and key not in ("A", "B"):
                yield key
            yield from _keys(child)


@pytest.mark.parametrize(
    ("section", "path", "code"),
    [
        ({"people": [{"user": 1}]}, "people[0].extension", "configuration.missing"),
        ({"people": [{"extension": 101}]}, "people[0].user", "configuration.missing"),
        ({"people": [{"user": 1, "extension": "1 1"}]}, "people[0].extension", "telephony.bad_extension"),
        ({"people": [{"user": 1, "extension": ""}]}, "people[0].extension", "configuration.empty"),
        (someone(pbx="a b"), "people[0].pbx", "telephony.bad_pbx"),
        (someone(channel="x"), "people[0].channel", "telephony.bad_channel"),
        (someone(caller_id="a;b"), "people[0].caller_id", "telephony.bad_caller_id"),
        (someone(context="a b"), "people[0].context", "telephony.bad_context"),
        (someone(timeout=3), "people[0].timeout", "configuration.out_of_range"),
        (someone(variables={"A": "1,B=2"}), "people[0].variables", "telephony.bad_variables"),
        ({"lines": [{"trunk": "a", "channel": "x"}]}, "lines[0].channel", "telephony.bad_channel"),
        ({"lines": [{"trunk": "a", "caller_id": "a;b"}]}, "lines[0].caller_id", "telephony.bad_caller_id"),
        (
            {"people": [{"user": 1, "extension": 1}, {"user": 2, "extension": 2, "phones": [1]}]},
            "people[1].extension", "configuration.duplicate",
        ),
        ({"people": [{}] * 1_001}, "people", "configuration.too_many_items"),
        ({"lines": [{}]}, "lines[0].trunk", "configuration.missing"),
        ({"lines": [{"trunk": "a b"}]}, "lines[0].trunk", "telephony.bad_trunk"),
        ({"lines": [{"trunk": "a", "did": "x"}]}, "lines[0].did", "telephony.bad_did"),
        ({"lines": [{"trunk": "a"}, {"trunk": "a"}]}, "lines[1].trunk", "configuration.duplicate"),
        ({"lines": [{"trunk": "a", "stage": 8100}]}, "lines[0].stage", "telephony.stage_alone"),
        ({"lines": [{"trunk": "a", "fields": {1: "{x}"}}]}, "lines[0].fields.1", "templates.field_unknown"),
        ({"lines": [{"trunk": "a", "tags": ["x"] * 11}]}, "lines[0].tags", "configuration.too_many_items"),
        ({"pipeline": 8001, "stage": 142}, "stage", "configuration.entry_stage_closed"),
        ({"ring": ["first", "first"]}, "ring[1]", "configuration.duplicate"),
        ({"ring": ["x"]}, "ring[0]", "configuration.unknown_value"),
        ({"hours": {"mon": "21:00-10:00"}}, "hours.mon", "telephony.bad_hours"),
        ({"hours": {"mon": "10-21"}}, "hours.mon", "telephony.bad_hours"),
        ({"hours": {"mon": 10}}, "hours.mon", "configuration.not_text"),
        ({"missed": {"minutes": 0}}, "missed.minutes", "configuration.out_of_range"),
        ({"missed": {"text": "{x"}}, "missed.text", "templates.brace_open"),
        ({"white": ["9-1"]}, "white[0]", "telephony.bad_entry"),
        ({"black": [True]}, "black[0]", "configuration.not_text"),
        ({"own_numbers": ["101"]}, "own_numbers[0]", "telephony.bad_number"),
        ({"own_numbers": [None]}, "own_numbers[0]", "configuration.not_text"),
        ({"formats": [{"pattern": "x", "result": "8{rest}"}]}, "formats[0].pattern", "telephony.bad_pattern"),
        ({"formats": [{"pattern": "7.", "result": "8"}]}, "formats[0].result", "telephony.bad_result"),
        ({"formats": [{"result": "8{rest}"}]}, "formats[0].pattern", "configuration.missing"),
        ({"formats": [{}] * 201}, "formats", "configuration.too_many_items"),
        ({"dialling": {"channel": "x"}}, "dialling.channel", "telephony.bad_channel"),
        ({"dialling": {"context": ""}}, "dialling.context", "telephony.bad_context"),
        ({"dialling": {"caller_id": "a,b"}}, "dialling.caller_id", "telephony.bad_caller_id"),
        ({"dialling": {"timeout": 1}}, "dialling.timeout", "configuration.out_of_range"),
        ({"dialling": {"variables": {"A": "1,B=2"}}}, "dialling.variables", "telephony.bad_variables"),
        ({"dialling": {"variables": {"A": []}}}, "dialling.variables.A", "configuration.not_text"),
        ({"dialling": {"variables": ["A"]}}, "dialling.variables", "configuration.not_mapping"),
        (
            {"dialling": {"variables": {f"A{n}": "1" for n in range(201)}}},
            "dialling.variables", "configuration.too_many_items",
        ),
        ({"dialling": {"countries": ["x"]}}, "dialling.countries[0]", "telephony.bad_country"),
        ({"dialling": {"short_numbers": ["1234567"]}}, "dialling.short_numbers[0]", "telephony.bad_short"),
        ({"fields": [{"field": 1}]}, "fields[0].template", "configuration.missing"),
        ({"recordings": {"source": "ftp"}}, "recordings.source", "configuration.unknown_value"),
        ({"recordings": {"source": ""}}, "recordings.source", "configuration.empty"),
        ({"recordings": {"path": "../{name}"}}, "recordings.path", "telephony.path_outside"),
        ({"recordings": {"path": "/{name}"}}, "recordings.path", "telephony.path_outside"),
        ({"recordings": {"path": "{nam}"}}, "recordings.path", "telephony.bad_place"),
        ({"recordings": {"path": "{name"}}, "recordings.path", "telephony.bad_place"),
        ({"recordings": {"path": ""}}, "recordings.path", "configuration.empty"),
        ({"hooks": [{"name": "a b"}]}, "hooks[0].name", "telephony.bad_hook"),
        ({"hooks": [{"name": "a"}, {"name": "a"}]}, "hooks[1].name", "configuration.duplicate"),
        ({"hooks": [{"name": "a", "milliseconds": 1}]}, "hooks[0].milliseconds", OUT_OF_RANGE),
        ({"unknown": 1}, "unknown", "configuration.unknown_key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(section, path, code):
    assert (path, code) in problems(section)
    assert texts.has(code)


def test_differences_are_told_line_by_line_and_person_by_person():
    changed = replace(
        WHOLE, people=(WHOLE.people[1],), lines=(WHOLE.lines[0], replace(WHOLE.lines[1], title="Прочее"))
    )
    found = configuration_changes.differences(
        configuration_changes.render(Configuration(telephony=WHOLE)),
        configuration_changes.render(Configuration(telephony=changed)),
    )

    assert ("telephony.lines[msk].title", "", "Прочее") in [(one.path, one.old, one.new) for one in found]
    assert {one.path for one in found if "people" in one.path} >= {"telephony.people[101/office].user"}


# Against the account


SCHEMA = CrmSchema(
    account_id=1, domain="one.amocrm.ru", name="", timezone="Europe/Moscow", has_filters=False,
    pipelines=(Pipeline(8001, "Звонки", (Stage(8099, 8001, "", is_incoming=True), Stage(8100, 8001, ""))),),
    users=(CrmUser(ANNA, "Анна"), CrmUser(OLGA, "Ольга")),
    lead_fields=(CustomField(9100, "Линия", "text"), CustomField(9101, "Дата", "date")),
    contact_fields=(CustomField(9200, "Итог", "textarea"),),
)  # fmt: skip


def against(rules, schema=SCHEMA):
    found = configuration_schema.check_against(Configuration(telephony=rules), schema)
    return [(one.path.removeprefix("telephony."), one.code) for one in found]


def test_what_is_there_and_fits_is_no_problem():
    assert against(WHOLE) == []
    assert against(TelephonyRules()) == []
    assert against(TelephonyRules(pipeline_id=8001)) == []


GONE = 7000009


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"pipeline_id": 1}, "pipeline", "configuration.no_pipeline"),
        ({"stage_id": 1}, "stage", "configuration.no_stage"),
        ({"stage_id": 8099}, "stage", "configuration.stage_incoming"),
        ({"first_responsible_id": GONE}, "first_responsible", "configuration.no_user"),
        ({"people": (Person(GONE, "101"),)}, "people[0].user", "configuration.no_user"),
        ({"lines": (Line("a", pipeline_id=1),)}, "lines[0].pipeline", "configuration.no_pipeline"),
        ({"lines": (Line("a", default_user_id=GONE),)}, "lines[0].default_user", "configuration.no_user"),
        ({"lines": (Line("a", missed_user_id=GONE),)}, "lines[0].missed_user", "configuration.no_user"),
        ({"lines": (Line("a", fields={1: "x"}),)}, "lines[0].fields.1", "configuration.no_field"),
        ({"fields": (FieldRule(Entity.LEAD, 9101, "x"),)}, "fields[0].field", "configuration.field_type"),
        ({"fields": (FieldRule(Entity.CONTACT, 9100, "x"),)}, "fields[0].field", "configuration.no_field"),
    ],
)
def test_what_amocrm_lacks_is_told(changes, path, code):
    assert (path, code) in against(replace(WHOLE, **changes))


def missing(rules, schema=SCHEMA):
    found = vanished.missing(BookingRules(Configuration(telephony=rules), {}), schema)
    return [(one.code, one.scope_kind) for one in found]


def test_the_daily_look_tells_what_is_gone():
    nobody = replace(SCHEMA, users=(CrmUser(ANNA, "Анна"), CrmUser(OLGA, "Ольга", is_active=False)))

    assert missing(WHOLE) == []
    assert missing(WHOLE, nobody) == [("telephony.user_gone", "notice")]
    assert missing(WHOLE, replace(SCHEMA, pipelines=())) == [("telephony.place_gone", "notice")]
    assert missing(WHOLE, replace(SCHEMA, lead_fields=())) == [("telephony.field_gone", "notice")]
    assert missing(replace(WHOLE, is_on=False), replace(SCHEMA, pipelines=())) == []


@pytest.mark.parametrize("code", sorted(set(vanished.OF_CALLS.values())))
def test_what_is_gone_has_a_sentence_and_what_to_press(code):
    assert texts.has(code)
    assert texts.has(f"todo.{code}")


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    [
        ({"result": "busy"}, "results[0].dial_status", "telephony.result_of_all"),
        (
            {"result": "busy", "dial_status": "", "cause": None},
            "results[0].dial_status",
            "telephony.result_of_all",
        ),
        ({"result": "busy", "dial_status": "LAZY"}, "results[0].dial_status", "configuration.unknown_value"),
        ({"result": "talked", "cause": 17}, "results[0].result", "configuration.unknown_value"),
        ({"result": "busy", "cause": 128}, "results[0].cause", OUT_OF_RANGE),
    ],
)
def test_a_result_is_one_of_amocrm_and_never_for_everything(rule, path, code):
    assert (path, code) in problems({"results": [rule]})


def test_results_do_not_contradict_each_other():
    twice = [{"result": "busy", "cause": 17}, {"result": "no_answer", "cause": 17}]

    assert problems({"results": twice}) == [("results[1].result", "configuration.duplicate")]
    assert problems({"results": [{"result": "busy", "cause": n} for n in range(51)]}) == [
        ("results", "configuration.too_many_items")
    ]
