"""Our own writes, put into the mirror at once: the next decision sees them without asking the CRM.

They carry no time of their own (the CRM's answer names none), so any reading of the CRM is newer and replaces
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backend.core.crm import Contact, Lead
from backend.core.phones import key as phone_key
from backend.store import mirror

FieldTexts = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class LeadPatch:
    """A lead that we made (`created`, perhaps with its new `contact` and what that is found by) or
    properties we set.
    """

    lead_id: int
    created: Lead | None = None
    contact: Contact | None = None
    person_keys: tuple[str, ...] = ()
    changes: dict[str, Any] = field(default_factory=dict)
    fields: FieldTexts = ()


def patch(account_id: int, patches: Sequence[LeadPatch]) -> None:
    """Called inside the transaction that settles an answer of the CRM."""
    mirror.save_contacts(account_id, [p.contact for p in patches if p.contact], _phone_keys)
    mirror.remember_keys(
        account_id,
        [
            (key, p.contact.id)
            for p in patches
            if p.contact
            for key in set(p.person_keys).difference(_phone_keys(p.contact))  # a phone is the contact's own
        ],
    )
    mirror.save_leads(account_id, [p.created for p in patches if p.created])
    changed = [p for p in patches if p.created is None]
    known = mirror.leads_by_ids(account_id, [p.lead_id for p in changed])
    for one in changed:
        if one.lead_id in known:
            lead = known[one.lead_id]
            known[one.lead_id] = replace(lead, **one.changes, fields=_merged(lead.fields, one.fields))
    mirror.save_leads(account_id, known.values(), with_contacts=False)


def _merged(before: FieldTexts, written: FieldTexts) -> FieldTexts:
    """Writing a field replaces all its values."""
    ids = {field_id for field_id, _ in written}
    return (*((i, text) for i, text in before if i not in ids), *((i, text) for i, text in written if text))


def _phone_keys(contact: Contact) -> tuple[str, ...]:
    return tuple(found for found in map(phone_key, contact.phones) if found)
