"""Pauses between attempts: doubling, up to ten minutes, without end (a vendor's outage never uses up
attempts).
"""

from __future__ import annotations

from datetime import timedelta

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=10)
MAX_DOUBLINGS = 9  # 2 s · 2⁹ is over ten minutes already


def pause(tries: int) -> timedelta:
    """The pause after the `tries`-th failed try, counted from one."""
    doublings = min(max(tries - 1, 0), MAX_DOUBLINGS)
    return min(LONGEST, FIRST * (1 << doublings))
