"""The contents of several bookings of one visit as those of one. The same, whichever of them is asked for:
what can be only one is the leader's, the rest adds up in the order of the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend.core.money import Kopecks
from backend.core.payments import Payments
from backend.core.salon import Booking, Phase
from backend.core.sync.facts import Sibling

# The best of them is the visit's: arrived if anybody came, missed only if all did.
BEST = (Phase.ARRIVED, Phase.CONFIRMED, Phase.WAITING, Phase.NO_SHOW, Phase.CANCELLED)


def one(head: Sibling, group: Sequence[Sibling]) -> Booking:
    """The booking of `head` with everything that the group brings. A cancelled one brings nothing."""
    bookings = sorted((one.booking for one in group), key=lambda booking: booking.record_id)
    alive = [one for one in bookings if one.phase is not Phase.CANCELLED] or bookings
    return replace(
        head.booking,
        phase=min((one.phase for one in bookings), key=BEST.index),
        starts_at=min(one.starts_at for one in alive),
        created_at=min(one.created_at for one in alive),
        changed_at=max(one.changed_at for one in bookings),
        duration_seconds=sum(one.duration_seconds for one in alive),
        lines=tuple(line for one in alive for line in one.lines),
        goods=tuple(goods for one in alive for goods in one.goods),
        labels=tuple({label.id: label for one in alive for label in one.labels}.values()),
        comment=_said((one.comment for one in alive), "; "),
        visitor=_said((one.visitor for one in alive), ", "),
        is_paid=all(one.is_paid for one in alive),
        is_prepaid=any(one.is_prepaid for one in alive),
        payments=_paid(alive),
    )


def _said(words: Iterable[str], between: str) -> str:
    return between.join(dict.fromkeys(one for one in words if one))


def _paid(bookings: Sequence[Booking]) -> Payments | None:
    """Whoever nobody has asked about has paid nothing yet; nobody asked about at all, nothing is known."""
    if all(one.payments is None for one in bookings):
        return None
    parts = [one.payments or Payments(Kopecks(one.price + one.goods_price)) for one in bookings]

    def total(sums: Iterable[int]) -> Kopecks:
        return Kopecks(sum(sums))

    bought = [one for one in parts if one.by_abonement]
    values = [one.by_abonement if one.abonement_value is None else one.abonement_value for one in bought]
    is_known = any(one.abonement_value is not None for one in bought)
    return Payments(
        planned=total(one.planned for one in parts),
        paid=total(one.paid for one in parts),
        prepaid=total(one.prepaid for one in parts),
        by_abonement=total(one.by_abonement for one in parts),
        by_certificate=total(one.by_certificate for one in parts),
        by_bonus=total(one.by_bonus for one in parts),
        by_deposit=total(one.by_deposit for one in parts),
        abonement_value=total(values) if is_known else None,
    )
