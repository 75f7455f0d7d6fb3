"""Bookings that were found and leads of the mirror, matched: read in portions, compared in memory in their
short form, kept as pairs. Nothing outside is asked, nothing outside is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.core.rules.configuration import BookingRules
from backend.core.salon import DEFAULT_ZONE, Booking
from backend.core.takeover import assignment, pairing
from backend.core.takeover.assignment import Edge
from backend.core.takeover.pairing import Candidate, Pair
from backend.core.takeover.sides import Deal, Reader, Said, Visit
from backend.flows.context import Context
from backend.flows.sync import told
from backend.flows.takeover.profile import recognition
from backend.flows.works import long_work
from backend.flows.works.long_steps import Step, Task
from backend.store import connections, long_works, mirror, takeover_found, takeover_links, takeover_pairs
from backend.store.long_works import LongWork
from backend.store.takeover_found import FoundRecord
from backend.store.takeover_pairs import FoundPair, Settled

KIND = "match"
PORTION = 2_000
KeepAlive = Callable[[], None]


def nothing() -> None:
    """For whoever holds no lease."""


@dataclass(frozen=True)
class Place:
    """What both sides are read with: clocks and titles of the salons, and what is recognised."""

    account_id: int
    zones: Mapping[int, ZoneInfo]
    reader: Reader

    def zone(self, company_id: int) -> ZoneInfo:
        return self.zones.get(company_id) or ZoneInfo(DEFAULT_ZONE)


def start(ctx: Context, account_id: int, author: str) -> int:
    """Matches anew; what people decided stands."""
    return long_work.start(ctx, account_id, KIND, {}, author)


def newest(account_id: int) -> LongWork | None:
    return long_works.newest(account_id, KIND)


def step(task: Task) -> Step:
    """All of it in one slice: a cut one is done again, for the pairs are kept in one go at its end."""
    pairs = run(task.ctx, task.account_id, task.keep_alive)
    return Step(task.params, pairs, pairs, is_over=True)


def run(ctx: Context, account_id: int, keep_alive: KeepAlive = nothing) -> int:
    """Pairs of everything that has no link yet; returns how many were found."""
    place, settled = place_of(account_id), takeover_pairs.settled(account_id)
    keys, lead_ids = takeover_links.taken(account_id)
    visits = list(_visits(place, settled.keys | keys, keep_alive))
    deals = list(_deals(place, settled.lead_ids | lead_ids, keep_alive))
    pairs = matched(visits, deals, settled, ctx.now())
    by_key = {visit.key: visit for visit in visits}
    keep_alive()
    found = (FoundPair(pair, by_key[pair.key].branch_id, by_key[pair.key].starts_at) for pair in pairs)
    takeover_pairs.renew(account_id, found, ctx.now())
    return len(pairs)


def matched(visits: Sequence[Visit], deals: Sequence[Deal], settled: Settled, now: datetime) -> list[Pair]:
    known = pairing.index(visits)
    found = pairing.candidates(known, deals, now, pairing.homes(known, deals))
    return assignment.assign(_not_refused(found, settled), solve)


def find(
    account_id: int, keys: Sequence[str], rules: BookingRules, now: datetime | None = None
) -> list[Pair]:
    """Pairs of a few fresh bookings with leads that nobody has yet, from the mirror as it is: whoever asks
    has just had it refreshed. Other bookings of the same people take part, so that none gets another's lead.
    `rules` tell whose pipelines are whose.
    """
    place, settled = place_of(account_id), takeover_pairs.settled(account_id)
    linked_keys, linked_leads = takeover_links.taken(account_id)
    taken_keys, taken_leads = linked_keys | settled.keys, linked_leads | settled.lead_ids
    fresh = {booking.key: visit_of(booking, place) for booking in told.many(account_id, keys)}
    found = takeover_found.by_keys(account_id, [key for key in keys if key not in fresh], with_body=False)
    fresh |= {record.key: _visit(record, place) for record in found.values()}
    fresh = {key: visit for key, visit in fresh.items() if key not in taken_keys}
    people = {visit.phone for visit in fresh.values() if visit.phone}
    others = takeover_found.by_phones(account_id, people)
    around = [_visit(record, place) for records in others.values() for record in records]
    visits = {visit.key: visit for visit in around if visit.key not in taken_keys} | fresh
    contacts = mirror.contacts_by_keys(account_id, people)
    ids = {contact.id for some in contacts.values() for contact in some}
    leads = {lead.id: lead for some in mirror.leads_of(account_id, ids).values() for lead in some}
    free = [lead for lead in leads.values() if lead.id not in taken_leads]
    known = pairing.index(visits.values())
    moment = now or max((visit.created_at for visit in fresh.values()), default=None)
    if moment is None:
        return []
    candidates = pairing.candidates(known, _read(place, free, {}), moment, _homes(rules))
    pairs = assignment.assign(_not_refused(candidates, settled), solve)
    return [pair for pair in pairs if pair.key in fresh]


def solve(edges: Sequence[Edge]) -> Iterator[tuple[int, int]]:
    """The assignment of greatest worth, by a library. Its import costs some megabytes that a worker without a
    move to make does not have to carry.
    """
    from networkx import Graph, max_weight_matching

    graph = Graph()
    graph.add_weighted_edges_from((("visit", visit), ("deal", deal), worth) for visit, deal, worth in edges)
    for one, other in max_weight_matching(graph):
        (_, visit), (_, deal) = sorted((one, other), reverse=True)
        yield visit, deal


def place_of(account_id: int) -> Place:
    rows = connections.of_account(account_id)
    zones = {row.company_id: ZoneInfo(row.timezone or DEFAULT_ZONE) for row in rows}
    titles = {row.title: row.company_id for row in rows}
    return Place(account_id, zones, Reader(recognition.load(account_id), titles))


def visit_of(booking: Booking, place: Place) -> Visit:
    wall = booking.starts_at.astimezone(place.zone(booking.branch_id)).replace(tzinfo=None)
    phone = phones.key(booking.client.phone) if booking.client else None
    return Visit(
        booking.key, booking.branch_id, booking.record_id, booking.visit_id, phone or "", booking.starts_at,
        wall, booking.created_at, booking.phase, booking.price, tuple(line.title for line in booking.lines),
    )  # fmt: skip


def _visit(record: FoundRecord, place: Place) -> Visit:
    wall = record.starts_at.astimezone(place.zone(record.branch_id)).replace(tzinfo=None)
    return Visit(
        record.key, record.branch_id, record.record_id, record.visit_id, record.phone, record.starts_at,
        wall, record.created_at, record.phase, record.price,
        tuple(service.title for service in record.services),
    )  # fmt: skip


def _visits(place: Place, taken: frozenset[str], keep_alive: KeepAlive) -> Iterator[Visit]:
    after = ""
    while records := takeover_found.portion(place.account_id, None, after, PORTION, with_body=False):
        keep_alive()
        yield from (_visit(record, place) for record in records if record.key not in taken)
        after = records[-1].key


def _deals(place: Place, taken: frozenset[int], keep_alive: KeepAlive) -> Iterator[Deal]:
    after, phones_of = 0, dict[int, tuple[str, ...]]()
    while leads := mirror.leads_portion(place.account_id, after, PORTION):
        keep_alive()
        free = [lead for lead in leads if lead.id not in taken and not lead.is_deleted]
        yield from _read(place, free, phones_of)
        after = leads[-1].id


def _read(place: Place, leads: Sequence[Lead], phones_of: dict[int, tuple[str, ...]]) -> list[Deal]:
    """`phones_of` is what is known of contacts already; one person has many leads."""
    new = {i for lead in leads for i in lead.contact_ids} - phones_of.keys()
    contacts = mirror.contacts_by_ids(place.account_id, new)
    phones_of |= {contact_id: _numbers(contact) for contact_id, contact in contacts.items()}
    notes = takeover_found.notes_of(place.account_id, [lead.id for lead in leads])
    return [
        place.reader.deal(
            lead,
            (number for i in lead.contact_ids for number in phones_of.get(i, ())),
            [Said(note.author_id, note.text) for note in notes.get(lead.id, ())],
        )
        for lead in leads
    ]


def _numbers(contact: Contact) -> tuple[str, ...]:
    spelled = (part for text in contact.phones for part in phones.split(text))
    return tuple(number for part in spelled if (number := phones.key(part)))


def _homes(rules: BookingRules) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for route in rules.configuration.routes:
        found[route.pipeline_id] = found.get(route.pipeline_id, frozenset()) | {route.branch_id}
    return found


def _not_refused(found: Iterable[Candidate], settled: Settled) -> list[Candidate]:
    return [one for one in found if (one.visit.key, one.deal.id) not in settled.refused]
