"""What is refused in a configuration document, and where: every mistake by its path, all of them at once."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend import texts
from backend.core.errors import InvalidInput
from backend.core.rules.configuration import Master
from backend.core.rules.configuration_changes import render
from backend.core.rules.configuration_document import parse
from tests.support.document import DOCUMENT, ENV, changed, problems

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
