"""Which state of a booking is the newest? Hooks repeat, overtake one another and share one-second
timestamps.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from backend.core.errors import AppError, InvalidInput, TryLater
from backend.core.salon import DEFAULT_ZONE, Booking, Client, Phase
from backend.flows.work import Work
from backend.integrations import BOOKING_SOURCES
from backend.integrations.http import JsonObject
from backend.store import alarms, bookings, connections
from backend.store.bookings import BookingRow
from backend.store.events import Closing, InboundEvent

STRANGE = "yclients.attendance_unknown"


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
    """One reading per booking; events that cannot be read are disposed of here."""
    source = _Source(work, _zones(work))
    by_subject: dict[str, list[_Version]] = defaultdict(list)
    for event in list(work.open.values()):
        try:
            version = source.version(event)
            by_subject[event.subject].append(version)
        except AppError as error:
            _tell(work, event, error)
            work.dispose(error, [event.id])
    seen = bookings.by_keys(work.account_id, list(by_subject))
    found = []
    for subject, versions in by_subject.items():
        try:
            found.append(_newest(source, versions, seen.get(subject)))
        except AppError as error:
            work.dispose(error, [version.event.id for version in versions])
    return found


def _tell(work: Work, event: InboundEvent, error: AppError) -> None:
    """A status that nobody knows moves nothing; a person should hear of it (row C17)."""
    if error.code == STRANGE:
        now, details = work.ctx.now(), {**error.details, "key": event.subject}
        alarms.raise_alarm(work.account_id, STRANGE, "notice", event.subject, details, now)


def _newest(source: _Source, versions: list[_Version], seen: BookingRow | None) -> Reading:
    versions = sorted(versions, key=lambda version: version.order, reverse=True)
    top = versions[0]
    if _is_tie(top, versions, seen):
        top = source.reread(top.event) or top
    older = tuple(version.event for version in versions if version.event.id != top.event.id)
    return Reading(top.booking, top.event, older, top.content_hash)


def _is_tie(top: _Version, versions: list[_Version], seen: BookingRow | None) -> bool:
    """Two different contents with one timestamp: only the source knows which is the last (§11)."""
    rivals = {v.content_hash for v in versions if v.booking.changed_at == top.booking.changed_at}
    if seen and seen.changed_at == top.booking.changed_at:
        rivals.add(seen.content_hash)
    return len(rivals) > 1


@dataclass
class _Source:
    """Reads versions of bookings from events, or from the journal itself. A salon that did not answer once
    is not asked again for the rest of the batch: its time-outs would hold up everybody else.
    """

    work: Work
    zones: dict[int, str]
    silent: dict[int, TryLater] = field(default_factory=dict)

    def version(self, event: InboundEvent) -> _Version:
        data = json.loads(event.body, parse_float=Decimal).get("data") or {}
        if not isinstance(data, dict):
            raise InvalidInput("yclients.record_malformed", error="data")
        if data.get("last_change_date"):
            return self._parsed(data, event)
        reread = self.reread(event)  # a replay, or a hook that only names the record
        if reread is None:
            raise InvalidInput("yclients.record_gone", record=event.subject)
        return reread

    def reread(self, event: InboundEvent) -> _Version | None:
        company_id, record_id = map(int, event.subject.split(":")[1:])
        if company_id in self.silent:
            raise self.silent[company_id]
        try:
            data = self.work.yclients(company_id).record(company_id, record_id)
        except TryLater as error:
            self.silent[company_id] = error
            raise
        return self._parsed(data, event) if data else None

    def _parsed(self, data: JsonObject, event: InboundEvent) -> _Version:
        name, company, _ = event.subject.split(":")
        if int(company) not in self.zones:
            raise InvalidInput("branch.unknown", company_id=company)
        booking = BOOKING_SOURCES[name].parse(data, self.zones[int(company)])
        return _Version(booking, event, content_hash(booking))


def content_hash(booking: Booking) -> str:
    """Equal for equal bookings, whatever loose types they came in: two hooks of one change must not look like
    two.
    """
    known = booking.client
    who = known and Client(
        known.card, known.name, known.phone, known.email
    )  # the rest is the card's own news
    return hashlib.sha256(repr(replace(booking, client=who, author_id=0)).encode()).hexdigest()


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
