"""«Карточка»: who may book, move, cancel, confirm and mark arrivals from a card in amoCRM, and whether a
stage confirms a booking.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, saving
from admin.forms import Form
from admin.pages import page
from backend.core.rules.configuration import Configuration
from backend.core.rules.sections import CardRights, Who
from backend.flows.rules import configuration
from backend.store.accounts import Account

SECTIONS = ("card", "options")
ACTS = ("create", "move", "cancel", "confirm", "arrive")
STAGE = "attendance_from_stage"
PATHS = {**{f"card.{act}": act for act in ACTS}, f"options.{STAGE}": STAGE}


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/card"
    bp.get(home, endpoint="card_rights")(show)
    bp.post(home, endpoint="save_card_rights")(save)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    rights = _rights(form, configuration.current(account.id).card)
    is_told = form.flag(STAGE)

    def change(before: Configuration) -> Configuration:
        options = replace(before.options, attendance_from_stage=is_told)
        return replace(before, card=rights, options=options)

    if form.ok and saving.save(form, account, SECTIONS, change, PATHS):
        return redirect(url_for("admin.card_rights", domain=account.domain), 303)
    return _page(account, form, 422)


def _rights(form: Form, before: CardRights) -> CardRights:
    """A choice that is none of ours is told beside its field; one that is left out stays."""
    chosen = {}
    for act in ACTS:
        if act not in form.values:
            continue
        who = form.choice(act, tuple(Who))
        if who is None:
            form.complain(act, "ui.form.required")
        else:
            chosen[act] = Who(who)
    return replace(before, **chosen)


def _page(account: Account, form: Form, status: int = 200) -> Response:
    current = configuration.current(account.id)
    is_told = form.flag(STAGE) if form.values else current.options.attendance_from_stage
    return page(
        "admin/card_rights.html", "card_rights", status,
        account=account, form=form, acts=ACTS, who=tuple(Who), rights=current.card, is_told=is_told,
        base=form.shown("base", configuration.number(account.id)),
    )  # fmt: skip
