"""The money of a booking as the budget of its lead."""

from __future__ import annotations

from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.rules.options import Abonement, Goods, Money
from backend.core.salon import Booking


def budget(booking: Booking, rules: BookingRules) -> Kopecks:
    """The money of a booking: its services (rows F1, F2, F15), what an abonement pays of them by the option
    (F6), and the goods sold with it unless they have a field of their own (F8).
    """
    options = rules.configuration.options.money
    goods = booking.goods_price if options.goods is Goods.LEAD else 0
    return Kopecks(booking.price - _by_abonement(booking, options) + goods)


def _by_abonement(booking: Booking, options: Money) -> int:
    """How much less the visit brings because its abonement was paid for long ago. What one visit of it cost
    is known only if we saw it sold; otherwise the full value stands.
    """
    paid = booking.payments
    if paid is None or not paid.by_abonement or options.abonement is Abonement.FULL:
        return 0
    covered = min(booking.price, paid.by_abonement)
    if options.abonement is Abonement.ZERO:
        return covered
    return 0 if paid.abonement_value is None else covered - paid.abonement_value
