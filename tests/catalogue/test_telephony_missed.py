"""A call nobody took: its task (2e), whose the client is (2f, 2i) and who is to call back (2g)."""

from datetime import UTC, datetime, time

import pytest

from backend.core.telephony.rules import Hours, LogAs, Missed, MissedTo
from backend.flows.watch import watchers
from tests.support.called import FIRST, NUMBER, SPB, TALK, line
from tests.support.stand import ANNA, DOMAIN, EPILATION, OLGA, PETR


def owner_of_task(calls):
    (task,) = calls.tasks()
    return task["responsible_user_id"]


# 2e: the task for a missed call


def test_2e_off_a_missed_call_leaves_no_task(calls):
    calls.rules(missed=Missed(is_on=False))

    calls.called("in")

    assert calls.tasks() == []


def test_2e_on_a_missed_call_is_one_task_until_somebody_talks(calls):
    for _ in range(3):
        calls.called("in")

    (task,) = calls.tasks()
    (lead,) = calls.leads()
    assert (task["entity_type"], task["entity_id"]) == ("leads", lead["id"])
    assert NUMBER in task["text"]

    calls.called("out", talks=TALK)
    assert calls.tasks() == []
    assert [one["id"] for one in calls.tasks(is_completed=True)] == [task["id"]]

    calls.called("in")
    assert len(calls.tasks()) == 1


@pytest.mark.parametrize("way", ["in", "out"])
@pytest.mark.parametrize("closes", [True, False])
def test_2e_a_talk_in_either_direction_closes_it_by_itself(calls, way, closes):
    calls.rules(missed=Missed(closes=closes))
    calls.called("in")

    calls.called(way, talks=TALK)

    assert len(calls.tasks()) == int(not closes)


def test_2e_a_call_that_nobody_took_closes_nothing(calls):
    calls.called("in")

    calls.called("out")

    assert len(calls.tasks()) == 1


def test_2e_a_task_that_a_person_has_done_is_not_set_again_for_the_same_call(calls):
    row = calls.called("in")
    (task,) = calls.tasks()
    calls.world.amocrm.ui_complete_task(DOMAIN, user_id=OLGA, task_id=task["id"])
    calls.settle()

    calls.store(row.call)
    calls.work()
    assert calls.tasks() == []

    calls.called("in")
    assert len(calls.tasks()) == 1


def test_2e_when_somebody_called_back_before_we_came_to_it_there_is_nothing_to_do(calls):
    missed = calls.call("in")
    calls.store(missed)
    calls.wait_minutes(0)
    talked = calls.call("out", talks=TALK, at=missed.ended_at)

    calls.finish(talked)

    assert calls.tasks() == []


@pytest.mark.parametrize("is_on", [False, True])
def test_2e_a_caller_without_a_number(calls, is_on):
    calls.rules(missed=Missed(hidden=is_on))

    calls.called("in", client="anonymous")

    assert [task["entity_id"] for task in calls.tasks()] == [None] * int(is_on)
    assert calls.contacts() == []


def test_2e_the_deadline_counts_working_hours_alone(calls):
    calls.rules(hours=Hours({day: (time(10), time(10, 1)) for day in range(7)}), missed=Missed(minutes=1))

    calls.called("in")

    due = datetime.fromtimestamp(calls.tasks()[0]["complete_till"], UTC)
    assert (due.hour, due.minute) in [(7, 0), (7, 1)]  # 10:01 in Moscow
    assert due > calls.now()


# 2f: the first responsible


def test_2f_off_a_client_nobody_talked_with_is_amocrms_own_choice(calls):
    calls.rules(first_responsible_id=None)

    calls.called("in")

    assert calls.contact_of()["responsible_user_id"] == ANNA  # who connected the integration


def test_2f_on_a_client_nobody_talked_with_is_theirs(calls):
    calls.rules(first_responsible_id=OLGA)

    calls.called("in")

    contact = calls.contact_of()
    (lead,) = calls.leads_with(contact)
    assert (contact["responsible_user_id"], lead["responsible_user_id"]) == (OLGA, OLGA)
    assert owner_of_task(calls) == OLGA


def test_2f_who_talked_goes_before(calls):
    calls.rules(first_responsible_id=OLGA)

    calls.called("in", talks=[("103", 5, 60)])

    assert calls.contact_of()["responsible_user_id"] == PETR


# 2g: who answers for a missed call


RINGS = [("102", 0, 10), ("103", 10, 20)]


@pytest.mark.parametrize(
    ("step", "user"),
    [
        (MissedTo.RESPONSIBLE, PETR),
        (MissedTo.LAST_TALKER, OLGA),
        (MissedTo.FIRST_RUNG, OLGA),
        (MissedTo.LAST_RUNG, PETR),
        (MissedTo.LINE, PETR),
        (MissedTo.LINE_DEFAULT, OLGA),
        (MissedTo.FIRST, ANNA),
    ],
)
def test_2g_each_strategy(calls, step, user):
    calls.open_lead(EPILATION, FIRST, client=("Мария", NUMBER), user=PETR)
    calls.rules(missed=Missed(to=(step,)), lines=line(missed_user_id=PETR, default_user_id=OLGA))
    calls.called("in", talks=[("102", 5, 30)])

    calls.called("in", rings=RINGS)

    assert owner_of_task(calls) == user


def test_2g_the_first_of_the_chain_who_is_there_gets_it(calls):
    calls.rules(missed=Missed(to=(MissedTo.LAST_TALKER, MissedTo.LINE, MissedTo.LAST_RUNG)))

    calls.called("in", rings=RINGS)

    assert owner_of_task(calls) == PETR
    assert calls.contact_of()["responsible_user_id"] == PETR


def test_2g_who_left_is_passed_over(calls):
    calls.rules(missed=Missed(to=(MissedTo.LAST_RUNG, MissedTo.FIRST_RUNG)))
    calls.world.amocrm.ui_dismiss(DOMAIN, user_id=PETR, heir_id=ANNA)
    watchers.look(calls.ctx, calls.account.id)

    calls.called("in", rings=RINGS)

    assert owner_of_task(calls) == OLGA


# 2i: a line's default user


@pytest.mark.parametrize(("default", "user"), [(None, ANNA), (OLGA, OLGA)])
def test_2i_a_lines_own_person_gets_its_new_clients(calls, default, user):
    calls.rules(lines=line(default_user_id=default))

    calls.called("in")

    assert calls.contact_of()["responsible_user_id"] == user


def test_2i_other_lines_are_not_theirs_and_who_talks_goes_before(calls):
    calls.rules(lines=line(default_user_id=OLGA))

    calls.called("in", trunk=SPB)
    calls.called("in", talks=[("103", 5, 60)], client="79995550011")

    assert calls.contact_of()["responsible_user_id"] == ANNA
    assert calls.contact_of("79995550011")["responsible_user_id"] == PETR


def test_2i_a_call_that_is_a_note_belongs_to_the_lines_person_as_well(calls):
    calls.rules(lines=line(default_user_id=OLGA), log=LogAs.NOTES, missed=Missed(to=()))

    calls.called("in")

    (counted,) = [
        note for note in calls.logged() if note["created_by"] == note["responsible_user_id"] == OLGA
    ]
    assert counted["params"]["call_responsible"] == OLGA
