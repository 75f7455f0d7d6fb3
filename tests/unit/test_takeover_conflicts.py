"""The signals of two writers, over rows."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.sync.commands import AddNote, FieldValue, UpdateLead
from backend.core.takeover import conflicts
from backend.core.takeover.conflicts import Foreign
from backend.core.takeover.undo import Change

KEY = "yclients:41001:1"
T = datetime(2026, 11, 21, 12, tzinfo=UTC)


def change(what="price", minutes=0, key=KEY, lead_id=7):
    return Foreign(41001, key, lead_id, what, "а", "б", 8, T + timedelta(minutes=minutes))


def test_where_the_writer_is_known_everybody_else_is_a_person():
    assert conflicts.is_foreign(8, {8})
    assert not conflicts.is_foreign(1, {8})
    assert not conflicts.is_foreign(None, {8})
    assert conflicts.is_foreign(1, ())


def test_two_living_leads_claim_one_record():
    claims = {KEY: [9, 8, 9], "b": [5], "c": [4, 6], "d": [3]}

    found = conflicts.two_leads(claims, {KEY: 8, "b": 5, "c": 1, "d": 2}, {8, 9, 5, 6, 3, 4})

    assert found == {KEY: (8, 9), "c": (4, 6)}


def test_only_answers_to_the_salons_news_are_contested():
    news = {KEY: [T]}
    rows = [
        change("price", 1), change("stage", 2), change("name", 0), change("field:11", 1),
        change("field:12", 1),
        change("price", 3), change("price", -1), change("price", 1, "b"), change(conflicts.MADE, 1),
    ]  # fmt: skip

    assert conflicts.contested(rows, news, {11}) == rows[:4]


def test_the_crms_clock_has_whole_seconds():
    early = Foreign(1, KEY, 7, "price", "", "", 8, T - timedelta(seconds=0.9))

    assert conflicts.contested([early], {KEY: [T]}, ()) == [early]


@pytest.mark.parametrize(
    ("minutes", "answer"), [((0, 5, 10), True), ((0, 5, 11), False), ((0, 1), False), ((0, 20, 25, 29), True)]
)
def test_three_in_ten_minutes_are_a_storm(minutes, answer):
    assert conflicts.is_storm([change(minutes=one) for one in minutes]) is answer


def test_their_own_fields_and_their_new_leads():
    rows = [change("field:5"), change("field:6"), change("price"), change(conflicts.MADE)]

    assert conflicts.in_their_fields(rows, {5}) == [rows[0], rows[3]]


def write(n, before, after, what="price", lead_id=7, at=T):
    return Change(KEY, lead_id, what, before, after, at, n)


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ([write(1, "1", "200"), write(2, "1", "200")], {(7, "price")}),
        ([write(1, "100", "200"), write(2, "200", "100"), write(3, "100", "200")], set()),
        ([write(1, "1", "200")], set()),
        ([write(1, "1", "200"), write(2, "1", "300")], set()),
        ([write(1, "1", "200"), write(2, "1", "200", lead_id=8)], set()),
        ([write(1, "1", "200"), write(2, "1", "200", at=None)], set()),
        ([write(1, "1", "200", at=T - timedelta(days=2)), write(2, "1", "200")], set()),
        ([write(1, None, "200"), write(2, None, "200")], set()),
        ([write(1, "", "x", "note"), write(2, "", "x", "note")], set()),
        ([write(1, "", "x", lead_id=None), write(2, "", "x", lead_id=None)], set()),
        ([write(1, "", "7", "field:9"), write(2, "0", "7.0", "field:9")], set()),
        ([write(1, "1", "7", "field:9"), write(2, "1.0", "7.0", "field:9")], {(7, "field:9")}),
        ([write(1, "а", "б", "name"), write(2, "а", "б", "name")], {(7, "name")}),
        ([write(1, "1:2", "1:3", "stage"), write(2, "1:2", "1:3", "stage")], {(7, "stage")}),
    ],
)
def test_a_value_that_goes_to_and_fro(rows, answer):
    assert conflicts.flipping(rows[::-1], {9: "numeric"}, T) == answer


def test_what_is_fought_over_is_left_out_and_still_remembered():
    whole = UpdateLead(
        KEY, 7, name="а", price=1, pipeline_id=1, stage_id=2, loss_reason_id=3,
        fields=(FieldValue(11, "x"), FieldValue(12, "y")), remembers=(("price", "1"),),
    )  # fmt: skip

    rest = conflicts.without(
        whole, {(7, "name"), (7, "price"), (7, "stage"), (7, "field:11"), (8, "field:12")}
    )

    assert rest == UpdateLead(KEY, 7, fields=(FieldValue(12, "y"),), remembers=(("price", "1"),))


def test_the_rest_of_a_lead_goes_on():
    whole = UpdateLead(KEY, 7, name="а", price=1, pipeline_id=1, stage_id=2)

    assert conflicts.without(whole, {(7, "price")}) == UpdateLead(KEY, 7, name="а", pipeline_id=1, stage_id=2)
    assert conflicts.without(whole, {(8, "price")}) is whole
    assert conflicts.without(whole, ()) is whole
    assert conflicts.without(AddNote(KEY, 7, "x"), {(7, "note")}) == AddNote(KEY, 7, "x")


def test_addresses_of_the_other_widget_by_themselves_or_by_their_host():
    theirs = ("https://a.get8.test/hook/1",)
    there = ("https://A.get8.test:443/other", "https://loyalty.test/x", theirs[0], "user@b.test")

    assert conflicts.still_told(there, theirs) == (there[0], there[2])
    assert conflicts.still_told(there, ()) == ()
