"""A form that is looked at before it is saved: its draft, its simulation, and the way to the page of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from flask import abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from backend.flows.rules.configuration_edit import Change
from backend.flows.simulation import drafting, simulation
from backend.flows.simulation.drafting import Origin
from backend.flows.works import long_work
from backend.flows.works.long_steps import SIMULATE
from backend.store import drafts
from backend.store.accounts import Account

PREVIEW, AGAIN = "preview", "again"  # of a form: look first; draw once more as it was filled in
UNKEPT = ("csrf", PREVIEW, AGAIN)
WHOLE = ""


def preview(
    form: Form, account: Account, sections: tuple[str, ...], change: Change, fields: Mapping[str, str]
) -> bool:
    """Leaves for the page of the draft. Comes back when there is nothing to look at, or with problems."""
    typed = tuple((name, value) for name, value in request.form.items(multi=True) if name not in UNKEPT)
    origin = Origin(guard.person().login, form.number("base") or 0, sections, place=request.path, typed=typed)
    drafted = drafting.of_form(guard.context(), account, change, origin)
    if drafted.draft_id is not None:
        leave(begun(account, drafted.draft_id))
    for problem in drafted.problems:
        form.place(fields.get(problem.path, WHOLE), problem)
    if form.ok:
        pages.say("salons.unchanged", "")
    return form.ok


def begun(account: Account, draft_id: int) -> AnyResponse:
    """Few bookings are looked at while the person waits; many as long work, with a bar on the page."""
    draft = drafts.get(account.id, draft_id)
    assert draft is not None
    context = guard.context()
    if simulation.count(context, account.id, draft) <= simulation.AT_ONCE:
        simulation.go_on(context, draft, portions=simulation.AT_ONCE // simulation.PORTION + 2)
    else:
        long_work.start(context, account.id, SIMULATE, {"draft": draft_id}, guard.person().login)
    return redirect(url_for("admin.draft", domain=account.domain, draft_id=draft_id), 303)


def leave(answer: AnyResponse) -> NoReturn:
    """Out of a view that would have saved. htmx goes to the page itself, so that its address is right."""
    if request.headers.get("HX-Request"):
        address = answer.headers["Location"]
        answer = make_response("", 204)
        answer.headers["HX-Redirect"] = address
    abort(answer)
