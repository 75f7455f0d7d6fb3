"""What our writes changed, and what of it may be taken back: only where our own value still stands."""

from datetime import UTC, datetime

import pytest

from backend.core.crm import Lead
from backend.core.money import Kopecks
from backend.core.sync.commands import (
    AddNote,
    AddTask,
    CreateLead,
    FieldValue,
    LinkProducts,
    NewContact,
    ProductLine,
    ReplaceContact,
    UpdateContact,
    UpdateLead,
)
from backend.core.takeover import undo
from backend.core.takeover.undo import Change, Known, Line, Outcome, Wish

KEY = "yclients:41001:1"
LEAD = Lead(7, 8001, 8101, Kopecks(250000), "Запись: Мария", fields=((11, "старое"), (12, "А"), (12, "Б")))
ALL = Wish(values=True, stages=True, created=True)
TYPES = {12: "multiselect"}


def known(*leads, hidden=()):
    return Known({lead.id: lead for lead in leads}, TYPES, frozenset(hidden))


def changes(*rows, lead_id=7):
    return [Change(KEY, lead_id, what, before, after, id=n) for n, (what, before, after) in enumerate(rows)]


def only(rows, *leads, wish=ALL, **more):
    (line,) = undo.lines(rows, known(*leads, **more), wish)
    return line


# What a command changes


def test_a_change_of_a_lead_is_one_row_for_each_value_that_differs():
    command = UpdateLead(
        KEY, 7, name="Мария", price=Kopecks(250000), pipeline_id=8001, stage_id=142,
        fields=(FieldValue(11, "новое"), FieldValue(12, ("А", "Б")), FieldValue(13, None)), tags=("мостик",),
    )  # fmt: skip

    found = {(one.what, one.before, one.after) for one in undo.of_command(command, {7: LEAD})}

    assert found == {
        ("name", "Запись: Мария", "Мария"), ("stage", "8001:8101", "8001:142"),
        ("field:11", "старое", "новое"), ("tags", "", "мостик"),
    }  # fmt: skip


def test_of_a_lead_that_nobody_knows_the_value_before_is_unknown():
    found = undo.of_command(UpdateLead(KEY, 9, stage_id=142), {})

    assert [(one.what, one.before, one.after) for one in found] == [("stage", None, "0:142")]


def test_a_change_of_fields_alone_says_nothing_of_the_stage():
    (found,) = undo.of_command(UpdateLead(KEY, 7, fields=(FieldValue(11, "новое"),)), {7: LEAD})

    assert (found.what, found.before, found.after) == ("field:11", "старое", "новое")


def test_a_stage_alone_keeps_its_pipeline():
    (found,) = undo.of_command(UpdateLead(KEY, 7, stage_id=142), {7: LEAD})

    assert found.after == "8001:142"


@pytest.mark.parametrize(
    ("command", "what", "lead_id", "after"),
    [
        (CreateLead(KEY, "d", "Мария", 1, 2, 3, Kopecks(0), 5), "created", None, "Мария"),
        (AddNote(KEY, 7, "слова"), "note", 7, "слова"),
        (AddTask(KEY, None, "дело", datetime(2026, 1, 1, tzinfo=UTC), 3), "task", None, "дело"),
        (ReplaceContact(KEY, 7, 5, 4), "contact", 7, "5"),
        (ReplaceContact(KEY, 7, NewContact((), "Анна")), "contact", 7, "Анна"),
        (UpdateContact(KEY, 5), "contact", None, "№ 5"),
        (LinkProducts(KEY, 7, (ProductLine("r", "Чистка", Kopecks(1)),)), "products", 7, "Чистка"),
    ],
)
def test_what_is_only_added_is_noted_too(command, what, lead_id, after):
    (found,) = undo.of_command(command, {})

    assert (found.what, found.lead_id, found.after) == (what, lead_id, after)


# What may be taken back


def test_of_several_writes_the_first_value_before_comes_back_if_the_last_stands():
    line = only(changes(("price", "100", "200"), ("price", "200", "250000")), LEAD)

    assert (line.before, line.after, line.now, line.outcome) == ("100", "250000", "250000", Outcome.UNDO)


def test_a_value_changed_by_somebody_since_stays():
    assert only(changes(("price", "100", "200")), LEAD).outcome is Outcome.CHANGED


def test_what_stands_as_before_needs_nothing():
    assert only(changes(("field:11", "старое", "новое")), LEAD).outcome is Outcome.SAME


def test_nobody_knows_what_was_before():
    assert only(changes(("price", None, "250000")), LEAD).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("lead", [None, Lead(7, 1, 2, Kopecks(0), is_deleted=True)])
def test_a_lead_that_is_gone(lead):
    leads = (lead,) if lead else ()

    assert only(changes(("price", "1", "2")), *leads).outcome is Outcome.GONE


@pytest.mark.parametrize(
    ("what", "wish"), [("price", Wish(stages=True)), ("stage", Wish(values=True)), ("price", undo.NOTHING)]
)
def test_only_what_is_asked_for(what, wish):
    now = undo.value(LEAD, what)

    assert (
        only(changes((what, "1:1" if what == "stage" else "1", now)), LEAD, wish=wish).outcome == "not_asked"
    )


def test_what_was_added_stays_in_one_line():
    line = only(changes(("note", "", "раз"), ("note", "", "два"), ("note", "", "раз")), LEAD)

    assert (line.outcome, line.after) == (Outcome.STAYS, "раз\nдва")


def test_hidden_fields_and_rows_without_a_lead_are_nobodys_business():
    rows = [*changes(("field:99", "", KEY)), *changes(("contact", None, "№ 5"), lead_id=None)]

    assert undo.lines(rows, known(LEAD, hidden=[99]), ALL) == ()


def test_the_oldest_comes_first():
    other = Lead(8, 1, 2, Kopecks(5))
    rows = [Change(KEY, 8, "price", "1", "5", id=3), Change(KEY, 7, "price", "1", "250000", id=9)]

    assert [line.lead_id for line in undo.lines(rows[::-1], known(LEAD, other), ALL)] == [8, 7]


# Leads of ours


def made(*more):
    return changes(("created", "", "Мария"), *more)


def test_a_lead_of_ours_is_left_unless_somebody_wishes_it_closed():
    assert only(made(("price", "1", "2")), LEAD, wish=Wish(values=True)).outcome is Outcome.LEFT
    assert only(made(), LEAD).outcome is Outcome.CLOSE
    assert only(made(("stage", "8001:8100", "8001:8101")), LEAD).outcome is Outcome.CLOSE


def test_a_lead_of_ours_that_somebody_moved_is_not_closed():
    assert only(made(("stage", "8001:8100", "8001:8105")), LEAD).outcome is Outcome.CHANGED


def test_a_closed_lead_of_ours_is_left():
    assert only(made(), Lead(7, 1, 142, Kopecks(0))).outcome is Outcome.LEFT


# The same value in two spellings


@pytest.mark.parametrize(
    ("one", "other", "kind", "answer"),
    [
        ("2500", "2500.0", "numeric", True), ("2500", "2501", "numeric", False), ("x", "y", "numeric", False),
        ("250049", "250000", "budget", True), ("250100", "250000", "budget", False),
        ("1", "true", "checkbox", True), ("", "0", "checkbox", True), ("1", "0", "checkbox", False),
        ("1700000000", "1699995600", "date", True), ("1700000000", "1600000000", "date", False),
        ("завтра", "1", "birthday", False),
        ("А\nБ", "Б\nА", "multiselect", True), ("А", "Б", "multiselect", False),
        ("я" * 300, "я" * 255 + "…", "text", True), ("а", "б", "url", False),
        (" а ", "а", "", True), ("а", "б", "", False),
    ],
)  # fmt: skip
def test_the_same_value_in_two_spellings(one, other, kind, answer):
    assert undo.same(one, other, kind) is answer


def test_the_type_of_a_value():
    assert [undo.kind(what, TYPES) for what in ("field:12", "field:1", "price", "name")] == [
        "multiselect", "", "budget", "",
    ]  # fmt: skip


# How it is taken back


def line(what, before, outcome=Outcome.UNDO):
    return Line(KEY, 7, what, before, "наше", "наше", outcome)


def test_all_values_of_a_lead_come_back_in_one_change():
    found = [
        line("name", "Мария"), line("price", "100"), line("stage", "8002:8201"), line("field:11", ""),
        line("field:12", "А\nБ"), line("field:13", None), line("field:14", "x", Outcome.CHANGED),
    ]  # fmt: skip

    assert undo.command(found, LEAD, known(LEAD), "откат") == UpdateLead(
        KEY, 7, name="Мария", price=Kopecks(100), pipeline_id=8002, stage_id=8201,
        fields=(FieldValue(11, None), FieldValue(12, ("А", "Б")), FieldValue(13, None)),
    )  # fmt: skip


def test_nothing_taken_back_is_no_change():
    assert undo.command([line("name", "x", Outcome.CHANGED)], LEAD, known(LEAD), "откат") is None


def test_a_lead_of_ours_is_closed_with_the_tag():
    closed = undo.command([line("created", "", Outcome.CLOSE)], LEAD, known(LEAD), "откат")

    assert closed == UpdateLead(KEY, 7, pipeline_id=8001, stage_id=143, tags=("откат",))
