"""Whom a call makes: the contact and the lead of a stranger, where they begin, and whose they are."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm_values import FieldValue
from backend.core.telephony.after.commands import GiveContact, LogCall, MakeContact, MakeLead, Notify
from backend.core.telephony.after.deciding import CallReason, Hooked, Written, decide
from backend.core.telephony.call import Outcome
from backend.core.telephony.rules import Entity, FieldRule, Missed, NumberFormat
from tests.support import make
from tests.support.call_facts import (
    ANNA,
    GONE,
    LEAD,
    LINE,
    MARIA,
    NUMBER,
    OLGA,
    PETR,
    REFUSED,
    RULES,
    TRANSFERRED,
    asked,
    facts,
    kinds,
    line,
    made_meanwhile,
    one,
    rules,
    said,
)
from tests.support.decided import carried_out

# A client nobody knew


def test_a_stranger_becomes_a_contact_with_a_lead_and_the_call():
    found = decide(facts(), RULES)

    lead = one(found, MakeLead)
    assert kinds(found) == [MakeLead, LogCall]
    assert found.reason is CallReason.NEW_CLIENT
    assert (lead.pipeline_id, lead.stage_id, lead.responsible_id) == (8001, 8100, ANNA)
    assert lead.key == f"call:{lead.uniq}"
    assert lead.name == f"Входящий звонок {NUMBER}, Москва"
    assert (lead.contact.keys, lead.contact.name, lead.contact.phone) == ((NUMBER,), NUMBER, NUMBER)
    assert lead.contact.responsible_id == ANNA


def test_without_leads_a_stranger_becomes_a_contact_alone():
    found = decide(facts(), rules(lead_in=False))

    assert kinds(found) == [MakeContact, LogCall]
    assert said(found, "lead") == ["off_in"]


@pytest.mark.parametrize(("way", "rule"), [("in", "contact_in"), ("out", "contact_out")])
def test_contacts_are_not_made_where_the_rule_is_off(way, rule):
    found = decide(facts(make.call(way, talks=[("101", 5, 65)])), rules(**{rule: False}))

    assert kinds(found) == [LogCall]
    assert said(found, "contact") == [f"off_{way}"]


def test_an_outbound_call_makes_a_lead_only_when_it_is_wanted():
    call = make.call("out", talks=[("101", 5, 65)])

    assert kinds(decide(facts(call), RULES)) == [MakeContact, LogCall]
    assert one(decide(facts(call), rules(lead_out=True)), MakeLead).name.startswith("Исходящий звонок")


@pytest.mark.parametrize("outcome", [Outcome.WRONG_NUMBER, Outcome.TRUNK_DOWN])
def test_a_call_that_reached_nobodys_phone_makes_no_client(outcome):
    call = make.call("out", outcome=outcome)

    assert not asked(decide(facts(call), rules(lead_out=True)), MakeLead | MakeContact)
    assert not asked(decide(facts(call, contact=MARIA), rules(lead_out=True)), MakeLead)
    assert decide(facts(call, written=REFUSED), RULES).reason is CallReason.UNREACHED


def test_what_was_made_for_a_call_is_not_made_again():
    made = facts(contact=MARIA, written=Written(contact_id=500, lead_id=600, is_logged=True))

    assert decide(made, RULES).commands == ()


def test_a_deleted_contact_is_not_made_anew():
    found = decide(facts(written=Written(contact_id=500, is_logged=True)), RULES)

    assert (found.reason, found.commands) == (CallReason.UP_TO_DATE, ())


def test_the_number_looks_as_the_account_wants_it():
    found = decide(facts(), rules(formats=(NumberFormat("7XXXXXXXXXX", "8{rest}"),)))

    assert one(found, MakeLead).contact.phone == "89990001122"
    assert one(found, LogCall).logged.number == "89990001122"
    assert one(found, MakeLead).contact.keys == (NUMBER,)


def test_an_added_function_corrects_the_number():
    found = decide(facts(number="", hooked=Hooked(number="+79995556677")), RULES)

    assert one(found, LogCall).logged.number == "+79995556677"


# Where a lead begins


@pytest.mark.parametrize(
    ("more", "changes", "place", "chosen"),
    [
        ({}, {}, (8001, 8100), "default"),
        ({}, {"lines": (replace(LINE, pipeline_id=8002, stage_id=8205),)}, (8002, 8205), "line"),
        ({}, {"lines": (replace(LINE, pipeline_id=8002),)}, (8002, 8200), "line"),
        ({}, {"pipeline_id": None, "stage_id": None}, (8002, 8200), "main"),
        ({"hooked": Hooked(pipeline_id=8002)}, {}, (8002, 8200), "hook"),
        ({"entry_stages": {}}, {}, (8001, 8100), "default"),
    ],
)
def test_where_a_lead_begins(more, changes, place, chosen):
    found = decide(facts(**more), rules(**changes))

    lead = one(found, MakeLead)
    assert (lead.pipeline_id, lead.stage_id) == place
    assert said(found, "place") == [chosen]


def test_a_number_of_a_line_goes_before_its_trunk():
    lines = (replace(LINE, pipeline_id=8001), replace(LINE, did=make.DID, pipeline_id=8002))

    assert one(decide(facts(), rules(lines=lines)), MakeLead).pipeline_id == 8002
    other = facts(make.call(talks=[("101", 5, 65)], did="74950000000"))
    assert one(decide(other, rules(lines=lines)), MakeLead).pipeline_id == 8001


def test_a_pipeline_that_is_gone_is_passed_over_and_told():
    found = decide(facts(), rules(pipeline_id=9999))

    assert said(found, "place") == ["gone", "main"]


def test_with_no_place_at_all_the_contact_is_made_and_people_are_told_once():
    nowhere = facts(main_pipeline_id=None)
    found = decide(nowhere, rules(pipeline_id=None, stage_id=None))

    assert kinds(found) == [MakeContact, Notify, LogCall]
    again = decide(carried_out(nowhere, found), rules(pipeline_id=None, stage_id=None))
    assert again.commands == ()


def test_a_known_client_without_an_open_lead_gets_one():
    found = decide(facts(contact=MARIA), RULES)

    assert one(found, MakeLead).contact == 500
    assert found.reason is CallReason.NEW_LEAD
    assert not asked(decide(facts(contact=MARIA, open_leads=(LEAD,)), RULES), MakeLead)
    assert said(decide(facts(contact=MARIA), rules(lead_in=False)), "lead") == ["off_in"]
    out = facts(make.call("out", talks=["101"]), contact=MARIA)
    assert said(decide(out, RULES), "lead") == ["off_out"]


def test_a_line_adds_tags_and_data_to_the_leads_it_opens():
    changed = line(tags=("реклама",), fields={9100: "{линия}", 9101: "{сотрудник}"})
    own = replace(changed, fields=(FieldRule(Entity.LEAD, 9100, "{номер линии}"),))

    lead = one(decide(facts(), own), MakeLead)
    assert lead.tags == ("реклама",)
    assert lead.fields == (FieldValue(9100, make.DID), FieldValue(9101, "Анна"))


# Whose a new client is


@pytest.mark.parametrize(
    ("call", "more", "changes", "user", "by"),
    [
        (make.call(talks=[("101", 5, 30), ("102", 31, 60)]), {}, {}, OLGA, "last_talker"),
        (make.call(talks=["104"]), {}, {"first_responsible_id": PETR}, PETR, "first"),
        (make.call("out"), {}, {}, ANNA, "operator"),
        (make.call("out", operator="104"), {}, {"first_responsible_id": PETR}, PETR, "first"),
        (make.call(talks=["101"]), {"hooked": Hooked(responsible_id=PETR)}, {}, PETR, "hook"),
        (make.call(talks=["101"]), {"hooked": Hooked(responsible_id=GONE)}, {}, ANNA, "last_talker"),
        (make.call(), {}, {"first_responsible_id": PETR}, PETR, "first"),
        (make.call(), {}, {"lines": (replace(LINE, default_user_id=OLGA),)}, OLGA, "line_default"),
        (make.call(), {}, {"missed": Missed(to=())}, 0, "nobody"),
        (make.call(), {}, {"missed": Missed(to=()), "first_responsible_id": GONE}, 0, "nobody"),
        (
            make.call(),
            {},
            {"missed": Missed(to=()), "first_responsible_id": OLGA, "lines": ()},
            OLGA,
            "first",
        ),
        (make.call(talks=["104"]), {"users": {}}, {}, GONE, "last_talker"),
    ],
)
def test_who_gets_a_new_client(call, more, changes, user, by):
    found = decide(facts(call, **more), rules(**{"lead_out": True, **changes}))

    assert one(found, MakeLead).responsible_id == user
    assert one(found, MakeLead).contact.responsible_id == user
    assert said(found, "lead") == [by]


# A contact that was made during the call


def test_a_contact_made_during_the_call_goes_to_who_talked_last():
    lead = replace(LEAD, created_at=make.MONDAY + timedelta(seconds=40), created_by=ANNA, responsible_id=ANNA)
    found = decide(
        facts(TRANSFERRED, contact=made_meanwhile(), open_leads=(lead, replace(LEAD, id=601))), RULES
    )

    given = one(found, GiveContact)
    assert (given.contact_id, given.user_id, given.lead_ids) == (500, OLGA, (600,))


@pytest.mark.parametrize(
    ("contact", "more"),
    [
        (MARIA, {}),
        (made_meanwhile(created_by=77), {}),
        (made_meanwhile(created_at=None), {}),
        (made_meanwhile(created_at=make.MONDAY + timedelta(hours=1)), {}),
        (made_meanwhile(responsible_id=OLGA), {}),
        (made_meanwhile(), {"written": Written(given=frozenset({500}))}),
    ],
)
def test_other_contacts_stay_whose_they_are(contact, more):
    assert not asked(decide(facts(TRANSFERRED, contact=contact, **more), RULES), GiveContact)


def test_a_contact_stays_when_nobody_of_ours_talked():
    assert not asked(decide(facts(make.call(), contact=made_meanwhile()), RULES), GiveContact)
