"""A number that nobody has but a company: told of in its card, a lead by the rules, and nobody made anew."""

from dataclasses import replace

import pytest

from backend.core.telephony.after.commands import (
    AddMissedTask,
    LogCall,
    MakeContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
)
from backend.core.telephony.after.deciding import CallReason, Written, decide
from backend.core.telephony.after.trying import effects
from backend.core.telephony.call import Outcome
from backend.core.telephony.rules import Entity, LogAs
from tests.support import make
from tests.support.call_facts import LEAD, asked, facts, kinds, one, rules, said
from tests.unit.test_telephony_document import problems

COMPANY = 45000001


def decided(call=None, wanted=None, **more):
    return decide(facts(call, company_id=COMPANY, **more), wanted or rules())


def test_a_lead_of_the_company_and_no_contact():
    found = decided()

    assert kinds(found) == [MakeLead, LogCall]
    made = one(found, MakeLead)
    assert (made.contact, made.company_id) == (None, COMPANY)
    assert found.reason is CallReason.NEW_LEAD
    assert said(found, "contact") == ["company"]
    assert [effect.code for effect in effects(found)] == ["lead", "log"]


def test_a_contacts_lead_has_no_company():
    assert one(decide(facts(), rules()), MakeLead).company_id is None


@pytest.mark.parametrize("more", [{"lead_in": False}, {"lead_in": False, "incoming": True}])
def test_without_leads_the_call_is_only_logged(more):
    found = decided(wanted=rules(**more))

    assert kinds(found) == [LogCall]
    assert not asked(found, MakeContact) + asked(found, MakeIncoming)
    assert said(found, "lead") == ["off_in"]


def test_its_open_lead_is_enough():
    assert kinds(decided(open_leads=(LEAD,))) == [LogCall]


def test_an_outbound_call_that_reached_nobody_makes_no_lead():
    call = replace(make.call("out"), outcome=Outcome.WRONG_NUMBER)

    assert kinds(decided(call, rules(lead_out=True))) == [LogCall]


def test_notes_in_its_card_and_in_its_leads():
    found = decided(wanted=rules(log=LogAs.NOTES), open_leads=(LEAD,))

    assert [(note.entity, note.entity_id, note.counts) for note in asked(found, NoteCall)] == [
        (Entity.COMPANY, COMPANY, False), (Entity.LEAD, LEAD.id, True),
    ]  # fmt: skip


def test_what_amocrm_does_not_place_is_noted_in_its_card():
    found = decided(wanted=rules(lead_in=False), written=Written(is_refused=True))

    assert [(note.entity, note.entity_id) for note in asked(found, NoteCall)] == [(Entity.COMPANY, COMPANY)]


def test_a_missed_call_is_a_task_in_its_card():
    task = one(decided(make.call(), rules(lead_in=False)), AddMissedTask)

    assert (task.entity, task.entity_id) == (Entity.COMPANY, COMPANY)


def test_fields_of_companies_are_not_filled():
    rule = {"entity": "company", "field": 1, "template": "x"}

    assert problems({"fields": [rule]}) == [("fields[0].entity", "configuration.unknown_value")]
