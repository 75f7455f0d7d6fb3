"""What becomes of a call that has ended: each rule on and off, and nothing twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend import texts
from backend.core.crm import Contact, Lead
from backend.core.crm_values import FieldValue
from backend.core.telephony.after.commands import (
    AddMissedTask,
    CloseMissedTask,
    FillFields,
    GiveContact,
    LogCall,
    MakeContact,
    MakeIncoming,
    MakeLead,
    NoteCall,
    Notify,
)
from backend.core.telephony.after.deciding import CallFacts, CallReason, Hooked, Why, Written, decide
from backend.core.telephony.after.facts import OpenTask
from backend.core.telephony.call import Outcome, Stage, Way
from backend.core.telephony.rules import (
    Entity,
    FieldRule,
    Line,
    LogAs,
    Missed,
    MissedTo,
    NumberFormat,
    Person,
    TelephonyRules,
)
from tests.support import make
from tests.support.decided import carried_out

ANNA, OLGA, PETR, GONE = 1, 2, 3, 4
USERS = {ANNA: "Анна", OLGA: "Ольга", PETR: "Пётр"}
PEOPLE = (Person(ANNA, "101"), Person(OLGA, "102"), Person(PETR, "103"), Person(GONE, "104"))
LINE = Line(make.TRUNK, title="Москва")
RULES = TelephonyRules(is_on=True, people=PEOPLE, lines=(LINE,), pipeline_id=8001, stage_id=8100)
NUMBER = "+79990001122"
LONG_AGO = make.MONDAY - timedelta(days=30)
MARIA = Contact(500, "Мария", (NUMBER,), fields=(), created_at=LONG_AGO, responsible_id=PETR)
LEAD = Lead(600, 8001, 8101, 0, responsible_id=PETR, created_at=LONG_AGO)
STAGES = {8001: 8100, 8002: 8200}


def facts(call=None, number=NUMBER, **more):
    call = call or make.call(talks=[("101", 5, 65)])
    known = {"users": USERS, "entry_stages": STAGES, "main_pipeline_id": 8002}
    return CallFacts(call, call.ended_at or make.MONDAY, number, **{**known, **more})


def rules(**changes):
    return replace(RULES, **changes)


def line(**changes):
    return rules(lines=(replace(LINE, **changes),))


def asked(found, kind):
    return [one for one in found.commands if isinstance(one, kind)]


def one(found, kind):
    (command,) = asked(found, kind)
    return command


def said(found, rule):
    return [why.chosen for why in found.why if why.rule == rule]


def kinds(found):
    return [type(command) for command in found.commands]


# What is left out


@pytest.mark.parametrize(
    ("call", "changes", "reason"),
    [
        (make.call(talks=["101"]), {"is_on": False}, CallReason.OFF),
        (replace(make.call(), stage=Stage.TALKING), {}, CallReason.GOING_ON),
        (replace(make.call(), ended_at=None), {}, CallReason.GOING_ON),
        (make.call(Way.INTERNAL, talks=["102"]), {}, CallReason.INTERNAL),
        (make.call(Way.UNKNOWN), {}, CallReason.UNKNOWN_WAY),
        (make.call(talks=["101"]), {"black": ("101",)}, CallReason.EXCLUDED),
        (make.call(talks=["101"]), {"own_numbers": (NUMBER,)}, CallReason.OWN_NUMBER),
        (make.call(talks=["101"]), {"lines": (Line("x", did="79990001122"),)}, CallReason.OWN_NUMBER),
    ],
)
def test_calls_that_are_never_written_down(call, changes, reason):
    found = decide(facts(call), rules(**changes))

    assert (found.reason, found.commands) == (reason, ())
    assert said(found, "skip") == [reason]


def test_an_added_function_leaves_a_call_out():
    found = decide(facts(hooked=Hooked(skip="quiet")), RULES)

    assert (found.reason, found.commands) == (CallReason.HOOK_SKIPPED, ())
    assert found.why[0].details == (("hook", "quiet"),)


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


def made_meanwhile(**changes):
    during = make.MONDAY + timedelta(seconds=20)
    return replace(MARIA, **{"created_at": during, "created_by": ANNA, "responsible_id": ANNA, **changes})


TRANSFERRED = make.call(talks=[("101", 5, 30), ("102", 31, 60)])


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


# «Неразобранное»


def test_unknown_callers_wait_in_incoming_leads_when_it_is_wanted():
    found = decide(facts(links=("https://m.test/r/1.mp3",)), rules(incoming=True))

    incoming = one(found, MakeIncoming)
    assert kinds(found) == [MakeIncoming]
    assert found.reason is CallReason.INCOMING
    assert (incoming.pipeline_id, incoming.logged.link) == (8001, "https://m.test/r/1.mp3")
    assert said(found, "incoming") == ["on"]


@pytest.mark.parametrize(
    ("account", "of_line", "is_incoming"), [(True, False, False), (False, True, True), (True, None, True)]
)
def test_a_lines_own_word_about_incoming_leads(account, of_line, is_incoming):
    changed = replace(line(incoming=of_line), incoming=account)

    assert bool(asked(decide(facts(), changed), MakeIncoming)) is is_incoming


def test_known_clients_and_outbound_calls_never_go_to_incoming_leads():
    wanted = rules(incoming=True)

    assert not asked(decide(facts(contact=MARIA), wanted), MakeIncoming)
    assert not asked(decide(facts(make.call("out", talks=["101"])), wanted), MakeIncoming)


def test_a_second_call_of_one_who_waits_is_noted_there():
    waiting = facts(incoming_lead=700)
    found = decide(waiting, rules(incoming=True))

    note = one(found, NoteCall)
    assert (note.entity, note.entity_id, note.counts) == (Entity.LEAD, 700, True)
    assert said(found, "incoming") == ["waits_already"]
    accepted = replace(carried_out(waiting, found), contact=MARIA, incoming_lead=None, open_leads=(LEAD,))
    assert decide(accepted, rules(incoming=True)).commands == ()


def test_incoming_leads_without_a_pipeline():
    found = decide(facts(main_pipeline_id=None), rules(incoming=True, pipeline_id=None, stage_id=None))

    assert kinds(found) == [Notify, LogCall]


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


NOTES = rules(log=LogAs.NOTES)


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


REFUSED = Written(is_refused=True)


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


# Missed calls


MISSED = make.call(rings=[("102", 0, 10), ("101", 10, 20)])


def test_a_missed_call_sets_a_task_with_a_deadline():
    found = decide(facts(MISSED, contact=MARIA, open_leads=(LEAD,)), RULES)

    task = one(found, AddMissedTask)
    assert (task.entity, task.entity_id, task.responsible_id) == (Entity.LEAD, 600, PETR)
    assert task.due == MISSED.ended_at + timedelta(minutes=15)
    assert task.text == "Перезвонить: Мария. Пропущенный звонок 12.01.2026 12:00, Москва"
    assert said(found, "missed_task") == ["responsible"]


@pytest.mark.parametrize(
    ("step", "user"),
    [
        (MissedTo.RESPONSIBLE, PETR),
        (MissedTo.LAST_TALKER, ANNA),
        (MissedTo.FIRST_RUNG, OLGA),
        (MissedTo.LAST_RUNG, ANNA),
        (MissedTo.LINE, OLGA),
        (MissedTo.LINE_DEFAULT, ANNA),
        (MissedTo.FIRST, OLGA),
    ],
)
def test_every_strategy_of_who_answers_for_a_missed_call(step, user):
    changed = replace(
        line(missed_user_id=OLGA, default_user_id=ANNA), missed=Missed(to=(step,)), first_responsible_id=OLGA
    )
    found = decide(facts(MISSED, contact=MARIA, open_leads=(LEAD,), last_talker_id=ANNA), changed)

    assert one(found, AddMissedTask).responsible_id == user
    assert said(found, "missed_task") == [str(step)]


@pytest.mark.parametrize("step", list(MissedTo))
def test_a_strategy_that_names_nobody_gives_way_to_the_next(step):
    changed = rules(missed=Missed(to=(step,)), lines=())
    found = decide(
        facts(make.call(), contact=replace(MARIA, responsible_id=GONE), open_leads=(LEAD,)), changed
    )

    assert one(found, AddMissedTask).responsible_id == 0
    assert said(found, "missed_task") == ["nobody"]


def test_an_added_function_says_who_calls_back_and_what_the_task_says():
    hooked = Hooked(responsible_id=OLGA, task_text="Срочно: {телефон}")
    task = one(decide(facts(MISSED, contact=MARIA, hooked=hooked), RULES), AddMissedTask)

    assert (task.responsible_id, task.text) == (OLGA, f"Срочно: {NUMBER}")


@pytest.mark.parametrize(("text", "shown"), [("Наберите {телефон}", f"Наберите {NUMBER}"), ("{x}", None)])
def test_a_task_has_the_accounts_own_words_when_they_are_whole(text, shown):
    task = one(decide(facts(MISSED, contact=MARIA), rules(missed=Missed(text=text))), AddMissedTask)

    assert task.text == (shown or "Перезвонить: Мария. Пропущенный звонок 12.01.2026 12:00, Москва")


@pytest.mark.parametrize(
    ("call", "more", "changes", "chosen"),
    [
        (MISSED, {}, {"missed": Missed(is_on=False)}, "off"),
        (MISSED, {"hooked": Hooked(task=False)}, {}, "hook"),
        (MISSED, {"open_task": OpenTask(7, "1:0", LONG_AGO)}, {}, "open_already"),
        (MISSED, {"talked_since": make.MONDAY + timedelta(minutes=2)}, {}, "talked_since"),
        (MISSED, {"number": ""}, {}, "hidden"),
    ],
)
def test_when_no_task_is_set(call, more, changes, chosen):
    found = decide(facts(call, **{"contact": MARIA, **more}), rules(**changes))

    assert not asked(found, AddMissedTask)
    assert said(found, "missed") == [chosen]


def test_an_outbound_call_nobody_took_is_not_missed():
    assert not asked(decide(facts(make.call("out"), contact=MARIA), RULES), AddMissedTask)


def test_a_caller_without_a_number_gets_a_task_of_its_own_when_it_is_wanted():
    found = decide(facts(MISSED, number=""), rules(missed=Missed(hidden=True)))

    assert kinds(found) == [AddMissedTask]
    assert found.reason is CallReason.HIDDEN
    assert one(found, AddMissedTask).text.startswith("Перезвонить: номер скрыт.")
    assert (one(found, AddMissedTask).entity, one(found, AddMissedTask).entity_id) == (None, None)


@pytest.mark.parametrize(
    ("more", "changes", "target"),
    [
        ({}, {}, (Entity.LEAD, None)),
        ({}, {"lead_in": False}, (Entity.CONTACT, None)),
        ({}, {"contact_in": False}, (None, None)),
        ({}, {"incoming": True}, (Entity.LEAD, None)),
        ({"incoming_lead": 700}, {"incoming": True}, (Entity.LEAD, 700)),
        ({"contact": MARIA}, {"lead_in": False}, (Entity.CONTACT, 500)),
    ],
)
def test_where_the_task_stands(more, changes, target):
    task = one(decide(facts(MISSED, **more), rules(**changes)), AddMissedTask)

    assert (task.entity, task.entity_id) == target


LOST = make.call(talks=[("101", 5, 30)], lost_after_transfer=True)


def test_a_talk_lost_in_a_transfer_counts_as_missed_when_it_is_wanted():
    known = {"contact": MARIA, "open_leads": (LEAD,)}

    assert not asked(decide(facts(LOST, **known), RULES), AddMissedTask)
    task = one(decide(facts(LOST, **known), rules(missed=Missed(counts_lost=True))), AddMissedTask)
    assert "потерян при переводе" in task.text


TASK = OpenTask(7, "1:0", LONG_AGO)


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_talk_in_either_direction_closes_the_task(way):
    known = facts(make.call(way, talks=[("101", 5, 30)]), contact=MARIA, open_leads=(LEAD,), open_task=TASK)
    found = decide(known, RULES)

    closed = one(found, CloseMissedTask)
    assert (closed.task_id, closed.text) == (7, "Поговорили 12.01.2026 12:00")
    assert said(found, "missed") == ["closed"]
    assert decide(carried_out(known, found), RULES).commands == ()


@pytest.mark.parametrize(
    ("call", "more", "changes"),
    [
        (make.call(talks=["101"]), {"open_task": TASK}, {"missed": Missed(closes=False)}),
        (make.call(talks=["101"]), {"open_task": OpenTask(7, "1:9", make.MONDAY + timedelta(hours=1))}, {}),
        (make.call(talks=["101"]), {"open_task": TASK, "written": Written(closed=frozenset({7}))}, {}),
        (make.call(talks=["101"]), {"open_task": TASK, "hooked": Hooked(task=True)}, {}),
        (make.call("out"), {"open_task": TASK}, {}),
        (LOST, {"open_task": TASK}, {"missed": Missed(counts_lost=True)}),
    ],
)
def test_when_the_task_stays_open(call, more, changes):
    found = decide(facts(call, contact=MARIA, open_leads=(LEAD,), **more), rules(**changes))

    assert not asked(found, CloseMissedTask)


def test_an_added_function_asks_for_a_task_after_a_talk():
    found = decide(facts(contact=MARIA, open_leads=(LEAD,), hooked=Hooked(task=True)), RULES)

    assert one(found, AddMissedTask).responsible_id == PETR


def test_a_late_addition_to_a_logged_call():
    found = decide(facts(MISSED, contact=MARIA, open_leads=(LEAD,), written=Written(is_logged=True)), RULES)

    assert (kinds(found), found.reason) == ([AddMissedTask], CallReason.SUPPLEMENTED)


def test_people_are_told_once_that_a_line_is_down():
    down = facts(make.call("out", outcome=Outcome.TRUNK_DOWN), contact=MARIA, open_leads=(LEAD,))
    found = decide(down, RULES)

    assert one(found, Notify).about == make.TRUNK
    assert not asked(decide(carried_out(down, found), RULES), Notify)


# Words


@pytest.mark.parametrize("reason", list(CallReason))
@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_every_reason_has_a_sentence(reason, lang):
    assert texts.has(f"call_reason.{reason}", lang)


def test_whose_the_client_is_may_be_known_without_the_contact():
    found = decide(facts(MISSED, responsible_id=OLGA), RULES)

    assert one(found, AddMissedTask).responsible_id == OLGA
    assert Why("missed_task", "responsible", (("name", "Ольга"),)) in found.why


def test_a_user_without_a_name_is_told_by_number():
    found = decide(facts(users={}), RULES)

    assert Why("lead", "last_talker", (("name", f"№ {ANNA}"),)) in found.why
