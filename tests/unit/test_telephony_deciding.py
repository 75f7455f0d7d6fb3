"""Which ended calls are left out, which wait in «Неразобранное», and that every reason has its words."""

from dataclasses import replace

import pytest

from backend import texts
from backend.core.telephony.after.commands import AddMissedTask, LogCall, MakeIncoming, NoteCall, Notify
from backend.core.telephony.after.deciding import CallReason, Hooked, Why, decide
from backend.core.telephony.call import Stage, Way
from backend.core.telephony.rules import Entity, Line
from tests.support import make
from tests.support.call_facts import (
    ANNA,
    LEAD,
    MARIA,
    MISSED,
    NUMBER,
    OLGA,
    RULES,
    asked,
    facts,
    kinds,
    line,
    one,
    rules,
    said,
)
from tests.support.decided import carried_out

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
