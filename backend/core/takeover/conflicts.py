"""When two write for one salon: the signals of booking-sync-scenarios.md §12.7 as functions over rows. Nobody
wins such a fight, so each of them stops something and tells people; none of them writes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from backend.core.sync.commands import Command, UpdateLead
from backend.core.takeover import undo
from backend.core.takeover.addresses import host
from backend.core.takeover.undo import FIELD, NAME, PRICE, STAGE, Change

AFTER_NEWS = timedelta(minutes=2)  # a change so soon after the salon's own is an answer to it
SECOND = timedelta(seconds=1)  # the CRM's clock has no finer steps
STORM, STORM_WINDOW = 3, timedelta(minutes=10)
FLIP_WINDOW = timedelta(hours=24)
MADE = "created"  # a lead that somebody else made


class Signal(StrEnum):
    """In the order of the table in §12.7; each is the end of an alarm's code."""

    TWO_LEADS = "two_leads"
    CONTESTED = "contested"
    ADDRESS_STAYS = "address_stays"
    THEIR_FIELDS = "their_fields"
    FLIPPING = "flipping"
    CRM_HOOK_STAYS = "crm_hook_stays"
    OURS_LOST = "ours_lost"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A change of a lead that no write of ours explains. `author` is a user of the CRM, 0 a robot, None not
    named.
    """

    company_id: int
    key: str
    lead_id: int
    what: str
    before: str
    after: str
    author: int | None
    at: datetime


def is_foreign(author: int | None, writers: Collection[int]) -> bool:
    """Where it is known in whose name the other widget writes, everybody else is a person at work."""
    return not writers or author in writers


# 1. Two leads for one record


def two_leads(
    claims: Mapping[str, Collection[int]], linked: Mapping[str, int], alive: Collection[int]
) -> dict[str, tuple[int, ...]]:
    """Record key → its leads, the one we drive first, of those that several living leads claim."""
    found: dict[str, tuple[int, ...]] = {}
    for key, leads in claims.items():
        ours = linked.get(key)
        others = sorted(lead for lead in set(leads) if lead != ours and lead in alive)
        mine = [ours] if ours is not None and ours in alive else []
        if len(mine) + len(others) > 1:
            found[key] = tuple(mine + others)
    return found


# 2. Somebody else answers the salon's news too


def contested(
    changes: Iterable[Foreign], news: Mapping[str, Sequence[datetime]], own_fields: Collection[int]
) -> list[Foreign]:
    """Changes of what we write, within two minutes after something happened to the booking."""
    return [
        one
        for one in changes
        if _is_ours(one.what, own_fields)
        and any(-SECOND < one.at - moment <= AFTER_NEWS for moment in news.get(one.key, ()))
    ]


def is_storm(found: Iterable[Foreign]) -> bool:
    """Three such changes within any ten minutes."""
    moments = sorted(one.at for one in found)
    return any(
        last - first <= STORM_WINDOW for first, last in zip(moments, moments[STORM - 1 :], strict=False)
    )


def _is_ours(what: str, own_fields: Collection[int]) -> bool:
    if what.startswith(FIELD):
        return int(what.removeprefix(FIELD)) in own_fields
    return what in (NAME, PRICE, STAGE)


# 4. The other widget's own fields change


def in_their_fields(changes: Iterable[Foreign], their_fields: Collection[int]) -> list[Foreign]:
    """A new lead of theirs is the loudest of such changes."""
    return [
        one
        for one in changes
        if one.what == MADE
        or (one.what.startswith(FIELD) and int(one.what.removeprefix(FIELD)) in their_fields)
    ]


# 5. A value goes to and fro


def flipping(ours: Sequence[Change], types: Mapping[int, str], now: datetime) -> set[tuple[int, str]]:
    """(lead, what) that we wrote A→B and, after somebody had put A back, A→B again."""
    written: dict[tuple[int, str], list[Change]] = {}
    for one in sorted(ours, key=lambda change: change.id):
        is_recent = one.at is not None and now - one.at <= FLIP_WINDOW
        if one.lead_id is not None and one.before is not None and is_recent and _is_value(one.what):
            written.setdefault((one.lead_id, one.what), []).append(one)
    return {place for place, own in written.items() if _is_flip(own, types, place[1])}


def _is_value(what: str) -> bool:
    return what.startswith(FIELD) or what in (NAME, PRICE, STAGE)


def _is_flip(own: Sequence[Change], types: Mapping[int, str], what: str) -> bool:
    type_ = undo.kind(what, types)

    def again(first: Change, second: Change) -> bool:
        is_back = undo.same(first.before or "", second.before or "", type_)
        return is_back and undo.same(first.after, second.after, type_)

    return any(again(first, second) for first, second in pairwise(own))


def without(command: Command, frozen: Collection[tuple[int, str]]) -> Command:
    """The command without what is fought over. What it remembers stays: the
    rules take the value for written and leave it alone until the booking changes again.
    """
    if not isinstance(command, UpdateLead) or not frozen:
        return command
    stopped = {what for lead_id, what in frozen if lead_id == command.lead_id}
    if not stopped:
        return command
    rest = replace(
        command,
        name=None if NAME in stopped else command.name,
        price=None if PRICE in stopped else command.price,
        fields=tuple(one for one in command.fields if f"{FIELD}{one.field_id}" not in stopped),
    )
    if STAGE in stopped:
        rest = replace(rest, stage_id=None, pipeline_id=None, loss_reason_id=None)
    return rest


# 3, 6, 7. Addresses


def still_told(addresses: Iterable[str], theirs: Collection[str]) -> tuple[str, ...]:
    """Addresses of the other widget that stand in the list all the same: as they were, or another one of the
    same host.
    """
    hosts = {host(url) for url in theirs}
    return tuple(url for url in addresses if url in theirs or host(url) in hosts)
