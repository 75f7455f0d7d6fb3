"""Rules tried on past calls of a number that only a company has: as calls of now, and nothing is written."""

from dataclasses import replace

import pytest

from backend.flows.rules import configuration
from backend.flows.telephony.after import trying
from tests.support import make
from tests.support.stand import ANNA, DOMAIN

NUMBER = f"+{make.CLIENT}"
TALK = [("101", 5, 60)]


@pytest.fixture
def tried(calls):
    """What the rules in force, and these with changes, would do with the newest call."""

    def look(**changes):
        wanted = replace(configuration.current(calls.account.id).telephony, **changes)
        (one,) = trying.try_on(calls.ctx, calls.account.id, wanted, trying.newest(calls.account.id, 1))
        return [[effect.code for effect in effects] for effects in (one.before, one.after)]

    return look


@pytest.fixture
def company(calls):
    return lambda: calls.world.amocrm.ui_company(DOMAIN, ANNA, "Ромашка", [NUMBER])["id"]


def test_rules_that_made_nobody_are_tried_with_ones_that_would(calls, tried, company):
    calls.rules(contact_in=False)
    company()
    calls.called("in", talks=TALK)

    assert tried(contact_in=True) == [["log"], ["lead", "log"]]
    assert tried(contact_in=True, lead_in=False) == [["log"], ["log"]]
    assert tried(contact_in=True, incoming=True)[1] == ["lead", "log"]


def test_a_company_that_is_newer_than_the_call(calls, tried, company):
    """The call made a contact: tried anew, it would find the company."""
    calls.called("in", talks=TALK)
    before = tried()
    company()
    calls.pass_time(1)
    calls.ctx.redis.flushdb()  # ten minutes later, amoCRM is asked again

    assert (before, tried()) == ([["contact_and_lead", "log"]] * 2, [["lead", "log"]] * 2)


def test_its_open_lead_is_found_and_nothing_is_written(calls, tried, company):
    calls.rules(contact_in=False)
    place = company()
    calls.called("in", talks=TALK)
    calls.rules()
    calls.called("in", talks=TALK)
    (lead,) = calls.leads()
    calls.rules(is_on=False)
    calls.called("in", talks=TALK)
    calls.world.amocrm.journal_clear()

    assert [one["id"] for one in lead["_embedded"]["companies"]] == [place]
    assert tried(is_on=True) == [["none.off"], ["log"]]
    assert {row["method"] for row in calls.world.amocrm.journal()} == {"GET"}


def test_without_amocrm_it_is_tried_all_the_same(calls, tried, company):
    calls.rules(contact_in=False)
    company()
    calls.called("in", talks=TALK)
    calls.world.amocrm.faults("504", domain=DOMAIN, next=100)

    assert tried(contact_in=True) == [["log"], ["contact_and_lead", "log"]]


def test_rules_that_make_nobody_ask_nothing(calls, tried):
    calls.rules(contact_in=False)
    calls.called("in", talks=TALK)
    calls.world.amocrm.journal_clear()

    assert tried(contact_out=False) == [["log"], ["log"]]
    assert calls.world.amocrm.journal() == []
