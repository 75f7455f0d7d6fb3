"""A call makes a client once: a contact, a lead (1c), their owner (1e); a company's number makes nobody."""

import pytest

from backend.core.telephony.rules import LogAs
from backend.flows.road import inbox
from backend.store import lanes
from tests.support.called import FIRST, NUMBER, TALK, places
from tests.support.stand import ANNA, DOMAIN, EPILATION, OLGA, PETR


def asked_of_amocrm(stand, since):
    rows = stand.world.amocrm.journal(DOMAIN, since)
    return [f"{row['method']} {row['path'].removeprefix('/api/')}" for row in rows]


# 1c: contact and lead


@pytest.mark.parametrize("talks", [TALK, []], ids=["answered", "missed"])
def test_1c_a_new_client_gets_a_contact_and_a_lead(calls, talks):
    calls.called("in", talks=talks)

    contact = calls.contact_of()
    (lead,) = calls.leads_with(contact)
    assert calls.phones(contact) == [NUMBER]
    assert (lead["pipeline_id"], lead["status_id"]) == (EPILATION, FIRST)
    assert places(calls) == [("leads", lead["id"])]


def test_1c_a_known_client_keeps_the_contact_and_the_lead(calls):
    known = calls.open_lead(EPILATION, FIRST, client=("Мария", "8 (999) 000-11-22"))
    calls.work()

    calls.called("in", talks=TALK)
    calls.called("in", client="89990001122")
    calls.called("out", talks=TALK, client="9990001122")

    assert [lead["id"] for lead in calls.leads()] == [known["id"]]
    assert len(calls.contacts()) == 1
    assert places(calls) == [("leads", known["id"])] * 3


def test_1c_what_a_colleague_made_a_moment_ago_is_found(calls):
    """The hook about it is still on its way."""
    known = calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.store(calls.call("in", talks=TALK))

    inbox.drain(calls.ctx, lanes.lane_id(calls.account.id, "calls"))

    assert [lead["id"] for lead in calls.leads()] == [known["id"]]
    assert len(calls.contacts()) == 1


@pytest.mark.parametrize("waits", [True, False], ids=["at once", "one after another"])
def test_1c_two_calls_of_a_new_client_make_one_person(calls, waits):
    pair = [calls.call("in", talks=TALK), calls.call("in", talks=[("102", 3, 30)])]
    for batch in [pair] if waits else [[pair[0]], [pair[1]]]:
        calls.finish(*batch)

    contact = calls.contact_of()
    (lead,) = calls.leads_with(contact)
    assert places(calls) == [("leads", lead["id"])] * 2


@pytest.mark.parametrize(("is_on", "leads"), [(False, 0), (True, 1)])
def test_1c_an_outbound_call_opens_a_lead_when_the_rule_says_so(calls, is_on, leads):
    calls.rules(lead_out=is_on)

    calls.called("out", talks=TALK)

    contact = calls.contact_of()
    assert len(calls.leads_with(contact)) == leads
    assert len(calls.logged()) == 1


@pytest.mark.parametrize(("is_on", "people"), [(False, 0), (True, 1)])
def test_1c_telephony_that_is_off_writes_nothing(calls, is_on, people):
    calls.rules(is_on=is_on)

    row = calls.called("in", talks=TALK)

    assert (len(calls.contacts()), len(calls.leads()), len(calls.logged())) == (people, people, people)
    assert row.state == ("handled" if is_on else "ignored")


def test_1c_a_lead_that_is_closed_is_not_continued(calls):
    closed = calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.move(closed, 142)
    calls.work()

    calls.called("in", talks=TALK)

    made = [lead for lead in calls.leads() if lead["id"] != closed["id"]]
    assert len(made) == 1
    assert len(calls.contacts()) == 1
    assert places(calls) == [("leads", made[0]["id"])]


# 1e: whoever talked last


def test_1e_the_contact_belongs_to_whoever_talked_last(calls):
    calls.called("in", talks=[("101", 5, 20), ("102", 25, 60)])

    contact = calls.contact_of()
    (lead,) = calls.leads_with(contact)
    assert (contact["responsible_user_id"], lead["responsible_user_id"]) == (OLGA, OLGA)


def test_1e_a_consultation_is_not_a_talk(calls):
    """Pyotr was asked while the client heard music: he never heard the client."""
    calls.called("in", rings=[("101", 0, 5), ("103", 20, 30)], talks=[("101", 5, 60)])

    assert calls.contact_of()["responsible_user_id"] == ANNA


def test_1e_an_outbound_call_gives_the_contact_to_who_talked_not_to_who_dialled(calls):
    calls.called("out", operator="101", talks=[("101", 5, 20), ("103", 25, 60)])

    assert calls.contact_of()["responsible_user_id"] == PETR


def test_1e_a_contact_made_while_the_first_one_talked_goes_to_the_last_one(calls):
    call = calls.call("in", talks=[("101", 5, 20), ("102", 25, 60)])
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER), user=ANNA)

    calls.finish(call)

    contact = calls.contact_of()
    (lead,) = calls.leads_with(contact)
    assert (contact["responsible_user_id"], lead["responsible_user_id"]) == (OLGA, OLGA)
    assert calls.row(call).crm["given"] == [contact["id"]]


def test_1e_a_client_of_long_ago_stays_whose_they_are(calls):
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER), user=ANNA)
    calls.pass_time(3600)

    calls.called("in", talks=[("102", 5, 60)])

    assert calls.contact_of()["responsible_user_id"] == ANNA


# 1c: a number that only a company has


def a_company(calls, *phones):
    return calls.world.amocrm.ui_company(DOMAIN, ANNA, "Ромашка", list(phones))["id"]


@pytest.mark.parametrize("lead_in", [False, True])
@pytest.mark.parametrize("log", list(LogAs))
def test_1c_a_number_of_a_company_makes_no_second_person(calls, lead_in, log):
    calls.rules(lead_in=lead_in, log=log)
    company = a_company(calls, "8 (999) 000-11-22")

    calls.called("in", talks=TALK)

    assert calls.contacts() == []
    leads = calls.leads()
    assert len(leads) == lead_in
    in_company, in_lead = ("companies", company), [("leads", lead["id"]) for lead in leads]
    assert places(calls) == ([in_company, *in_lead] if log is LogAs.NOTES or not leads else in_lead)
    assert [[one["id"] for one in lead["_embedded"]["companies"]] for lead in leads] == [[company]] * lead_in


def test_1c_the_next_call_of_a_company_finds_its_open_lead(calls):
    a_company(calls, NUMBER)
    calls.called("in", talks=TALK)

    calls.called("in")

    (lead,) = calls.leads()
    assert calls.contacts() == []
    assert places(calls) == [("leads", lead["id"])] * 2
    assert [task["entity_id"] for task in calls.tasks()] == [lead["id"]]


def test_1c_a_missed_call_of_a_company_is_a_task_in_its_card(calls):
    calls.rules(lead_in=False, incoming=True)
    company = a_company(calls, NUMBER)

    calls.called("in")

    assert [(one["entity_type"], one["entity_id"]) for one in calls.tasks()] == [("companies", company)]
    assert calls.incoming() == []


def test_1c_a_number_that_only_looks_like_a_companys_is_a_new_client(calls):
    a_company(calls, f"{NUMBER}5")
    a_company(calls, "+375990001122")

    calls.called("in", talks=TALK)

    assert len(calls.contacts()) == 1


def test_1c_a_known_contact_goes_before_a_company_and_amocrm_is_asked_nothing_more(calls):
    a_company(calls, NUMBER)
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.work()
    calls.called("in", talks=TALK)

    assert not [line for line in asked_of_amocrm(calls, 0) if "companies" in line]
    assert len(calls.contacts()) == 1
