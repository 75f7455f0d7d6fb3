"""Directions: the service categories of all salons on one board, sorted by looking."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, reading, saving
from admin.forms import Form
from admin.pages import page
from backend.core.mapping import mapping, mapping_words
from backend.core.mapping.mapping import Listed
from backend.core.rules.configuration import Configuration
from backend.core.rules.options_document import YEARS
from backend.flows.mapping import mapping as flow
from backend.flows.rules import configuration
from backend.store.accounts import Account

SECTIONS = ("directions",)
NEW = "new:"  # a choice that stands for a direction still to be made: this, and its title


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/directions"
    bp.get(home, endpoint="directions")(show)
    bp.post(f"{home}/move", endpoint="move_categories")(move)
    bp.post(f"{home}/suggested", endpoint="suggested_directions")(take_suggested)
    bp.post(f"{home}/list", endpoint="arrange_directions")(arrange)
    bp.post(f"{home}/remove", endpoint="remove_direction")(remove)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def _page(account: Account, form: Form, status: int = 200, **more: Any) -> Response:
    """`more` is what a form that did not pass asks for: a confirmation, cards still ticked."""
    board, rules = flow.board(account.id), configuration.current(account.id)
    is_suggesting = bool(request.args.get("suggest")) or request.endpoint == "admin.suggested_directions"
    proposals = mapping_words.proposals(board) if is_suggesting else ()
    return page(
        "admin/directions.html", "directions", status,
        account=account, form=form, board=board, rules=rules, base=configuration.number(account.id),
        only_unmapped=request.args.get("only") == "unmapped",
        titles={branch.company_id: branch.title for branch in rules.branches},
        routed={d.key: flow.with_routes(rules, d.key) for d in rules.directions},
        listed=mapping.in_order(rules),
        is_suggesting=is_suggesting, proposals=proposals,
        fresh_titles=list(dict.fromkeys(p.title for p in proposals if p.title)), new=NEW,
        columns=[board.unmapped, *board.columns],
        fresh=reading.fresh(account, "directions", crm=False, salons=True),
        ticked=_ticked(form), **more,
    )  # fmt: skip


def _ticked(form: Form) -> set[str]:
    given = form.values
    return set(given.getlist("card")) if hasattr(given, "getlist") else set()


def _back(account: Account) -> AnyResponse:
    return redirect(url_for("admin.directions", domain=account.domain), 303)


# Moving cards


def move(domain: str) -> AnyResponse:
    """The ticked cards go to the chosen direction, which may be made on the way."""
    account, form = guard.account(domain), Form(request.form)
    pairs = [pair for card in request.form.getlist("card") for pair in mapping.pairs(card)]
    if not pairs:
        form.complain("to", "mapping.board.nothing_ticked")
    to = form.text("to", is_required=False)
    if to == NEW:
        to += form.text("new_title")
    elif to and to not in _keys(account):
        form.complain("to", "mapping.board.gone_direction")

    def change(before: Configuration) -> Configuration:
        after, key = _direction(before, to)
        return mapping.moved(after, pairs, key)

    if form.ok and saving.save(form, account, SECTIONS, change, _Places(account, form)):
        return _back(account)
    return _page(account, form, 422)


def _keys(account: Account) -> set[str]:
    return {direction.key for direction in configuration.current(account.id).directions}


def _direction(rules: Configuration, choice: str) -> tuple[Configuration, str]:
    """The key a choice means, and the configuration that has it."""
    return mapping.added(rules, choice.removeprefix(NEW)) if choice.startswith(NEW) else (rules, choice)


def take_suggested(domain: str) -> AnyResponse:
    """The proposal as a person left it: each card with its own choice, an empty one stays unsorted."""
    account, form = guard.account(domain), Form(request.form)
    choices = [
        (mapping.pairs(card), form.text(f"to:{card}", is_required=False))
        for card in request.form.getlist("card")
    ]

    def change(before: Configuration) -> Configuration:
        after = before
        for pairs, choice in choices:
            if choice:
                after, key = _direction(after, choice)
                after = mapping.moved(after, pairs, key)
        return after

    if saving.save(form, account, SECTIONS, change, {}):
        return _back(account)
    return _page(account, form, 422)


# The list of directions


def arrange(domain: str) -> AnyResponse:
    """Titles, order, the default direction, and a new one when its title is given."""
    account, form = guard.account(domain), Form(request.form)
    keys = [key for key in request.form.getlist("key") if key in _keys(account)]
    lines = tuple(Listed(key, form.text(f"title-{key}"), _next_visit(account, form, key)) for key in keys)
    key, _, step = form.text("step", is_required=False).rpartition(":")
    if key:
        lines = mapping.swapped(lines, key, -1 if step == "up" else 1)
    default, title = form.text("default", is_required=False), form.text("added", is_required=False)
    for field in mapping.repeated_titles(
        {**{f"title-{one.key}": one.title for one in lines}, "added": title}
    ):
        form.complain(field, "mapping.list.taken")

    def change(before: Configuration) -> Configuration:
        after = mapping.arranged(before, lines, default)
        return mapping.added(after, title)[0] if title else after

    if form.ok and saving.save(form, account, SECTIONS, change, _Places(account, form)):
        return _back(account)
    return _page(account, form, 422, is_open=True)


def _next_visit(account: Account, form: Form, key: str) -> int | None:
    """Days until the next visit of a direction; an empty field: nobody knows."""
    field = f"next-{key}"
    if field not in form.values:
        known = configuration.current(account.id).direction(key)
        return known.next_visit_days if known else None
    return form.whole(field, 1, YEARS) if form.text(field, is_required=False) else None


def remove(domain: str) -> AnyResponse:
    """Routes of the direction keep it from being removed until somebody agrees to lose them as well."""
    account, form = guard.account(domain), Form(request.form)
    rules, key = configuration.current(account.id), form.text("key")
    direction = rules.direction(key)
    if direction is None:
        return _back(account)
    count = flow.with_routes(rules, key)
    if count and not form.flag("with_routes"):
        return _page(account, form, 422, asks=direction, ask_count=count, is_open=True)
    sections = ("directions", "routes") if count else SECTIONS
    if saving.save(form, account, sections, lambda before: mapping.removed(before, key), {}):
        return _back(account)
    return _page(account, form, 422, is_open=True)


class _Places(dict[str, str]):
    """Path of the document → field: `directions[2].title` is the title of the third direction, or the one
    that was being added.
    """

    def __init__(self, account: Account, form: Form) -> None:
        keys = [direction.key for direction in configuration.current(account.id).directions]
        fresh = "new_title" if "to" in form.values else "added"
        super().__init__({f"directions[{place}].title": f"title-{key}" for place, key in enumerate(keys)})
        self[f"directions[{len(keys)}].title"] = fresh
