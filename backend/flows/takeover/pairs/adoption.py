"""Pairs become links, and nothing is written to the CRM: what a lead shows stays as it is until its booking
changes by itself (core/sync/adopted.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from backend.core.crm import Contact, Lead
from backend.core.rules.configuration import BookingRules
from backend.core.salon import DEFAULT_ZONE, Booking
from backend.core.sync import journal, tasks
from backend.core.sync.links import Link
from backend.core.sync.matching import person_mark
from backend.core.takeover import adopting
from backend.core.takeover.pairing import Pair, State
from backend.flows.context import Context
from backend.flows.rules import configuration
from backend.flows.sync import facts, past, persons, readings
from backend.flows.works import long_work
from backend.flows.works.long_steps import Step, Task
from backend.integrations import BOOKING_SOURCES
from backend.store import bookings, connections, mirror, takeover_found, takeover_links, takeover_pairs
from backend.store.bookings import SeenBooking
from backend.store.connections import BranchRow
from backend.store.takeover_found import FoundRecord
from backend.store.takeover_pairs import FoundPair

KIND = "adopt"
PORTION = 500
ADOPTED = "adopted"  # why a booking ended where it did


@dataclass(frozen=True, slots=True)
class Known:
    """A booking in its newest state and the content by which a reconcile would know it again."""

    booking: Booking
    content_hash: str


def adopt(ctx: Context, account_id: int, company_id: int) -> int:
    """Every accepted pair of one salon becomes a link; returns how many did. Cut anywhere, it goes on."""
    rules, done, after = configuration.load(account_id), 0, 0
    while rows := takeover_pairs.accepted(account_id, company_id, after, PORTION):
        done += len(_link(account_id, [row.pair for row in rows], rules, ctx.now()))
        after = rows[-1].id
    return done


def start(ctx: Context, account_id: int, company_id: int, author: str) -> int:
    """The same as a long work, for a person who waits at a screen."""
    return long_work.start(ctx, account_id, KIND, {"company_id": company_id}, author)


def step(task: Task) -> Step:
    rules, company_id = configuration.load(task.account_id), task.params["company_id"]
    rows = takeover_pairs.accepted(task.account_id, company_id, task.params.get("cursor", 0), PORTION)
    keys = _link(task.account_id, [row.pair for row in rows], rules, task.ctx.now())
    is_over = len(rows) < PORTION
    cursor, done = (rows[-1].id if rows else 0), task.work.done + len(keys)
    total = done if is_over else None
    return Step({**task.params, "cursor": cursor}, done, total, is_over)


def take(account_id: int, pairs: Sequence[Pair], now: datetime | None = None) -> list[str]:
    """Pairs of fresh bookings, as `matching.find` gives them: kept, and those that are beyond doubt linked;
    returns the keys of these.
    """
    known = _newest(account_id, [pair.key for pair in pairs])
    of_pairs = [(pair, known[pair.key].booking) for pair in pairs if pair.key in known]
    if not of_pairs:
        return []
    at = now or max(booking.changed_at for _, booking in of_pairs)
    found = [FoundPair(pair, booking.branch_id, booking.starts_at) for pair, booking in of_pairs]
    takeover_pairs.add(account_id, found, at)
    sure = [pair for pair, _ in of_pairs if pair.state is State.ACCEPTED]
    return _link(account_id, sure, configuration.load(account_id), at)


def renew(account_id: int, keys: Iterable[str]) -> int:
    """From now on only what changes next is spoken of: links to which nothing was written yet remember the
    newest state of their bookings. Returns how many.
    """
    rules = configuration.load(account_id)
    held = _held(account_id, keys)
    moment = max((one.booking.changed_at for one, _, _ in held), default=None)
    if moment is None:
        return 0
    links = [adopting.link(one.booking, lead, rules, moment) for one, _, lead in held]
    return takeover_links.replace(account_id, links, moment)


def catch_up(account_id: int, keys: Iterable[str]) -> list[str]:
    """Links to which nothing was written yet, whose leads do not show their bookings' stage, money or time:
    the next decision about these bookings writes the difference. Returns their keys. For the hours before a
    switch, when the other integration may have missed something.
    """
    rules = configuration.load(account_id)
    late = [
        link
        for one, known, lead in _held(account_id, keys)
        if (link := adopting.behind(one.booking, known, lead, rules))
    ]
    moment = max((link.version for link in late if link.version), default=None)
    if moment is not None:
        takeover_links.replace(account_id, late, moment)
    return [link.key for link in late]


def _held(account_id: int, keys: Iterable[str]) -> list[tuple[Known, Link, Lead]]:
    silent = takeover_links.silent(account_id, keys)
    known = _newest(account_id, list(silent))
    leads = mirror.leads_by_ids(account_id, [link.lead_id for link in silent.values()])
    return [
        (known[key], link, leads[link.lead_id])
        for key, link in silent.items()
        if key in known and link.lead_id in leads
    ]


def _link(account_id: int, pairs: Sequence[Pair], rules: BookingRules, now: datetime) -> list[str]:
    """Leads that are gone get no link."""
    known = _newest(account_id, [pair.key for pair in pairs])
    leads = mirror.leads_by_ids(account_id, [pair.lead_id for pair in pairs])
    branches = {row.company_id: row for row in connections.of_account(account_id)}
    found = [
        (known[pair.key], leads[pair.lead_id])
        for pair in pairs
        if pair.key in known
        and pair.lead_id in leads
        and not leads[pair.lead_id].is_deleted
        and known[pair.key].booking.branch_id in branches
    ]
    links = [adopting.link(one.booking, lead, rules, now) for one, lead in found]
    seen = [
        _seen(one, link, branches[one.booking.branch_id], rules, now)
        for (one, _), link in zip(found, links, strict=True)
    ]
    keys = takeover_links.adopt(account_id, links, seen, now)
    _remember_people(account_id, found, set(keys), now)
    return keys


def _remember_people(
    account_id: int, found: Sequence[tuple[Known, Lead]], keys: set[str], now: datetime
) -> None:
    """The client cards of these bookings are the contacts' of their leads."""
    ids = [lead.contact_ids[0] for one, lead in found if lead.contact_ids and one.booking.key in keys]
    contacts = mirror.contacts_by_ids(account_id, ids)
    pairs = [(one.booking, _contact(lead, contacts)) for one, lead in found if one.booking.key in keys]
    persons.remember(account_id, pairs, now)


def _contact(lead: Lead, contacts: Mapping[int, Contact]) -> Contact | None:
    return contacts.get(lead.contact_ids[0]) if lead.contact_ids else None


def _seen(one: Known, link: Link, branch: BranchRow, rules: BookingRules, now: datetime) -> SeenBooking:
    booking = one.booking
    snapshot = json.dumps(journal.booking(booking), ensure_ascii=False)
    look_at = tasks.next_look(tasks.Case(booking, rules, now, link))
    return SeenBooking(
        booking.key, branch.id, booking.record_id, booking.phase, booking.starts_at, booking.changed_at,
        one.content_hash, snapshot, ADOPTED, link.lead_id, look_at, booking.visit_id or None,
        person_mark(booking),
    )  # fmt: skip


def _newest(account_id: int, keys: Sequence[str]) -> dict[str, Known]:
    """As our own road has met them, or as they were found, whichever is newer."""
    rows = bookings.by_keys(account_id, keys)
    found = takeover_found.by_keys(account_id, keys)
    older = [key for key, row in rows.items() if key in found and found[key].changed_at > row.changed_at]
    met = past.whole(account_id, [row for key, row in rows.items() if key not in older])
    known = {key: Known(booking, rows[key].content_hash) for key, booking in met.items()}
    fresh = [one for key, one in found.items() if key not in known]
    return known | {one.booking.key: one for one in _of_records(account_id, fresh)}


def _of_records(account_id: int, records: Sequence[FoundRecord]) -> list[Known]:
    zones = {row.company_id: row.timezone or DEFAULT_ZONE for row in connections.of_account(account_id)}
    parsed = []
    for record in records:
        body = json.loads(record.body, parse_float=Decimal)
        zone = zones.get(record.branch_id, DEFAULT_ZONE)
        parsed.append(BOOKING_SOURCES[record.key.split(":")[0]].parse(body, zone))
    told = persons.with_cards(account_id, facts.with_categories(account_id, parsed))
    return [
        Known(_with_kept_categories(booking, record), readings.content_hash(bare))
        for booking, bare, record in zip(told, parsed, records, strict=True)
    ]


def _with_kept_categories(booking: Booking, record: FoundRecord) -> Booking:
    """Of services that the catalogue has lost since."""
    kept = {service.service_id: service.category_id for service in record.services}
    lines = (
        replace(line, category_id=line.category_id or kept.get(line.service_id)) for line in booking.lines
    )
    return replace(booking, lines=tuple(lines))
