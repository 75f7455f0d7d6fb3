"""Any configuration survives its way into a document and back, and differences are told by readable paths."""

import dataclasses
import json
from copy import deepcopy
from dataclasses import replace
from enum import StrEnum

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.rules.configuration import Branch, Configuration, Direction, Master, Mode, Route
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
from tests.support.document import DOCUMENT, ENV, changed

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
