"""Figures of all accounts at once, for the list of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.store import db

HOUR = 3600 * db.SECOND


@dataclass(frozen=True, slots=True)
class Used:
    """Requests of an account in one hour."""

    amo: int = 0
    yclients: int = 0


def requests_of_hour(now: datetime) -> dict[int, Used]:
    """What each account used in the busier of this hour and the last one: the hour has no beginning for a
    vendor's limit, and a new hour must not look like rest.
    """
    hour = db.micros(now) // HOUR
    found = db.rows(
        """SELECT account_id, max(amo_requests), max(yc_requests) FROM hour_figures
        WHERE hour BETWEEN %s AND %s GROUP BY account_id""",
        (hour - 1, hour),
    )
    return {int(account_id): Used(int(amo), int(yclients)) for account_id, amo, yclients in found}
