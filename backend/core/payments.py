"""What a visit costs and what it was paid by, shared out among its bookings (§5.2, rows F5–F12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from backend.core.money import ZERO, Kopecks

Key = TypeVar("Key")


class PaidBy(StrEnum):
    MONEY = "money"
    ABONEMENT = "abonement"
    CERTIFICATE = "certificate"
    BONUS = "bonus"
    DEPOSIT = "deposit"


@dataclass(frozen=True, slots=True)
class Goods:
    """Something sold with the visit; `price` is the total of the line."""

    title: str
    price: Kopecks
    amount: int = 1


@dataclass(frozen=True, slots=True)
class Payment:
    by: PaidBy
    amount: Kopecks
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VisitMoney:
    """A visit as the cash desk sees it: what each of its bookings costs (record id → sum) and everything it
    was paid by. A payment names the visit, and only by chance one of its bookings.
    """

    dues: Mapping[int, Kopecks]
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True)
class Payments:
    """One booking's part. `paid` is money, `prepaid` the part of it that came before the visit; what an
    abonement, a certificate, bonuses or the personal account covered stands beside it. `abonement_value` is
    what the visits that an abonement covered had cost when it was sold (None: we did not see that).
    """

    planned: Kopecks
    paid: Kopecks = ZERO
    prepaid: Kopecks = ZERO
    by_abonement: Kopecks = ZERO
    by_certificate: Kopecks = ZERO
    by_bonus: Kopecks = ZERO
    by_deposit: Kopecks = ZERO
    abonement_value: Kopecks | None = None

    @property
    def covered(self) -> Kopecks:
        return Kopecks(self.paid + self.by_abonement + self.by_certificate + self.by_bonus + self.by_deposit)

    @property
    def debt(self) -> Kopecks:
        """Never below zero: what was paid over is nobody's debt."""
        return Kopecks(max(self.planned - self.covered, 0))

    @property
    def is_settled(self) -> bool:
        return self.debt == 0


def of_booking(visit: VisitMoney, record_id: int, starts_at: datetime) -> Payments:
    """A booking's part of everything, in proportion to what has to be paid; the parts add up (row F12)."""

    def part(*wanted: PaidBy, before: datetime | None = None) -> Kopecks:
        chosen = (p for p in visit.payments if p.by in wanted)
        sums = [p.amount for p in chosen if before is None or (p.at is not None and p.at < before)]
        return split(Kopecks(sum(sums)), visit.dues).get(record_id, ZERO)

    return Payments(
        planned=visit.dues.get(record_id, ZERO),
        paid=part(PaidBy.MONEY),
        prepaid=part(PaidBy.MONEY, before=starts_at),
        by_abonement=part(PaidBy.ABONEMENT),
        by_certificate=part(PaidBy.CERTIFICATE),
        by_bonus=part(PaidBy.BONUS),
        by_deposit=part(PaidBy.DEPOSIT),
    )


def split(total: Kopecks, weights: Mapping[Key, int]) -> dict[Key, Kopecks]:
    """Parts in proportion to the weights, to the kopeck: what rounding leaves goes to those who lost most by
    it, the first of equals. Without any weight the first one gets it all.
    """
    whole = sum(weights.values())
    if not weights:
        return {}
    if whole <= 0:
        first = next(iter(weights))
        return {key: total if key == first else ZERO for key in weights}
    parts = {key: total * weight // whole for key, weight in weights.items()}
    left = total - sum(parts.values())
    losers = sorted(weights, key=lambda key: -(total * weights[key] % whole))
    lucky = set(losers[:left])
    return {key: Kopecks(part + (key in lucky)) for key, part in parts.items()}
