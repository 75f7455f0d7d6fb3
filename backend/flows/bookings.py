"""Bookings → leads: read the newest state of each booking, gather facts in bulk, decide, carry out, note the
result.

Answers «what happens when a booking is cancelled?» together with core/booking.py: the rules are there, the
steps here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from backend.core.booking import BookingFacts, decide
from backend.core.configuration import BookingRules, FieldName, Mode
from backend.core.crm import Contact, Lead
from backend.core.links import Link
from backend.core.matching import Candidate, person_keys, pick_contact
from backend.core.salon import Booking, Phase
from backend.flows import apply, configuration, lead_fields, mirror, readings, recover, requeue
from backend.flows.cases import Case
from backend.flows.readings import Reading
from backend.flows.work import Work
from backend.integrations.amocrm.client import AmoClient
from backend.store import bookings, connections, in_force, links
from backend.store import mirror as index
from backend.store.bookings import BookingRow

MAIN = "bookings"  # the lane


def changed(work: Work) -> None:
    """The flow of `yclients.record` events: everything due in one account's lane."""
    client = work.amo()
    rules = _rules(work.account_id, client)
    fresh = _with_categories(work.account_id, readings.newest(work))
    fresh = recover.settle_cut_off(work, fresh, client, rules)
    _refresh_mirror(work, fresh, client)
    for wave in _waves(work.account_id, fresh):
        apply.carry_out(work, _decided(work, wave, rules), client, rules)
    _decide_again(work, fresh, rules)


def _decide_again(work: Work, fresh: Sequence[Reading], rules: BookingRules) -> None:
    """A version written while we worked by the one before looked for bookings to decide again, and missed
    ours.
    """
    newest = in_force.stamp(work.account_id)
    if newest is None or newest.number == rules.version:
        return
    linked = links.by_keys(work.account_id, [reading.booking.key for reading in fresh])
    branches = {branch.company_id: branch for branch in connections.of_account(work.account_id)}
    for company_id, branch in branches.items():
        own = [
            r.booking.key for r in fresh if r.booking.branch_id == company_id and r.booking.key not in linked
        ]
        if own:
            requeue.again(work.ctx, branch, own, newest.number)


def _rules(account_id: int, client: AmoClient) -> BookingRules:
    """The rules in force. Without our key field no lead could be found again: a deleted one is made anew."""
    rules = configuration.load(account_id)
    if rules.configuration.branches and FieldName.KEY not in rules.field_ids:
        lead_fields.repair_key(account_id, client, rules.configuration)
        rules = configuration.load(account_id)
    return rules


def _decided(work: Work, wave: Sequence[Reading], rules: BookingRules) -> list[Case]:
    gathered = zip(wave, _gather(work, wave, rules.field_ids[FieldName.KEY]), strict=True)
    return [_case(reading, facts, rules) for reading, facts in gathered]


def _case(reading: Reading, facts: BookingFacts, rules: BookingRules) -> Case:
    branch = rules.configuration.branch(facts.booking.branch_id)
    return Case(reading, facts, decide(facts, rules), branch.mode if branch else Mode.OFF)


def _with_categories(account_id: int, fresh: list[Reading]) -> list[Reading]:
    """Records carry no category (yclients.md, fact 7): it is joined from the salon's catalogue, or its
    history.
    """
    branches = {reading.booking.branch_id for reading in fresh}
    known = connections.categories_of(account_id, sorted(branches)) if branches else {}

    def joined(booking: Booking) -> Booking:
        where = booking.branch_id
        lines = tuple(
            replace(line, category_id=known.get((where, line.service_id))) for line in booking.lines
        )
        return replace(booking, lines=lines)

    return [replace(reading, booking=joined(reading.booking)) for reading in fresh]


def _refresh_mirror(work: Work, fresh: Sequence[Reading], client: AmoClient) -> None:
    """Facts must be fresh where a wrong one costs a duplicate or a wrong move; an edit of fields needs no
    look at all.
    """
    known = links.by_keys(work.account_id, [reading.booking.key for reading in fresh])
    unlinked = [r.booking for r in fresh if r.booking.key not in known and _may_open(r.booking)]
    moved = any(_may_move(r.booking, known[r.booking.key]) for r in fresh if r.booking.key in known)
    if unlinked:
        mirror.refresh(work.account_id, mirror.CONTACTS, client)
    people = index.contacts_by_keys(work.account_id, [key for b in unlinked for key in person_keys(b)])
    if moved or people:
        mirror.refresh(work.account_id, mirror.LEADS, client)


def _may_open(booking: Booking) -> bool:
    return booking.client is not None and booking.phase is not Phase.CANCELLED and bool(booking.lines)


def _may_move(booking: Booking, link: Link) -> bool:
    return link.applied.get("phase") != booking.phase


def _waves(account_id: int, fresh: Sequence[Reading]) -> list[list[Reading]]:
    """Bookings of one person follow one another, so that the second sees what became of the first (INV6)."""
    waves: list[list[Reading]] = []
    seen: dict[str, int] = defaultdict(int)
    known = index.contacts_by_keys(account_id, [key for r in fresh for key in person_keys(r.booking)])
    for reading in fresh:
        own = person_keys(
            reading.booking
        )  # one contact may be found by several: two phones, a phone and a card
        keys = (*own, *(f"contact:{contact.id}" for key in own for contact in known.get(key, ())))
        position = max((seen[key] for key in keys), default=0)
        seen.update(dict.fromkeys(keys, position + 1))
        if position == len(waves):
            waves.append([])
        waves[position].append(reading)
    return waves


def _gather(work: Work, wave: Sequence[Reading], key_field: int) -> list[BookingFacts]:
    """Facts of a whole wave in a handful of queries."""
    account_id, found = work.account_id, [reading.booking for reading in wave]
    keys = [booking.key for booking in found]
    linked, seen = links.by_keys(account_id, keys), bookings.by_keys(account_id, keys)
    by_key = index.contacts_by_keys(account_id, [key for booking in found for key in person_keys(booking)])
    contact_ids = [contact.id for contacts in by_key.values() for contact in contacts]
    open_leads = index.open_leads_of(account_id, contact_ids)
    leads = index.leads_by_ids(account_id, [link.lead_id for link in linked.values()])
    holders = links.holders(account_id, [lead.id for found_ in open_leads.values() for lead in found_])
    unlinked = [booking.key for booking in found if booking.key not in linked]
    keyed = index.keyed_leads_of(account_id, contact_ids, key_field, unlinked) if unlinked else {}
    held = bookings.by_keys(account_id, [holder.key for holder in holders.values()])

    def candidates(contact_id: int) -> tuple[Candidate, ...]:
        return tuple(_candidate(lead, holders.get(lead.id), held) for lead in open_leads.get(contact_id, ()))

    facts = []
    for booking in found:
        people = next((by_key[key] for key in person_keys(booking) if key in by_key), ())
        contact, link, past = pick_contact(people, open_leads), linked.get(booking.key), seen.get(booking.key)
        facts.append(
            BookingFacts(
                booking,
                work.ctx.now(),
                past.changed_at if past else None,
                link,
                lead=leads.get(link.lead_id) if link else None,
                contact=contact,
                candidates=candidates(contact.id) if contact else (),
                twins=_twins(booking, by_key, contact),
                keyed=keyed.get(booking.key),
            )
        )
    return facts


def _twins(
    booking: Booking, by_key: Mapping[str, tuple[Contact, ...]], chosen: Contact | None
) -> tuple[int, ...]:
    found = {contact.id for key in person_keys(booking) for contact in by_key.get(key, ())}
    return tuple(sorted(found - {chosen.id})) if chosen else ()


def _candidate(lead: Lead, holder: Link | None, held: Mapping[str, BookingRow]) -> Candidate:
    state = held.get(holder.key) if holder else None
    return Candidate(lead, holder, Phase(state.phase) if state else None, state.starts_at if state else None)
