"""A raw record of a salon's journal as what is kept of it, and as a booking again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from backend.core import phones
from backend.core.errors import InvalidInput
from backend.core.salon import Booking
from backend.flows.sync import facts
from backend.integrations import BOOKING_SOURCES
from backend.integrations.http import JsonObject
from backend.store.takeover_found import FoundRecord, FoundService

YCLIENTS = "yclients"
ANY_ZONE = "UTC"  # moments are taken from what was kept, not from the body again


@dataclass(frozen=True, slots=True)
class Readable:
    """What a page of raw rows holds, and how many of them nobody could read."""

    records: tuple[FoundRecord, ...]
    unreadable: int


def of_rows(account_id: int, rows: Iterable[JsonObject], timezone: str) -> Readable:
    """Rows of one salon, deleted ones too. A strange one is counted and left: the rest goes on."""
    read: list[tuple[Booking, str]] = []
    unreadable = 0
    for row in rows:
        cleaned, body = _clean(row)
        try:
            read.append((BOOKING_SOURCES[YCLIENTS].parse(cleaned, timezone), body))
        except InvalidInput:
            unreadable += 1
    joined = facts.with_categories(account_id, [booking for booking, _ in read])
    records = (_found(booking, body) for booking, (_, body) in zip(joined, read, strict=True))
    return Readable(tuple(records), unreadable)


def booking_of(record: FoundRecord) -> Booking:
    """The booking as our rules see it, categories as they were when it was found."""
    booking = BOOKING_SOURCES[YCLIENTS].parse(json.loads(record.body), ANY_ZONE)
    categories = {service.service_id: service.category_id for service in record.services}
    return replace(
        booking,
        starts_at=record.starts_at,
        created_at=record.created_at,
        changed_at=record.changed_at,
        lines=tuple(replace(line, category_id=categories.get(line.service_id)) for line in booking.lines),
    )


def _found(booking: Booking, body: str) -> FoundRecord:
    client = booking.client
    card = client.card.rpartition(":")[2] if client else ""
    return FoundRecord(
        key=booking.key, branch_id=booking.branch_id, record_id=booking.record_id,
        visit_id=booking.visit_id, client_id=int(card or 0),
        phone=(phones.key(client.phone) or "") if client else "",
        starts_at=booking.starts_at, created_at=booking.created_at, changed_at=booking.changed_at,
        phase=booking.phase, price=booking.price, is_online=booking.is_online,
        author_id=booking.author_id, staff_id=booking.staff.id, staff_title=booking.staff.name,
        services=tuple(
            FoundService(line.service_id, line.title, line.category_id, line.price) for line in booking.lines
        ),
        comment=booking.comment, client_name=client.name if client else "", body=body,
    )  # fmt: skip


def _clean(row: JsonObject) -> tuple[JsonObject, str]:
    """The row and its text; what no database takes (halves of letters) is replaced in both. Sums become texts
    there, so that a record keeps its kopecks.
    """
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=str)
    storable = text.encode("utf-8", "replace").decode()
    return (row if storable == text else json.loads(storable)), storable
