"""Rights of a YCLIENTS user in words of the salon: several flags of the cabinet are one trouble for a person.

What a lack costs and what to press stand in the texts as `rights.<topic>.cost` and `rights.<topic>.press`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """Worst first."""

    JOURNAL = "journal"
    ONE_MASTER = "one_master"
    PHONES = "phones"
    CLIENTS = "clients"
    PRICES = "prices"
    HISTORY = "history"
    HOOKS = "hooks"
    ADDRESSES = "addresses"


@dataclass(frozen=True, slots=True)
class Lack:
    """One trouble. `is_serious`: bookings are lost or land with the wrong person, not only poorer."""

    topic: Topic
    flags: tuple[str, ...]

    @property
    def is_serious(self) -> bool:
        return self.topic in SERIOUS


SERIOUS = (Topic.JOURNAL, Topic.ONE_MASTER, Topic.PHONES)
FLAGS: Mapping[str, Topic] = {
    "timetable.timetable_access": Topic.JOURNAL,
    "timetable.master_id": Topic.ONE_MASTER,
    "timetable.position_id": Topic.ONE_MASTER,
    "clients.clients_visit_master_id": Topic.ONE_MASTER,
    "timetable.timetable_phones_access": Topic.PHONES,
    "clients.client_phones_access": Topic.PHONES,
    "record_form.record_form_client_access": Topic.CLIENTS,
    "record_form.records_services_cost_access": Topic.PRICES,
    "timetable.last_days_count": Topic.HISTORY,
    "settings.webhook_read_access": Topic.HOOKS,
    "other.auth_enable_check_ip": Topic.ADDRESSES,
}


def lacks(flags: Iterable[str]) -> tuple[Lack, ...]:
    """What lacks, worst first, each topic once; a flag that we do not know concerns nobody."""
    by_topic: dict[Topic, list[str]] = {}
    for flag in flags:
        if flag in FLAGS:
            by_topic.setdefault(FLAGS[flag], []).append(flag)
    return tuple(Lack(topic, tuple(by_topic[topic])) for topic in Topic if topic in by_topic)
