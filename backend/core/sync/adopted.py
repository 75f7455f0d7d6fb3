"""Leads taken over from another integration with all their history: nothing is written to one until its
booking changes by itself. Our key and every field then go together with that change.
"""

from __future__ import annotations

import hashlib

from backend.core.crm import Lead
from backend.core.salon import Booking, Phase
from backend.core.sync.commands import Remembered
from backend.core.sync.links import Link, Role

MEMORY = "adopted"  # of a link: the digest of its booking when the lead was taken over; empty once we wrote


def is_unchanged(booking: Booking, link: Link, lead: Lead) -> bool:
    """The booking is as it was when its lead, which is still there, was taken over."""
    is_there = link.role is Role.MAIN and not lead.is_deleted
    return is_there and link.applied.get(MEMORY) == digest(booking)


def is_ours_to_fill(link: Link) -> bool:
    """Taken over, and nothing of ours is written there yet."""
    return bool(link.applied.get(MEMORY))


def forgotten(link: Link | None) -> Remembered:
    """What is decided now is written, so that the lead is like any other from then on."""
    return ((MEMORY, ""),) if link and is_ours_to_fill(link) else ()


def digest(booking: Booking) -> str:
    """Equal while nothing changes that a lead shows. A deletion brings little but itself; what the salon
    counts of its client, and the catalogue's categories, change without the booking.
    """
    return hashlib.sha256(repr(_content(booking)).encode()).hexdigest()[:24]


def _content(booking: Booking) -> tuple[object, ...]:
    if booking.phase is Phase.CANCELLED:
        return (booking.key, str(booking.phase))
    lines = tuple((line.service_id, line.title, line.price, line.amount) for line in booking.lines)
    goods = tuple((one.title, one.price, one.amount) for one in booking.goods)
    return (
        booking.key, str(booking.phase), int(booking.starts_at.timestamp()), booking.duration_seconds,
        booking.staff.id, booking.client.card if booking.client else "", booking.visitor, lines, goods,
        booking.comment, tuple(label.id for label in booking.labels), booking.event_id, booking.places,
        booking.is_paid, booking.is_prepaid,
    )  # fmt: skip
