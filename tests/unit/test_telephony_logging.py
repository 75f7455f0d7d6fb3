"""A call that has ended in the cards: logged or noted once, refused by amoCRM, told in fields."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.core.crm_values import FieldValue
from backend.core.telephony.after.commands import FillFields, LogCall, MakeLead, NoteCall
from backend.core.telephony.after.deciding import CallReason, Written, decide
from backend.core.telephony.call import Outcome, Way
from backend.core.telephony.rules import Entity, FieldRule, LogAs, Missed
from tests.support import make
from tests.support.call_facts import (
    ANNA,
    LEAD,
    MARIA,
    NOTES,
    NUMBER,
    OLGA,
    PETR,
    REFUSED,
    RULES,
    asked,
    facts,
    kinds,
    one,
    rules,
)
from tests.support.decided import carried_out

# The call in the cards


def test_a_call_is_logged_so_that_statistics_count_it():
    found = decide(facts(contact=MARIA, open_leads=(LEAD,)), RULES)

    logged = one(found, LogCall).logged
    assert (logged.way, logged.seconds, logged.status, logged.user_id, logged.who) == (
        Way.IN,
        60,
        4,
        ANNA,
        "",
    )
    assert found.reason is CallReason.LOGGED


@pytest.mark.parametrize(
    ("call", "changes", "user", "who"),
    [
        (make.call(talks=[("101", 5, 30), ("102", 31, 60)]), {}, OLGA, ""),
        (make.call("out"), {}, ANNA, ""),
        (make.call(rings=[("102", 0, 10)]), {}, PETR, ""),
        (make.call("out", operator="104"), {}, None, "104"),
        (make.call(rings=[("104", 0, 10)]), {"missed": Missed(to=())}, None, "104"),
        (make.call(), {"missed": Missed(to=())}, None, ""),
    ],
)
def test_whose_call_it_is(call, changes, user, who):
    logged = one(decide(facts(call, contact=MARIA, open_leads=(LEAD,)), rules(**changes)), LogCall).logged

    assert (logged.user_id, logged.who) == (user, who)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.BUSY, 7), (Outcome.WRONG_NUMBER, 5), (Outcome.NO_ANSWER, 6), (None, None)],
)
def test_the_status_of_a_call(outcome, status):
    call = make.call("out", outcome=outcome)

    assert one(decide(facts(call, contact=MARIA, open_leads=(LEAD,)), RULES), LogCall).logged.status == status


def test_several_recordings_and_a_lost_transfer_are_told_in_the_result():
    call = make.call(talks=[("101", 5, 30)], lost_after_transfer=True)
    logged = one(decide(facts(call, contact=MARIA, links=("u1", "u2", "u3")), RULES), LogCall).logged

    assert logged.link == "u1"
    assert logged.result == "Разговор потерян при переводе\nЗапись 2: u2\nЗапись 3: u3"


def test_notes_go_to_the_contact_and_all_open_leads_and_count_once():
    known = facts(contact=MARIA, open_leads=(LEAD, replace(LEAD, id=601)))
    found = decide(known, NOTES)

    notes = asked(found, NoteCall)
    assert [(n.entity, n.entity_id) for n in notes] == [
        (Entity.CONTACT, 500), (Entity.LEAD, 600), (Entity.LEAD, 601),
    ]  # fmt: skip
    assert [n.counts for n in notes] == [True, False, False]
    assert found.reason is CallReason.NOTED
    assert decide(carried_out(known, found), NOTES).commands == ()


def test_a_plan_that_was_cut_adds_only_the_notes_that_lack():
    cut = facts(contact=MARIA, open_leads=(LEAD,), written=Written(notes=frozenset({(Entity.CONTACT, 500)})))
    (note,) = asked(decide(cut, NOTES), NoteCall)

    assert (note.entity_id, note.counts) == (600, True)
    cut = replace(cut, written=Written(notes=frozenset({(Entity.LEAD, 600)})))
    (note,) = asked(decide(cut, NOTES), NoteCall)
    assert (note.entity_id, note.counts) == (500, False)


def test_a_lead_opened_after_the_call_is_not_told_of_it():
    later = replace(LEAD, id=601, created_at=make.MONDAY + timedelta(days=1))
    undated = replace(LEAD, id=602, created_at=None)
    found = decide(facts(contact=MARIA, open_leads=(LEAD, later, undated)), NOTES)

    assert [n.entity_id for n in asked(found, NoteCall)] == [500, 600, 602]


def test_notes_for_a_new_client_go_to_what_the_plan_makes():
    assert [(n.entity, n.entity_id) for n in asked(decide(facts(), NOTES), NoteCall)] == [
        (Entity.CONTACT, None), (Entity.LEAD, None),
    ]  # fmt: skip
    alone = decide(facts(), rules(log=LogAs.NOTES, lead_in=False))
    assert [(n.entity, n.entity_id) for n in asked(alone, NoteCall)] == [(Entity.CONTACT, None)]


def test_with_nobody_to_note_it_at_amocrm_is_asked():
    wanted = rules(log=LogAs.NOTES, contact_in=False)

    assert kinds(decide(facts(), wanted)) == [LogCall]
    assert decide(facts(written=Written(notes=frozenset({(Entity.LEAD, 1)}))), wanted).commands == ()


def test_changed_rules_do_not_log_a_call_again():
    noted = facts(
        contact=MARIA, open_leads=(LEAD,), written=Written(notes=frozenset({(Entity.CONTACT, 500)}))
    )
    logged = facts(contact=MARIA, open_leads=(LEAD,), written=Written(is_logged=True))

    assert decide(noted, RULES).commands == ()
    assert decide(logged, NOTES).commands == ()


# amoCRM found nobody


def test_a_refused_call_is_noted_where_amocrm_would_have_put_it():
    one_lead = decide(facts(contact=MARIA, open_leads=(LEAD,), written=REFUSED), RULES)
    assert [(n.entity, n.entity_id) for n in asked(one_lead, NoteCall)] == [(Entity.LEAD, 600)]

    two = facts(contact=MARIA, open_leads=(LEAD, replace(LEAD, id=601)), written=REFUSED)
    assert [(n.entity, n.entity_id) for n in asked(decide(two, RULES), NoteCall)] == [(Entity.CONTACT, 500)]


def test_a_refused_call_of_a_stranger_makes_the_client():
    assert kinds(decide(facts(written=REFUSED), RULES)) == [MakeLead, NoteCall]


def test_a_refused_call_waits_for_a_person_when_nobody_may_be_made():
    found = decide(facts(written=REFUSED), rules(contact_in=False))

    assert (found.reason, found.commands) == (CallReason.REFUSED, ())


# Data into fields


def test_data_of_a_call_fill_fields_of_the_contact_and_its_newest_lead():
    wanted = rules(
        fields=(
            FieldRule(Entity.LEAD, 9100, "{линия}"),
            FieldRule(Entity.CONTACT, 9200, "{итог}, {разговор}, {клиент}"),
        )
    )
    known = facts(contact=MARIA, open_leads=(LEAD, replace(LEAD, id=601)))
    found = decide(known, wanted)

    assert [(f.entity, f.entity_id, f.fields) for f in asked(found, FillFields)] == [
        (Entity.CONTACT, 500, (FieldValue(9200, "Поговорили, 1 мин, Мария"),)),
        (Entity.LEAD, 601, (FieldValue(9100, "Москва"),)),
    ]
    assert not asked(decide(carried_out(known, found), wanted), FillFields)


@pytest.mark.parametrize(
    ("there", "only_empty", "is_filled"),
    [
        ((), False, True),
        (((9200, "Другое"),), False, True),
        (((9200, "Поговорили"),), False, False),
        (((9200, "Другое"),), True, False),
        ((), True, True),
        (None, True, False),
        (None, False, True),
    ],
)
def test_what_is_there_is_replaced_only_when_it_is_wanted(there, only_empty, is_filled):
    wanted = rules(fields=(FieldRule(Entity.CONTACT, 9200, "{итог}", only_empty=only_empty),))
    found = decide(facts(contact=replace(MARIA, fields=there), open_leads=(LEAD,)), wanted)

    assert bool(asked(found, FillFields)) is is_filled


def test_a_template_that_says_nothing_writes_nothing():
    wanted = rules(
        fields=(FieldRule(Entity.CONTACT, 9200, "{запись разговора}"), FieldRule(Entity.LEAD, 1, "{x}"))
    )

    assert not asked(decide(facts(contact=MARIA, open_leads=(LEAD,)), wanted), FillFields)
    assert one(decide(facts(), wanted), MakeLead).fields == ()


def test_new_clients_are_filled_as_they_are_made():
    wanted = rules(
        fields=(
            FieldRule(Entity.LEAD, 9100, "{телефон} {вид звонка} {секунд разговора}"),
            FieldRule(Entity.CONTACT, 9200, "{запись разговора} {ожидание} {внутренний номер}"),
        )
    )
    lead = one(decide(facts(links=("u1",)), wanted), MakeLead)

    assert lead.fields == (FieldValue(9100, f"{NUMBER} Входящий звонок 60"),)
    assert lead.contact.fields == (FieldValue(9200, "u1 5 с 101"),)
