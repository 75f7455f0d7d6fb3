"""Whose lead it is that somebody else has made or changed: by our link, by the number of the record that it
carries, by the person's bookings, and last by the only salon whose bookings go to its pipeline.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from backend.core import phones
from backend.core.crm import Lead
from backend.core.rules.configuration import Configuration
from backend.core.sync import matching
from backend.core.takeover import marks
from backend.core.takeover.recognition import Recognition, What
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.sync import mirror as index
from backend.flows.takeover.profile import recognition
from backend.store import foreign_writes, links, mirror, takeover_changes, takeover_counters

Place = tuple[int, str]  # salon and booking
LOOKED_AT = timedelta(hours=1)


def place(ctx: Context, account_id: int) -> int:
    """Rows of the last hour that nobody has placed; returns how many are now. Hooks do not name a lead's
    people, so the newest leads are read first.
    """
    rows = foreign_writes.nobodys(account_id, ctx.now() - LOOKED_AT)
    if not rows:
        return 0
    index.refresh(account_id, index.LEADS, ctx.amo(account_id))
    found = of_leads(account_id, {lead_id for _, lead_id in rows})
    by_place: dict[Place, list[int]] = {}
    for row_id, lead_id in rows:
        if lead_id in found:
            by_place.setdefault(found[lead_id], []).append(row_id)
    for (company_id, key), ids in by_place.items():
        foreign_writes.place(ids, company_id, key)
    return sum(map(len, by_place.values()))


def of_leads(account_id: int, lead_ids: Collection[int]) -> dict[int, Place]:
    """Lead → salon and booking ("" when only the salon is known); without leads that nothing speaks of."""
    leads = mirror.leads_by_ids(account_id, lead_ids)
    known, rules = recognition.load(account_id), configuration.current(account_id)
    held = {lead_id: link.key for lead_id, link in links.holders(account_id, leads).items()}
    carried = _carried(account_id, leads.values(), known)
    left = [lead for lead in leads.values() if lead.id not in held and lead.id not in carried]
    booked = _booked(account_id, left)
    found: dict[int, Place] = {}
    for lead in leads.values():
        key = held.get(lead.id) or carried.get(lead.id) or booked.get(lead.id) or ""
        company = takeover_changes.company_of(key) or _only_salon(lead, rules)
        if company:
            found[lead.id] = company, key
    return found


def _carried(account_id: int, leads: Iterable[Lead], known: Recognition) -> dict[int, str]:
    ids = {lead.id: marks.ids(What.RECORD_ID, lead, known) for lead in leads} if known.places else {}
    keys = takeover_counters.keys_of_records(account_id, [one for found in ids.values() for one in found])
    named = {lead_id: [keys[one] for one in found if one in keys] for lead_id, found in ids.items()}
    return {lead_id: found[0] for lead_id, found in named.items() if found}


def _booked(account_id: int, leads: Iterable[Lead]) -> dict[int, str]:
    """The latest booking of the lead's person: the other widget has just answered it."""
    of_lead = {lead.id: lead.contact_ids for lead in leads}
    people = mirror.contacts_by_ids(account_id, [one for ids in of_lead.values() for one in ids])
    of_contact = {one.id: [matching.mark(number) for number in map(phones.key, one.phones) if number]
                  for one in people.values()}  # fmt: skip
    known = foreign_writes.bookings_of_persons(
        account_id, [m for found in of_contact.values() for m in found]
    )
    found: dict[int, str] = {}
    for lead_id, contacts in of_lead.items():
        keys = _keys(contacts, of_contact, known)
        if keys:
            found[lead_id] = keys[0]
    return found


def _keys(
    contacts: Iterable[int], of_contact: Mapping[int, list[str]], known: Mapping[str, list[str]]
) -> list[str]:
    return [
        key for contact in contacts for mark in of_contact.get(contact, ()) for key in known.get(mark, ())
    ]


def _only_salon(lead: Lead, rules: Configuration) -> int:
    salons = {route.branch_id for route in rules.routes if route.pipeline_id == lead.pipeline_id}
    return salons.pop() if len(salons) == 1 else 0
