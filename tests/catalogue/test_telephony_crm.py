"""Calls that are lost in a transfer (2k), internal (2l) or refused (4d), and data of calls in fields (3f)."""

import pytest

from backend.core.telephony.call import Outcome
from backend.core.telephony.rules import Entity, FieldRule, Missed
from backend.flows.road import replays
from backend.flows.telephony.after import known_since
from tests.support.called import FIRST, NUMBER, TALK, places
from tests.support.stand import AD_FIELD, ANNA, DOMAIN, EPILATION

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
