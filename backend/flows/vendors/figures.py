"""What the charts show: counted from the inbox every few seconds, requests counted where the limiter lets
them pass.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from redis import Redis, RedisError

from backend.flows.context import Context
from backend.store import hour_figures
from backend.store.hour_figures import Requests

USED = "mostik:requests"  # a hash: «vendor:account id» → requests not yet rolled up
NEWEST, DAY = 2, 26  # hours whose outcomes still change often; hours that a person looks at
KEEP = timedelta(days=35)
AMO, YCLIENTS = "amo", "yclients"
REFUSED = "refused"  # by either of them


def counter(memory: Redis, vendor: str, account_id: int) -> Callable[[], None]:
    """Called for every request granted, or refused by the vendor. A count that got lost is no harm; a request
    held up would be.
    """

    def count() -> None:
        with suppress(RedisError):
            memory.hincrby(USED, f"{vendor}:{account_id}", 1)

    return count


def roll_up(ctx: Context) -> None:
    """The newest hours, those nobody counted meanwhile, and the requests used since the last time."""
    missed = min(hour_figures.hours_since_last(ctx.now()), DAY)
    hour_figures.roll_up(ctx.now(), missed + NEWEST)
    hour_figures.add_requests(ctx.now(), _taken(ctx))


def roll_up_day(ctx: Context) -> None:
    """Older hours too: events of theirs were replayed or resumed meanwhile."""
    hour_figures.roll_up(ctx.now(), DAY)
    hour_figures.prune(ctx.now(), KEEP)


def _taken(ctx: Context) -> list[Requests]:
    """Read and forgotten in one step: of two schedulers each request is counted by one."""
    with ctx.redis.pipeline(transaction=True) as both:
        both.hgetall(USED)
        both.delete(USED)
        found, _ = both.execute()
    used: dict[int, dict[str, int]] = {}
    for name, count in found.items():
        vendor, _, account_id = name.decode().partition(":")
        used.setdefault(int(account_id), {})[vendor] = int(count)
    return [
        Requests(account_id, one.get(AMO, 0), one.get(YCLIENTS, 0), one.get(REFUSED, 0))
        for account_id, one in used.items()
    ]
