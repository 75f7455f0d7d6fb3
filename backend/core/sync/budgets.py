"""The money of a booking as the budget of its lead."""

from __future__ import annotations

from backend.core.money import Kopecks
from backend.core.rules.configuration import BookingRules
from backend.core.rules.options import Abonement, Goods, Money
from backend.core.salon import Booking

RUBLE = 100


def budget(booking: Booking, rules: BookingRules) -> Kopecks:
    """The money of a booking: its services (rows F1, F2, F15), what an abonement pays of them by the option
    (F6), and the goods sold with it unless they have a field of their own (F8).
    """
    goods = booking.goods_price if rules.configuration.options.money.goods is Goods.LEAD else 0
    return Kopecks(_of_services(booking, rules) + goods)


def part(booking: Booking, sum_: Kopecks, rules: BookingRules) -> Kopecks:
    """What a lead of a secondary direction, whose services cost `sum_`, has of the budget: what an abonement
    takes away is taken from all directions alike. Whole rubles, as the CRM knows no others: what rounding
    leaves, and goods, are the main lead's (§5.2).
    """
    share = sum_ * _of_services(booking, rules) // booking.price if booking.price else 0
    return Kopecks(share - share % RUBLE)


def _of_services(booking: Booking, rules: BookingRules) -> int:
    return booking.price - _by_abonement(booking, rules.configuration.options.money)


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
