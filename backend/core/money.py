"""Money is an integer number of kopecks inside; rubles appear only at the edges."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import NewType

Kopecks = NewType("Kopecks", int)

ZERO = Kopecks(0)


def from_rubles(rubles: str | int | Decimal) -> Kopecks:
    """Kopecks of a sum in rubles; raises ValueError for anything that is not a number."""
    try:
        return Kopecks(int((Decimal(rubles) * 100).to_integral_value(ROUND_HALF_UP)))
    except (ArithmeticError, TypeError, ValueError) as error:  # «NaN» and «Infinity» are decimals too
        raise ValueError(f"not a sum of money: {rubles!r}") from error


def to_whole_rubles(kopecks: Kopecks) -> int:
    """Whole rubles, half rounds up: amoCRM's lead budget has no kopecks."""
    return int((Decimal(kopecks) / 100).to_integral_value(ROUND_HALF_UP))


def shown(kopecks: Kopecks) -> str:
    """A sum as a salon writes it: «10 300 ₽», with kopecks only when there are any."""
    rubles, rest = divmod(kopecks, 100)
    whole = f"{rubles:,}".replace(",", " ")
    return f"{whole},{rest:02d} ₽" if rest else f"{whole} ₽"
