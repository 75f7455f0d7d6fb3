"""Whose card it is: the lead, the contact, the phone, and the bookings that may be touched from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.core.errors import InvalidInput
from backend.core.reports import figures
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
    """Our copy may know a fresh lead by its hook alone, which names no contacts: then the CRM is asked."""
    found = known(account, lead_id)
    if found.contact is None and not (found.lead and found.lead.is_deleted):
        _read(ctx, account, lead_id)
        found = known(account, lead_id)
    if found.lead is None or found.lead.is_deleted:
        raise InvalidInput("card.no_lead")
    return found


def known(account: Account, lead_id: int) -> Holder:
    """From our own memory alone."""
    lead = index.leads_by_ids(account.id, [lead_id]).get(lead_id)
    own = next((link.contact_id for link in links.of_lead(account.id, lead_id) if link.contact_id), None)
    contact_id = own or next(iter(lead.contact_ids if lead else ()), None)
    return Holder(lead, _contact(account, contact_id))


def _read(ctx: Context, account: Account, lead_id: int) -> None:
    client = ctx.amo(account.id)
    lead = client.lead(lead_id)
    if lead is None:
        return
    index.save_leads(account.id, [lead])
    contact = client.contact(lead.contact_ids[0]) if lead.contact_ids else None
    if contact:
        index.save_contacts(account.id, [contact], mirror.person_keys)


def of_contact(account: Account, contact_id: int) -> Holder:
    contact = _contact(account, contact_id)
    if contact is None:
        raise InvalidInput("card.no_contact")
    return Holder(None, contact)


def rows(account: Account, holder: Holder) -> dict[str, BookingRow]:
    """Bookings of the lead and of its person in all salons, by their keys; also those that have no lead."""
    contact_id = holder.contact.id if holder.contact else None
    found = {row.key: row for row in visits.of_person(account.id, contact_id)} if contact_id else {}
    more = visits.keys_with_figures(account.id, figures.person(contact_id, "")) if contact_id else []
    return found | bookings.by_keys(account.id, {*_own_keys(account, holder), *more} - set(found))


def belongs(account: Account, holder: Holder, key: str) -> bool:
    """Whether this booking may be touched from this card."""
    return key in _own_keys(account, holder) or key in rows(account, holder)


def _own_keys(account: Account, holder: Holder) -> Sequence[str]:
    if holder.lead is None:
        return ()
    linked = [link.key for link in links.of_lead(account.id, holder.lead.id)]
    return [*linked, *card_actions.of_lead(account.id, holder.lead.id)]


def _contact(account: Account, contact_id: int | None) -> Contact | None:
    found = index.contacts_by_ids(account.id, [contact_id]).get(contact_id) if contact_id else None
    return None if found is None or found.is_deleted else found
