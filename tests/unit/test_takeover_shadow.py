"""Ours beside theirs: every class of the comparison."""

import pytest

from backend.core.money import Kopecks
from backend.core.takeover import shadow
from backend.core.takeover.intents import Action, Intent, State
from backend.core.takeover.shadow import Author, Case, Diff

WANTED = State(None, 8001, 8101, Kopecks(250_000), 7000001, {500: ("7",)})
THEIRS = State(5, 8001, 8101, Kopecks(250_000), 7000001, {500: ("7",)})
OPEN = Intent(Action.OPEN, "created", "waiting", "epilation", WANTED)
NOTHING = Intent(Action.NOTHING, "up_to_date", "waiting")


def state(base=THEIRS, **changes):
    names = ("lead_id", "pipeline_id", "stage_id", "price", "responsible_id", "fields")
    return State(**{**{name: getattr(base, name) for name in names}, **changes})


def change(phase="no_show", reason="moved", **wanted):
    return Intent(Action.CHANGE, reason, phase, "", State(5, **wanted))


def found(case):
    return [(part.diff, part.rule) for part in shadow.compare(case)]


def test_same_lead_is_equal():
    parts = shadow.compare(Case(OPEN, THEIRS, is_new=True))

    assert parts == ()
    assert shadow.classify(parts, is_first=True) is Diff.EQUAL
    assert shadow.classify(parts, is_first=False) is Diff.EQUAL_LATER


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"pipeline_id": 8002, "stage_id": 8201}, "category"),
        ({"pipeline_id": 9999, "stage_id": 1}, "pipeline"),
        ({"stage_id": 8102}, "stage:waiting"),
        ({"price": Kopecks(200_000)}, "price"),
        ({"responsible_id": 7000002}, "responsible"),
        ({"fields": {500: ("8",)}}, "field:500"),
    ],
)
def test_what_both_made_otherwise_is_explained_by_a_rule(changes, rule):
    case = Case(OPEN, state(**changes), is_new=True, pipelines=frozenset({8001, 8002}))

    assert found(case) == [(Diff.EXPLAINED, rule)]
    assert not shadow.may_change(shadow.compare(case))


def test_a_ruble_is_no_difference():
    assert found(Case(OPEN, state(price=Kopecks(250_100)), is_new=True)) == []
    assert found(Case(OPEN, state(price=Kopecks(250_101)), is_new=True)) != []


def test_lead_that_was_there_before_is_another_way_to_link():
    assert found(Case(OPEN, THEIRS)) == [(Diff.EXPLAINED, "linking")]


def test_lead_of_another_category_is_told_by_its_category_alone():
    case = Case(OPEN, state(pipeline_id=8002), pipelines=frozenset({8002}))

    assert found(case) == [(Diff.EXPLAINED, "category")]


@pytest.mark.parametrize(("lead_id", "parts"), [(5, []), (6, [(Diff.EXPLAINED, "linking")])])
def test_attaching_means_the_same_lead(lead_id, parts):
    attach = Intent(Action.ATTACH, "attached", "waiting", "epilation", state(lead_id=lead_id))

    assert found(Case(attach, THEIRS, is_new=True)) == parts


def test_what_was_seen_before_does_not_count_for_a_lead_that_is_to_begin():
    case = Case(OPEN, state(stage_id=8102), before=state(stage_id=8102), is_new=True)

    assert found(case) == [(Diff.EXPLAINED, "stage:waiting")]


@pytest.mark.parametrize(("is_usual", "diff"), [(False, Diff.OURS_EXTRA), (True, Diff.GET8_MISSED)])
def test_lead_that_they_did_not_make(is_usual, diff):
    parts = shadow.compare(Case(OPEN, is_usual=is_usual))

    assert [(part.diff, part.rule) for part in parts] == [(diff, "new_lead")]
    assert shadow.may_change(parts)


def test_nothing_on_both_sides_is_equal():
    assert found(Case(NOTHING)) == []


def test_change_of_a_lead_that_is_gone():
    assert found(Case(change(stage_id=8105))) == [(Diff.OURS_EXTRA, "lead_gone")]


@pytest.mark.parametrize(
    ("reason", "author", "diff", "rule"),
    [
        ("excluded_staff", Author.WRITER, Diff.EXPLAINED, "skipped:excluded_staff"),
        ("no_route", Author.WRITER, Diff.OURS_MISSED, "skipped:no_route"),
        ("", Author.UNKNOWN, Diff.OURS_MISSED, "skipped:unknown"),
        ("excluded_staff", Author.PERSON, Diff.HUMAN, "skipped:excluded_staff"),
    ],
)
def test_lead_that_we_would_not_make(reason, author, diff, rule):
    intent = Intent(Action.NOTHING, reason, "waiting")

    assert found(Case(intent, THEIRS, author=author)) == [(diff, rule)]


# A lead that both know


@pytest.mark.parametrize(("is_usual", "diff"), [(False, Diff.OURS_EXTRA), (True, Diff.GET8_MISSED)])
def test_move_that_they_did_not_make(is_usual, diff):
    case = Case(change(stage_id=8105), THEIRS, before=THEIRS, is_usual=is_usual)

    assert found(case) == [(diff, "stage:no_show")]
    assert shadow.may_change(shadow.compare(case))


@pytest.mark.parametrize(("is_usual", "diff"), [(False, Diff.EXPLAINED), (True, Diff.GET8_MISSED)])
def test_edit_that_they_did_not_make_is_no_move(is_usual, diff):
    intent = change(price=Kopecks(300_000), fields={500: ("8",)}, responsible_id=7000002)
    case = Case(intent, THEIRS, before=THEIRS, is_usual=is_usual)

    assert found(case) == [(diff, "price"), (diff, "responsible"), (diff, "field:500")]


def test_what_they_did_in_the_same_way_is_equal():
    case = Case(change(stage_id=8105), state(stage_id=8105), before=THEIRS)

    assert found(case) == []


def test_change_of_a_lead_never_seen_before():
    assert found(Case(change(stage_id=8105, price=Kopecks(1)), THEIRS)) == [
        (Diff.EXPLAINED, "stage:no_show"),
        (Diff.EXPLAINED, "price"),
    ]


@pytest.mark.parametrize(
    ("author", "diff"),
    [
        (Author.WRITER, Diff.EXPLAINED), (Author.UNKNOWN, Diff.EXPLAINED), (Author.PERSON, Diff.HUMAN),
        (Author.ROBOT, Diff.HUMAN),
    ],
)  # fmt: skip
def test_whoever_changed_it_otherwise(author, diff):
    case = Case(change(stage_id=8105), state(stage_id=8109), before=THEIRS, author=author)

    assert found(case) == [(diff, "stage:no_show")]


def test_each_property_is_its_own_authors():
    case = Case(
        NOTHING, state(stage_id=8109, price=Kopecks(1)), before=THEIRS, author=Author.WRITER,
        authors={"stage_id": Author.PERSON, "price": Author.WRITER},
    )  # fmt: skip

    assert found(case) == [(Diff.OURS_MISSED, "price"), (Diff.HUMAN, "stage:waiting")]


def test_person_who_is_known_to_have_chosen_the_pipeline():
    case = Case(
        OPEN, state(pipeline_id=8002), is_new=True, pipelines=frozenset({8002}),
        authors={"pipeline_id": Author.PERSON},
    )  # fmt: skip

    assert found(case) == [(Diff.HUMAN, "category")]


def test_doubt_is_about_what_somebody_did_to_a_property():
    done = shadow.compare(Case(OPEN, state(price=Kopecks(1)), is_new=True))
    not_done = shadow.compare(Case(change(price=Kopecks(1)), THEIRS, before=THEIRS))

    assert shadow.is_doubtful(done)
    assert not shadow.is_doubtful(not_done)
    assert not shadow.is_doubtful(shadow.compare(Case(OPEN, THEIRS)))


def test_who_edits_a_new_lead_has_not_chosen_its_pipeline():
    case = Case(
        OPEN, state(pipeline_id=8002, price=Kopecks(1)), is_new=True, author=Author.PERSON,
        pipelines=frozenset({8002}),
    )  # fmt: skip

    assert found(case) == [(Diff.EXPLAINED, "category"), (Diff.HUMAN, "price")]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"pipeline_id": 8002}, "pipeline"),
        ({"stage_id": 8109}, "stage:waiting"),
        ({"price": Kopecks(1)}, "price"),
        ({"responsible_id": 7}, "responsible"),
    ],
)
def test_what_they_did_without_us_is_missed_by_us(changes, rule):
    assert found(Case(NOTHING, state(**changes), before=THEIRS)) == [(Diff.OURS_MISSED, rule)]
    by_person = Case(NOTHING, state(**changes), before=THEIRS, author=Author.PERSON)
    assert found(by_person) == [(Diff.HUMAN, rule)]


def test_what_our_rules_would_have_it_be_is_equal():
    case = Case(NOTHING, state(stage_id=8105, price=Kopecks(9)), before=THEIRS, target=8105, sums=(900, 50))

    assert found(case) == []


def test_stage_that_our_rules_keep_is_explained_by_the_reason():
    intent = Intent(Action.NOTHING, "stage_locked", "no_show")

    assert found(Case(intent, state(stage_id=8105), before=THEIRS)) == [(Diff.EXPLAINED, "kept:stage_locked")]


# Leads beside the main one


def test_two_leads_for_one_booking():
    parts = shadow.compare(Case(OPEN, THEIRS, is_new=True, doubles=(6, 7)))

    assert [(part.diff, part.theirs) for part in parts] == [(Diff.GET8_DUPLICATE, [6, 7])]


def test_shares_are_explained_by_their_rules():
    intent = Intent(Action.OPEN, "created", "waiting", "epilation", WANTED, ("cosmetology", ">"))

    assert found(Case(intent, THEIRS, is_new=True)) == [
        (Diff.EXPLAINED, "split"),
        (Diff.EXPLAINED, "next_visit"),
    ]


@pytest.mark.parametrize(("stage", "parts"), [(143, []), (8105, [(Diff.OURS_EXTRA, "other_lead")])])
def test_move_of_another_bookings_lead(stage, parts):
    intent = Intent(Action.OPEN, "created", "waiting", "", WANTED, (), (State(9, stage_id=143),))

    assert found(Case(intent, THEIRS, is_new=True, sides=(stage,))) == parts


def test_the_gravest_names_the_whole():
    intent = Intent(Action.OPEN, "created", "waiting", "", WANTED, (), (State(9, stage_id=143),))
    parts = shadow.compare(Case(intent, state(price=Kopecks(1)), is_new=True, doubles=(6,), sides=(None,)))

    assert [part.diff for part in parts] == [Diff.OURS_EXTRA, Diff.EXPLAINED, Diff.GET8_DUPLICATE]
    assert shadow.classify(parts, is_first=True) is Diff.OURS_EXTRA


# Small things


@pytest.mark.parametrize(
    ("user", "writers", "author"),
    [
        (7, {7}, Author.WRITER), (8, {7}, Author.PERSON), (0, {7}, Author.ROBOT), (0, {0}, Author.WRITER),
        (None, {7}, Author.UNKNOWN), (8, set(), Author.UNKNOWN),
    ],
)  # fmt: skip
def test_who_changed_it(user, writers, author):
    assert shadow.who(user, writers) is author


@pytest.mark.parametrize(
    ("ours", "theirs", "answer"),
    [
        (("7",), ("7",), True), (("b", "a"), ("a", "b"), True), (("2500",), ("2500.00",), True),
        (("2,5",), ("2.5",), True), (("Вера ",), ("вера",), True), (("7",), ("8",), False),
        (("7",), (), False),
        (("NaN",), ("nan",), False),
    ],
)  # fmt: skip
def test_values_alike(ours, theirs, answer):
    assert shadow.alike(ours, theirs) is answer
