"""The automation of amoCRM has made a lead for the next visit: the booking behind it is decided again, and
knows it for its own (booking-sync-scenarios.md §7.3).

Several automations often act in one minute, after a busy hour of the desk: they are looked at together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

from backend.core.crm import Lead
from backend.core.reasons import Reason
from backend.core.rules.configuration import BookingRules
from backend.flows.rules import configuration
from backend.flows.sync import mirror, waking
from backend.flows.work import Work
from backend.store import alarms, events, lanes, links
from backend.store import mirror as index
from backend.store.events import Closing, NewEvent

KIND = "amocrm.next_lead"
ORPHAN = "next_lead_without_contact"
GATHERED = 20  # seconds without another one of them; a booking made meanwhile waits longer than that (K2)


def came(work: Work, leads: Iterable[Lead]) -> None:
    """A robot has put leads where an automation puts them; hooks do not say whose they are."""
    rules, now = configuration.load(work.account_id), work.ctx.now()
    since = now - _window(rules)
    new = sorted(lead.id for lead in leads if is_next(lead, rules) and (lead.created_at or since) > since)
    if new and links.is_won_since(work.account_id, since):
        told = NewEvent(
            work.account_id, None, lanes.BOOKINGS, KIND, "amocrm", KIND, f"{KIND}:{new}", json.dumps(new),
            settle_seconds=GATHERED,
        )  # fmt: skip
        events.record_many(now, [told])


def gathered(work: Work) -> None:
    """The flow of `amocrm.next_lead` events: one reading of the newest leads tells whose they are."""
    told, rules = list(work.open.values()), configuration.load(work.account_id)
    since = min(event.received_at for event in told) - _window(rules)
    mirror.refresh(work.account_id, mirror.LEADS, work.amo())
    new = {lead_id for event in told for lead_id in json.loads(event.body)}
    known = index.leads_by_ids(work.account_id, new)
    _tell_of_nobodys(work, [lead for lead in known.values() if not lead.contact_ids])
    contacts = {contact_id for lead in known.values() for contact_id in lead.contact_ids[:1]}
    won = links.won_since(work.account_id, contacts, since)
    waking.ask(work, [(link.key, told[0].id) for own in won.values() for link in own])
    work.close([Closing(event.id, "done", Reason.MIRRORED) for event in told])


def _window(rules: BookingRules) -> timedelta:
    return timedelta(seconds=rules.configuration.options.trigger_window)


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
