"""Whose card it is: the lead, the contact, the phone, and the bookings that may be touched from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.core.errors import InvalidInput
from backend.flows.context import Context
from backend.flows.sync import mirror
from backend.store import bookings, card_actions, links, visits
from backend.store import mirror as index
from backend.store.accounts import Account
from backend.store.bookings import BookingRow

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Holder:
    """The card's lead, when it is a lead's, and its person."""

    lead: Lead | None
    contact: Contact | None

    @property
    def phone(self) -> str | None:
        """The first number of the contact that any plan knows, as +79990000001."""
        written = (
            part for phone in (self.contact.phones if self.contact else ()) for part in phones.split(phone)
        )
        return next((found for found in map(phones.dialled, written) if found), None)

    @property
    def has_phone(self) -> bool:
        return any(phone.strip() for phone in (self.contact.phones if self.contact else ()))

    @property
    def name(self) -> str:
        return (self.contact.name if self.contact else "")[:LONGEST_NAME]


def of_lead(ctx: Context, account: Account, lead_id: int) -> Holder:
    """A lead made a moment ago may not be in our copy yet: the CRM is asked once."""
    lead = _lead(account, lead_id)
    if lead is None:
        client = ctx.amo(account.id)
        mirror.refresh(account.id, mirror.CONTACTS, client)
        mirror.refresh(account.id, mirror.LEADS, client)
        lead = _lead(account, lead_id)
    if lead is None or lead.is_deleted:
        raise InvalidInput("card.no_lead")
    own = next((link.contact_id for link in links.of_lead(account.id, lead_id) if link.contact_id), None)
    contact_id = own or next(iter(lead.contact_ids), None)
    return Holder(lead, _contact(account, contact_id))


def of_contact(account: Account, contact_id: int) -> Holder:
    contact = _contact(account, contact_id)
    if contact is None:
        raise InvalidInput("card.no_contact")
    return Holder(None, contact)


def rows(account: Account, holder: Holder) -> dict[str, BookingRow]:
    """Bookings of the lead and of its person in all salons, by their keys."""
    found = (
        {row.key: row for row in visits.of_person(account.id, holder.contact.id)} if holder.contact else {}
    )
    return found | bookings.by_keys(account.id, set(_own_keys(account, holder)) - set(found))


def belongs(account: Account, holder: Holder, key: str) -> bool:
    """Whether this booking may be touched from this card."""
    return key in _own_keys(account, holder) or key in rows(account, holder)


def _own_keys(account: Account, holder: Holder) -> Sequence[str]:
    if holder.lead is None:
        return ()
    linked = [link.key for link in links.of_lead(account.id, holder.lead.id)]
    return [*linked, *card_actions.of_lead(account.id, holder.lead.id)]


def _lead(account: Account, lead_id: int) -> Lead | None:
    return index.leads_by_ids(account.id, [lead_id]).get(lead_id)


def _contact(account: Account, contact_id: int | None) -> Contact | None:
    found = index.contacts_by_ids(account.id, [contact_id]).get(contact_id) if contact_id else None
    return None if found is None or found.is_deleted else found
