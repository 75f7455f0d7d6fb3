"""Answers of amoCRM that never came: whatever a request made is found, whatever it did not make is made."""

import pytest

from backend.core.telephony.rules import Entity, FieldRule, LogAs, Missed
from backend.store import events
from tests.support import make
from tests.support.stand import AD_FIELD, ANNA, DOMAIN, EPILATION, STAGES

NUMBER = f"+{make.CLIENT}"
TALK = [("101", 5, 60)]
FIRST = STAGES[EPILATION]
NOT_DONE, DONE = "504", "reset_after_commit"

pytestmark = pytest.mark.parametrize("fault", [NOT_DONE, DONE], ids=["not done", "done and unanswered"])


@pytest.fixture
def cut(calls, fault):
    """The next request to this path meets the fault."""

    def arrange(match):
        calls.world.amocrm.faults(fault, domain=DOMAIN, next=1, match=match)

    return arrange


def rest(stand):
    for _ in range(6):
        stand.pass_time(20)
    assert events.pending_count() == 0
    assert [alarm.code for alarm in stand.open_alarms()] == []


def stands(stand, call):
    return [note["entity_type"] for note in stand.logged() if note["params"]["uniq"] == call.uniq]


def known_client(stand):
    lead = stand.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    stand.work()
    return lead


@pytest.mark.parametrize("match", ["leads/complex", "/api/v4/calls", "tasks"])
def test_a_new_client_who_was_missed(calls, cut, match):
    cut(match)
    call = calls.call("in")

    calls.finish(call)
    rest(calls)

    contact = calls.contact_of()
    assert len(calls.leads_with(contact)) == len(calls.leads()) == 1
    assert stands(calls, call) == ["leads"]
    assert len(calls.tasks()) == 1
    assert calls.row(call).crm["reason"] == "new_client"


@pytest.mark.parametrize("match", ["POST /api/v4/contacts", "/api/v4/calls"])
def test_a_new_contact_without_a_lead(calls, cut, match):
    cut(match)
    call = calls.call("out", talks=TALK)

    calls.finish(call)
    rest(calls)

    assert calls.contact_of()
    assert stands(calls, call) == ["contacts"]


@pytest.mark.parametrize("match", ["contacts/notes", "leads/notes"])
def test_notes_in_several_cards(calls, cut, match):
    known_client(calls)
    calls.rules(log=LogAs.NOTES)
    cut(match)
    call = calls.call("in", talks=TALK)

    calls.finish(call)
    rest(calls)

    assert sorted(stands(calls, call)) == ["contacts", "leads"]


def test_notes_of_a_client_who_was_new(calls, cut):
    calls.rules(log=LogAs.NOTES)
    cut("leads/notes")
    call = calls.call("in", talks=TALK)

    calls.finish(call)
    rest(calls)

    assert sorted(stands(calls, call)) == ["contacts", "leads"]
    assert len(calls.leads()) == 1


def test_a_call_into_incoming(calls, cut):
    calls.rules(incoming=True)
    cut("unsorted/sip")
    call = calls.call("in")

    calls.finish(call)
    rest(calls)

    assert [one["metadata"]["uniq"] for one in calls.incoming()] == [call.uniq]
    assert len(calls.leads()) == len(calls.contacts()) == 1
    (task,) = calls.tasks()
    assert task["entity_id"] == calls.leads()[0]["id"]


def test_a_call_into_incoming_that_somebody_accepted_before_we_looked(calls, cut, fault):
    calls.rules(incoming=True, missed=Missed(is_on=False))
    cut("unsorted/sip")
    call = calls.call("in", talks=TALK)
    calls.finish(call)
    if fault == DONE:
        calls.world.amocrm.ui_accept(DOMAIN, ANNA, calls.incoming()[0]["uid"], FIRST)

    rest(calls)

    assert len(calls.leads()) == len(calls.contacts()) == 1
    assert len(calls.incoming()) == (fault == NOT_DONE)


def test_a_task_that_is_closed(calls, cut):
    calls.called("in")
    cut("PATCH /api/v4/tasks")
    call = calls.call("out", talks=TALK)

    calls.finish(call)
    rest(calls)

    assert (len(calls.tasks()), len(calls.tasks(is_completed=True))) == (0, 1)
    assert stands(calls, call) == ["leads"]


def test_fields_that_are_filled(calls, cut):
    calls.rules(fields=(FieldRule(Entity.LEAD, AD_FIELD, "{линия}"),))
    lead = known_client(calls)
    cut("PATCH /api/v4/leads")
    call = calls.call("in", talks=TALK)

    calls.finish(call)
    rest(calls)

    (found,) = calls.leads()
    assert (found["id"], calls.value(found, AD_FIELD)) == (lead["id"], ["Москва"])
    assert stands(calls, call) == ["leads"]


def test_another_call_of_a_person_in_doubt_waits(calls, cut):
    calls.world.amocrm.hooks(loss=1.0)
    cut("leads/complex")
    first, second = calls.call("in", talks=TALK), calls.call("in", talks=TALK, trunk="spb")
    calls.finish(first)
    calls.pass_time(2)

    calls.finish(second)
    rest(calls)

    assert len(calls.contacts()) == len(calls.leads()) == 1
    assert (stands(calls, first), stands(calls, second)) == (["leads"], ["leads"])


def test_a_new_client_whom_search_has_not_seen(calls, cut):
    """The log is refused, and then the answer about the task is lost: the call is a note in the end."""
    calls.world.amocrm.options(search_lag=300)
    cut("tasks")
    call = calls.call("in")

    calls.finish(call)
    rest(calls)

    assert stands(calls, call) == ["leads"]
    assert len(calls.tasks()) == 1
    assert calls.row(call).state == "handled"


def test_another_missed_call_waits_for_a_task_in_doubt(calls, cut):
    known_client(calls)
    cut("tasks")
    first, second = calls.call("in"), calls.call("in")
    calls.finish(first)

    calls.finish(second)
    rest(calls)

    assert len(calls.tasks()) == 1
    assert (stands(calls, first), stands(calls, second)) == (["leads"], ["leads"])


# A number that only a company has


def company(stand):
    return stand.world.amocrm.ui_company(DOMAIN, ANNA, "Ромашка", [NUMBER])["id"]


@pytest.mark.parametrize("match", ["POST /api/v4/leads", "/api/v4/calls", "tasks"])
def test_a_missed_call_of_a_company(calls, cut, match):
    company(calls)
    cut(match)
    call = calls.call("in")

    calls.finish(call)
    rest(calls)

    (lead,) = calls.leads()
    assert calls.contacts() == []
    assert stands(calls, call) == ["leads"]
    assert [(task["entity_type"], task["entity_id"]) for task in calls.tasks()] == [("leads", lead["id"])]


@pytest.mark.parametrize("match", ["/api/v4/calls", "tasks"])
def test_a_call_in_the_card_of_a_company(calls, cut, match):
    """The first thing that is sent: nothing of ours says yet that the number is a company's."""
    calls.rules(lead_in=False)
    place = company(calls)
    cut(match)
    call = calls.call("in")

    calls.finish(call)
    rest(calls)

    assert calls.contacts() == calls.leads() == []
    assert stands(calls, call) == ["companies"]
    assert [(task["entity_type"], task["entity_id"]) for task in calls.tasks()] == [("companies", place)]


def test_a_call_in_the_open_lead_of_a_company(calls, cut):
    company(calls)
    calls.called("in", talks=TALK)
    cut("/api/v4/calls")
    call = calls.call("in", talks=TALK)

    calls.finish(call)
    rest(calls)

    assert (len(calls.leads()), calls.contacts()) == (1, [])
    assert stands(calls, call) == ["leads"]


def test_a_call_in_the_card_of_a_company_whose_person_was_noted_meanwhile(calls, cut, fault):
    calls.rules(lead_in=False)
    company(calls)
    cut("/api/v4/calls")
    call = calls.call("in", talks=TALK)
    calls.finish(call)
    calls.world.amocrm.ui_contact(DOMAIN, ANNA, "Мария", [NUMBER])

    rest(calls)

    assert len(calls.contacts()) == 1
    assert stands(calls, call) == [{DONE: "companies", NOT_DONE: "contacts"}[fault]]


@pytest.mark.parametrize("match", ["companies/notes", "leads/notes"])
def test_notes_in_the_cards_of_a_company(calls, cut, match):
    calls.rules(log=LogAs.NOTES)
    company(calls)
    cut(match)
    call = calls.call("in", talks=TALK)

    calls.finish(call)
    rest(calls)

    assert calls.contacts() == []
    assert sorted(stands(calls, call)) == ["companies", "leads"]
