"""Salons that hide their clients' phones from us: nobody could be told from anybody, so nothing is made there
until the right is back (row E4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from backend.core.errors import AppError, TryLater
from backend.core.rights import FLAGS, Topic
from backend.core.salon import DEFAULT_ZONE
from backend.flows.sync.readings import Reading
from backend.flows.work import Work
from backend.integrations import BOOKING_SOURCES
from backend.store import alarms, connections, links

HIDDEN = "phones_hidden"
PAUSE = timedelta(minutes=10)  # between two looks at the rights


def visible(work: Work, fresh: Sequence[Reading]) -> list[Reading]:
    """The readings without those that wait for the right to see phones. A client who has none is asked about
    once for each salon of the batch, and only where a lead would be made.
    """
    nameless = [reading for reading in fresh if _is_nameless(reading)]
    if not nameless:
        return list(fresh)
    linked = links.by_keys(work.account_id, [reading.booking.key for reading in nameless])
    by_salon: dict[int, list[Reading]] = defaultdict(list)
    for reading in nameless:
        if reading.booking.key not in linked:
            by_salon[reading.booking.branch_id].append(reading)
    decided = {company_id: _look(work, company_id, group) for company_id, group in by_salon.items()}
    again = {reading.event.id: reading for some in decided.values() for reading in some}
    waiting = {r.event.id for group in by_salon.values() for r in group} - again.keys()
    return [again.get(r.event.id, r) for r in fresh if r.event.id not in waiting]


def _is_nameless(reading: Reading) -> bool:
    client = reading.booking.client
    return client is not None and not client.phone


def _look(work: Work, company_id: int, group: Sequence[Reading]) -> list[Reading]:
    """Those that may go on; what waited is read anew, for its message knew no phone."""
    branch = next(b for b in connections.of_account(work.account_id) if b.company_id == company_id)
    key, scope = str(company_id), "notice"
    try:
        lacks = work.yclients(company_id).permissions(company_id)
        if any(FLAGS.get(flag) is Topic.PHONES for flag in lacks):
            details = {"salon": branch.title}
            alarms.raise_alarm(work.account_id, HIDDEN, scope, key, details, work.ctx.now())
            raise TryLater("yclients.phones_hidden", after=PAUSE)
        alarms.resolve(work.account_id, HIDDEN, scope_kind=scope, scope_key=key)
        return [_anew(work, reading, branch.timezone or DEFAULT_ZONE) for reading in group]
    except AppError as error:
        for reading in group:
            work.dispose(error, [reading.event.id, *(event.id for event in reading.older)])
        return []


def _anew(work: Work, reading: Reading, zone: str) -> Reading:
    booking = reading.booking
    if not reading.event.tries:
        return reading
    data = work.yclients(booking.branch_id).record(booking.branch_id, booking.record_id)
    if not data:
        return reading
    read = BOOKING_SOURCES[booking.source].parse(data, zone)
    return replace(reading, booking=replace(booking, client=read.client))
