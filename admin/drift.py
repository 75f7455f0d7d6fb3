"""The drift report: each look into the salons' journals, what differed, what was repaired, what is left for a
person.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, story
from admin.forms import Form
from admin.pages import page
from backend.core import money
from backend.core.money import Kopecks
from backend.core.watch.drift import Outcome
from backend.flows.works import long_work, night_steps
from backend.store import connections, drifts, long_works
from backend.store.accounts import Account
from backend.store.drifts import DriftRow, LookRow

LOOKS, DIFFERENCES = 14, 50
GATHERED = ("stage", "content")  # written anew by the dozen after a change of the rules
FEW = 3  # so many are told one by one
SUMS = ("lead_price", "booking_price")


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/drift", endpoint="drift")(show)
    bp.post("/accounts/<domain>/drift", endpoint="start_look")(start)


def show(domain: str) -> Response:
    account, asked = guard.account(domain), Form(request.args)
    look = _look(account, asked.number("look"))
    rows = drifts.page(account.id, look.id if look else None, asked.number("before"), DIFFERENCES + 1)
    newest = long_works.newest(account.id, night_steps.JOURNALS)
    return page(
        "admin/drift.html", "report",
        account=account, look=look, looks=drifts.looks(account.id, limit=LOOKS),
        branches={row.id: row for row in connections.of_account(account.id)},
        found=rows[:DIFFERENCES], **_gathered(rows[:DIFFERENCES]), details=_details, number=story.number,
        older=rows[DIFFERENCES - 1].id if len(rows) > DIFFERENCES else None, newest=newest,
    )  # fmt: skip


def start(domain: str) -> AnyResponse:
    """Everything now, journals and leads, at a pace that leaves room for the day's work."""
    account, ctx = guard.account(domain), guard.context()
    for kind in (night_steps.JOURNALS, night_steps.LINKS):
        work_id = long_work.start(ctx, account.id, kind, night_steps.wished(ctx.now()), guard.person().login)
        guard.audit("work.started", kind, account, after={"work": work_id})
    pages.say("drift.begun")
    return redirect(url_for("admin.drift", domain=domain), 303)


def _look(account: Account, look_id: int | None) -> LookRow | None:
    """A look of this account; another's is as good as none."""
    if look_id is None:
        return None
    found = drifts.get_look(look_id)
    if found is None or found.account_id != account.id:
        abort(404)
    return found


def _gathered(rows: list[DriftRow]) -> dict[str, Any]:
    """What was repaired in the same way many times over is one line, and unfolds."""
    kinds = {
        kind: [row for row in rows if row.kind == kind and row.outcome == Outcome.REPAIRED]
        for kind in GATHERED
    }
    many = {kind: alike for kind, alike in kinds.items() if len(alike) > FEW}
    told = {row.id for alike in many.values() for row in alike}
    return {"gathered": list(many.items()), "single": [row for row in rows if row.id not in told]}


def _details(row: DriftRow) -> dict[str, Any]:
    """Sums as people write them."""
    return {
        name: money.shown(Kopecks(int(value))) if name in SUMS else value
        for name, value in row.details.items()
    }
