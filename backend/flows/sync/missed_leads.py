"""Leads of amoCRM's automation that no hook told of, or told of too late: the round finds them in our index.

A hook is the quick way (next_leads.py); hooks get lost, and a robot may be quicker than our own note of the
success.
"""

from __future__ import annotations

from datetime import timedelta

from backend.core.rules.configuration import FieldName
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.rules import configuration
from backend.flows.sync import mirror, next_leads, waking
from backend.store import links
from backend.store import mirror as index

RECENT = timedelta(days=2)  # so long after a success; the service may have stood still


def look(ctx: Context, account_id: int, keep_alive: KeepAlive = nothing) -> int:
    """The bookings behind such leads are decided again, once an hour for each lead; returns how many leads.

    Not once and for all: the first look may come before our own note of the success is settled.
    """
    rules, since = configuration.load(account_id), ctx.now() - RECENT
    has_automation = any(route.trigger_pipeline_id for route in rules.configuration.routes)
    if not has_automation or not links.is_won_since(account_id, since):
        return 0
    mirror.refresh(account_id, mirror.LEADS, ctx.amo(account_id, keep_alive))
    salon = rules.field_ids.get(FieldName.SALON)
    nobodys = [
        lead
        for lead in index.robots_leads(account_id, since)
        if not lead.is_closed
        and lead.contact_ids
        and not lead.values(salon)
        and next_leads.is_next(lead, rules)
    ]
    contacts = {lead.contact_ids[0] for lead in nobodys}
    won = links.won_since(account_id, contacts, since)
    hour = f"{ctx.now():%Y-%m-%dT%H}"
    behind = [
        (link.key, f"lead {lead.id} {hour}") for lead in nobodys for link in won.get(lead.contact_ids[0], ())
    ]
    waking.ask_for(ctx, account_id, behind)
    return len(nobodys)
