"""Tags that follow bookings: on every lead of the other integration, on those of one salon, on bookings made
online.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.core.crm import Lead
from backend.core.salon import Booking
from backend.core.takeover.fields import LEAST, SHARE
from backend.core.takeover.recognition import Kind, Place, What

COVERS = 0.8  # of the leads that should bear it
MOST = 300  # different tags that are counted
ONLINE = "online"


@dataclass
class Tags:
    """Of leads made right after a booking: by tag, and "" for all, how many in which salon and online."""

    rows: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, lead: Lead, booking: Booking) -> None:
        columns = [str(booking.branch_id), *([ONLINE] if booking.is_online else [])]
        for tag in ("", *dict.fromkeys(lead.tags)):
            if tag in self.rows or len(self.rows) < MOST:
                self.rows.setdefault(tag, Counter()).update(columns)


def places(found: Tags) -> list[Place]:
    """Tags that mean something, the most frequent first."""
    everything = found.rows.get("", Counter())
    known = [_place(tag, counts, everything) for tag, counts in found.rows.items() if tag]
    return sorted((one for one in known if one), key=lambda one: (-one.count, one.pattern))


def _place(tag: str, counts: Counter[str], everything: Counter[str]) -> Place | None:
    total = _salons(counts).total()
    if total < LEAST:
        return None
    everywhere = _salons(everything)
    if total >= SHARE * everywhere.total():
        return Place(Kind.TAG, 0, What.MARK, tag, round(total / everywhere.total(), 4), total)
    salon, here = _salons(counts).most_common(1)[0]
    if here >= SHARE * total and total >= COVERS * everywhere[salon]:
        share = round(here / total, 4)
        return Place(Kind.TAG, 0, What.SALON, tag, share, total, company_id=int(salon))
    if counts[ONLINE] >= SHARE * total and counts[ONLINE] >= COVERS * everything[ONLINE]:
        return Place(Kind.TAG, 0, What.ONLINE, tag, round(counts[ONLINE] / total, 4), total)
    return None


def _salons(counts: Counter[str]) -> Counter[str]:
    return Counter({name: count for name, count in counts.items() if name != ONLINE})


# As plain data


def written(found: Tags) -> dict[str, Any]:
    return dict(found.rows)


def restored(data: Mapping[str, Any]) -> Tags:
    return Tags({tag: Counter(counts) for tag, counts in data.items()})
