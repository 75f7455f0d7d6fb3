"""What follows from a call in amoCRM: contact, lead, log, notes, fields, reports, robots."""

import json
import zipfile
from dataclasses import replace

import pytest

from backend.core.telephony.call import Outcome
from backend.core.telephony.rules import Entity, FieldRule, LogAs, Missed, Result, ResultRule
from backend.flows.road import inbox, replays
from backend.flows.telephony.after import known_since
from backend.store import lanes
from tests.support import make
from tests.support.stand import (
    AD_FIELD,
    ANNA,
    CLIENT,
    DOMAIN,
    EPILATION,
    OLGA,
    PETR,
    STAGES,
)

NUMBER = f"+{make.CLIENT}"
TALK = [("101", 5, 60)]
FIRST = STAGES[EPILATION]


def places(stand, call=None):
    """(collection, id) of the cards in which a call stands; of all calls when none is named."""
    notes = [n for n in stand.logged() if call is None or n["params"]["uniq"] == call.uniq]
    return sorted((note["entity_type"], note["entity_id"]) for note in notes)


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


# 2j: notes on the entity and on all open leads


@pytest.fixture
def two_leads(calls):
    """A client with two open leads and a closed one."""
    first = calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    contact = first["_embedded"]["contacts"][0]["id"]
    second = calls.open_lead(EPILATION, FIRST + 1, client=contact)
    calls.move(calls.open_lead(EPILATION, FIRST, client=contact), 142)
    calls.work()
    return contact, first["id"], second["id"]


def test_2j_off_the_call_stands_once_where_amocrm_puts_it(calls, two_leads):
    calls.called("in", talks=TALK)

    assert places(calls) == [("contacts", two_leads[0])]


def test_2j_on_the_call_is_a_note_of_the_contact_and_of_every_open_lead(calls, two_leads):
    calls.rules(log=LogAs.NOTES)

    calls.called("in", talks=TALK)

    contact, first, second = two_leads
    assert places(calls) == [("contacts", contact), ("leads", first), ("leads", second)]


def test_2j_a_lead_that_was_opened_a_moment_ago_gets_its_note(calls):
    """The hook about it does not say whose it is."""
    calls.rules(log=LogAs.NOTES)
    lead = calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.work()

    calls.called("out", talks=TALK)

    assert ("leads", lead["id"]) in places(calls)


def test_2j_a_call_that_is_handled_again_is_not_noted_again(calls, two_leads):
    calls.rules(log=LogAs.NOTES)
    call = calls.call("in", talks=TALK)
    calls.finish(call)

    replays.replay(calls.ctx, calls.call_events(call)[0].id)
    calls.work()

    assert len(places(calls)) == 3
    assert [event.status for event in calls.call_events(call)] == ["done", "done"]


def test_2j_a_call_of_a_new_client_is_a_note_too(calls):
    calls.rules(log=LogAs.NOTES)

    calls.called("in", talks=TALK)

    contact = calls.contact_of()
    (lead,) = calls.leads_with(contact)
    assert places(calls) == [("contacts", contact["id"]), ("leads", lead["id"])]


# 2k: talked, then lost in a transfer


@pytest.mark.parametrize(("is_on", "tasks"), [(False, 0), (True, 1)])
def test_2k_a_talk_that_a_transfer_lost_counts_as_missed(calls, is_on, tasks):
    calls.rules(missed=Missed(counts_lost=is_on))

    calls.called(
        "in", rings=[("101", 0, 5), ("103", 40, 60)], talks=[("101", 5, 40)], lost_after_transfer=True
    )

    assert len(calls.tasks()) == tasks
    (note,) = calls.logged()
    assert note["params"]["call_status"] == 4  # for the reports it is a talk


@pytest.mark.parametrize("is_on", [False, True])
def test_2k_a_talk_that_ended_well_is_no_missed_call(calls, is_on):
    calls.rules(missed=Missed(counts_lost=is_on))

    calls.called("in", talks=TALK)

    assert calls.tasks() == []


# 2l: internal calls


@pytest.mark.parametrize("talks", [TALK, []], ids=["answered", "unanswered"])
def test_2l_internal_calls_are_never_written(calls, talks):
    row = calls.called("internal", talks=talks)

    assert (row.state, row.crm["reason"]) == ("ignored", "internal")
    assert (calls.logged(), calls.contacts(), calls.leads(), calls.tasks()) == ([], [], [], [])


def test_2l_a_call_with_the_world_is_written(calls):
    calls.called("in", talks=TALK)

    assert len(calls.logged()) == 1


def test_2l_a_call_of_unknown_way_is_shown_and_not_written(calls):
    row = calls.called("unknown", talks=TALK)

    assert (row.state, row.crm["reason"]) == ("ignored", "unknown_way")
    assert (calls.logged(), calls.contacts()) == ([], [])


# 3f: data of a call in fields


TOLD = FieldRule(Entity.LEAD, AD_FIELD, "{вид звонка}: {линия}")


def test_3f_off_fields_stay_as_they_are(calls):
    calls.called("in", talks=TALK)

    (lead,) = calls.leads()
    assert calls.value(lead, AD_FIELD) == []


def test_3f_on_a_new_lead_has_the_data_of_its_call(calls):
    calls.rules(fields=(TOLD,))

    calls.called("in", talks=TALK)

    (lead,) = calls.leads()
    assert calls.value(lead, AD_FIELD) == ["Входящий звонок: Москва"]


@pytest.mark.parametrize(
    ("only_empty", "value"), [(False, "Входящий звонок: Москва"), (True, "Яндекс")], ids=["always", "empty"]
)
def test_3f_on_an_open_lead_learns_of_the_call(calls, only_empty, value):
    calls.rules(fields=(FieldRule(Entity.LEAD, AD_FIELD, TOLD.template, only_empty),))
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER), fields={AD_FIELD: "Яндекс"})
    calls.work()

    calls.called("in", talks=TALK)

    (lead,) = calls.leads()
    assert calls.value(lead, AD_FIELD) == [value]


def test_3f_a_field_that_is_gone_costs_only_itself(calls, alarm_codes_of):
    calls.rules(fields=(TOLD,))
    calls.world.amocrm.ui_delete_field(DOMAIN, AD_FIELD)

    calls.called("in", talks=TALK)

    (lead,) = calls.leads()
    assert places(calls) == [("leads", lead["id"])]
    assert "telephony.field_gone" in alarm_codes_of(calls)


@pytest.fixture
def alarm_codes_of():
    return lambda stand: [alarm.code for alarm in stand.open_alarms()]


# 4a: calls in cards


def test_4a_a_call_stands_in_the_card_with_all_that_amocrm_shows(calls):
    calls.called("in", talks=[("102", 7, 61)])

    (note,) = calls.logged()
    told = note["params"]
    assert (note["note_type"], told["duration"], told["phone"]) == ("call_in", 54, NUMBER)
    assert (told["call_status"], told["call_responsible"], told["source"]) == (4, OLGA, "mostik")


def test_4a_a_call_that_nobody_of_ours_talked_names_the_phone(calls):
    calls.rules(people=(), first_responsible_id=None, missed=Missed(is_on=False))

    calls.called("in", talks=[("177", 5, 20)])

    (note,) = calls.logged()
    assert note["params"]["call_responsible"] == "177"


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"talks": TALK}, 4),
        ({}, 6),
        ({"way": "out", "outcome": Outcome.BUSY}, 7),
        ({"way": "out", "outcome": Outcome.NO_ANSWER}, 6),
    ],
)
def test_4a_the_result_is_amocrms_own(calls, facts, status):
    calls.called(**{"way": "in", **facts})

    (note,) = calls.logged()
    assert note["params"]["call_status"] == status


# 4b: statistics


def test_4b_every_call_counts_for_its_person_once(calls):
    calls.called("in", talks=[("102", 5, 65)])
    calls.called("out", operator="101", talks=[("101", 5, 35)])
    calls.called("in")  # missed: the client is Olga's since the first talk

    counted = calls.crm()["call_statistics"]
    assert counted == {
        str(OLGA): {"in": 2, "out": 0, "talked": 1, "seconds": 60},
        str(ANNA): {"in": 0, "out": 1, "talked": 1, "seconds": 30},
    }


def test_4b_copies_of_a_call_in_other_cards_do_not_count(calls, two_leads):
    calls.rules(log=LogAs.NOTES)

    calls.called("in", talks=[("102", 5, 65)])

    assert calls.crm()["call_statistics"] == {str(OLGA): {"in": 1, "out": 0, "talked": 1, "seconds": 60}}


# 4c: robots and triggers


@pytest.fixture
def trigger(calls, tmp_path):
    """A widget's action stands on the first stage, for incoming calls; returns the triggers that fired."""
    manifest = {
        "widget": {"name": "widget.name", "version": "1.0.0", "locale": ["ru"]},
        "locations": ["digital_pipeline"],
        "dp": {"settings": {}, "webhook_url": "https://robots.test/hook"},
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "widget.zip", "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("script.js", "define([], () => function () {});")
        archive.writestr("i18n/ru.json", json.dumps({"widget": {"name": "Робот"}}))
    crm = calls.world.amocrm
    crm.widget(CLIENT, str(tmp_path / "widget.zip"))
    crm.widget_save(DOMAIN, CLIENT, {})
    crm.widget_trigger(DOMAIN, CLIENT, EPILATION, FIRST, "call_in")

    def fired():
        inbox.drain(calls.ctx, lanes.lane_id(calls.account.id, "calls"))
        return [hook for hook in crm.hooks_pending() if hook.get("setting", "").startswith("trigger")]

    return fired


@pytest.mark.parametrize(("way", "times"), [("in", 1), ("out", 0)])
def test_4c_an_incoming_call_starts_what_stands_on_the_stage(calls, trigger, way, times):
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.work()
    calls.store(calls.call(way, talks=TALK))

    assert len(trigger()) == times


@pytest.mark.parametrize("log", [LogAs.CALL, LogAs.NOTES])
def test_4c_a_note_of_ours_starts_what_a_call_of_amocrm_would(calls, trigger, log):
    calls.rules(log=log)
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.work()
    calls.store(calls.call("in", talks=TALK))

    assert len(trigger()) == 1


@pytest.mark.parametrize("log", [LogAs.CALL, LogAs.NOTES])
def test_4c_nothing_starts_when_it_is_not_clear_in_which_lead(calls, trigger, two_leads, log):
    calls.rules(log=log)
    calls.move({"id": two_leads[2], "pipeline_id": EPILATION}, FIRST)
    calls.work()
    calls.store(calls.call("in", talks=TALK))

    assert trigger() == []


# 4d: calls that amoCRM refuses


def test_4d_a_call_that_nobody_is_known_for_is_kept(calls):
    """No rule makes a contact: amoCRM refuses the call, and a person can still see it."""
    calls.rules(contact_in=False, missed=Missed(is_on=False))

    row = calls.called("in", talks=TALK)

    assert (row.state, row.crm["reason"], row.crm["is_refused"]) == ("refused", "refused", True)
    assert (calls.logged(), calls.contacts()) == ([], [])
    assert [event.status for event in calls.call_events(row.call)] == ["done"]


def test_4d_a_kept_call_is_written_once_somebody_has_entered_its_client(calls):
    calls.rules(contact_in=False, missed=Missed(is_on=False))
    row = calls.called("in", talks=TALK)
    assert known_since.look(calls.ctx) == 0

    lead = calls.open_lead(EPILATION, FIRST, client=("Мария", "8 (999) 000-11-22"))
    calls.work()
    looked = [known_since.look(calls.ctx), known_since.look(calls.ctx)]
    calls.work()

    assert (looked, calls.row(row.call).state) == ([1, 0], "handled")
    assert [note["params"]["uniq"] for note in calls.logged()] == [row.uniq]
    assert places(calls) == [("leads", lead["id"])]


def test_4d_a_kept_call_is_written_when_it_is_handled_again(calls):
    calls.rules(contact_in=False, missed=Missed(is_on=False))
    row = calls.called("in", talks=TALK)
    calls.rules(contact_in=True)

    replays.replay(calls.ctx, calls.call_events(row.call)[0].id)
    calls.work()

    row = calls.row(row.call)
    assert row.state == "handled"
    assert len(calls.logged()) == 1
    assert len(calls.contacts()) == 1


def test_4d_by_rule_a_stranger_goes_into_incoming(calls):
    calls.rules(incoming=True)

    row = calls.called("in", talks=TALK)

    (waiting,) = calls.incoming()
    assert waiting["metadata"]["uniq"] == row.uniq
    assert row.state == "handled"


def test_4d_a_contact_that_search_has_not_seen_gets_the_call_as_a_note(calls):
    """amoCRM's search lags behind its own writes: the call is refused, yet we know whose it is."""
    calls.world.amocrm.options(search_lag=60)

    row = calls.called("in", talks=TALK)

    (lead,) = calls.leads()
    assert places(calls) == [("leads", lead["id"])]
    assert calls.crm()["call_statistics"][str(ANNA)]["in"] == 1
    assert (row.state, row.crm["reason"]) == ("handled", "new_client")


def test_4d_one_refused_call_does_not_hold_up_the_others(calls):
    calls.rules(contact_out=False)
    known = calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.work()

    stranger, friend = calls.call("out", talks=TALK, client="79995550000"), calls.call("out", talks=TALK)
    calls.finish(stranger, friend)

    assert places(calls) == [("leads", known["id"])]
    assert (calls.row(stranger).state, calls.row(friend).state) == ("refused", "handled")


@pytest.mark.parametrize("outcome", [Outcome.WRONG_NUMBER, Outcome.TRUNK_DOWN])
def test_4d_a_call_that_reached_no_phone_is_no_refusal_to_look_after(calls, outcome):
    row = calls.called("out", outcome=outcome, client="79995550000")

    assert (row.state, row.crm["reason"]) == ("ignored", "unreached")
    assert (places(calls), calls.contacts(), calls.leads()) == ([], [], [])


# §7: what a provider means


@pytest.mark.parametrize(
    ("results", "status", "contacts"),
    [
        ((), 6, 1),
        ((ResultRule(Result.CALL_BACK, "NOANSWER", 21),), 2, 1),
        ((ResultRule(Result.WRONG_NUMBER, cause=21),), 5, 0),
        ((ResultRule(Result.BUSY, "CANCEL"),), 6, 1),
    ],
    ids=["off", "status", "no-contact", "another"],
)
def test_4b_the_map_from_causes_to_results_is_the_accounts_own(calls, results, status, contacts):
    calls.rules(results=results)
    refused = replace(calls.call("out"), dial_status="NOANSWER", cause=21)

    calls.finish(refused)

    assert len(calls.contacts()) == contacts
    assert [note["params"]["call_status"] for note in calls.logged()] == [status] * contacts


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
