"""Our own writes, put into the mirror at once: the next decision sees them without asking the CRM.

They carry no time of their own (the CRM's answer names none), so any reading of the CRM is newer and replaces
them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from backend.core.crm import Contact, Lead
from backend.core.phones import key as phone_key
from backend.store import contact_notes, mirror

FieldTexts = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class LeadPatch:
    """A lead that we made (`created`, perhaps with its new `contact` and what that is found by) or
    properties we set; `main_contact` came in place of the one it had.
    """

    lead_id: int
    created: Lead | None = None
    contact: Contact | None = None
    person_keys: tuple[str, ...] = ()
    changes: dict[str, Any] = field(default_factory=dict)
    fields: FieldTexts = ()
    main_contact: int | None = None


@dataclass(frozen=True, slots=True)
class ContactPatch:
    """A contact that we changed: what it is called, phones added to it, cards it is found by from now on,
    what we wrote (name → text), whose it is.
    """

    contact_id: int
    name: str | None = None
    phones: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    applied: Mapping[str, str] = field(default_factory=dict)
    responsible_id: int | None = None


def add_contacts(account_id: int, made: Sequence[Contact]) -> None:
    """People whom we have made without a lead; called inside the transaction that settles the answer."""
    mirror.save_contacts(account_id, made, _phone_keys)


def patch_contacts(account_id: int, patches: Sequence[ContactPatch], now: datetime) -> None:
    """Called inside the transaction that settles an answer of the CRM."""
    known = mirror.contacts_by_ids(account_id, [p.contact_id for p in patches])
    for one in patches:
        if one.contact_id in known and (one.name or one.phones or one.responsible_id):
            contact = known[one.contact_id]
            known[one.contact_id] = replace(
                contact, name=contact.name if one.name is None else one.name,
                phones=(*contact.phones, *one.phones),
                responsible_id=one.responsible_id or contact.responsible_id,
            )  # fmt: skip
    mirror.save_contacts(account_id, known.values(), _phone_keys)
    mirror.remember_keys(account_id, [(card, p.contact_id) for p in patches for card in p.cards])
    contact_notes.add(account_id, {p.contact_id: p.applied for p in patches if p.applied}, now)


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
    _replace_contacts(account_id, {p.lead_id: p.main_contact for p in changed if p.main_contact})


def _replace_contacts(account_id: int, came: Mapping[int, int]) -> None:
    known = mirror.leads_by_ids(account_id, came)
    mirror.save_leads(
        account_id,
        [replace(lead, contact_ids=(came[lead.id], *lead.contact_ids[1:])) for lead in known.values()],
    )


def _merged(before: FieldTexts, written: FieldTexts) -> FieldTexts:
    """Writing a field replaces all its values."""
    ids = {field_id for field_id, _ in written}
    return (*((i, text) for i, text in before if i not in ids), *((i, text) for i, text in written if text))


def _phone_keys(contact: Contact) -> tuple[str, ...]:
    return tuple(found for found in map(phone_key, contact.phones) if found)
