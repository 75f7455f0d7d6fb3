"""A booking as the journal keeps it: read back from the newest event that brought it whole, without asking
the salon.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.salon import DEFAULT_ZONE, Booking
from backend.flows.sync import facts, past
from backend.integrations import BOOKING_SOURCES
from backend.store import connections, events, past_bookings

LOOKED_AT = 30  # newest events of a booking among which one is looked for


def booking(account_id: int, key: str) -> Booking | None:
    """The newest state there is a message of; a replay brings only the booking's name. None when all are
    gone.
    """
    name, company, _ = key.split(":", 2)
    branches = {str(row.company_id): row for row in connections.of_account(account_id)}
    if company not in branches or name not in BOOKING_SOURCES:
        return None
    zone = branches[company].timezone or DEFAULT_ZONE
    messages = events.of_subject(account_id, key, LOOKED_AT)
    states = [state for event in messages if (state := past.state(name, event.body, zone))]
    newest = max(states, key=lambda state: state.changed_at, default=None)
    return facts.with_categories(account_id, [newest])[0] if newest else None


def many(account_id: int, keys: Sequence[str]) -> list[Booking]:
    """Of each booking the state its newest message brought, in the order of the keys; those whose messages
    are gone are left out.
    """
    zones = {str(row.company_id): row.timezone or DEFAULT_ZONE for row in connections.of_account(account_id)}
    bodies = past_bookings.messages(account_id, keys)
    states = []
    for key in keys:
        name, company, _ = key.split(":", 2)
        if key in bodies and company in zones and name in BOOKING_SOURCES:
            state = past.state(name, bodies[key], zones[company])
            states += [state] if state else []
    return facts.with_categories(account_id, states)
