"""What the field map looks at and mends: a booking as an example, fields that somebody deleted."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from backend.core import mapping_fields
from backend.core.commands import Value
from backend.core.configuration import FieldName
from backend.core.errors import AppError
from backend.core.salon import Booking, Phase
from backend.flows import configuration, lead_fields, schemas
from backend.flows.context import Context
from backend.integrations import BOOKING_SOURCES
from backend.store import alarms, bookings, configs, connections, events
from backend.store.accounts import Account

RECENT = 5  # bookings, and events of each, among which an example is looked for


def example(account_id: int) -> dict[FieldName, Value]:
    """What the newest readable booking would write; empty when there is none yet."""
    rules = configuration.load(account_id).configuration
    for row in bookings.page(account_id, limit=RECENT):
        booking = _booking(account_id, row.key) if row.phase != Phase.CANCELLED else None
        if booking is not None:
            return mapping_fields.example(booking, rules)
    return {}


def _booking(account_id: int, key: str) -> Booking | None:
    """As the newest hook that brought it whole told it; a replay brings only its name."""
    name, company, _ = key.split(":", 2)
    zone = next(
        (b.timezone for b in connections.of_account(account_id) if str(b.company_id) == company), None
    )
    for event in events.of_subject(account_id, key, RECENT):
        try:
            data = json.loads(event.body, parse_float=Decimal).get("data") or {}
            if data.get("last_change_date"):
                return _with_categories(
                    account_id, BOOKING_SOURCES[name].parse(data, zone or "Europe/Moscow")
                )
        except (AppError, ValueError, AttributeError, KeyError):
            continue  # an example is not worth a trouble
    return None


def _with_categories(account_id: int, booking: Booking) -> Booking:
    known = connections.categories_of(account_id, [booking.branch_id])
    lines = tuple(
        replace(line, category_id=known.get((booking.branch_id, line.service_id))) for line in booking.lines
    )
    return replace(booking, lines=lines)


def mend(ctx: Context, account: Account) -> None:
    """Fields of ours that somebody deleted are made anew; nothing else changes, so no version is written."""
    client = ctx.amo(account.id)
    ids = lead_fields.resolve(client, configuration.current(account.id))
    configs.save_field_ids(account.id, ids)
    schemas.refresh(account.id, client)
    for alarm in alarms.open_alarms(account.id):
        if alarm.scope_kind == "field":
            alarms.resolve(account.id, alarm.code, scope_kind="field", scope_key=alarm.scope_key)
            events.unblock(account.id, alarm.scope)
