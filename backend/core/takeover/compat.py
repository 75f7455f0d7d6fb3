"""The other widget's own marks on the leads of a salon that we write for: filled in its form, so that it
knows the leads again should the salon return to it (booking-sync-scenarios.md §12.6, point 4).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from backend.core.money import to_whole_rubles
from backend.core.salon import Booking
from backend.core.takeover.recognition import DATES, LEADS, Kind, Place, Recognition, What
from backend.core.takeover.values import UNIX

EMPTY = ("", "0")  # what is not known is not written over what stands there


@dataclass(frozen=True, slots=True)
class Marks:
    """What a lead of a booking has in the other widget's places: field id → text, notes, tags."""

    fields: Mapping[int, str]
    notes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


NONE = Marks({})


@dataclass(frozen=True, slots=True)
class Terms:
    """`covered` are the fields that our own configuration fills, `types` those of the account's fields."""

    timezone: str
    salon: str = ""
    covered: Collection[int] = ()
    types: Mapping[int, str] = field(default_factory=dict)


def marks(booking: Booking, recognition: Recognition, terms: Terms) -> Marks:
    """Everything that the other widget would have put there and that we know."""
    fields: dict[int, str] = {}
    notes: list[str] = []
    tags: list[str] = []
    known = values(booking, terms)
    for place in recognition.places:
        if place.entity != LEADS or place.field_id in terms.covered or _is_elsewhere(place, booking):
            continue
        text = _text(place, known, booking, terms)
        if text is None:
            continue
        match place.kind:
            case Kind.TAG:
                tags.append(text)
            case Kind.NOTE:
                notes.append(text)
            case _:
                fields.setdefault(place.field_id, text)
    return Marks(fields, tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(tags)))


def values(booking: Booking, terms: Terms) -> dict[str, str]:
    """What a mark may hold, in the words of the templates that were learned; what nobody told is left out."""
    client, local = booking.client, booking.starts_at.astimezone(ZoneInfo(terms.timezone))
    found = {
        What.RECORD_ID: str(booking.record_id),
        What.VISIT_ID: str(booking.visit_id),
        What.COMPANY_ID: str(booking.branch_id),
        What.CLIENT_ID: client.card.rpartition(":")[2] if client else "",
        What.PHONE: client.phone if client else "",
        What.CLIENT_NAME: client.name if client else "",
        What.SALON: terms.salon,
        What.SERVICE_ID: ", ".join(str(line.service_id) for line in booking.lines),
        What.SERVICE_TITLES: ", ".join(line.title for line in booking.lines),
        What.CATEGORY: ", ".join(dict.fromkeys(line.category for line in booking.lines if line.category)),
        What.STAFF_ID: str(booking.staff.id),
        What.STAFF: booking.staff.name,
        What.PRICE: str(to_whole_rubles(booking.price)),
        What.COMMENT: booking.comment,
        What.DATE: local.strftime("%Y-%m-%d"),
        "day": local.strftime("%d.%m.%Y"),
        "time": local.strftime("%H:%M"),
    }
    return {str(name): text for name, text in found.items() if text not in EMPTY or name is What.PRICE}


def _is_elsewhere(place: Place, booking: Booking) -> bool:
    """A tag that goes with another salon, or with bookings made online."""
    if place.what is What.ONLINE and not booking.is_online:
        return True
    return place.company_id is not None and place.company_id != booking.branch_id


def _text(place: Place, known: Mapping[str, str], booking: Booking, terms: Terms) -> str | None:
    """None: what belongs there is not known, or not ours to say (a state in the other widget's words)."""
    if place.kind is Kind.TAG and "{" not in place.pattern:
        return place.pattern
    if place.kind is Kind.FIELD and place.what in DATES:
        return _date(place, booking, terms)
    if place.kind is Kind.FIELD:
        return place.pattern if place.what is What.MARK else known.get(place.what)
    text = place.pattern
    for name, value in known.items():
        text = text.replace(f"{{{name}}}", value)
    return text if place.what in known and "{" not in text else None


def _date(place: Place, booking: Booking, terms: Terms) -> str:
    """As a date field takes it, else in the way that was learned; shifted as the other widget shifts it."""
    moment: datetime = booking.created_at if place.what is What.CREATED else booking.starts_at
    moment += timedelta(minutes=place.shift)
    if place.pattern == UNIX or terms.types.get(place.field_id) in ("date", "date_time"):
        return str(int(moment.timestamp()))
    zone = UTC if place.what is What.DATE_UTC else ZoneInfo(terms.timezone)
    return moment.astimezone(zone).strftime(place.pattern or "%d.%m.%Y %H:%M")
