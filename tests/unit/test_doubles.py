"""Doubles: whose the key is, what is ours to close, and what only a person does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.core.crm import LOST, Lead
from backend.core.money import Kopecks
from backend.core.reasons import Reason
from backend.core.sync.commands import AddNote, FieldValue, UpdateLead
from backend.core.sync.links import booking_of, key_value
from backend.core.watch import doubles
from backend.core.watch.doubles import Action, Kind, Origin, Wish, Words

MORNING = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
KEY, KEY_FIELD, DIRECTION, SALON = "yclients:1:7", 90, 91, 92
US = 500
WORDS = Words("копия", "повтор")


def lead(number, minutes=0, author=7, changed=0, **more):
    created = MORNING + timedelta(minutes=minutes)
    values = {
        "fields": ((KEY_FIELD, KEY),), "contact_ids": (1,), "created_at": created, "created_by": author,
        "updated_at": created + timedelta(minutes=changed), **more,
    }  # fmt: skip
    return Lead(number, 10, 100, Kopecks(0), **values)


def found(*leads, owner=None, origin=None):
    origin = origin or Origin(author=US)
    return [(one.target, one.action, one.why) for one in doubles.with_one_key(KEY, leads, owner, origin)]


def test_one_lead_is_no_double():
    assert found(lead(1)) == []


def test_key_belongs_to_the_lead_of_the_link():
    assert found(lead(1), lead(2, 5), owner=2) == [(1, Action.CLEAR_COPY, "copied")]


def test_without_a_link_the_key_belongs_to_the_oldest():
    assert found(lead(2, 5), lead(1), owner=None) == [(2, Action.CLEAR_COPY, "copied")]


def test_lead_without_a_date_is_the_oldest():
    assert found(lead(2), lead(9, created_at=None)) == [(2, Action.CLEAR_COPY, "copied")]


def test_what_we_made_twice_and_nobody_touched_may_be_closed():
    assert found(lead(1), lead(2, 1, author=US)) == [(2, Action.CLOSE_OURS, "made_twice")]
    made = Origin(made=frozenset({2}))
    assert found(lead(1), lead(2, 1, author=0), origin=made) == [(2, Action.CLOSE_OURS, "made_twice")]


@pytest.mark.parametrize(
    "touched",
    [
        lead(2, 1, author=US, changed=30),
        replace(lead(2, 1, author=US), stage_id=LOST),
        replace(lead(2, 1, author=US), is_deleted=True),
        lead(2, 1, author=US, updated_at=None),
    ],
)
def test_what_was_touched_loses_its_key_at_most(touched):
    assert found(lead(1), touched) == [(2, Action.CLEAR_COPY, "touched")]


def test_three_leads_are_two_findings():
    assert [target for target, _, _ in found(lead(1), lead(2, 1), lead(3, 2))] == [2, 3]


def idle(number, direction="Эпиляция", salon="Тверская", **more):
    fields = ((DIRECTION, direction), (SALON, salon))
    return lead(number, number, fields=tuple(pair for pair in fields if pair[1]), **more)


def crowd(*leads, driven=()):
    return doubles.several_open(leads, frozenset(driven), DIRECTION, SALON)


def test_open_leads_of_one_person_and_direction_wait_for_a_choice():
    (one,) = crowd(idle(1), idle(2), idle(3, "Косметология"))

    assert (one.kind, one.action, one.lead_ids, one.contact_ids) == (
        Kind.SEVERAL_OPEN, Action.CHOOSE, (2, 1), (1,),
    )  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        idle(2, "Косметология"),
        idle(2, salon="Урал"),
        idle(2, contact_ids=(2,)),
        idle(2, contact_ids=()),
        replace(idle(2), stage_id=LOST),
        replace(idle(2), is_deleted=True),
    ],
)
def test_leads_that_differ_are_no_doubles(other):
    assert crowd(idle(1), other) == []


def test_leads_that_name_no_direction_may_be_about_anything():
    assert crowd(idle(1, direction=""), idle(2, direction="")) == []


def test_lead_with_a_booking_is_no_double():
    assert crowd(idle(1), idle(2), driven=(2,)) == []


def test_contact_with_open_leads_is_kept_else_the_newest():
    assert doubles.with_one_phone("7999", [1, 2, 3], {2: 1}).contact_ids == (2, 3, 1)
    assert doubles.with_one_phone("7999", [1, 2, 3], {}).contact_ids == (3, 2, 1)


FIRST = lead(1)


def wish(other, owner=FIRST, action=Action.CLEAR_COPY):
    return Wish("amocrm:lead:2", action, KEY, other, owner, KEY_FIELD)


def test_copy_loses_its_key_and_is_told_why():
    decision = doubles.decide(wish(lead(2, 5)), WORDS)

    update, note = decision.commands
    assert decision.reason is Reason.COPY_CLEARED
    assert (update.lead_id, update.fields, update.stage_id) == (2, (FieldValue(KEY_FIELD, None),), None)
    assert note == AddNote("amocrm:lead:2", 2, "копия")


def test_lead_made_twice_is_closed_with_its_reason():
    decision = doubles.decide(wish(lead(2, 5, author=US), action=Action.CLOSE_OURS), WORDS, 502)

    update, note = decision.commands
    assert decision.reason is Reason.DOUBLE_CLOSED
    assert isinstance(update, UpdateLead)
    assert (update.stage_id, update.pipeline_id, update.loss_reason_id) == (LOST, 10, 502)
    assert note.text == "повтор"
    assert dict(decision.details) == {"lead": "2", "owner": "1"}


def test_lead_that_was_touched_meanwhile_is_not_closed():
    decision = doubles.decide(wish(lead(2, 5, changed=60), action=Action.CLOSE_OURS), WORDS)

    assert decision.reason is Reason.COPY_CLEARED


@pytest.mark.parametrize(
    ("other", "owner"),
    [
        (None, lead(1)),
        (replace(lead(2), is_deleted=True), lead(1)),
        (lead(2), None),
        (lead(1), lead(1)),
        (lead(2, fields=()), lead(1)),
    ],
)
def test_nothing_is_done_once_it_is_over(other, owner):
    decision = doubles.decide(wish(other, owner), WORDS)

    assert (decision.reason, decision.commands) == (Reason.UP_TO_DATE, ())


@pytest.mark.parametrize("share", ["", "epilation", ">epilation"])
def test_booking_is_read_from_any_key(share):
    assert booking_of(key_value(KEY, share)) == KEY
