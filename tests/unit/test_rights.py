"""Flags of a YCLIENTS user become troubles that a person understands."""

import pytest

from backend import texts
from backend.core import rights
from backend.core.rights import FLAGS, Topic
from backend.integrations.yclients import permissions

WHOLE = {
    "timetable": {
        "timetable_access": True, "timetable_phones_access": 1, "master_id": 0, "position_id": "0",
        "last_days_count": 1000,
    },
    "record_form": {"record_form_client_access": "true", "records_services_cost_access": True},
    "clients": {"client_phones_access": True, "clients_visit_master_id": 0},
    "settings": {"webhook_read_access": True},
    "other": {"auth_enable_check_ip": False},
}  # fmt: skip


def with_right(group, name, value):
    return {**WHOLE, group: {**WHOLE[group], name: value}}


def test_whole_rights_lack_nothing():
    assert permissions.lacking(WHOLE) == ()


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        ("timetable", "timetable_access", False),
        ("timetable", "timetable_phones_access", 0),
        ("timetable", "master_id", 81),
        ("timetable", "position_id", "11"),
        ("timetable", "last_days_count", 7),
        ("timetable", "last_days_count", "29"),
        ("record_form", "record_form_client_access", "0"),
        ("record_form", "records_services_cost_access", False),
        ("clients", "client_phones_access", False),
        ("clients", "clients_visit_master_id", 81),
        ("settings", "webhook_read_access", False),
        ("other", "auth_enable_check_ip", "1"),
    ],
)
def test_each_lack_is_named_and_has_a_topic(group, name, value):
    lacking = permissions.lacking(with_right(group, name, value))

    assert lacking == (f"{group}.{name}",)
    assert [lack.flags for lack in rights.lacks(lacking)] == [lacking]


@pytest.mark.parametrize("days", [-1, 30, "1000", "", None, "many"])
def test_enough_past_days_are_no_trouble(days):
    assert permissions.lacking(with_right("timetable", "last_days_count", days)) == ()


@pytest.mark.parametrize("answer", [{}, {"timetable": []}, {"timetable": None, "clients": {}}])
def test_flags_that_are_not_there_are_held_against_nobody(answer):
    assert permissions.lacking(answer) == ()


def test_one_trouble_is_told_once_and_the_worst_first():
    found = rights.lacks(
        ["settings.webhook_read_access", "clients.client_phones_access", "timetable.timetable_phones_access"]
    )

    assert [(lack.topic, lack.is_serious) for lack in found] == [(Topic.PHONES, True), (Topic.HOOKS, False)]
    assert found[0].flags == ("clients.client_phones_access", "timetable.timetable_phones_access")


def test_an_unknown_flag_concerns_nobody():
    assert rights.lacks(["storages.storages_access"]) == ()


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("part", ["title", "cost", "press"])
def test_every_topic_says_what_it_costs_and_what_to_press(topic, part):
    assert topic in FLAGS.values()
    assert texts.has(f"rights.{topic}.{part}")
