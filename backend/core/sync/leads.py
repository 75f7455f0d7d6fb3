"""What a lead shows of its booking: budget and fields, and how that compares with what was written last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.salon import Booking, Phase
from backend.core.sync import wording
from backend.core.sync.commands import FieldValue, Remembered, Value
from backend.core.sync.links import Link
from backend.core.sync.matching import Shares


@dataclass(frozen=True, slots=True)
class Content:
    """Budget (None: leave it) and field values by remembered name."""

    price: Kopecks | None
    fields: Mapping[str, FieldValue]


def content(booking: Booking, shares: Shares, rules: BookingRules) -> Content:
    """Everything we write of this booking, in the fields that exist in the account."""
    values = _values(booking, shares, rules)
    if (
        booking.phase is Phase.CANCELLED
    ):  # a deletion brings little but itself; what was lost stays to be counted
        values = {FieldName.STATUS: values[FieldName.STATUS]}
    ids = ((name, rules.field_ids.get(name)) for name in values)
    fields = {f"field:{field_id}": FieldValue(field_id, values[name]) for name, field_id in ids if field_id}
    return Content(None if booking.phase is Phase.CANCELLED else booking.price, fields)


def changed(wanted: Content, link: Link) -> Content:
    """The part of `wanted` that differs from what we wrote last. What people wrote since is not looked at, on
    purpose.
    """
    price = wanted.price if link.applied.get("price") != str(wanted.price) else None
    fields = {
        name: value for name, value in wanted.fields.items() if link.applied.get(name) != shown(value.value)
    }
    return Content(price, fields)


def remembered(written: Content) -> Remembered:
    fields = tuple((name, shown(value.value)) for name, value in written.fields.items())
    return fields if written.price is None else (*fields, ("price", str(written.price)))


def shown(value: Value) -> str:
    if value is None:
        return ""
    return "\n".join(value) if isinstance(value, tuple) else str(value)


def _values(booking: Booking, shares: Shares, rules: BookingRules) -> dict[FieldName, Value]:
    branch = rules.configuration.branch(booking.branch_id)
    return {
        FieldName.KEY: booking.key,
        FieldName.RECORD_ID: str(booking.record_id),
        FieldName.SALON: branch.title if branch else None,
        FieldName.DIRECTION: shares.titles or None,
        FieldName.SERVICES: wording.services(booking) or None,
        FieldName.VISIT_AT: int(booking.starts_at.timestamp()),
        FieldName.MASTER: booking.staff.name or None,
        FieldName.COMMENT: booking.comment or None,
        FieldName.STATUS: wording.PHASES[booking.phase],
        FieldName.AMOUNTS: wording.amounts(shares) or None,
        FieldName.NO_SHOWS: booking.client.no_shows if booking.client else None,
    }
