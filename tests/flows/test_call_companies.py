"""Companies by number: the emulated amoCRM finds any part of a field, our client compares whole numbers; what
becomes of several calls of one at once.
"""

import pytest

from backend.core.telephony.rules import LogAs
from backend.integrations.amocrm import companies
from backend.store import events
from tests.support.calls import CallStand
from tests.support.stand import ANNA, DOMAIN

NUMBER = "+79990001122"


@pytest.fixture
def calls(tmp_path, redis_url):
    opened = CallStand(f"sqlite:///{tmp_path / 'stand.db'}", redis_url)
    yield opened
    opened.close()


@pytest.fixture
def ask(calls):
    return lambda number=NUMBER: companies.with_number(calls.ctx.amo(calls.account.id), number)


def company(calls, *phones):
    return calls.world.amocrm.ui_company(DOMAIN, ANNA, "Ромашка", list(phones))["id"]


@pytest.mark.parametrize("spelling", ["8 (999) 000-11-22", "+7 999 000 11 22", "9990001122"])
def test_however_it_is_written(calls, ask, spelling):
    first = company(calls, "+74950000000", spelling)
    company(calls, NUMBER)

    assert ask().id == first


@pytest.mark.parametrize("phones", [[], [f"{NUMBER}5"], ["+3759990001122"]])
def test_a_part_of_a_number_is_none(calls, ask, phones):
    company(calls, *phones)

    assert ask() is None


def test_what_is_no_number_is_not_asked(ask):
    assert ask("12") is None


def test_calls_that_are_due_together_make_one_lead(calls):
    """The second is decided when the first has its lead: what was asked before that is not believed."""
    company(calls, NUMBER)

    calls.finish(*(calls.call("in", talks=[("101", 5, 60)]) for _ in range(3)))

    (lead,) = calls.leads()
    assert calls.contacts() == []
    assert [(note["entity_type"], note["entity_id"]) for note in calls.logged()] == [
        ("leads", lead["id"])
    ] * 3


@pytest.mark.parametrize(
    ("rules", "unanswered", "places", "contacts"),
    [
        ({}, "POST /api/v4/leads", ["leads"], 1),
        ({"log": LogAs.NOTES}, "leads/notes", ["leads"], 0),  # the lead had been made for it
        ({"log": LogAs.NOTES, "lead_in": False}, "companies/notes", ["contacts"], 1),
        ({"lead_in": False}, "POST /api/v4/tasks", ["companies"], 1),
    ],
)
def test_a_company_that_is_gone_before_the_next_attempt(calls, rules, unanswered, places, contacts):
    """What was not written yet is written as of a client whom nobody knows; nobody has to do anything."""
    calls.rules(**rules)
    made = company(calls, NUMBER)
    calls.world.amocrm.faults("504", domain=DOMAIN, next=1, match=unanswered)
    calls.called("in")
    del calls.world.amocrm.find(DOMAIN).companies[made]

    for _ in range(8):
        calls.pass_time(30)

    assert (events.pending_count(), calls.open_alarms()) == (0, [])
    assert [note["entity_type"] for note in calls.logged()] == places
    assert (len(calls.contacts()), len(calls.tasks())) == (contacts, 1)


@pytest.mark.parametrize("contact_out", [False, True])
def test_a_log_whose_answer_is_lost_is_found_in_a_lead_that_came_meanwhile(calls, contact_out):
    """The company had no lead when the call was decided; the next call made one, and amoCRM took that."""
    calls.rules(contact_out=contact_out)
    company(calls, NUMBER)
    calls.world.amocrm.faults("504", domain=DOMAIN, next=1, match="POST /api/v4/calls")
    first = calls.finish(calls.call("out", talks=[("101", 5, 60)]))
    second = calls.finish(calls.call("in", at=calls.now()))
    calls.world.amocrm.faults("504_after_commit", domain=DOMAIN, next=1, match="POST /api/v4/calls")

    for _ in range(8):
        calls.pass_time(30)

    (lead,) = calls.leads()
    assert [note["entity_id"] for note in calls.logged()] == [lead["id"]] * 2
    assert {note["params"]["uniq"] for note in calls.logged()} == {first.uniq, second.uniq}
    assert (events.pending_count(), calls.contacts()) == (0, [])
