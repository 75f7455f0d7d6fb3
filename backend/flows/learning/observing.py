"""Bookings of the last months beside the leads that people or other programs keep for them, portion by
portion; nothing outside is asked. Leads that we opened ourselves teach nothing: they stand where our rules
put them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from backend.core.crm import CrmSchema, Lead
from backend.core.learning import proposals, tables
from backend.core.learning.proposals import Proposal
from backend.core.learning.tables import Tables
from backend.core.rules.configuration import Configuration
from backend.core.salon import Booking
from backend.core.sync.links import Link
from backend.core.sync.matching import person_keys
from backend.flows.context import Context
from backend.flows.sync import told
from backend.store import links, long_works, mirror, past_bookings
from backend.store.long_works import LongWork

KIND = "learn"
LOOK_BACK = timedelta(days=90)
PORTION = 1_000


def count(ctx: Context, account_id: int) -> int:
    return past_bookings.count(account_id, ctx.now() - LOOK_BACK)


def go_on(ctx: Context, account_id: int, params: Mapping[str, Any]) -> tuple[dict[str, Any], int, bool]:
    """A portion more: what is known then, how many bookings were looked at, and whether that was all."""
    place, found = params.get("cursor"), tables.read(params.get("tables", {}))
    after = (int(place[0]), int(place[1])) if place else None
    rows = past_bookings.portion(account_id, ctx.now() - LOOK_BACK, after, PORTION)
    _observe(account_id, [row.key for row in rows], found)
    cursor = [rows[-1].starts_at, rows[-1].id] if rows else place
    known = {**params, "cursor": cursor, "tables": tables.written(found)}
    return known, found.looked, len(rows) < PORTION


def _observe(account_id: int, keys: Sequence[str], found: Tables) -> None:
    bookings = told.many(account_id, keys)
    linked = links.by_keys(account_id, [booking.key for booking in bookings])
    contacts = mirror.contacts_by_keys(account_id, [key for one in bookings for key in person_keys(one)])
    ids = {contact.id for known in contacts.values() for contact in known}
    leads = mirror.leads_of(account_id, ids)
    by_id = {lead.id: lead for own in leads.values() for lead in own}
    by_id |= mirror.leads_by_ids(account_id, [link.lead_id for link in linked.values()])
    ours = {link.lead_id for link in linked.values() if link.opened_by_us}
    taken = {link.lead_id for link in linked.values()}
    for booking in bookings:
        own = [one for key in person_keys(booking) for contact in contacts.get(key, ())
               for one in leads.get(contact.id, ()) if one.id not in taken]  # fmt: skip
        lead = _kept_for(booking, linked.get(booking.key), by_id, own)
        if lead is not None:
            taken.add(lead.id)
        found.add(booking, None if lead is None or lead.is_deleted or lead.id in ours else lead)
    for those in leads.values():
        found.follow(those)


def _kept_for(
    booking: Booking, link: Link | None, by_id: Mapping[int, Lead], own: Sequence[Lead]
) -> Lead | None:
    return by_id.get(link.lead_id) if link else tables.nearest(booking, own)


def newest(account_id: int) -> LongWork | None:
    """The look that is under way or was the last one."""
    return next((work for work in long_works.page(account_id, 200) if work.kind == KIND), None)


def learned(work: LongWork, rules: Configuration, schema: CrmSchema) -> tuple[Tables, tuple[Proposal, ...]]:
    found = tables.read(work.params.get("tables", {}))
    return found, proposals.proposals(found, rules, schema)
