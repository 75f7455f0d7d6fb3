"""Working hours: when a task has to be done that may only wait while somebody works."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from backend.core.telephony.rules import Hours

MOST_DAYS = 400  # nobody's holidays are longer


def due(at: datetime, minutes: int, hours: Hours, zone: str) -> datetime:
    """So many working minutes after `at`. No hours: always; hours that never come: as if always."""
    left, local = timedelta(minutes=minutes), at.astimezone(ZoneInfo(zone))
    if not hours.days:
        return at + left
    for ahead in range(MOST_DAYS):
        day = local.date() + timedelta(days=ahead)
        span = hours.days.get(day.weekday())
        if span is None:
            continue
        begin = datetime.combine(day, span[0], local.tzinfo)
        end = datetime.combine(day, span[1], local.tzinfo)
        begin = max(begin, local)
        if begin + left <= end:
            return (begin + left).astimezone(at.tzinfo)
        left -= max(timedelta(), end - begin)
    return at + timedelta(minutes=minutes)
