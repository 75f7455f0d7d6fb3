"""Bookings as they were last decided, with what their snapshot does not keep: client, comment and goods stand
in the message that brought them, payments in what the cash desk told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from backend.core.errors import AppError
from backend.core.salon import DEFAULT_ZONE, Booking
from backend.core.sync import journal
from backend.flows.sync import persons
from backend.integrations import BOOKING_SOURCES
from backend.store import connections, past_bookings, visit_money
from backend.store.bookings import BookingRow


def whole(account_id: int, rows: Iterable[BookingRow]) -> dict[str, Booking]:
    """By key. Of one whose messages are gone only the snapshot is left."""
    found = {row.key: journal.booking_from(json.loads(row.snapshot)) for row in rows}
    if not found:
        return {}
    bodies, money = past_bookings.messages(account_id, list(found)), visit_money.of(account_id, found)
    zones = {row.company_id: row.timezone or DEFAULT_ZONE for row in connections.of_account(account_id)}
    for key, booking in found.items():
        paid = money[key].money if key in money else None
        zone = zones.get(booking.branch_id, DEFAULT_ZONE)
        told = state(booking.source, bodies[key], zone) if key in bodies else None
        found[key] = replace(_with_details(booking, told), payments=paid)
    return {booking.key: booking for booking in persons.with_cards(account_id, list(found.values()))}


def _with_details(booking: Booking, told: Booking | None) -> Booking:
    """What is told may be newer than what was decided: only what the snapshot lacks is taken of it."""
    if told is None:
        return booking
    return replace(
        booking, client=told.client, comment=told.comment, goods=told.goods, visitor=told.visitor,
        is_prepaid=told.is_prepaid,
    )  # fmt: skip


def state(source: str, body: str, zone: str) -> Booking | None:
    """What a message brought; None when it brought no whole booking."""
    try:
        data = json.loads(body, parse_float=Decimal).get("data")
        return BOOKING_SOURCES[source].parse(data, zone) if data and data.get("last_change_date") else None
    except (AppError, ValueError, AttributeError):  # what could not be read then cannot be now
        return None
