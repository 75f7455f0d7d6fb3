"""Calls on their way into the CRM: tasks that people touch, calls that wait, troubles, requests."""

import pytest

from backend import wiring
from backend.core.telephony.rules import LogAs, Missed
from backend.flows.road import inbox
from backend.flows.rules import schemas
from backend.flows.sync import mirror
from backend.flows.telephony.after import ringing
from backend.store import events
from backend.store.telephony import call_tasks
from tests.support import make
from tests.support.stand import ANNA, DOMAIN, EPILATION, OLGA, PETR, STAGES

NUMBER = f"+{make.CLIENT}"
TALK = [("101", 5, 60)]
FIRST = STAGES[EPILATION]


@pytest.fixture
def asked(calls):
    """The requests that amoCRM has seen since the last question, as «METHOD path»."""

    def since_last():
        rows = [row for row in calls.world.amocrm.journal() if "/api/" in row["path"]]
        calls.world.amocrm.journal_clear()
        return [f"{row['method']} {row['path'].split('/api/')[1].removeprefix('v4/')}" for row in rows]

    since_last()
    return since_last


@pytest.fixture
def known(calls, asked):
    """A client with one open lead."""
    lead = calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER))
    calls.work()
    mirror.refresh(calls.account.id, mirror.LEADS, calls.ctx.amo(calls.account.id))
    asked()
    return lead


# The life of a task


def test_one_task_stands_open_however_often_a_client_calls(calls):
    for _ in range(3):
        calls.called("in")

    assert len(calls.tasks()) == 1
    assert len(calls.logged()) == 3


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_talk_closes_the_task(calls, way):
    calls.called("in")

    row = calls.called(way, talks=TALK)

    (task,) = calls.tasks(is_completed=True)
    assert task["result"]["text"].startswith("Поговорили")
    assert row.crm["closed"] == [task["id"]]
    assert call_tasks.open_of(calls.account.id, [row.client_key]) == {}


def test_after_a_person_did_the_task_the_next_missed_call_gets_one_of_its_own(calls):
    calls.called("in")
    calls.world.amocrm.ui_complete_task(DOMAIN, ANNA, calls.tasks()[0]["id"], "Сама перезвонила")

    calls.called("in")

    (done,) = calls.tasks(is_completed=True)
    assert done["result"]["text"] == "Сама перезвонила"
    assert len(calls.tasks()) == 1


def test_what_a_person_wrote_in_the_task_stays(calls):
    calls.called("in")
    calls.world.amocrm.ui_complete_task(DOMAIN, ANNA, calls.tasks()[0]["id"], "Сама перезвонила")

    calls.called("out", talks=TALK)

    (done,) = calls.tasks(is_completed=True)
    assert done["result"]["text"] == "Сама перезвонила"


def test_a_missed_call_that_is_heard_of_after_the_talk_gets_no_task(calls):
    """The table of the PBX told of it an hour later."""
    missed = calls.call("in")
    calls.pass_time(60)
    calls.called("out", talks=TALK)

    calls.finish(missed)

    assert calls.tasks() == []
    assert len(calls.logged()) == 2


def test_tasks_of_other_clients_stay(calls):
    calls.called("in", client="79990000001")
    calls.called("in", client="79990000002")

    calls.called("out", talks=TALK, client="79990000001")

    assert len(calls.tasks()) == 1


# «Неразобранное»


@pytest.fixture
def waiting(calls):
    """A stranger who waits in «Неразобранное»."""
    calls.rules(incoming=True, missed=Missed(is_on=False))
    calls.called("in", talks=TALK)
    (one,) = calls.incoming()
    return one


def test_a_second_call_of_who_waits_joins_the_first(calls, waiting):
    row = calls.called("in", talks=TALK)

    assert [one["uid"] for one in calls.incoming()] == [waiting["uid"]]
    assert len(calls.contacts()) == 1
    assert {note["entity_id"] for note in calls.logged()} == {waiting["_embedded"]["leads"][0]["id"]}
    assert row.state == "handled"


def test_after_somebody_has_accepted_it_calls_go_to_that_lead(calls, waiting):
    calls.world.amocrm.ui_accept(DOMAIN, OLGA, waiting["uid"], FIRST)
    calls.work()

    calls.called("in", talks=TALK)
    calls.called("out", talks=TALK)

    assert len(calls.leads()) == len(calls.contacts()) == 1
    assert {note["entity_id"] for note in calls.logged()} == {calls.leads()[0]["id"]}
    assert calls.incoming() == []


def test_a_form_of_the_site_that_waits_there_is_known(calls):
    calls.rules(incoming=True)
    calls.world.amocrm.ui_incoming(
        DOMAIN, "Заявка", {"name": "Мария", "phone": NUMBER}, pipeline_id=EPILATION
    )
    schemas.refresh(calls.account.id, calls.ctx.amo(calls.account.id))

    calls.called("in", talks=TALK)

    assert len(calls.incoming()) == 1
    assert len(calls.contacts()) == 1


# Troubles


def test_somebody_who_was_dismissed_gets_no_calls(calls):
    calls.world.amocrm.ui_dismiss(DOMAIN, OLGA, ANNA, is_removed=True)
    call = calls.call("in", talks=[("102", 5, 60)])

    calls.finish(call)
    calls.pass_time(60)

    assert calls.row(call).state == "handled"
    (note,) = calls.logged()
    assert note["params"]["call_responsible"] == ANNA


def test_a_stage_that_is_gone_stops_calls_until_the_rules_name_another(calls):
    calls.world.amocrm.ui_delete_stage(DOMAIN, EPILATION, FIRST)
    call = calls.call("in", talks=TALK)
    calls.finish(call)
    (event,) = calls.call_events(call)
    assert (event.status, event.error) == ("blocked", "amocrm.stage_unknown")
    assert "amocrm.stage_unknown" in [alarm.code for alarm in calls.open_alarms()]

    calls.rules(stage_id=FIRST + 1)
    calls.work()

    (lead,) = calls.leads()
    assert lead["status_id"] == FIRST + 1
    assert len(calls.logged()) == 1
    assert "amocrm.stage_unknown" not in [alarm.code for alarm in calls.open_alarms()]


def test_a_contact_that_was_deleted_unheard_is_made_anew(calls, known):
    calls.rules(log=LogAs.NOTES)
    calls.world.amocrm.hooks(loss=1.0)
    calls.world.amocrm.ui_delete_contact(DOMAIN, ANNA, known["_embedded"]["contacts"][0]["id"])
    calls.world.amocrm.ui_delete(DOMAIN, ANNA, known["id"])
    call = calls.call("in", talks=TALK)

    calls.finish(call)
    for _ in range(3):
        calls.pass_time(60)

    assert calls.row(call).state == "handled"
    assert len(calls.contacts()) == len(calls.leads()) == 1


def test_a_part_of_another_call_has_no_say(calls):
    """Its row went into the call that it turned out to be a part of."""
    call = calls.call("in", talks=TALK)
    calls.store(call)
    calls.row(call).delete_instance()

    calls.work()

    assert [event.status for event in calls.call_events(call)] == ["superseded"]
    assert calls.logged() == []


def test_an_hour_without_amocrm_delays_calls_and_loses_none(calls):
    """A new client is missed, calls again and is talked with; another one calls while all is away."""
    calls.world.amocrm.faults(kind="500", domain=DOMAIN, next=100_000)
    first, second = calls.call("in"), calls.call("in", talks=TALK)
    other = calls.call("out", talks=TALK, client="79995550011")
    calls.finish(first, second, other)
    for _ in range(12):
        calls.wait_minutes(5)
    assert (calls.logged(), events.pending_count()) == ([], 3)

    calls.world.amocrm.faults_clear()
    for _ in range(4):
        calls.wait_minutes(15)

    assert sorted(note["params"]["uniq"] for note in calls.logged()) == sorted(
        call.uniq for call in (first, second, other)
    )
    assert (len(calls.contacts()), len(calls.leads()), calls.tasks()) == (2, 1, [])
    assert {calls.row(call).state for call in (first, second, other)} == {"handled"}


def test_calls_have_a_queue_of_their_own():
    """A long sync must not delay them, and a worker that empties a backlog of calls lets go soon."""
    assert {wiring.queue_of(lane) for lane in ("calls", "ringing")} == {"calls"}
    assert {wiring.queue_of(lane) for lane in ("bookings", "reconcile")} == {"sync", "background"}
    assert inbox.SLICES["calls"] < inbox.SLICE_SECONDS


# Requests


def test_a_call_of_a_known_client_costs_one_request(calls, known, asked):
    calls.called("in", talks=TALK)

    assert asked() == ["POST calls"]


def test_a_missed_call_of_a_known_client_costs_two(calls, known, asked):
    calls.called("in")

    assert asked() == ["POST calls", "POST tasks"]


def test_a_talk_after_it_costs_three(calls, known, asked):
    calls.called("in")
    asked()

    calls.called("out", talks=TALK)

    requests = asked()
    assert [r for r in requests if r.startswith("GET tasks/")] == requests[:1]
    assert requests[1:] == ["POST calls", "PATCH tasks"]


def test_a_call_of_a_stranger_costs_three(calls, asked):
    """One more in ten minutes, where the account has no companies."""
    calls.called("in", talks=TALK)
    first = asked()
    calls.called("in", talks=TALK, client="79990007788")

    assert first == ["GET contacts", "GET companies", "POST leads/complex", "POST calls"]
    assert asked() == ["GET contacts", "POST leads/complex", "POST calls"]


def test_calls_that_are_due_together_share_their_requests(calls, asked):
    people = [f"7999000{number:04}" for number in range(20)]
    calls.finish(*(calls.call("in", client=phone) for phone in people))

    assert asked() == ["GET contacts", "GET companies", "POST leads/complex", "POST calls", "POST tasks"]
    assert len(calls.logged()) == len(calls.tasks()) == len(people)


def test_calls_that_are_not_written_cost_nothing(calls, asked):
    calls.called("internal", talks=TALK)

    assert asked() == []


# amoCRM's own notice


def popups(stand):
    return [(one["phone_number"], sorted(one["users"])) for one in stand.crm()["popups"]]


def test_phones_of_a_group_are_told_in_one_request(calls, asked):
    calls.ring(calls.call("in"), "101", "102", "103")

    calls.work()

    assert asked() == ["POST v2/events"]
    assert popups(calls) == [(NUMBER, [ANNA, OLGA, PETR])]


def test_a_phone_that_rings_later_is_told_alone(calls):
    call = calls.call("in")
    calls.ring(call, "101")
    calls.work()
    calls.ring(call, "102")
    calls.work()

    assert popups(calls) == [(NUMBER, [ANNA]), (NUMBER, [OLGA])]


def test_two_calls_at_one_moment_are_told_in_one_request(calls, asked):
    calls.ring(calls.call("in"), "101")
    calls.ring(calls.call("in", client="79995550000"), "102")

    calls.work()

    assert asked() == ["POST v2/events"]
    assert popups(calls) == [(NUMBER, [ANNA]), ("+79995550000", [OLGA])]


def test_a_late_notice_is_dropped(calls, asked):
    call = calls.call("in")
    calls.ring(call, "101")
    calls.world.clock.advance(ringing.LATE.total_seconds() + 1)

    calls.work()

    assert asked() == []
    assert [event.reason for event in calls.call_events(call)] == ["late"]


@pytest.mark.parametrize(
    "facts",
    [{"client": "anonymous"}, {"client": "+74951000005"}],
    ids=["hidden", "our own"],
)
def test_nobody_is_told_of_a_number_that_is_nobodys(calls, asked, facts):
    calls.rules(own_numbers=("+74951000005",))
    calls.ring(calls.call("in", **facts), "101")

    calls.work()

    assert asked() == []


def test_a_phone_of_nobody_and_one_of_the_black_list_are_not_told(calls, asked):
    calls.rules(black=("102",))
    calls.ring(calls.call("in"), "102", "177")

    calls.work()

    assert asked() == []


def test_off_nobody_is_told(calls, asked):
    calls.rules(notice=False)
    calls.ring(calls.call("in"), "101")

    calls.work()

    assert asked() == []
