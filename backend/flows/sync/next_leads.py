"""The automation of amoCRM has made a lead for the next visit: the booking behind it is decided again, and
knows it for its own (booking-sync-scenarios.md §7.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from backend.core.crm import Lead
from backend.core.rules.configuration import BookingRules
from backend.flows.rules import configuration
from backend.flows.sync import mirror, waking
from backend.flows.work import Work
from backend.store import alarms, links
from backend.store import mirror as index

ORPHAN = "next_lead_without_contact"


def came(work: Work, leads: Iterable[Lead]) -> None:
    """Told by hooks, which name no contacts: when a robot has put a lead where an automation puts it, one
    reading of the newest leads tells whose it is.
    """
    rules = configuration.load(work.account_id)
    since = work.ctx.now() - timedelta(seconds=rules.configuration.options.trigger_window)
    new = [lead.id for lead in leads if is_next(lead, rules) and lead.created_at and lead.created_at >= since]
    if not new or not links.is_won_since(work.account_id, since):
        return
    mirror.refresh(work.account_id, mirror.LEADS, work.amo())
    known = index.leads_by_ids(work.account_id, new)
    _tell_of_nobodys(work, [lead for lead in known.values() if not lead.contact_ids])
    contacts = {contact_id for lead in known.values() for contact_id in lead.contact_ids[:1]}
    won = links.won_since(work.account_id, contacts, since)
    cause = min(work.open, default=0)
    waking.ask(work, [(link.key, cause) for own in won.values() for link in own])


def is_next(lead: Lead, rules: BookingRules) -> bool:
    """Made by a robot in the place of one of the automations."""
    places = (
        (route.trigger_pipeline_id, route.trigger_stage_id or lead.stage_id)
        for route in rules.configuration.routes
    )
    return lead.created_by == 0 and (lead.pipeline_id, lead.stage_id) in places


def _tell_of_nobodys(work: Work, leads: Iterable[Lead]) -> None:
    """An automation that forgets the contact makes leads that nobody's booking can find (row K5)."""
    for lead in leads:
        details = {"lead_id": lead.id}
        alarms.raise_alarm(work.account_id, ORPHAN, "notice", str(lead.pipeline_id), details, work.ctx.now())
