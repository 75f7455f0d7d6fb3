"""What a lead shows of its booking: budget and fields, and how that compares with what was written last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.core import money, payments
from backend.core.money import ZERO, Kopecks
from backend.core.rules.configuration import BookingRules, FieldName
from backend.core.salon import Booking, Phase
from backend.core.sync import wording
from backend.core.sync.budgets import budget
from backend.core.sync.commands import FieldValue, Remembered, Value
from backend.core.sync.facts import BookingFacts
from backend.core.sync.links import Link, key_value
from backend.core.sync.sharing import Shares

MONEY = frozenset(
    {
        FieldName.PLANNED, FieldName.PAID, FieldName.PREPAID, FieldName.BY_ABONEMENT, FieldName.DEBT,
        FieldName.GOODS,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """Budget (None: leave it) and field values by remembered name."""

    price: Kopecks | None
    fields: Mapping[str, FieldValue]


def content(  # noqa: PLR0913 - what a lead may be of its booking
    booking: Booking,
    shares: Shares,
    rules: BookingRules,
    *,
    facts: BookingFacts | None = None,
    share: str = "",
    price: Kopecks | None = None,
    taken: Kopecks = ZERO,
) -> Content:
    """Everything we write of this booking, in the fields that exist in the account. `share` is the direction
    of a lead beside the main one, `price` its part of the budget, `taken` what such leads have of it: what is
    told of the whole visit's money stands on the main lead alone.
    """
    values = _values(booking, shares, rules, facts)
    if share:
        values = {name: value for name, value in values.items() if name not in MONEY}
        values[FieldName.KEY] = key_value(booking.key, share)
    if (
        booking.phase is Phase.CANCELLED
    ):  # a deletion brings little but itself; what was lost stays to be counted
        values = {FieldName.STATUS: values[FieldName.STATUS]}
    ids = ((name, rules.field_ids.get(name)) for name in values)
    fields = {f"field:{field_id}": FieldValue(field_id, values[name]) for name, field_id in ids if field_id}
    if booking.phase is Phase.CANCELLED:
        return Content(None, fields)
    return Content(Kopecks(budget(booking, rules) - taken) if price is None else price, fields)


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


def rubles(sum_: Kopecks) -> Value:
    """For a field of numbers: whole rubles, with kopecks only where there are any."""
    whole, rest = divmod(sum_, 100)
    return whole if not rest else f"{sum_ / 100:.2f}"


def shown(value: Value) -> str:
    if value is None:
        return ""
    return "\n".join(value) if isinstance(value, tuple) else str(value)


def _values(
    booking: Booking, shares: Shares, rules: BookingRules, facts: BookingFacts | None
) -> dict[FieldName, Value]:
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
        **_visit(booking, rules),
        **_sums(booking),
        **_first(facts),
    }


def _first(facts: BookingFacts | None) -> dict[FieldName, Value]:
    """Written when the lead becomes the booking's, and never again, for the visit itself makes the client no
    new one. Whoever had leads, or visits by the salon's count, has been here before (row A10).
    """
    if facts is None:
        return {}
    client = facts.booking.client
    was_here = client is not None and (client.is_new is False or bool(client.visits))
    return {FieldName.RETURNING: int(facts.is_returning or was_here), **_firsts(facts.booking)}


def _visit(booking: Booking, rules: BookingRules) -> dict[FieldName, Value]:
    """What the journal says of the visit beside its services."""
    minutes, titles = booking.duration_seconds // 60, dict.fromkeys(line.category for line in booking.lines)
    return {
        FieldName.VISIT_ID: str(booking.visit_id) if booking.visit_id else None,
        FieldName.JOURNAL_URL: wording.journal_url(booking, rules),
        FieldName.DURATION: minutes or None,
        FieldName.CATEGORIES: "\n".join(title for title in titles if title) or None,
        FieldName.AUTHOR: rules.author(booking.branch_id, booking.author_id) or None,
        FieldName.ONLINE: int(booking.is_online),
        FieldName.LABELS: ", ".join(label.title for label in booking.labels if label.title) or None,
        FieldName.EVENT: booking.lines[0].title if booking.event_id and booking.lines else None,
        FieldName.PLACES: booking.places,
        FieldName.VISITOR: booking.visitor or None,
    }


def _sums(booking: Booking) -> dict[FieldName, Value]:
    """What nobody could see stays empty: a zero would be a lie (row F14)."""
    paid = booking.payments
    planned = Kopecks(booking.price + booking.goods_price)
    return {
        FieldName.PLANNED: rubles(planned),
        FieldName.GOODS: "\n".join(map(_sold, booking.goods)) or None,
        FieldName.PAID: rubles(paid.paid) if paid else None,
        FieldName.PREPAID: rubles(paid.prepaid) if paid else None,
        FieldName.BY_ABONEMENT: rubles(paid.by_abonement) if paid else None,
        FieldName.DEBT: rubles(paid.debt) if paid else None,
    }


def _sold(goods: payments.Goods) -> str:
    amount = f" × {goods.amount}" if goods.amount > 1 else ""
    return f"{goods.title}{amount} — {money.shown(goods.price)}"


def _firsts(booking: Booking) -> dict[FieldName, Value]:
    """First in the salon and first in the network are two things (row E15); unknown, both stay empty."""
    client = booking.client
    if client is None:
        return {}
    elsewhere = client.is_known_elsewhere
    first = None if elsewhere is None or client.is_new is None else client.is_new and not elsewhere
    return {
        FieldName.FIRST_VISIT: None if client.is_new is None else int(client.is_new),
        FieldName.FIRST_IN_NETWORK: None if first is None else int(first),
    }
