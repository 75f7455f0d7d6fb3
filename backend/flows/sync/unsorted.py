"""Leads in «Неразобранное» as candidates: asked for where a booking is about to open a lead (row A11)."""

from __future__ import annotations

from backend.core.rules.configuration import BookingRules
from backend.flows.sync import mirror
from backend.flows.work import Work
from backend.integrations.amocrm import incoming
from backend.integrations.amocrm.client import AmoClient
from backend.store import mirror as index


def look(work: Work, client: AmoClient, rules: BookingRules) -> None:
    """One request for a batch, and two for each unsorted lead that we have not met; none in an account whose
    pipelines take no such leads.
    """
    if not rules.incoming_stages:
        return
    found = incoming.newest(client)
    known = index.leads_by_ids(work.account_id, [one.lead_id for one in found])
    for one in found:
        if one.lead_id in known:
            continue
        lead = client.lead(one.lead_id)
        contacts = [contact for number in one.contact_ids if (contact := client.contact(number))]
        index.save_contacts(work.account_id, contacts, mirror.person_keys)
        index.save_leads(work.account_id, [lead] if lead else [])
