"""The configuration document: what is read, where its tokens go, and that each of its keys is documented."""

import json
from pathlib import Path

import pytest

from backend.core.errors import InvalidInput
from backend.core.rules.configuration import USUAL_FIELDS, Branch, Configuration, FieldName, Mode
from backend.core.rules.configuration_changes import render
from backend.core.rules.configuration_document import FIELDS, parse
from backend.core.salon import Phase
from tests.support.document import DOCUMENT, ENV, changed, problems

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
