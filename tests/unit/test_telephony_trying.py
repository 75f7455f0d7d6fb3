"""Rules tried on a call of the past: as if nothing had been done with it."""

from dataclasses import replace

import pytest

from backend import texts
from backend.core.telephony.after.deciding import Hooked, decide
from backend.core.telephony.after.facts import CallReason
from backend.core.telephony.after.trying import NOTHING, Effect, effects, untouched
from backend.core.telephony.call import Outcome
from backend.core.telephony.rules import Entity, FieldRule, LogAs, Missed
from tests.support import make
from tests.support.call_facts import (
    ANNA,
    LEAD,
    MARIA,
    MISSED,
    OLGA,
    PETR,
    RULES,
    TASK,
    TRANSFERRED,
    facts,
    made_meanwhile,
    rules,
)
from tests.support.decided import carried_out


def told(known, wanted=RULES):
    return effects(decide(known, wanted))


@pytest.mark.parametrize("known", [facts(), facts(MISSED), facts(MISSED, contact=MARIA)])
@pytest.mark.parametrize("wanted", [RULES, rules(incoming=True), rules(log=LogAs.NOTES)])
def test_what_we_made_of_a_call_is_thought_away(known, wanted):
    later = carried_out(known, decide(known, wanted))

    assert told(untouched(later), wanted) == told(known, wanted)


def test_what_others_made_stays():
    known = facts(contact=MARIA, open_leads=(LEAD,), open_task=TASK, incoming_lead=700)

    assert untouched(known) == known


@pytest.mark.parametrize(
    ("known", "wanted", "shown"),
    [
        (facts(), RULES, (Effect("contact_and_lead", ANNA, 8001, 8100), Effect("log", ANNA))),
        (facts(), rules(lead_in=False), (Effect("contact", ANNA), Effect("log", ANNA))),
        (facts(contact=MARIA), RULES, (Effect("lead", ANNA, 8001, 8100), Effect("log", ANNA))),
        (facts(), rules(incoming=True), (Effect("incoming", ANNA, 8001),)),
        (facts(), rules(contact_in=False), (Effect("log", ANNA),)),
        (facts(), rules(is_on=False), (Effect("none.off"),)),
        (facts(contact=MARIA, open_leads=(LEAD,)), rules(log=LogAs.NOTES), (Effect("notes", text="2"),)),
        (
            facts(contact=MARIA, incoming_lead=None), rules(log=LogAs.NOTES, lead_in=False),
            (Effect("note", ANNA),),
        ),
        (
            facts(TRANSFERRED, contact=made_meanwhile(), open_leads=(LEAD,)), RULES,
            (Effect("give", OLGA), Effect("log", OLGA)),
        ),
        (
            facts(contact=MARIA, open_leads=(LEAD,), open_task=TASK), RULES,
            (Effect("log", ANNA), Effect("close_task")),
        ),
        (facts(MISSED, number=""), RULES, (Effect("none.hidden"),)),
    ],
)  # fmt: skip
def test_what_is_told_of_a_decision(known, wanted, shown):
    assert told(known, wanted) == shown


def test_tasks_fields_and_notices():
    wanted = rules(fields=(FieldRule(Entity.LEAD, 1, "{линия}"), FieldRule(Entity.CONTACT, 2, "{итог}")))
    known = facts(MISSED, contact=MARIA, open_leads=(LEAD,))
    codes = [one.code for one in told(known, wanted)]
    down = facts(make.call("out", outcome=Outcome.TRUNK_DOWN), contact=MARIA, open_leads=(LEAD,))

    assert codes == ["log", "fill_contact", "fill_lead", "task"]
    assert told(known, wanted)[-1].user_id == PETR
    assert told(down) == (Effect("log", ANNA),)
    nobody = told(facts(MISSED), replace(RULES, missed=Missed(to=())))
    assert [one.user_id for one in nobody] == [None, None, None]
    assert told(facts(MISSED, hooked=Hooked(skip="x"))) == (Effect("none.hook_skipped"),)


CODES = (
    "contact", "contact_and_lead", "lead", "incoming", "log", "note", "notes", "give", "fill_lead",
    "fill_contact", "task", "close_task",
)  # fmt: skip


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_effect_has_words(lang):
    reasons = (*NOTHING, CallReason.HIDDEN, CallReason.REFUSED, CallReason.UP_TO_DATE)
    codes = (*CODES, *(f"none.{reason}" for reason in reasons))

    assert [code for code in codes if not texts.has(f"call_effect.{code}", lang)] == []
