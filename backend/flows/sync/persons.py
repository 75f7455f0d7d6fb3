"""What is known of the people of bookings: their cards in all salons, their visits, what their contact was
told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.core import phones
from backend.core.clients import ClientCard, Person
from backend.core.crm import Contact
from backend.core.salon import Booking, Phase, branch_of
from backend.core.sync import people
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link
from backend.flows.sync.readings import Reading
from backend.store import client_cards, contact_notes
from backend.store import mirror as index
from backend.store.client_cards import Visits


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom we ask about: a contact (None: not in the CRM yet) and what the salon tells of a card just now."""

    contact: Contact | None
    card: ClientCard | None
    booking: Booking | None = None


def with_cards(account_id: int, found: Sequence[Booking]) -> list[Booking]:
    """Bookings with what only the client's card tells: its labels may keep them out (§4.2), and whether the
    person was in another salon (row E15).
    """
    cards = client_cards.of(account_id, [b.client.card for b in found if b.client])
    elsewhere = _elsewhere(account_id, found)

    def joined(booking: Booking) -> Booking:
        if booking.client is None:
            return booking
        client = people.enriched(booking.client, cards.get(booking.client.card))
        return replace(booking, client=replace(client, is_known_elsewhere=booking.key in elsewhere))

    return [joined(booking) for booking in found]


def told(account_id: int, fresh: Sequence[Reading]) -> list[Reading]:
    """The readings of a batch, with what their clients' cards tell."""
    joined = with_cards(account_id, [reading.booking for reading in fresh])
    return [replace(reading, booking=booking) for reading, booking in zip(fresh, joined, strict=True)]


def _elsewhere(account_id: int, found: Sequence[Booking]) -> frozenset[str]:
    """Keys of bookings whose person has a card with visits in another salon."""
    keys = {b.key: phones.key(b.client.phone) or b.client.card for b in found if b.client}
    contacts = index.contacts_by_keys(account_id, keys.values())
    of_contact = client_cards.of_contacts(account_id, [c.id for some in contacts.values() for c in some])
    known = client_cards.of(account_id, [card for cards in of_contact.values() for card in cards])
    branches = {b.key: b.branch_id for b in found}
    return frozenset(
        key
        for key, person in keys.items()
        for contact in contacts.get(person, ())
        for card in of_contact.get(contact.id, ())
        if card in known and known[card].visits and _branch(card) != branches[key]
    )


def gather(account_id: int, asked: Sequence[Asked]) -> list[Person]:
    """One person for each that is asked about, in their order."""
    contact_ids = [one.contact.id for one in asked if one.contact]
    of_contact = client_cards.of_contacts(account_id, contact_ids)
    names = {card for cards in of_contact.values() for card in cards}
    cards = client_cards.of(account_id, names | {one.card.card for one in asked if one.card})
    visits = client_cards.visits_of(
        account_id, {person for one in asked for person in _persons(one, of_contact)}
    )
    applied = contact_notes.of(account_id, contact_ids)
    theirs = [_cards(one, of_contact, cards) for one in asked]
    numbers = {key for cards_ in theirs for card in cards_ if (key := phones.key(card.phone))}
    owners = index.contacts_by_keys(account_id, numbers)
    return [
        Person(
            cards_,
            _visits(one, of_contact, visits),
            applied.get(one.contact.id, {}) if one.contact else {},
            _taken(one.contact, owners),
        )
        for one, cards_ in zip(asked, theirs, strict=True)
    ]


def of_bookings(account_id: int, pairs: Iterable[tuple[Booking, Contact | None]]) -> list[Person]:
    return gather(account_id, [Asked(contact, people.seen_in(b), b) for b, contact in pairs])


def with_people(account_id: int, found: Sequence[BookingFacts]) -> list[BookingFacts]:
    """Facts with what is known of each booking's person, and which former cards of theirs are gone."""
    asked = [Asked(known.contact, people.seen_in(known.booking), known.booking) for known in found]
    before = [known.link.applied.get("card", "") if known.link else "" for known in found]
    gone = {card.card for card in client_cards.of(account_id, filter(None, before)).values() if card.is_gone}
    known_people = gather(account_id, asked)
    return [
        replace(known, person=replace(person, merged=frozenset({card} & gone)))
        for known, person, card in zip(found, known_people, before, strict=True)
    ]


def with_survivors(
    account_id: int, keys: Iterable[str], found: dict[str, tuple[Contact, ...]]
) -> dict[str, tuple[Contact, ...]]:
    """People whom nobody finds any more because their contact was merged into another one (row E6)."""
    lost = [key for key in keys if key not in found and ":" in key]
    survivors = client_cards.survivors(account_id, lost) if lost else {}
    contacts = index.contacts_by_ids(account_id, survivors.values())
    again = {key: (contacts[i],) for key, i in survivors.items() if i in contacts}
    index.remember_keys(account_id, [(key, some[0].id) for key, some in again.items()])
    return found | again


def is_another(booking: Booking, link: Link) -> bool:
    """Whether the booking names another card than when its lead was written: whose it is has to be looked at
    afresh (row E13).
    """
    before = link.applied.get("card")
    return bool(before) and booking.client is not None and booking.client.card != before


def remember(account_id: int, pairs: Sequence[tuple[Booking, Contact | None]], now: datetime) -> None:
    """Cards as bookings told of them, and whose they are: a card that nobody has is the contact's that the
    booking found by its phone (§4.3).
    """
    told = {card.card: card for booking, _ in pairs if (card := people.seen_in(booking))}
    before = client_cards.of(account_id, told)
    news = {key: people.joined(before[key], card) if key in before else card for key, card in told.items()}
    client_cards.save(account_id, [card for key, card in news.items() if before.get(key) != card], now)
    owned = index.contacts_by_keys(account_id, told)
    index.remember_keys(
        account_id,
        [
            (booking.client.card, contact.id)
            for booking, contact in pairs
            if contact and booking.client and booking.client.card and booking.client.card not in owned
        ],
    )


def _persons(one: Asked, of_contact: Mapping[int, tuple[str, ...]]) -> set[str]:
    """As the reports know people."""
    cards = {one.card.card} if one.card else set()
    return cards | (
        {f"contact:{one.contact.id}", *of_contact.get(one.contact.id, ())} if one.contact else set()
    )


def _cards(
    one: Asked, of_contact: Mapping[int, tuple[str, ...]], known: Mapping[str, ClientCard]
) -> tuple[ClientCard, ...]:
    """The card that tells news first, joined with what was known of it."""
    found: dict[str, ClientCard] = {}
    if one.card:
        before = known.get(one.card.card)
        found[one.card.card] = people.joined(before, one.card) if before else one.card
    for card in of_contact.get(one.contact.id, ()) if one.contact else ():
        if card in known:
            found.setdefault(card, known[card])
    return tuple(found.values())


def _visits(one: Asked, of_contact: Mapping[int, tuple[str, ...]], known: Mapping[str, Visits]) -> Visits:
    found: Visits = {}
    for person in _persons(one, of_contact):
        found |= known.get(person, {})
    booking = one.booking
    if booking is not None:
        found[booking.key] = (booking.starts_at, booking.phase)
    return {key: visit for key, visit in found.items() if visit[1] is not Phase.CANCELLED}


def _taken(contact: Contact | None, owners: Mapping[str, tuple[Contact, ...]]) -> frozenset[str]:
    own = contact.id if contact else 0
    return frozenset(key for key, some in owners.items() if any(other.id != own for other in some))


def _branch(card: str) -> int:
    return branch_of(card)
