"""Bookings → leads: read the newest state of each booking, gather facts in bulk, decide, carry out, note the
result.

Answers «what happens when a booking is cancelled?» together with core/sync/booking.py: the rules are there,
the steps here, and what the rules may look at in flows/sync/facts.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.rules.options import Without
from backend.core.salon import Booking, Phase
from backend.core.sync import satellites, sharing
from backend.core.sync.booking import decide
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link
from backend.core.sync.matching import person_keys
from backend.flows.rules import configuration, lead_fields, requeue, writing
from backend.flows.sync import (
    apply,
    brake,
    card_reading,
    facts,
    human_work,
    mirror,
    own,
    payments,
    persons,
    phone_rights,
    readings,
    recover,
    unsorted,
)
from backend.flows.sync.cases import Case
from backend.flows.sync.readings import Reading
from backend.flows.work import Work
from backend.integrations.amocrm.client import AmoClient
from backend.store import connections, in_force, links, writers
from backend.store import mirror as index
from backend.store.writers import Writer


def changed(work: Work) -> None:
    """The flow of `yclients.record` events: everything due in one account's lane."""
    held = writers.of_account(work.account_id)  # before any fact: whoever moves a salon then, we notice
    client = work.amo()
    rules = _rules(work.account_id, client)
    fresh = _with_categories(work.account_id, readings.newest(work))
    fresh = card_reading.read(work, phone_rights.visible(work, fresh), rules)
    fresh = persons.told(work.account_id, payments.attach(work, fresh, rules))
    fresh = recover.settle_cut_off(work, fresh, client, rules)
    _refresh_mirror(work, fresh, client, rules)
    for wave in _waves(work.account_id, fresh):
        cases = brake.let_through(work, _decided(work, wave, client, rules, held), rules)
        apply.carry_out(work, cases, client, rules)
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


def _decided(
    work: Work, wave: Sequence[Reading], client: AmoClient, rules: BookingRules, held: Mapping[int, Writer]
) -> list[Case]:
    found = [reading.booking for reading in wave]
    gathered = facts.gather(work.account_id, found, work.ctx.now(), rules)
    gathered = human_work.noted(work.account_id, gathered, rules, client)
    cases = [_case(reading, known, rules, held) for reading, known in zip(wave, gathered, strict=True)]
    return own.named(work.account_id, cases)


def _case(reading: Reading, known: BookingFacts, rules: BookingRules, held: Mapping[int, Writer]) -> Case:
    leave = writing.leave(rules.configuration.branch(known.booking.branch_id), held)
    return Case(reading, known, decide(known, rules), leave.mode, leave.fence)


def _with_categories(account_id: int, fresh: list[Reading]) -> list[Reading]:
    joined = facts.with_categories(account_id, [reading.booking for reading in fresh])
    return [replace(reading, booking=booking) for reading, booking in zip(fresh, joined, strict=True)]


def _refresh_mirror(work: Work, fresh: Sequence[Reading], client: AmoClient, rules: BookingRules) -> None:
    """Facts must be fresh where a wrong one costs a duplicate or a wrong move; an edit of fields needs no
    look at all.
    """
    known = links.by_keys(work.account_id, [reading.booking.key for reading in fresh])
    unlinked = [r.booking for r in fresh if r.booking.key not in known and _may_open(r.booking, rules)]
    pairs = [(r.booking, known[r.booking.key]) for r in fresh if r.booking.key in known]
    moved = any(_may_move(booking, link) or _is_spread(booking, link, rules) for booking, link in pairs)
    given = any(persons.is_another(booking, link) for booking, link in pairs)
    if unlinked or given:
        mirror.refresh(work.account_id, mirror.CONTACTS, client)
        unsorted.look(work, client, rules)
    people = index.contacts_by_keys(work.account_id, [key for b in unlinked for key in person_keys(b)])
    if moved or people or given:
        mirror.refresh(work.account_id, mirror.LEADS, client)


def _may_open(booking: Booking, rules: BookingRules) -> bool:
    wants_empty = rules.configuration.options.without_services is Without.CREATE
    is_visit = bool(booking.lines) or wants_empty
    return booking.client is not None and booking.phase is not Phase.CANCELLED and is_visit


def _may_move(booking: Booking, link: Link) -> bool:
    return link.applied.get("phase") != booking.phase


def _is_spread(booking: Booking, link: Link, rules: BookingRules) -> bool:
    """Its directions are others than before: a lead of the new one may wait for it."""
    if not booking.lines or booking.phase is Phase.CANCELLED:
        return False
    shares = sharing.shares(booking, rules.configuration, fixed=link.direction)
    return dict(satellites.directions(shares))["directions"] != link.applied.get("directions")


def _turn(reading: Reading) -> tuple[bool, datetime]:
    """The nearest visit first; deletions last: the booking entered instead may continue the lead (D7)."""
    return reading.booking.phase is Phase.CANCELLED, reading.booking.starts_at


def _waves(account_id: int, fresh: Sequence[Reading]) -> list[list[Reading]]:
    """Bookings of one person follow one another, so that the second sees what became of the first (INV6)."""
    waves: list[list[Reading]] = []
    seen: dict[str, int] = defaultdict(int)
    known = index.contacts_by_keys(account_id, [key for r in fresh for key in person_keys(r.booking)])
    for reading in sorted(fresh, key=_turn):
        # One contact may be found by several: two phones, a phone and a card.
        own = person_keys(reading.booking)
        keys = (*own, *(f"contact:{contact.id}" for key in own for contact in known.get(key, ())))
        position = max((seen[key] for key in keys), default=0)
        seen.update(dict.fromkeys(keys, position + 1))
        if position == len(waves):
            waves.append([])
        waves[position].append(reading)
    return waves
