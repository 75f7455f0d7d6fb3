"""What the screen of contact fields looks at: a client as an example; and salons that hide their payments."""

from __future__ import annotations

from datetime import datetime

from backend.core.rules.sections import ContactFieldName
from backend.core.salon import Phase
from backend.core.sync import people
from backend.core.sync.commands import Value
from backend.core.sync.matching import person_keys
from backend.flows.rules import configuration
from backend.flows.sync import payments, persons, told
from backend.store import alarms, bookings
from backend.store import mirror as index

RECENT = 5  # bookings among which an example is looked for


def example(account_id: int, now: datetime) -> dict[ContactFieldName, Value]:
    """What the client of the newest readable booking would bring; empty when there is none yet."""
    rules = configuration.load(account_id)
    for row in bookings.page(account_id, limit=RECENT):
        booking = told.booking(account_id, row.key) if row.phase != Phase.CANCELLED else None
        if booking is not None and booking.client is not None:
            keys = person_keys(booking)
            found = index.contacts_by_keys(account_id, keys)
            contact = next((found[key][0] for key in keys if key in found), None)
            (person,) = persons.of_bookings(account_id, [(booking, contact)])
            return people.values(person, rules, now)
    return {}


def without_payments(account_id: int) -> tuple[str, ...]:
    """Titles of the salons whose payments nobody may see: their fields of money stay empty (row F14)."""
    open_alarms = (alarm for alarm in alarms.open_alarms(account_id) if alarm.code == payments.HIDDEN)
    return tuple(str(alarm.details.get("salon") or alarm.scope_key) for alarm in open_alarms)
