"""The first-run guide: from an empty account to the first synced booking."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, trail
from admin.pages import page
from backend.core.mapping.first_run import Step
from backend.flows.mapping import first_run

# Where the work of a step is done; the steps without an entry are done on the guide itself.
PLACES = {
    Step.YCLIENTS: "salons",
    Step.SALONS: "salons",
    Step.DIRECTIONS: "directions",
    Step.ROUTES: "routes",
    Step.STAGES: "stages",
}


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/guide", endpoint="guide")(show)
    bp.post("/accounts/<domain>/guide/switch-on", endpoint="switch_on")(switch_on)


def show(domain: str) -> Response:
    account = guard.account(domain)
    return page(
        "admin/guide.html", "guide", account=account, guide=first_run.look(account), places=PLACES, Step=Step
    )


def switch_on(domain: str) -> AnyResponse:
    """Only when nothing before it is open: a half-mapped network would fill with deals of no direction."""
    account = guard.account(domain)
    guide = first_run.look(account)
    open_steps = [
        state.step for state in guide.steps if not state.is_done and state.step is not Step.SWITCH_ON
    ]
    if open_steps and open_steps != [Step.BOOKING]:
        pages.say("ui.guide.not_yet", "warn")
    else:
        result = first_run.switch_on(guard.context(), account, guard.person().login)
        trail.saved(account, result)
        pages.say("ui.guide.switched_on")
    return redirect(url_for("admin.guide", domain=domain), 303)
