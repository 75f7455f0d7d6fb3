"""Which element of the CRM's products catalogue is which service of ours, and the price it was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import peewee

from backend.core.money import Kopecks
from backend.store import bulk
from backend.store.db import BaseModel


class ProductRow(BaseModel):
    """`ref` is our name of a service: company id and service id."""

    account_id = peewee.BigIntegerField()
    ref = peewee.TextField()
    catalog_id = peewee.BigIntegerField()
    element_id = peewee.BigIntegerField()
    price = peewee.BigIntegerField()

    class Meta:
        table_name = "products"
        primary_key = peewee.CompositeKey("account_id", "ref")


@dataclass(frozen=True, slots=True)
class Element:
    id: int
    price: Kopecks


def of(account_id: int, catalog_id: int, refs: Iterable[str]) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for chunk in bulk.chunks(set(refs)):
        where = (ProductRow.account_id == account_id) & ProductRow.ref.in_(chunk)
        rows = ProductRow.select().where(where & (ProductRow.catalog_id == catalog_id))
        found |= {row.ref: Element(row.element_id, Kopecks(row.price)) for row in rows}
    return found


def save(account_id: int, catalog_id: int, elements: Mapping[str, Element]) -> None:
    new = [
        {
            "account_id": account_id,
            "ref": ref,
            "catalog_id": catalog_id,
            "element_id": element.id,
            "price": element.price,
        }
        for ref, element in elements.items()
    ]
    bulk.upsert(ProductRow, new, ("account_id", "ref"))
