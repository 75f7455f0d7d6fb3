"""From what a person types to bookings: their number, a lead's number, a phone, a client's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.store import bookings, connections, links, mirror, people, visits

LONGEST_NUMBER = 18  # digits of what fits into an id
SHORTEST_NAME = 2
MOST = 20
PEOPLE = 10  # persons of one name whose bookings are looked for
LEADS = 50  # open ones of theirs


@dataclass(frozen=True, slots=True)
class Meant:
    """What a question may mean: bookings by their keys, the nearest first; leads; people."""

    keys: tuple[str, ...] = ()
    leads: tuple[Lead, ...] = ()
    contacts: tuple[Contact, ...] = ()


def meant(account_id: int, question: str, most: int = MOST) -> Meant:
    """A number may be a booking's and a lead's at once; words are the beginning of a name."""
    if not question:
        return Meant()
    digits = digits_of(question)
    contacts = _contacts(account_id, question, digits)
    leads = _leads(account_id, digits, contacts)
    by_number = keys_by_number(account_id, digits)
    known = set(bookings.by_keys(account_id, by_number)) | set(links.by_keys(account_id, by_number))
    asked = [int(digits)] if 0 < len(digits) <= LONGEST_NUMBER else []
    behind = visits.keys_of_leads(account_id, [*asked, *(lead.id for lead in leads)], most)
    visited = visits.keys_of_people(account_id, [contact.id for contact in contacts], most)
    keys = dict.fromkeys([*(key for key in by_number if key in known), *behind, *visited])
    return Meant(tuple(keys)[:most], tuple(leads), tuple(contacts))


def keys_by_number(account_id: int, digits: str) -> list[str]:
    """Keys that a booking of this number would have in each salon, whether or not there is one."""
    if not 0 < len(digits) <= LONGEST_NUMBER:
        return []
    return [f"yclients:{row.company_id}:{digits}" for row in connections.of_account(account_id)]


def digits_of(question: str) -> str:
    return "".join(character for character in question if character.isascii() and character.isdigit())


def _contacts(account_id: int, question: str, digits: str) -> list[Contact]:
    key = phones.key(question)
    if key:
        return list(mirror.contacts_by_keys(account_id, [key]).get(key, ()))
    if digits or len(question.strip()) < SHORTEST_NAME:
        return []
    return people.by_name(account_id, question, PEOPLE)


def _leads(account_id: int, digits: str, contacts: Sequence[Contact]) -> list[Lead]:
    """The lead of this number, and the newest open ones of these people: walk-in clients share thousands."""
    found = mirror.leads_by_ids(account_id, [int(digits)]) if 0 < len(digits) <= LONGEST_NUMBER else {}
    of_contacts = mirror.open_leads_of(account_id, [contact.id for contact in contacts])
    theirs = {lead.id: lead for those in of_contacts.values() for lead in those}
    newest = sorted(theirs, reverse=True)[:LEADS]
    return list((found | {lead_id: theirs[lead_id] for lead_id in newest}).values())
