"""A look in the background takes half of a vendor's rate at most: the day's work goes on beside it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from backend.flows.context import Context, KeepAlive
from backend.flows.vendors import clients
from backend.integrations.http import RedisLimiter, windows_for

NAP = 5.0  # seconds between two signs of life

Windows = Sequence[tuple[int, float]]


def slowly(ctx: Context, vendor: str, keep_alive: KeepAlive, account_id: int | None = None) -> KeepAlive:
    """Called before each request, in place of `keep_alive`. Where a vendor counts by account, `account_id`
    says whose half it is.
    """
    whose = f"{vendor}:look" if account_id is None else f"{vendor}:{account_id}:look"
    limiter = RedisLimiter(ctx.redis, whose, half(_windows(ctx, vendor)))

    def before() -> None:
        left = limiter.reserve().seconds
        while left > 0:
            keep_alive()
            time.sleep(min(left, NAP))
            left -= NAP
        keep_alive()

    return before


def half(windows: Windows) -> list[tuple[int, float]]:
    return [(max(1, count // 2), seconds) for count, seconds in windows]


def _windows(ctx: Context, vendor: str) -> Windows:
    if vendor == "yclients":
        return clients.YCLIENTS_WINDOWS
    return windows_for(ctx.settings.amocrm_rate, clients.AMO_BURST)
