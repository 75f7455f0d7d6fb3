"""«Что изменится»: rules that are not saved yet beside those in force, over the bookings of the last days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from admin import changes, drafts, guard, menu, saving
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.errors import AppError
from backend.core.rules import configuration_changes, configuration_document
from backend.core.rules.configuration import Configuration
from backend.core.simulation.tally import Change, Spot, Sum, Tally
from backend.flows.accounts import finding
from backend.flows.rules import configuration
from backend.flows.simulation import drafting, simulation
from backend.flows.simulation.drafting import Origin
from backend.flows.simulation.simulation import Example
from backend.flows.works.long_steps import SIMULATE
from backend.store import connections, long_works
from backend.store import drafts as rows
from backend.store.accounts import Account
from backend.store.drafts import DraftRow

DAYS = (7, 30)
SHOWN = 20  # examples on a page
LISTED = 30  # kinds of differences on a page
PARTS: tuple[tuple[str, Callable[[Spot], object]], ...] = (
    ("direction", lambda spot: spot.direction),
    ("stage", lambda spot: (spot.pipeline_id, spot.stage_id)),
    ("responsible", lambda spot: spot.responsible_id),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A table of sums: `lines` are (what, before, after)."""

    name: str
    lines: list[tuple[object, Sum, Sum]]


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/drafts/<int:draft_id>"
    bp.get(home, endpoint="draft")(show)
    bp.post(f"{home}/save", endpoint="save_draft")(save)
    bp.post(f"{home}/look", endpoint="look_at_draft")(look_again)
    bp.post("/accounts/<domain>/rules/simulate", endpoint="simulate_rules")(compare)


def show(domain: str, draft_id: int) -> Response:
    account = guard.account(domain)
    return _page(account, _draft(account, draft_id), Form({}))


def save(domain: str, draft_id: int) -> AnyResponse:
    """Only what somebody could look at on this page."""
    account, form = guard.account(domain), Form({})
    draft = _draft(account, draft_id)
    if not draft.is_offered:
        abort(404)
    try:
        result = drafting.save(guard.context(), account, draft, guard.person().login)
        is_saved = saving.told(form, account, result, {}, draft.action)
    except AppError as error:
        form.complain(saving.WHOLE, error.code, **error.details)
        is_saved = False
    if is_saved:
        return redirect(_home(domain, draft.place), 303)
    return _page(account, draft, form, 422)


def look_again(domain: str, draft_id: int) -> AnyResponse:
    """Over other days; or once more, after it was stopped."""
    account, form = guard.account(domain), Form(request.form)
    draft = _draft(account, draft_id)
    days = form.number("days")
    rows.look_again(draft.id, days if days in DAYS else draft.days)
    return drafts.begun(account, draft.id)


def compare(domain: str) -> AnyResponse:
    """Two versions that were saved already."""
    account, form = guard.account(domain), Form(request.form)
    number, before = form.number("version") or 0, form.number("before") or 0
    for one in (number, before):
        if not configuration.has_version(account.id, one):
            abort(404)
    origin = Origin(
        guard.person().login,
        place=url_for("admin.rules", domain=domain, version=number, before=before),
    )
    is_older = number != configuration.number(account.id)
    draft_id = drafting.of_rules(
        guard.context(), account, configuration.version(account.id, number), before, origin,
        action="configuration.restored" if is_older and form.flag("restore") else "",
        note=f"restored {number}",
    )  # fmt: skip
    return drafts.begun(account, draft_id)


def _draft(account: Account, draft_id: int) -> DraftRow:
    return rows.get(account.id, draft_id) or abort(404)


def _page(account: Account, draft: DraftRow, form: Form, status: int = 200) -> Response:
    asked = Form(request.args)
    old = configuration.version(account.id, draft.compared) if draft.compared else Configuration()
    new = configuration_document.parse(draft.document).configuration
    told = configuration_changes.differences(
        configuration_changes.render(old), configuration_changes.render(new)
    )
    found = simulation.found(draft)
    kinds = found.changes
    chosen, first = asked.number("kind"), asked.number("from") or 0
    kind = kinds[chosen] if chosen is not None and chosen < len(kinds) else None
    question = asked.text("q", is_required=False)
    keys = _keys(account, kind, question)
    return page(
        "admin/draft.html", "numbers", status,
        account=account, draft=draft, form=form, home=_home(account.domain, draft.place),
        told=changes.told(account.id, told),
        section=_section(account.domain, draft.place), found=found,
        kinds=kinds[:LISTED], hidden_kinds=max(len(kinds) - LISTED, 0),
        parts=_parts(found), work=_work(account, draft), days=DAYS,
        chosen=chosen, kind=kind, question=question, first=first,
        examples=_examples(account, draft, keys[first : first + SHOWN]), shown=SHOWN, many=len(keys),
        names=Names(account.id), titles=_titles(old, new),
        branches={row.company_id: row for row in connections.of_account(account.id)},
    )  # fmt: skip


def _home(domain: str, place: str) -> str:
    """The page of the form that a draft came from: forms are sent to its address, or to one below it."""
    routes, home = current_app.url_map.bind(""), url_for("admin.rules", domain=domain)
    while place.count("/") > home.count("/"):
        try:
            routes.match(place, "GET")
        except HTTPException:
            place = place.rpartition("/")[0]
        else:
            break
    return place or home


def _section(domain: str, place: str) -> str:
    """The entry of the menu that a draft came from: that of its form, or the one above it."""
    pages = {
        url_for(f"admin.{name}", domain=domain): name for group in menu.ACCOUNT for name in group.entries
    }
    while place and place not in pages:
        place = place.rpartition("/")[0]
    return pages.get(place, "rules")


def _keys(account: Account, kind: Change | None, question: str) -> list[str]:
    """Bookings to show one by one: of one kind of difference, or those that were asked for."""
    if question:
        return list(finding.meant(account.id, question, SHOWN).keys)
    return kind.keys if kind else []


def _examples(account: Account, draft: DraftRow, keys: list[str]) -> list[Example]:
    if not keys:
        return []
    return simulation.examples(guard.context(), account.id, keys, simulation.pair(account.id, draft))


def _parts(found: Tally) -> list[Part]:
    return [Part(name, found.split(by)) for name, by in PARTS]


def _work(account: Account, draft: DraftRow) -> object:
    """The long work that looks at it; None when it is done, or was stopped."""
    return next(
        (
            work
            for work in long_works.open_works(account.id)
            if work.kind == SIMULATE and work.params.get("draft") == draft.id
        ),
        None,
    )


def _titles(old: Configuration, new: Configuration) -> dict[str, str]:
    return {one.key: one.title for rules in (old, new) for one in rules.directions}
