"""What stands around a booking: its other leads, the person's fresh successes, the other bookings of its
visit, and bookings that are about to be deleted. A handful of queries for many bookings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from backend.core.crm import Lead
from backend.core.rules.configuration import BookingRules
from backend.core.salon import Booking, Phase
from backend.core.sync.facts import Held, Sibling
from backend.core.sync.links import Link, Role
from backend.flows.sync import past
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
    own = links.by_keys(account_id, [booking.key for booking in found])
    rows = _companions(account_id, found, own, rules)
    others = {row.key: row for some in rows.values() for row in some}
    linked = own | links.by_keys(account_id, others.keys() - own.keys())
    shares = links.shares_of(account_id, {*(booking.key for booking in found), *others})
    everything = [*linked.values(), *(link for held in shares.values() for link in held)]
    leads = index.leads_by_ids(account_id, {link.lead_id for link in everything})
    near = Around(linked, shares, leads, wins=_wins(account_id, contact_ids, rules, now))
    whole = past.whole(account_id, others.values())
    siblings = {
        key: tuple(_sibling(whole[row.key], row.person, near) for row in some) for key, some in rows.items()
    }
    return replace(near, siblings=siblings)


def _sibling(booking: Booking, person: str | None, near: Around) -> Sibling:
    link = near.linked.get(booking.key)
    return Sibling(
        booking, link, person, near.leads.get(link.lead_id) if link else None,
        near.held(booking.key, Role.SATELLITE), near.held(booking.key, Role.NEXT),
    )  # fmt: skip


def _companions(
    account_id: int, found: Sequence[Booking], own: Mapping[str, Link], rules: BookingRules
) -> dict[str, list[BookingRow]]:
    """Other bookings of the same visit, where visits are one lead (§5.5), and those that went with one lead
    when they were: whoever leaves it has to be told of.
    """
    is_asked = rules.configuration.options.group_by_visit
    visits = {booking.visit_id for booking in found if booking.visit_id} if is_asked else set()
    of_visit: dict[tuple[str, int], list[BookingRow]] = {}
    for row in bookings.of_visits(account_id, visits):
        of_visit.setdefault((_salon(row.key), row.visit_id or 0), []).append(row)
    sharing = links.sharing(account_id, {link.lead_id for link in own.values()})
    of_lead = bookings.by_keys(account_id, {key for keys in sharing.values() for key in keys})
    companions = {}
    for booking in found:
        link = own.get(booking.key)
        same = [of_lead[key] for key in sharing.get(link.lead_id, ()) if key in of_lead] if link else []
        rows = {row.key: row for row in (*of_visit.get((_salon(booking.key), booking.visit_id), ()), *same)}
        rows.pop(booking.key, None)
        companions[booking.key] = list(rows.values())
    return companions


def _salon(key: str) -> str:
    return key.rsplit(":", 1)[0]


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
