"""Alarms: one open per code and scope."""

from datetime import timedelta

from backend.core.errors import Scope
from backend.store import alarms
from tests.store.conftest import NOW

LATER = NOW + timedelta(hours=1)


def test_a_repeated_alarm_is_one_open_row_that_counts(account):
    alarms.raise_alarm(account.id, "route.stage_gone", "route", "41001:epilation", {"этап": 1}, NOW)
    alarms.raise_alarm(account.id, "route.stage_gone", "route", "41001:epilation", {"этап": 2}, LATER)

    (alarm,) = alarms.open_alarms(account.id)
    assert (alarm.times, alarm.raised_at, alarm.seen_at, alarm.details) == (2, NOW, LATER, {"этап": 2})
    assert alarm.scope == Scope("route", "41001:epilation")


def test_alarms_are_resolved_by_code_and_scope(account):
    for kind, key in (("account", ""), ("branch", "41001"), ("branch", "41002"), ("field", "salon")):
        alarms.raise_alarm(account.id, "code", kind, key, {}, NOW)
    alarms.raise_alarm(account.id, "other", "branch", "41001", {}, NOW)

    assert alarms.resolve(account.id, "code", scope_kind="branch", scope_key="41001") == 1
    assert alarms.resolve(account.id, scope_kind="branch") == 2
    assert alarms.resolve(account.id + 1) == 0
    assert {alarm.scope_kind for alarm in alarms.open_alarms(account.id)} == {"account", "field"}
    assert alarms.resolve(account.id) == 2


def test_an_alarm_may_come_back_after_it_was_resolved(account):
    alarms.raise_alarm(account.id, "code", "account", "", {}, NOW)
    alarms.resolve(account.id)
    alarms.raise_alarm(account.id, "code", "account", "", {}, LATER)

    (alarm,) = alarms.open_alarms()
    assert (alarm.times, alarm.raised_at) == (1, LATER)


def test_all_accounts_are_shown_newest_first(account):
    alarms.raise_alarm(account.id, "old", "account", "", {}, NOW)
    alarms.raise_alarm(account.id + 1, "new", "account", "", {}, LATER)

    assert [alarm.code for alarm in alarms.open_alarms()] == ["new", "old"]
    assert [alarm.code for alarm in alarms.open_alarms(account.id)] == ["old"]
