"""What bookings were paid by, as last read: asked again only when it may have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import peewee

from backend.core.payments import Payments
from backend.store import bulk
from backend.store.db import BaseModel, JsonField, UtcField


class VisitMoneyRow(BaseModel):
    """`mark` sums up what the booking itself told of money when it was read; `is_stale`: a payment was told
    of since; `money` is null where nobody may see payments.
    """

    account_id = peewee.BigIntegerField()
    key = peewee.TextField()
    mark = peewee.TextField()
    money = JsonField(null=True)
    is_stale = peewee.BooleanField()
    read_at = UtcField(null=True)

    class Meta:
        table_name = "visit_money"
        primary_key = peewee.CompositeKey("account_id", "key")


@dataclass(frozen=True, slots=True)
class Known:
    """`read_at` is the change of the booking that the money was read with."""

    mark: str = ""
    money: Payments | None = None
    is_stale: bool = False
    read_at: datetime | None = None


def of(account_id: int, keys: Iterable[str]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for chunk in bulk.chunks(set(keys)):
        where = (VisitMoneyRow.account_id == account_id) & VisitMoneyRow.key.in_(chunk)
        found |= {row.key: _known(row) for row in VisitMoneyRow.select().where(where)}
    return found


def save(account_id: int, known: Mapping[str, Known]) -> None:
    new = [
        {
            "account_id": account_id,
            "key": key,
            "mark": one.mark,
            "money": asdict(one.money) if one.money else None,
            "is_stale": one.is_stale,
            "read_at": one.read_at,
        }
        for key, one in known.items()
    ]
    bulk.upsert(VisitMoneyRow, new, ("account_id", "key"))


def mark_stale(account_id: int, keys: Iterable[str]) -> None:
    """Told of a payment: what was read before is no longer the whole truth."""
    new = [{"account_id": account_id, "key": key, "mark": "", "is_stale": True} for key in sorted(set(keys))]
    bulk.insert(
        VisitMoneyRow, new, "ON CONFLICT (account_id, key) DO UPDATE SET is_stale = excluded.is_stale"
    )


def _known(row: VisitMoneyRow) -> Known:
    money = Payments(**row.money) if row.money else None
    return Known(row.mark, money, row.is_stale, row.read_at)
