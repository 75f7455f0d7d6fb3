"""Who and what the last bookings of a salon name: the people who made them and the labels they carry."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from backend.store import bookings

LOOKED_AT = 500  # newest bookings of the salon


@dataclass(frozen=True, slots=True)
class Named:
    """`authors` are (number of a user of YCLIENTS, bookings made), busiest first; `labels` (id, title)."""

    authors: tuple[tuple[int, int], ...]
    labels: tuple[tuple[int, str], ...]


def named(account_id: int, branch_id: int) -> Named:
    authors: Counter[int] = Counter()
    labels: dict[int, str] = {}
    for row in bookings.page(account_id, limit=LOOKED_AT, branch_id=branch_id):
        kept = json.loads(row.snapshot)
        authors[int(kept.get("author_id") or 0)] += 1
        labels |= {int(number): str(title) for number, title in kept.get("labels", ())}
    del authors[0]  # made by the client, online
    found = sorted(authors.items(), key=lambda one: (-one[1], one[0]))
    return Named(tuple(found), tuple(sorted(labels.items(), key=lambda one: one[1].casefold())))
