"""Whom to ring for a call that comes in: phones in order, or nobody, and the PBX goes its own way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from backend.core.telephony import lists
from backend.core.telephony.rules import Hours, Line, Person, RingTo, TelephonyRules


@dataclass(frozen=True, slots=True)
class Asking:
    """`at` in the account's zone. `responsible_id`: of the client's contact. `last_talker_id`: who talked
    with this client last. `busy`: phones that are in a call now. `works`: users who are still there, None
    when nobody knows.
    """

    at: datetime
    pbx: str = ""
    line: Line | None = None
    responsible_id: int | None = None
    last_talker_id: int | None = None
    busy: frozenset[str] = frozenset()
    works: frozenset[int] | None = None


def extensions(asking: Asking, rules: TelephonyRules) -> tuple[str, ...]:
    """Phones in the order in which they should ring. Outside of working hours nobody is named."""
    if not rules.is_on or not is_open(rules.hours, asking.at):
        return ()
    return tuple(dict.fromkeys(_free(_people(asking, rules), asking, rules)))


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether the company works at this moment of its own clock. No hours: always."""
    if not hours.days:
        return True
    day = hours.days.get(at.weekday())
    return day is not None and day[0] <= at.time() < day[1]


def _people(asking: Asking, rules: TelephonyRules) -> Iterator[Person]:
    for step in rules.ring:
        if step is RingTo.EVERYBODY:
            yield from (person for person in rules.people if person.pbx in ("", asking.pbx))
        elif (user_id := _user(step, asking, rules)) is not None:
            person = rules.person_of(user_id, asking.pbx)
            if person is not None:
                yield person


def _user(step: RingTo, asking: Asking, rules: TelephonyRules) -> int | None:
    match step:
        case RingTo.RESPONSIBLE:
            return asking.responsible_id
        case RingTo.LAST_TALKER:
            return asking.last_talker_id
        case RingTo.LINE_DEFAULT:
            return asking.line.default_user_id if asking.line else None
        case _:
            return rules.first_responsible_id


def _free(people: Iterable[Person], asking: Asking, rules: TelephonyRules) -> Iterator[str]:
    """Those who may be rung: still with the company, and not in another call unless that is wanted."""
    for person in people:
        has_left = asking.works is not None and person.user_id not in asking.works
        is_busy = not asking.busy.isdisjoint(person.endpoints)
        is_out = lists.is_left_out(person.extension, rules, asking.pbx)
        if not has_left and not is_out and (rules.rings_busy or not is_busy):
            yield person.extension
