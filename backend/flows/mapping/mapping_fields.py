"""What the field map looks at and mends: a booking as an example, fields that somebody deleted."""

from __future__ import annotations

from backend.core.mapping import mapping_fields
from backend.core.rules.configuration import FieldName
from backend.core.salon import Phase
from backend.core.sync.commands import Value
from backend.flows.context import Context
from backend.flows.rules import configuration, contact_fields, lead_fields, schemas
from backend.flows.sync import told
from backend.store import alarms, bookings, configs, events
from backend.store.accounts import Account

RECENT = 5  # bookings among which an example is looked for


def example(account_id: int) -> dict[FieldName, Value]:
    """What the newest readable booking would write; empty when there is none yet."""
    rules = configuration.load(account_id).configuration
    for row in bookings.page(account_id, limit=RECENT):
        booking = told.booking(account_id, row.key) if row.phase != Phase.CANCELLED else None
        if booking is not None:
            return mapping_fields.example(booking, rules)
    return {}


def mend(ctx: Context, account: Account) -> None:
    """Fields of ours that somebody deleted are made anew; nothing else changes, so no version is written."""
    client = ctx.amo(account.id)
    rules = configuration.current(account.id)
    configs.save_field_ids(account.id, lead_fields.resolve(client, rules))
    contact_fields.mend(account.id, client, rules)
    schemas.refresh(account.id, client)
    for alarm in alarms.open_alarms(account.id):
        if alarm.scope_kind == "field":
            alarms.resolve(account.id, alarm.code, scope_kind="field", scope_key=alarm.scope_key)
            events.unblock(account.id, alarm.scope)
