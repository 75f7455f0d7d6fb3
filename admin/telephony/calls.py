"""The calls of an account, newest first, as narrowed down as a person asks."""

from __future__ import annotations

from flask import Blueprint, Response, request

from admin import guard
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from admin.telephony import asked, view
from backend.flows.rules import configuration
from backend.store.telephony import calls

PAGE = 50


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/telephony/calls", endpoint="telephony_calls")(show)


def show(domain: str) -> Response:
    """The first page refreshes itself; an earlier one stands still under the reader's eyes."""
    account = guard.account(domain)
    question, before = asked.read(account, request.args), Form(request.args).number("before")
    rows = calls.portion(account.id, question.filters, before, PAGE + 1)
    names, rules = Names(account.id), configuration.current(account.id).telephony
    earlier = rows[PAGE - 1].id if len(rows) > PAGE else None
    return page(
        "telephony/calls.html", "calls", 200 if question.form.ok else 422,
        account=account, form=question.form, chosen=question.chosen, before=before, kinds=tuple(asked.KINDS),
        found=view.of(account, rows[:PAGE], names), next_before=earlier,
        people=[(one.user_id, names.user(one.user_id)) for one in rules.people], nobody=asked.NOBODY,
        lines=view.lines(rules), pbxes=view.titles(account.id), length=view.seconds,
    )  # fmt: skip
