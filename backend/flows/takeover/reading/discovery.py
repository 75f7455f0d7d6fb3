"""Looking at what another widget has done, before a move from it: both systems are read, at half of what they
allow, page by page; each page is kept together with the place where it ends, so that a cut costs one page.
Nothing is written to amoCRM or to YCLIENTS.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backend.core.errors import NeedsHuman
from backend.flows import stops
from backend.flows.context import Context, KeepAlive
from backend.flows.takeover.reading import crm_pulls, discovery_plan, discovery_progress, salon_pulls
from backend.flows.takeover.reading.crm_pulls import Reading
from backend.flows.takeover.reading.discovery_progress import Progress
from backend.flows.takeover.reading.salon_pulls import Salon
from backend.flows.vendors import pace
from backend.flows.works import long_work
from backend.flows.works.long_steps import Step, Task
from backend.store import connections, long_works, takeover_pulls
from backend.store.takeover_pulls import FAILED, READING, Pull

KIND = "discover"
MONTHS = 24
MONTH = timedelta(days=365.25 / 12)
AMO, YCLIENTS = "amocrm", "yclients"


def start(ctx: Context, account_id: int, author: str, months: int = MONTHS) -> int:
    """Begins, or goes on where it stopped; what was read whole before is only asked for its changes. Returns
    the work.
    """
    running = long_works.newest(account_id, KIND)
    if running is None or not running.is_open:
        now = ctx.now()
        takeover_pulls.lay_out(account_id, discovery_plan.wanted(account_id, now - months * MONTH, now), now)
    return long_work.start(ctx, account_id, KIND, {"months": months}, author)


def step(task: Task) -> Step:
    """One page of the first collection that has more."""
    pulls = takeover_pulls.of_account(task.account_id)
    place = next((place for place, pull in enumerate(pulls) if not pull.is_over), None)
    if place is not None:
        pulls[place] = _read(task, pulls[place])
    shown = discovery_progress.with_totals(task.account_id, pulls)
    done, total = sum(pull.found for pull in shown), sum(max(pull.total or 0, pull.found) for pull in shown)
    return Step(task.params, done, total, is_over=all(pull.is_over for pull in pulls))


def progress(account_id: int) -> Progress:
    return discovery_progress.of(account_id, KIND)


# One page


def _read(task: Task, pull: Pull) -> Pull:
    """A salon in trouble says so and the others are read; without amoCRM nothing is."""
    ctx, account_id, now = task.ctx, task.account_id, task.ctx.now()
    begun = replace(pull, began_at=pull.began_at or now, state=READING, code="")
    count = _Counter()
    kind, _, company = pull.collection.partition(":")
    try:
        if company:
            reading = _of_salon(task, int(company), kind, begun, count)
        else:
            slowly = pace.slowly(ctx, AMO, task.keep_alive, account_id)
            line = ctx.amo(account_id, count.around(slowly))
            reading = crm_pulls.READERS[kind](line, account_id, begun, now)
    except NeedsHuman as error:
        if error.scope.kind != "branch":
            raise
        branch = connections.get(account_id, int(error.scope.key))
        if branch is not None and branch.mode != "off":  # a closed salon is nobody's trouble
            stops.stop(ctx, account_id, error)
        reading = Reading(replace(begun, state=FAILED, code=error.code))
    read = replace(reading.pull, requests=pull.requests + count.asked)
    takeover_pulls.save(account_id, read, ctx.now(), reading.page)
    return read


def _of_salon(task: Task, company_id: int, kind: str, pull: Pull, count: _Counter) -> Reading:
    branch = connections.get(task.account_id, company_id)
    closed = _closed(task.account_id, company_id)
    if branch is None or branch.paused_code or closed:
        code = (branch.paused_code or closed) if branch else "yclients.not_connected"
        return Reading(replace(pull, state=FAILED, code=code))
    keep_alive = count.around(pace.slowly(task.ctx, YCLIENTS, task.keep_alive))
    line = task.ctx.yclients(task.account_id, company_id, keep_alive)
    found: Reading = salon_pulls.READERS[kind](Salon(branch, line), pull, task.ctx.now())
    return found


def _closed(account_id: int, company_id: int) -> str:
    """Why the first look at this salon failed: the rest of it need not be asked."""
    first = f"{salon_pulls.FIRST}:{company_id}"
    pulls = takeover_pulls.of_account(account_id)
    return next((one.code for one in pulls if one.collection == first and one.state == FAILED), "")


class _Counter:
    """How often a vendor was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def around(self, before: KeepAlive) -> KeepAlive:
        def counted() -> None:
            self.asked += 1
            before()

        return counted
