"""The configuration document: what is read, what is refused and where, and that it survives a round trip."""

import contextlib
import dataclasses
import json
from copy import deepcopy
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend import texts
from backend.core.errors import InvalidInput
from backend.core.rules.configuration import (
    USUAL_FIELDS,
    Branch,
    Configuration,
    Direction,
    FieldName,
    Master,
    Mode,
    Route,
)
from backend.core.rules.configuration_changes import Difference, differences, render
from backend.core.rules.configuration_document import FIELDS, parse
from backend.core.rules.options import STANDARD, MultiCategory, NextLead, Options
from backend.core.rules.sections import (
    Alerts,
    CardRights,
    ContactFieldName,
    TaskRule,
    TaskWhen,
    TextName,
    Who,
)
from backend.core.salon import Phase

ENV = {"YC_41001": "token-of-tverskaya"}

DOCUMENT = {
    "account": {"timezone": "Europe/Moscow"},
    "options": {
        "multi_category": "hybrid",
        "after_no_show": "continue",
        "settle": {"create": 30, "edit": 10, "arrived": 120, "no_show": 300, "delete": 60},
        "trigger_wait": 120,
        "loss_reasons": {"cancelled": 501, "technical": 502},
        "do_not_attach_tag": "не привязывать",
        "common_pipelines": [],
    },
    "branches": [
        {
            "company_id": 41001, "title": "Тверская", "user_token": "env:YC_41001", "mode": "active",
            "responsible_id": 7000001, "excluded_staff": [91],
        },
    ],
    "directions": [
        {
            "key": "epilation", "title": "Эпиляция", "priority": 1,
            "categories": {41001: [501, 502]}, "services": {41001: [90017]},
        },
        {"key": "other", "title": "Прочее", "default": True},
    ],
    "routes": [
        {
            "branch": 41001, "direction": "epilation", "pipeline": 8001, "responsible_id": 7000001,
            "attachable": [8100, 8101, 8105],
            "stages": {"waiting": 8101, "confirmed": 8102, "arrived": 142, "no_show": 8105, "cancelled": 143},
            "ranks": {8100: 10, 8105: 15, 8101: 20, 8102: 30},
        },
    ],
    "fields": {"record_id": 9001, "salon": "create", "direction": "create", "visit_at": 9005},
}  # fmt: skip


def changed(path, value):
    """The example document with one value replaced, added or (`...`) taken away."""
    document = deepcopy(DOCUMENT)
    target = document
    for step in path[:-1]:
        target = target[step]
    if value is ...:
        del target[path[-1]]
    elif isinstance(target, list) and path[-1] == len(target):
        target.append(value)
    else:
        target[path[-1]] = value
    return document


def problems(document, env=ENV):
    with pytest.raises(InvalidInput) as caught:
        parse(document, env)
    assert caught.value.code == "configuration.invalid"
    return [
        (problem.path, problem.code.removeprefix("configuration."))
        for problem in caught.value.details["problems"]
    ]


# --- what is read ---


def test_the_example_is_read_whole():
    found = parse(DOCUMENT, ENV).configuration

    assert found.branches == (Branch(41001, "Тверская", Mode.ACTIVE, 7000001, frozenset({91})),)
    assert found.direction("epilation").categories == {41001: frozenset({501, 502})}
    assert found.direction("epilation").services == {41001: frozenset({90017})}
    assert found.default_direction.key == "other"
    route = found.route(41001, "epilation")
    assert (route.pipeline_id, route.entry_stage, route.responsible_id) == (8001, 8101, 7000001)
    assert route.stages[Phase.ARRIVED] == 142
    assert route.ranks == {8100: 10, 8105: 15, 8101: 20, 8102: 30}
    assert (found.options.cancelled_loss_reason, found.options.technical_loss_reason) == (501, 502)


def test_an_empty_document_is_all_defaults():
    found = parse({}).configuration

    usual = {name: "create" if name in USUAL_FIELDS else None for name in FIELDS}
    assert found == Configuration(fields=usual)


def test_null_means_left_out():
    document = {
        "account": None,
        "options": {"settle": None, "trigger_wait": None, "loss_reasons": None},
        "branches": None,
        "fields": None,
    }

    assert parse(document) == parse({})


def test_a_left_out_field_is_created_and_a_null_one_is_not_filled():
    fields = parse({"fields": {"comment": None, "salon": 9001}}).configuration.fields

    assert fields[FieldName.COMMENT] is None
    assert fields[FieldName.SALON] == 9001
    assert fields[FieldName.MASTER] == "create"


def test_what_was_begun_by_clicks_fills_the_fields_as_what_was_begun_by_a_file():
    assert parse(render(Configuration())).configuration == parse({}).configuration


def test_a_phase_without_a_stage_moves_nothing():
    found = parse(changed(("routes", 0, "stages", "confirmed"), None), ENV).configuration

    assert Phase.CONFIRMED not in found.routes[0].stages


def test_ids_may_be_texts_where_json_makes_them_so():
    assert parse(json.loads(json.dumps(DOCUMENT)), ENV) == parse(DOCUMENT, ENV)


# --- tokens ---


def test_tokens_are_apart_from_the_configuration():
    parsed = parse(DOCUMENT, ENV)

    assert parsed.tokens == {41001: "token-of-tverskaya"}
    assert "token-of-tverskaya" not in repr(parsed)
    assert "token-of-tverskaya" not in str(render(parsed.configuration))


@pytest.mark.parametrize("document", [
    changed(("branches", 0, "user_token"), "kept"),
    changed(("branches", 0, "user_token"), ...),
])  # fmt: skip
def test_a_kept_token_is_not_given(document):
    assert parse(document, ENV).tokens == {}


def test_a_token_may_be_given_as_it_is():
    assert parse(changed(("branches", 0, "user_token"), " abc "), {}).tokens == {41001: "abc"}


@pytest.mark.parametrize(("token", "code"), [
    ("env:NOT_THERE", "token_env_missing"),
    ("env:", "token_env_missing"),
    ("env:EMPTY", "token_env_missing"),
    (123456789, "token_not_text"),
    ("", "token_not_text"),
    (["a"], "token_not_text"),
])  # fmt: skip
def test_a_token_that_cannot_be_used(token, code):
    document = changed(("branches", 0, "user_token"), token)

    assert problems(document, {"EMPTY": " "}) == [("branches[0].user_token", code)]


def test_a_complaint_never_repeats_a_token():
    with pytest.raises(InvalidInput) as caught:
        parse(changed(("branches", 0, "user_token"), 123456789), ENV)

    assert "123456789" not in repr(caught.value.details)


# --- what is refused ---

ROUTE = DOCUMENT["routes"][0]
BRANCH = DOCUMENT["branches"][0]

HAIRDRESSER = {81: {"direction": "hair"}}
MISTAKES = [
    (("account", "timezone"), "Europe/Moskow", "account.timezone", "unknown_timezone"),
    (("account", "timezone"), "../etc/passwd", "account.timezone", "unknown_timezone"),
    (("account", "timezone"), 3, "account.timezone", "not_text"),
    (("acount",), {}, "acount", "unknown_key_near"),
    (("qwerty",), {}, "qwerty", "unknown_key"),
    (("account",), [], "account", "not_mapping"),
    (("options", "multi_category"), "both", "options.multi_category", "unknown_value"),
    (("options", "after_no_show"), True, "options.after_no_show", "unknown_value"),
    (("options", "settle", "create"), -1, "options.settle.create", "out_of_range"),
    (("options", "settle", "create"), 86_401, "options.settle.create", "out_of_range"),
    (("options", "settle", "create"), "30", "options.settle.create", "not_whole"),
    (("options", "settle", "create"), 1.5, "options.settle.create", "not_whole"),
    (("options", "settle", "create"), True, "options.settle.create", "not_whole"),
    (("options", "settle", "noshow"), 1, "options.settle.noshow", "unknown_key_near"),
    (("options", "trigger_wait"), -1, "options.trigger_wait", "out_of_range"),
    (("options", "loss_reasons", "cancelled"), 0, "options.loss_reasons.cancelled", "out_of_range"),
    (("options", "do_not_attach_tag"), 5, "options.do_not_attach_tag", "not_text"),
    (("options", "do_not_attach_tag"), "я" * 256, "options.do_not_attach_tag", "too_long"),
    (("options", "do_not_attach_tag"), "a\nb", "options.do_not_attach_tag", "hidden_character"),
    (("branches", 0, "title"), "Твер\x00ская", "branches[0].title", "hidden_character"),
    (("branches", 0, "title"), "Твер\u2028ская", "branches[0].title", "hidden_character"),
    (("options", "common_pipelines"), 8001, "options.common_pipelines", "not_list"),
    (("options", "common_pipelines"), ["x"], "options.common_pipelines[0]", "not_whole"),
    (("options", "import_past_days"), -3, "options.import_past_days", "out_of_range"),
    (("routes",), {}, "routes", "not_list"),
    (("branches", 0, "company_id"), -1, "branches[0].company_id", "out_of_range"),
    (("branches", 0, "title"), "  ", "branches[0].title", "empty"),
    (("branches", 0, "title"), ..., "branches[0].title", "missing"),
    (("branches", 0, "title"), None, "branches[0].title", "missing"),
    (("branches", 0, "mode"), "acitve", "branches[0].mode", "unknown_value"),
    (("branches", 0, "mode"), False, "branches[0].mode", "unknown_value"),
    (("branches", 0, "timezone"), "Moscow/Europe", "branches[0].timezone", "unknown_timezone"),
    (("branches", 0, "excluded_staff"), [91, None], "branches[0].excluded_staff[1]", "not_whole"),
    (("branches", 0, "responsible"), 7, "branches[0].responsible", "unknown_key_near"),
    (("branches", 1), {**BRANCH, "title": "Арбат"}, "branches[1].company_id", "duplicate"),
    (("branches", 1), {"company_id": 41002, "title": "ТВЕРСКАЯ"}, "branches[1].title", "duplicate"),
    (("branches", 1), "Арбат", "branches[1]", "not_mapping"),
    (("directions", 0, "priority"), -1, "directions[0].priority", "out_of_range"),
    (("directions", 0, "default"), "yes", "directions[0].default", "not_flag"),
    (("directions", 0, "default"), True, "directions[1].default", "two_defaults"),
    (("directions", 0, "categories"), [501], "directions[0].categories", "not_mapping"),
    (("directions", 0, "categories"), {"x": [501]}, "directions[0].categories.x", "not_whole"),
    (("directions", 0, "categories"), {True: [501]}, "directions[0].categories.True", "not_whole"),
    (("directions", 0, "categories"), {41001: 501}, "directions[0].categories.41001", "not_list"),
    (("directions", 0, "categories"), {41001: [-5]}, "directions[0].categories.41001[0]", "out_of_range"),
    (("directions", 0, "services"), {41001: [], "41001": []}, "directions[0].services.41001", "duplicate"),
    (("directions", 0, "categories"), {41009: [501]}, "directions[0].categories.41009", "unknown_branch"),
    (("directions", 0, "services"), {41009: [501]}, "directions[0].services.41009", "unknown_branch"),
    (("directions", 1, "categories"), {41001: [502]}, "directions[1].categories.41001", "mapped_twice"),
    (("directions", 1, "services"), {41001: [90017]}, "directions[1].services.41001", "mapped_twice"),
    (("directions", 2), {"key": "other", "title": "Ещё"}, "directions[2].key", "duplicate"),
    (("directions", 2), {"key": "more", "title": "прочее"}, "directions[2].title", "duplicate"),
    (("routes", 0, "branch"), 41009, "routes[0].branch", "unknown_branch"),
    (("routes", 0, "direction"), "epilaton", "routes[0].direction", "unknown_direction"),
    (("branches", 0, "staff"), HAIRDRESSER, "branches[0].staff.81.direction", "unknown_direction"),
    (("options", "next_lead"), "ours", "options.next_lead", "next_lead_nowhere"),
    (("routes", 0, "pipeline"), ..., "routes[0].pipeline", "missing"),
    (("routes", 0, "stages"), ..., "routes[0].stages", "missing"),
    (("routes", 0, "stages", "waiting"), ..., "routes[0].stages.waiting", "missing"),
    (("routes", 0, "stages", "waiting"), 143, "routes[0].stages.waiting", "entry_stage_closed"),
    (("routes", 0, "stages", "waiting"), 142, "routes[0].stages.waiting", "entry_stage_closed"),
    (("routes", 0, "stages", "arrived"), "won", "routes[0].stages.arrived", "not_whole"),
    (("routes", 0, "stages", "arived"), 142, "routes[0].stages.arived", "unknown_key_near"),
    (("routes", 0, "attachable"), [8100, 143], "routes[0].attachable", "attachable_closed"),
    (("routes", 0, "ranks"), {8100: -1}, "routes[0].ranks.8100", "out_of_range"),
    (("routes", 0, "ranks"), {"first": 10}, "routes[0].ranks.first", "not_whole"),
    (("routes", 0, "ranks"), [10], "routes[0].ranks", "not_mapping"),
    (("routes", 1), ROUTE, "routes[1]", "duplicate"),
    (("fields", "salon"), "make", "fields.salon", "not_field"),
    (("fields", "salon"), 0, "fields.salon", "out_of_range"),
    (("fields", "salon"), [1], "fields.salon", "not_whole"),
    (("fields", "salon"), 9001, "fields.salon", "duplicate"),
    (("fields", "key"), 9009, "fields.key", "unknown_key"),
    (("routes", 0, "tags"), [f"тег {n}" for n in range(11)], "routes[0].tags", "too_many_items"),
    (("texts",), {"lead_name": 5}, "texts.lead_name", "not_text"),
    (("texts",), {"lead_name": "Запись\x07"}, "texts.lead_name", "hidden_character"),
    (("tasks",), [{"when": "booked"}] * 51, "tasks", "too_many_items"),
    (("alerts",), {"emails": [f"a{n}@example.com" for n in range(21)]}, "alerts.emails", "too_many_items"),
    (("alerts",), {"emails": ["никому"]}, "alerts.emails[0]", "not_email"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "where", "code"), MISTAKES)
def test_every_mistake_names_its_path(path, value, where, code):
    assert problems(changed(path, value)) == [(where, code)]


@pytest.mark.parametrize("document", [None, [], "text", 5, True])
def test_a_document_that_is_no_mapping(document):
    assert problems(document) == [("", "not_mapping")]


def test_all_problems_come_at_once():
    document = {
        "branches": [{"title": 5}, {"company_id": 41001, "title": "Тверская", "mode": "on"}],
        "routes": [{"branch": 41001, "direction": "none", "stages": {"waiting": 143}}],
        "fields": {"salon": "x"},
    }

    assert problems(document) == [
        ("branches[0].company_id", "missing"),
        ("branches[0].title", "not_text"),
        ("branches[1].mode", "unknown_value"),
        ("routes[0].pipeline", "missing"),
        ("routes[0].stages.waiting", "entry_stage_closed"),
        ("routes[0].direction", "unknown_direction"),
        ("fields.salon", "not_field"),
    ]


def with_own_next_lead(trigger):
    document = changed(("options", "next_lead"), "ours")
    document["routes"][0]["trigger"] = trigger
    return document


def test_a_next_lead_of_our_own_needs_a_stage_to_begin_in():
    assert problems(with_own_next_lead({"pipeline": 8001})) == [
        ("routes[0].trigger.stage", "next_lead_stage")
    ]
    parsed = parse(with_own_next_lead({"pipeline": 8001, "stage": 8100}), ENV)
    assert parsed.configuration.routes[0].trigger_stage_id == 8100


def test_masters_of_known_directions_are_no_problem():
    staff = {81: {"direction": "epilation"}, 82: {"user": 7000001}}

    parsed = parse(changed(("branches", 0, "staff"), staff), ENV)

    assert parsed.configuration.branches[0].staff == {81: Master(direction="epilation"), 82: Master(7000001)}


def test_a_direction_without_a_key_makes_nobody_elses_unknown():
    document = changed(("directions", 0, "key"), 5)
    document["branches"][0]["staff"] = {81: {"direction": "epilation"}}

    assert problems(document) == [("directions[0].key", "not_text")]


def test_a_broken_branch_is_not_called_unknown_as_well():
    assert problems(changed(("branches", 0, "mode"), "?")) == [("branches[0].mode", "unknown_value")]
    assert problems(changed(("branches", 0, "title"), 1)) == [("branches[0].title", "not_text")]


def test_a_misspelt_key_is_answered_with_the_right_one():
    with pytest.raises(InvalidInput) as caught:
        parse(changed(("routes", 0, "stages", "arived"), 142), ENV)

    assert caught.value.details["problems"][0].details == {"key": "arived", "near": "arrived"}


def test_every_problem_has_a_sentence_without_gaps():
    for path, value, _, _ in MISTAKES:
        with pytest.raises(InvalidInput) as caught:
            parse(changed(path, value), ENV)
        for problem in caught.value.details["problems"]:
            assert texts.has(problem.code, "ru")
            assert texts.has(problem.code, "en")
            assert "—" not in texts.t(problem.code, "ru", **problem.details)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from([path for path, *_ in MISTAKES]), json_values)
def test_no_value_anywhere_breaks_the_reader(path, value):
    document = changed(path, value)

    with contextlib.suppress(InvalidInput):
        found = parse(document, ENV).configuration
        assert parse(render(found)).configuration == found


# --- the round trip ---

ids = st.integers(1, 2**53)
titles = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12)
zones = st.sampled_from(["Europe/Moscow", "Asia/Vladivostok", "UTC"])
stage_ids = ids.filter(lambda number: number not in (142, 143))
id_sets = st.frozensets(ids, max_size=3)


id_maps = st.dictionaries(ids, id_sets, max_size=2)
OWN_OPTIONS = {"excluded_labels": id_maps, "auxiliary": id_maps}
triggers = st.just((None, None)) | st.tuples(ids, st.none() | stage_ids)
choices = st.none() | st.just("create") | ids
contact_fields = st.dictionaries(st.sampled_from(ContactFieldName), st.just("create") | ids, max_size=3)
signs_of_language = st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="{}[]\\")
sentences = st.text(signs_of_language, min_size=1, max_size=12).map("{{клиент}}, {}".format)
wordings = st.dictionaries(st.sampled_from(TextName), sentences, max_size=3)
task_rules = st.builds(
    TaskRule, st.sampled_from(TaskWhen), st.integers(0, 3_650), st.integers(0, 99), sentences, st.none() | ids
) | st.builds(TaskRule, st.just(TaskWhen.BOOKED), st.integers(-3_650, 0), st.integers(-99, 0))
card_rights = st.builds(CardRights, *(st.sampled_from(Who) for _ in range(5)))
emails = st.sampled_from(["owner@salon.example", "desk@salon.example"])
alert_lists = st.builds(Alerts, st.lists(emails, max_size=2, unique=True).map(tuple), st.none() | ids)


@st.composite
def configurations(draw):
    options = draw(_options())
    branches = [
        Branch(
            company,
            title,
            draw(st.sampled_from(Mode)),
            draw(st.none() | ids),
            draw(id_sets),
            draw(st.none() | zones),
            draw(st.none() | st.sampled_from(MultiCategory)),
            {},
            draw(st.dictionaries(ids, ids, max_size=2)),
        )
        for company, title in draw(_named(ids))
    ]
    directions = _directions(draw, [branch.company_id for branch in branches])
    routes = tuple(
        Route(branch.company_id, direction.key, draw(ids), draw(_stages()), draw(st.none() | ids),
              draw(st.frozensets(stage_ids, max_size=3)),
              draw(st.dictionaries(ids, st.integers(0, 1_000), max_size=3)),
              tuple(draw(st.lists(titles, max_size=2, unique=True))), *draw(triggers))
        for branch in branches for direction in directions if draw(st.booleans())
    )  # fmt: skip
    masters = st.builds(Master, st.none() | ids, st.sampled_from([None, *(one.key for one in directions)]))
    branches = [replace(one, staff=draw(st.dictionaries(ids, masters, max_size=2))) for one in branches]
    is_placed = any(route.trigger_pipeline_id for route in routes)
    if not is_placed or any(route.trigger_pipeline_id and not route.trigger_stage_id for route in routes):
        options = replace(options, next_lead=NextLead.CRM)
    chosen = draw(st.lists(ids, min_size=len(FIELDS), max_size=len(FIELDS), unique=True))
    fields = {
        name: draw(st.sampled_from(["create", None, own])) for name, own in zip(FIELDS, chosen, strict=True)
    }
    return Configuration(
        draw(zones), options, tuple(branches), directions, routes, fields, draw(contact_fields),
        draw(choices), draw(wordings), tuple(draw(st.lists(task_rules, max_size=2))), draw(card_rights),
        draw(alert_lists),
    )  # fmt: skip


@st.composite
def _options(draw):
    """Any value for each option, by the kind that its usual value is of."""
    values = {}
    for one in dataclasses.fields(Options):
        usual = getattr(STANDARD, one.name)
        values[one.name] = draw(_like(usual) if one.name not in OWN_OPTIONS else OWN_OPTIONS[one.name])
    return Options(**values)


def _like(usual):
    if isinstance(usual, StrEnum):
        return st.sampled_from(type(usual))
    if isinstance(usual, bool):
        return st.booleans()
    if isinstance(usual, int):
        return st.integers(1, 1_000)
    if isinstance(usual, str):
        return titles
    if dataclasses.is_dataclass(usual):
        parts = {f.name: _like(getattr(usual, f.name)) for f in dataclasses.fields(usual)}
        return st.fixed_dictionaries(parts).map(lambda values: type(usual)(**values))
    return id_sets if isinstance(usual, frozenset) else st.none() | ids


def _named(keys):
    """Keys with titles, both without repeats."""
    pairs = st.tuples(keys, titles)
    return st.lists(pairs, max_size=3, unique_by=(lambda pair: pair[0], lambda pair: pair[1].casefold()))


def _directions(draw, companies):
    """No category or service of a salon in two directions: each direction takes numbers of its own."""
    named = draw(_named(titles))
    default = draw(st.none() | st.integers(0, len(named)))

    def numbers(place):
        own = st.integers(1, 9).map(lambda number: 10 * number + place)
        return {company: draw(st.frozensets(own, max_size=3)) for company in companies if draw(st.booleans())}

    return tuple(
        Direction(
            key, title, draw(st.integers(0, 1_000_000)), place == default, numbers(place), numbers(place)
        )
        for place, (key, title) in enumerate(named)
    )


@st.composite
def _stages(draw):
    others = [phase for phase in Phase if phase is not Phase.WAITING and draw(st.booleans())]
    return {Phase.WAITING: draw(stage_ids), **{phase: draw(ids) for phase in others}}


@settings(deadline=None)
@given(configurations())
def test_a_rendered_configuration_is_read_back_the_same(configuration):
    assert parse(render(configuration)).configuration == configuration


@settings(deadline=None)
@given(configurations())
def test_a_stored_configuration_is_read_back_the_same(configuration):
    stored = json.loads(json.dumps(render(configuration)))

    assert parse(stored).configuration == configuration
    assert differences(stored, render(configuration)) == ()


@settings(deadline=None)
@given(configurations(), configurations())
def test_differences_are_none_only_between_equals(left, right):
    found = differences(render(left), render(right))

    assert (found == ()) == (render(left) == render(right))
    assert all(change.old != change.new for change in found)


# --- differences ---


def _between(path, value):
    before, after = parse(DOCUMENT, ENV).configuration, parse(changed(path, value), ENV).configuration
    return differences(render(before), render(after))


def test_a_changed_value_is_found_by_a_readable_path():
    assert _between(("branches", 0, "mode"), "observe") == (
        Difference("branches[41001].mode", "active", "observe"),
    )
    assert _between(("routes", 0, "stages", "no_show"), 8100) == (
        Difference("routes[41001/epilation].stages.no_show", 8105, 8100),
    )
    assert _between(("directions", 0, "categories"), {41001: [501]}) == (
        Difference("directions[epilation].categories.41001", [501, 502], [501]),
    )


def test_a_branch_put_in_front_does_not_touch_the_others():
    before = parse(DOCUMENT, ENV).configuration
    document = deepcopy(DOCUMENT)
    document["branches"].insert(0, {"company_id": 41002, "title": "Арбат"})

    found = differences(render(before), render(parse(document, ENV).configuration))

    added = {"company_id", "title", "user_token", "mode"}
    assert {change.path for change in found} == {f"branches[41002].{name}" for name in added}
    assert all(change.old is None for change in found)


def test_a_field_that_is_no_longer_filled_shows():
    assert _between(("fields", "salon"), None) == (Difference("fields.salon", "create", None),)


def test_the_documentation_shows_every_key():
    described = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
    rendered = render(parse(DOCUMENT, ENV).configuration)

    missing = [key for key in _keys(rendered) if f"`{key}`" not in described]

    assert missing == []


def _keys(value):
    if isinstance(value, list):
        for item in value:
            yield from _keys(item)
    elif isinstance(value, dict):
        for key, child in value.items():
            if isinstance(key, str):
                yield key
            yield from _keys(child)
