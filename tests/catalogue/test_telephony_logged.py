"""A call in amoCRM's cards: where it stands (2j), what it shows (4a), counts for (4b) and starts (4c)."""

import json
import zipfile
from dataclasses import replace

import pytest

from backend.core.telephony.call import Outcome
from backend.core.telephony.rules import LogAs, Missed, Result, ResultRule
from backend.flows.road import inbox, replays
from backend.store import lanes
from tests.support.called import FIRST, NUMBER, TALK, places
from tests.support.stand import ANNA, CLIENT, DOMAIN, EPILATION, OLGA

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
