"""How much of a long reading is left: vendors seldom say how many rows there are, so it is judged by what has
come and by the time or the days it covers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

FEW = 5  # requests that say nothing of the pace yet


@dataclass(frozen=True, slots=True)
class Part:
    """A collection: what has come of it in how many requests and seconds, how many rows a page holds, how
    many there will be (None: nobody knows), seconds that a request takes while nothing is
    measured yet.
    """

    found: int
    total: int | None
    page: int
    requests: int
    seconds: float
    pace: float
    is_over: bool = False


def by_share(found: int, share: float) -> int | None:
    """All rows, judged by the share that they are; None while there is no share to judge by."""
    return max(found, round(found / share)) if share > 0 else None


def by_time(found: int, oldest: datetime, since: datetime, until: datetime) -> int | None:
    """All rows between two moments, when the newest have come and the oldest of them is known."""
    whole = until - since
    return by_share(found, min((until - oldest) / whole, 1.0)) if whole > timedelta(0) else None


def seconds(parts: Iterable[Part]) -> float:
    """Until the last row has come."""
    return sum(_seconds(part) for part in parts if not part.is_over)


def _seconds(part: Part) -> float:
    rows = max((part.total or 0) - part.found, 0)
    each = part.seconds / part.requests if part.requests >= FEW else part.pace
    return max(-(-rows // part.page), 1) * each
