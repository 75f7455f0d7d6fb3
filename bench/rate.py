"""How much of the allowed request rate one lane uses under backlog, with amoCRM's own limiter on."""

from __future__ import annotations

from collections.abc import Iterator

from bench.report import Figure
from bench.world import Office, World, office, postgres, wait_until

RATE = 6.5  # requests per second, the product's default; amoCRM refuses the eighth of a second
BOOKINGS = 3600  # about 25 seconds of requests
BURST = 7  # what may go at once before the rate begins to tell
PATIENCE = 90.0
NAMES = ("rate_budget_used", "rate_429")


def run(world: World) -> Iterator[Figure]:
    with postgres() as server, office(world, server.fresh_url(), "rate.amocrm.ru") as at:
        rate, refused = _measure(at)
    yield Figure("rate_budget_used", rate / RATE, "of 6.5 req/s", RATE, rate / RATE)
    yield Figure("rate_429", refused, "answers")


def _measure(at: Office) -> tuple[float, int]:
    """Requests per second while there is a backlog, the first burst left out, and the number of refusals."""
    world, domain = at.world, at.account.domain
    at.tell(range(BOOKINGS))
    world.crm("limits", domain=domain, on=True)
    before = max(row["n"] for row in world.crm.read("journal", domain=domain))
    with world.family() as family:
        worker = world.start_worker(
            family, "backend.worker", world.environment(at.url, AMOCRM_RATE=str(RATE))
        )
        at.ring()
        wait_until(lambda: at.pending() == 0, worker, PATIENCE, look=0.2)
    rows = world.crm.read("journal", domain=domain, since=before)
    moments = [row["at"] for row in rows]
    return _sustained(moments), sum(row["status"] == 429 for row in rows)


def _sustained(moments: list[float]) -> float:
    """A window of `BURST` requests slides over the time: the first one is full at once and says nothing."""
    return (len(moments) - BURST) / (moments[-1] - moments[BURST - 1])
