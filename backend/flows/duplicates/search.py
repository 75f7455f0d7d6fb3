"""The nightly search for doubles, from our own index of the CRM alone; and the look at what changed lately,
for a copied lead must not carry a booking's key until the night.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from backend.core.crm import Lead
from backend.core.rules.configuration import FieldName
from backend.core.sync.links import booking_of, key_value
from backend.core.watch import doubles as rules
from backend.core.watch.doubles import Double, Kind, Origin
from backend.flows.context import Context, KeepAlive, nothing
from backend.flows.rules import configuration
from backend.store import accounts, doubles, links, mirror

RECENT = timedelta(days=2)  # of the CRM's changes: a copy made while we stood still is found too


def everything(ctx: Context, account_id: int, keep_alive: KeepAlive = nothing) -> int:
    """All three kinds; what is not found any more is over. Returns how many doubles there are."""
    began, total = ctx.now(), 0
    searches = {
        Kind.ONE_KEY: _by_keys(account_id),
        Kind.SEVERAL_OPEN: _several_open(account_id),
        Kind.ONE_PHONE: _by_phones(account_id),
    }
    for kind, portions in searches.items():
        for portion in portions:
            keep_alive()
            total += doubles.save(account_id, portion, began)
        doubles.close_unseen(account_id, kind, began)
    return total


def lately(ctx: Context, account_id: int) -> list[Double]:
    """Copies of leads made lately, with the key of their original."""
    key_field = _field(account_id, FieldName.KEY)
    if key_field is None:
        return []
    changed = doubles.keyed_since(account_id, ctx.now() - RECENT)
    fresh = mirror.leads_by_ids(account_id, changed)
    keys = {key for lead in fresh.values() for key in lead.values(key_field)}
    owners = set(_owners(account_id, keys).values())
    leads = {**mirror.leads_by_ids(account_id, owners - fresh.keys()), **fresh}
    found = _with_one_key(account_id, key_field, list(leads.values()))
    doubles.save(account_id, found, ctx.now())
    return found


def owner(account_id: int, key: str) -> int:
    """The lead that this key belongs to; 0 when no link knows."""
    return _owners(account_id, [key])[key]


def _by_keys(account_id: int) -> Iterator[list[Double]]:
    """Keys of a portion are compared with all the others: only which lead carries what is kept in mind."""
    key_field = _field(account_id, FieldName.KEY)
    if key_field is None:
        return
    carriers: dict[str, list[int]] = {}
    for portion in doubles.keyed_leads(account_id):
        for lead in mirror.leads_by_ids(account_id, portion).values():
            for key in lead.values(key_field):
                carriers.setdefault(key, []).append(lead.id)
        yield []
    shared = sorted({lead_id for ids in carriers.values() if len(ids) > 1 for lead_id in ids})
    leads = mirror.leads_by_ids(account_id, shared)
    yield _with_one_key(account_id, key_field, list(leads.values()))


def _with_one_key(account_id: int, key_field: int, leads: Sequence[Lead]) -> list[Double]:
    by_key: dict[str, list[Lead]] = {}
    for lead in leads:
        for key in lead.values(key_field):
            by_key.setdefault(key, []).append(lead)
    owners = _owners(account_id, [key for key, found in by_key.items() if len(found) > 1])
    ever = doubles.linked_ever(account_id, map(booking_of, owners))
    made, author = (
        doubles.made_by_us(account_id, list(map(booking_of, owners))),
        accounts.by_id(account_id).user_id,
    )
    found_ones: list[Double] = []
    for key, owner in owners.items():
        booking = booking_of(key)
        former = ever.get(booking, set()) - {owner}
        carriers = [lead for lead in by_key[key] if lead.id not in former]
        origin = Origin(frozenset(made.get(booking, ())), author)
        found_ones += rules.with_one_key(key, carriers, owner or None, origin)
    return found_ones


def _owners(account_id: int, values: Iterable[str]) -> dict[str, int]:
    """What a key field holds → the lead that it belongs to; 0 when no link knows."""
    wanted = list(values)
    bookings = [booking_of(value) for value in wanted]
    mains, shares = links.by_keys(account_id, bookings), links.shares_of(account_id, bookings)
    known = {key_value(key, ""): link.lead_id for key, link in mains.items()}
    for key, parts in shares.items():
        known |= {key_value(key, link.share): link.lead_id for link in parts}
    return {value: known.get(value, 0) for value in wanted}


def _several_open(account_id: int) -> Iterator[list[Double]]:
    direction, salon = _field(account_id, FieldName.DIRECTION), _field(account_id, FieldName.SALON)
    if direction is None:
        return
    for contacts in doubles.crowded(account_id):
        found = mirror.open_leads_of(account_id, contacts)
        leads = {lead.id: lead for mine in found.values() for lead in mine}
        driven = frozenset(links.holders(account_id, leads))
        yield rules.several_open(leads.values(), driven, direction, salon)


def _by_phones(account_id: int) -> Iterator[list[Double]]:
    for portion in doubles.phones_shared(account_id):
        counts = doubles.open_counts(account_id, [c for ids in portion.values() for c in ids])
        yield [rules.with_one_phone(key, ids, counts) for key, ids in portion.items()]


def _field(account_id: int, name: FieldName) -> int | None:
    return configuration.load(account_id).field_ids.get(name)
