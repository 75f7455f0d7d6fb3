"""Which state of a booking is the newest? Hooks repeat, overtake one another and share one-second
timestamps.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from backend.core.errors import AppError, InvalidInput
from backend.core.salon import Booking, Phase
from backend.flows.work import Work
from backend.integrations import BOOKING_SOURCES
from backend.integrations.http import JsonObject
from backend.store import bookings, connections
from backend.store.bookings import BookingRow
from backend.store.events import Closing, InboundEvent

DEFAULT_ZONE = "Europe/Moscow"


@dataclass(frozen=True, slots=True)
class Reading:
    """A booking's newest state and the events that told of it, newest first; the first one carries the
    outcome.
    """

    booking: Booking
    event: InboundEvent
    older: tuple[InboundEvent, ...]
    content_hash: str


@dataclass(frozen=True, slots=True)
class _Version:
    booking: Booking
    event: InboundEvent
    content_hash: str

    @property
    def order(self) -> tuple[object, ...]:
        """The service's own clock decides; a deletion outlasts anything of the same second; then the order of
        arrival.
        """
        return self.booking.changed_at, self.booking.phase is Phase.CANCELLED, self.event.id


def newest(work: Work) -> list[Reading]:
    """One reading per booking; events that cannot be read are closed as rejected here."""
    by_subject: dict[str, list[_Version]] = defaultdict(list)
    zones = _zones(work)
    for event in list(work.open.values()):
        try:
            version = _version(work, event, zones)
            by_subject[event.subject].append(version)
        except AppError as error:
            work.dispose(error, [event.id])
    seen = bookings.by_keys(work.account_id, list(by_subject))
    found = []
    for subject, versions in by_subject.items():
        try:
            found.append(_newest(work, versions, seen.get(subject), zones))
        except AppError as error:
            work.dispose(error, [version.event.id for version in versions])
    return found


def _newest(work: Work, versions: list[_Version], seen: BookingRow | None, zones: dict[int, str]) -> Reading:
    versions = sorted(versions, key=lambda version: version.order, reverse=True)
    top = versions[0]
    if _is_tie(top, versions, seen):
        top = _reread(work, top.event, zones) or top
    older = tuple(version.event for version in versions if version.event.id != top.event.id)
    return Reading(top.booking, top.event, older, top.content_hash)


def _is_tie(top: _Version, versions: list[_Version], seen: BookingRow | None) -> bool:
    """Two different contents with one timestamp: only the source knows which is the last (§11)."""
    rivals = {v.content_hash for v in versions if v.booking.changed_at == top.booking.changed_at}
    if seen and seen.changed_at == top.booking.changed_at:
        rivals.add(seen.content_hash)
    return len(rivals) > 1


def _version(work: Work, event: InboundEvent, zones: dict[int, str]) -> _Version:
    data = json.loads(event.body, parse_float=Decimal).get("data") or {}
    if not data.get("last_change_date"):  # a replay, or a hook that only names the record
        reread = _reread(work, event, zones)
        if reread is None:
            raise InvalidInput("yclients.record_gone", record=event.subject)
        return reread
    return _parsed(data, event, zones)


def _reread(work: Work, event: InboundEvent, zones: dict[int, str]) -> _Version | None:
    _, company_id, record_id = event.subject.split(":")
    data = work.yclients(int(company_id)).record(int(company_id), int(record_id))
    return _parsed(data, event, zones) if data else None


def _parsed(data: JsonObject, event: InboundEvent, zones: dict[int, str]) -> _Version:
    source = BOOKING_SOURCES[event.subject.split(":", 1)[0]]
    company_id = int(event.subject.split(":")[1])
    if company_id not in zones:
        raise InvalidInput("branch.unknown", company_id=company_id)
    booking = source.parse(data, zones[company_id])
    return _Version(booking, event, content_hash(booking))


def content_hash(booking: Booking) -> str:
    """Equal for equal bookings, whatever loose types they came in: two hooks of one change must not look like
    two.
    """
    client = booking.client and replace(
        booking.client, no_shows=0
    )  # other visits change it, this one does not
    return hashlib.sha256(repr(replace(booking, client=client)).encode()).hexdigest()


def _zones(work: Work) -> dict[int, str]:
    return {b.company_id: b.timezone or DEFAULT_ZONE for b in connections.of_account(work.account_id)}


def closings(
    reading: Reading,
    status: str,
    reason: str,
    decision: Mapping[str, object] | None = None,
    error: str | None = None,
) -> list[Closing]:
    """The newest event carries the outcome, the older ones are superseded by it."""
    first = Closing(reading.event.id, status, reason, decision, error)
    return [first, *(Closing(event.id, "superseded", reason) for event in reading.older)]
