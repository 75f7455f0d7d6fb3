"""Moving over from GET8: where each salon stands on its way, and the one thing to do next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.pages import page
from backend.core.errors import InvalidInput
from backend.core.takeover.gate import Lack
from backend.core.takeover.standing import WAY, Next
from backend.flows.takeover import way as flow
from backend.flows.takeover.way import Salon
from backend.store import connections
from backend.store.accounts import Account

# Where the work of a step is done; the steps without an entry are done on the hub itself.
SCREENS = {
    Next.DISCOVER: "takeover_discovery", Next.READING: "takeover_discovery",
    Next.MEASURE: "takeover_profile", Next.MEASURING: "takeover_profile", Next.CONFIRM: "takeover_profile",
    Next.PAIR: "takeover_review", Next.PAIRING: "takeover_review", Next.REVIEW: "takeover_review",
    Next.ADOPT: "takeover_review", Next.OBSERVE: "takeover_shadow", Next.DECIDE: "takeover_shadow",
    Next.WAIT: "takeover_shadow", Next.SWITCH: "takeover_salon", Next.FOLLOW: "takeover_salon",
    Next.RETURN: "takeover_salon", Next.COUNT: "takeover_counters", Next.LOOK: "takeover_counters",
    Next.ACCEPT: "takeover_counters", Next.NOTHING: "takeover_counters",
}  # fmt: skip
ITSELF = (Next.READING, Next.MEASURING, Next.PAIRING, Next.WAIT, Next.NOTHING)  # nobody has to press anything
SURE = "sure"


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/takeover", endpoint="takeover")(show)
    bp.post("/accounts/<domain>/takeover", endpoint="begin_takeover")(begin)
    bp.post("/accounts/<domain>/takeover/<int:company_id>/leave", endpoint="leave_takeover")(leave)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form(request.form))


def begin(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    try:
        begun = flow.begin(guard.context(), account)
    except InvalidInput as error:
        form.complain("begin", error.code)
        return _page(account, form, 422)
    guard.audit("takeover.begun", "", account, after={"salons": [one.title for one in begun]})
    pages.say("takeover_hub.begun", n=len(begun))
    return redirect(url_for("admin.takeover", domain=domain), 303)


def leave(domain: str, company_id: int) -> AnyResponse:
    """One box is ticked first: a press by mistake would let somebody switch the salon on beside GET8."""
    account, form = guard.account(domain), Form(request.form)
    branch = connections.get(account.id, company_id)
    try:
        if not form.flag(SURE):
            form.complain(f"leave-{company_id}", "takeover_hub.not_sure")
            return _page(account, form, 422)
        flow.leave(account, company_id)
    except InvalidInput as error:
        form.complain(f"leave-{company_id}", error.code)
        return _page(account, form, 422)
    guard.audit("takeover.left", branch.title if branch else str(company_id), account)
    pages.say("takeover_hub.left")
    return redirect(url_for("admin.takeover", domain=domain), 303)


def _page(account: Account, form: Form, status: int = 200) -> Response:
    way = flow.look(account.id)
    return page(
        "takeover/hub.html", "way", status,
        account=account, form=form, way=way, stages=WAY, address=_address(account), lacks=_lacks,
        itself=ITSELF, works=any(_is_working(one) for one in way.salons),
    )  # fmt: skip


def _address(account: Account) -> Any:
    """Salon → the page of its next step."""

    def of(salon: Salon) -> str:
        screen, number = SCREENS[salon.standing.next], salon.branch.company_id
        if screen == "takeover_salon":
            return url_for("admin.takeover_salon", domain=account.domain, company_id=number)
        asked = number if screen in ("takeover_counters", "takeover_shadow") else None
        return url_for(f"admin.{screen}", domain=account.domain, salon=asked)

    return of


def _lacks(salon: Salon) -> list[tuple[str, int]]:
    """Why the gate is shut: (text, its number)."""
    gate = salon.gate
    counts = {Lack.OURS_MISSED: gate.missed, Lack.UNDECIDED: gate.undecided, Lack.REJECTED: gate.rejected}
    return [(f"takeover_shadow.gate.lack.{lack}", counts.get(lack, 0)) for lack in gate.reasons]


def _is_working(salon: Salon) -> bool:
    """Something goes on that the page may show within seconds."""
    facts = salon.facts
    done = facts.done
    machines = (facts.is_switching, facts.is_returning, done.is_reading, done.is_measuring, done.is_pairing)
    return any(machines)
