"""Figures of the bookings that a wave has dealt with. Before their events are closed: cut off in between, the
events come again and note the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.crm import Contact
from backend.core.reports import figures
from backend.core.salon import Booking
from backend.flows.rules import configuration
from backend.flows.work import Work
from backend.store import booking_figures, links


@dataclass(frozen=True, slots=True)
class Seen:
    """A booking, our row of its salon, and the contact that it was decided with."""

    booking: Booking
    branch_id: int
    contact: Contact | None


def note(work: Work, seen: Sequence[Seen]) -> None:
    """The link knows the contact that was made a moment ago; of an observed booking only the facts do."""
    rules = configuration.load(work.account_id)
    linked = links.by_keys(work.account_id, [one.booking.key for one in seen])
    noted = []
    for one in seen:
        link = linked.get(one.booking.key)
        contact_id = (link.contact_id if link else None) or (one.contact.id if one.contact else None)
        noted.append(figures.of(one.booking, contact_id, link.direction if link else "", rules))
    booking_figures.save(work.lease, {one.booking.key: one.branch_id for one in seen}, noted)
