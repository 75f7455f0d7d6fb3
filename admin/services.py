"""One card of the board opened: its services, each with the direction of the category or one of its own."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, saving
from admin.forms import Form
from admin.pages import page
from backend.core.mapping import mapping
from backend.core.mapping.mapping import Pair
from backend.core.rules.configuration import Configuration
from backend.flows.mapping import mapping as flow
from backend.flows.rules import configuration
from backend.store.accounts import Account

SECTIONS = ("directions", "options")
MIXED = "mixed"  # one title, another direction in another salon: left as it is unless somebody chooses


@dataclass(frozen=True, slots=True)
class Line:
    """Services of one title in the salons of the card."""

    title: str
    services: tuple[Pair, ...]
    chosen: str
    is_gone: bool
    is_helping: bool = False

    @property
    def value(self) -> str:
        return ",".join(f"{company}:{service}" for company, service in self.services)


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/directions/services"
    bp.get(home, endpoint="category_services")(show)
    bp.post(home, endpoint="save_category_services")(save)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form(request.args))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    known = {direction.key for direction in configuration.current(account.id).directions}
    choices: dict[Pair, str] = {}
    for value in request.form.getlist("of"):
        choice = form.text(f"to:{value}", is_required=False)
        if choice in known or not choice:
            choices |= dict.fromkeys(mapping.pairs(value), choice)

    shown = {pair for value in request.form.getlist("of") for pair in mapping.pairs(value)}
    helping = {pair for value in request.form.getlist("helping") for pair in mapping.pairs(value)}

    def change(before: Configuration) -> Configuration:
        return mapping.helped_by(mapping.served_apart(before, choices), shown, helping & shown)

    if saving.save(form, account, SECTIONS, change, {}):
        return redirect(url_for("admin.directions", domain=account.domain), 303)
    return _page(account, form, 422)


def _page(account: Account, form: Form, status: int = 200) -> Response:
    places = mapping.pairs(form.values.get("card", ""))
    board, rules = flow.board(account.id), configuration.current(account.id)
    columns = [board.unmapped, *board.columns]
    known = {place.pair: (card, c) for c in columns for card in c.cards for place in card.places}
    own = [pair for pair in places if pair in known]
    if not own:
        abort(404)
    card, column = known[own[0]]
    return page(
        "admin/category_services.html", "services", status,
        account=account, form=form, card=card, column=column, value=form.values.get("card", ""),
        lines=_lines(account, rules, own), directions=mapping.in_order(rules), mixed=MIXED,
        default=rules.default_direction, base=configuration.number(account.id),
        titles={branch.company_id: branch.title for branch in rules.branches},
    )  # fmt: skip


def _lines(account: Account, rules: Configuration, places: list[Pair]) -> list[Line]:
    """By title, what is no longer offered last."""
    groups: dict[str, list[tuple[Pair, str, bool]]] = {}
    for (company, _), rows in flow.services(account.id, places).items():
        for row in rows:
            found = groups.setdefault(mapping.same(row.title), [])
            found.append(((company, row.id), row.title, row.is_gone))
    lines = [_line(rules, group) for group in groups.values()]
    return sorted(lines, key=lambda line: (line.is_gone, mapping.same(line.title)))


def _line(rules: Configuration, group: list[tuple[Pair, str, bool]]) -> Line:
    pairs = tuple(pair for pair, _, _ in group)
    chosen = {mapping.owner_of_service(rules, pair) for pair in pairs}
    choice = chosen.pop() if len(chosen) == 1 else MIXED
    auxiliary = rules.options.auxiliary
    is_helping = any(number in auxiliary.get(company, ()) for company, number in pairs)
    return Line(group[0][1], pairs, choice, all(is_gone for _, _, is_gone in group), is_helping)
