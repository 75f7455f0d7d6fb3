"""Added functions: which are installed and on, how each fares, what each would say of past calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, saving
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from admin.telephony import view
from admin.telephony.view import Shown
from backend.core.rules.configuration import Configuration
from backend.core.telephony.after.hooks import Answer
from backend.core.telephony.rules import Hook
from backend.flows.rules import configuration
from backend.flows.telephony.after import hooks as flow
from backend.flows.telephony.after.hooks import Dry, Installed
from backend.store.accounts import Account
from backend.store.telephony import calls, hook_figures
from backend.store.telephony.calls import CallFilters
from backend.store.telephony.hook_figures import HookFigures

SECTIONS = ("telephony.hooks",)
LEAST_MS, MOST_MS = 10, 5_000
TRIED_ON = 20  # newest calls
PLAIN = Answer()


@dataclass(frozen=True, slots=True)
class Row:
    """A function that is there, or that the rules name although it is not."""

    hook: Hook
    installed: Installed | None
    figures: HookFigures

    def field(self, name: str) -> str:
        return f"{name}-{self.hook.name}"


@dataclass(frozen=True, slots=True)
class Tried:
    """One call of the past and what the function says of it."""

    shown: Shown
    dry: Dry
    words: Mapping[str, object]


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/hooks"
    bp.get(home, endpoint="telephony_hooks")(show)
    bp.post(home, endpoint="save_telephony_hooks")(save)
    bp.post(f"{home}/<name>/try", endpoint="try_telephony_hook")(dry_run)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    wanted = [
        Hook(row.hook.name, form.flag(row.field("on")), form.whole(row.field("ms"), LEAST_MS, MOST_MS))
        for row in _rows(account)
        if row.field("ms") in form.values
    ]
    places = {f"telephony.hooks[{n}].milliseconds": f"ms-{hook.name}" for n, hook in enumerate(wanted)}

    def change(before: Configuration) -> Configuration:
        """A function that was never on and is as usual needs no word in the rules."""
        said = {hook.name for hook in before.telephony.hooks}
        told = tuple(hook for hook in wanted if hook.is_on or hook.name in said)
        return replace(before, telephony=replace(before.telephony, hooks=told))

    if form.ok and saving.save(form, account, SECTIONS, change, places):
        return redirect(url_for("admin.telephony_hooks", domain=account.domain), 303)
    return _page(account, form, 422)


def dry_run(domain: str, name: str) -> Response:
    """What it would say of the newest calls; nothing is written and nothing counted."""
    account = guard.account(domain)
    row = next((one for one in _rows(account) if one.hook.name == name and one.installed), None)
    if row is None:
        form = Form({})
        form.complain(saving.WHOLE, "call_hooks.not_installed", name=name[:50])
        return _page(account, form, 422)
    rows = calls.portion(account.id, CallFilters(is_over=True), None, TRIED_ON)
    found = flow.try_on(guard.context(), account.id, name, rows, row.hook.milliseconds)
    shown = view.of(account, [one.row for one in found])
    tried = [Tried(one, dry, _words(dry)) for one, dry in zip(shown, found, strict=True)]
    return _page(account, Form({}), tried=tried, name=name)


def _words(dry: Dry) -> Mapping[str, object]:
    """What the answer says, without what it says nothing of."""
    answer = dry.answer or PLAIN
    values = {one.name: getattr(answer, one.name) for one in fields(Answer)}
    return {name: value for name, value in values.items() if value != getattr(PLAIN, name)}


def _rows(account: Account) -> list[Row]:
    """Those of the rules in their order, which is the order they are asked in; then the rest."""
    rules = configuration.current(account.id).telephony
    there = {one.name: one for one in flow.installed()}
    week = hook_figures.of_week(account.id, guard.context().now())
    known = [*rules.hooks, *(Hook(name) for name in there if name not in flow.shown(rules))]
    return [Row(hook, there.get(hook.name), week.get(hook.name, HookFigures())) for hook in known]


def _page(
    account: Account, form: Form, status: int = 200, tried: list[Tried] | None = None, name: str = ""
) -> Response:
    return page(
        "telephony/added.html", "body", status,
        account=account, form=form, rows=_rows(account), tried=tried, tried_name=name,
        names=Names(account.id), base=form.shown("base", configuration.number(account.id)),
    )  # fmt: skip
