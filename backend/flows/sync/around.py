"""What stands around a booking: its other leads, the person's fresh successes, the other bookings of its
visit, and bookings that are about to be deleted. A handful of queries for many bookings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.core.crm import Lead
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase
from backend.core.sync import journal
from backend.core.sync.facts import Held, Sibling
from backend.core.sync.links import Link, Role
from backend.integrations import BOOKING_SOURCES
from backend.store import bookings, events, links
from backend.store import mirror as index
from backend.store.bookings import BookingRow


@dataclass(frozen=True, slots=True)
class Around:
    """By booking key (`wins`: by contact id). `leads` are those that the links name."""

    linked: Mapping[str, Link]
    shares: Mapping[str, list[Link]] = field(default_factory=dict)
    leads: Mapping[int, Lead] = field(default_factory=dict)
    siblings: Mapping[str, tuple[Sibling, ...]] = field(default_factory=dict)
    wins: Mapping[int, list[Link]] = field(default_factory=dict)

    def held(self, key: str, role: Role) -> tuple[Held, ...]:
        return tuple(
            Held(link, self.leads.get(link.lead_id)) for link in self.shares.get(key, ()) if link.role is role
        )


def look(
    account_id: int, found: Sequence[Booking], contact_ids: Sequence[int], rules: BookingRules, now: datetime
) -> Around:
    siblings = _siblings(account_id, found, rules)
    keys = {booking.key for booking in found} | {
        one.booking.key for others in siblings.values() for one in others
    }
    linked, shares = links.by_keys(account_id, keys), links.shares_of(account_id, keys)
    together = {key: tuple(_with_link(one, linked) for one in own) for key, own in siblings.items()}
    everything = [*linked.values(), *(link for own in shares.values() for link in own)]
    leads = index.leads_by_ids(account_id, {link.lead_id for link in everything})
    return Around(linked, shares, leads, together, _wins(account_id, contact_ids, rules, now))


def _with_link(sibling: Sibling, linked: Mapping[str, Link]) -> Sibling:
    return Sibling(sibling.booking, linked.get(sibling.booking.key))


def _siblings(
    account_id: int, found: Sequence[Booking], rules: BookingRules
) -> dict[str, tuple[Sibling, ...]]:
    """Other bookings of the same visit as last seen; asked only where visits are one lead (§5.5)."""
    if not rules.configuration.options.group_by_visit:
        return {}
    visits = {booking.visit_id for booking in found if booking.visit_id}
    rows: dict[tuple[str, int], list[BookingRow]] = {}
    for row in bookings.of_visits(account_id, visits):
        rows.setdefault((row.key.rsplit(":", 1)[0], row.visit_id or 0), []).append(row)
    return {
        booking.key: tuple(
            Sibling(journal.booking_from(json.loads(row.snapshot)))
            for row in rows.get((booking.key.rsplit(":", 1)[0], booking.visit_id), ())
            if row.key != booking.key
        )
        for booking in found
        if booking.visit_id
    }


def _wins(
    account_id: int, contact_ids: Sequence[int], rules: BookingRules, now: datetime
) -> dict[int, list[Link]]:
    """Successes whose automation may still bring a lead; asked only where there is an automation."""
    if not any(route.trigger_pipeline_id for route in rules.configuration.routes):
        return {}
    since = now - timedelta(seconds=rules.configuration.options.trigger_wait)
    return links.won_since(account_id, contact_ids, since)


def leaving(account_id: int, holders: Iterable[Link]) -> set[str]:
    """Keys of bookings whose newest message, still resting, says that they are deleted (row D7)."""
    keys = sorted({holder.key for holder in holders})
    newest = {}
    for event in events.pending_of(account_id, keys):
        newest[event.subject] = event.body  # the last of them wins: they come in the order of arrival
    return {key for key, body in newest.items() if _phase(key, body) is Phase.CANCELLED}


def _phase(key: str, body: str) -> Phase | None:
    source = BOOKING_SOURCES[key.split(":", 1)[0]]
    return next((envelope.phase for envelope in source.read_hook(body.encode())), None)
