"""«Тексты и задачи»: the words we write into the CRM, each with its fields and how it looks right now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, saving, task_rules
from admin.forms import Form
from admin.names import Names
from admin.pages import page
from backend.core.rules.configuration import Configuration
from backend.core.rules.sections import TextName
from backend.core.templates import builtin, fields, filters, language
from backend.flows.rules import configuration
from backend.flows.wording import shown
from backend.store import connections
from backend.store.accounts import Account

SECTIONS = ("texts",)
TEMPLATE = "admin/wording.html"
SENT = "template"  # the field with the text
TASKS = "tasks"  # the part of the page with the rules


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of the list; `source` is what it is made by now."""

    name: TextName
    source: str
    is_own: bool


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/wording"
    bp.get(home, endpoint="wording")(show)
    bp.post(home, endpoint="save_wording")(save)
    bp.post(f"{home}/shown", endpoint="shown_wording")(look)
    bp.post(f"{home}/tasks", endpoint="add_task_rule")(add_task)
    bp.post(f"{home}/tasks/remove", endpoint="remove_task_rule")(remove_task)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form(request.args))


def look(domain: str) -> Response:
    """How a text that is being written would look. Without JavaScript it is a page, with what was typed."""
    account, form = guard.account(domain), Form(request.form)
    is_task = form.values.get("text") == fields.TASK
    return _page(account, form, fragment="task_shown" if is_task else "shown")


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    name, source = _name(form), _source(form)
    is_usual = form.flag("reset") or source in ("", builtin.BUILT_IN[name])
    for mistake in () if is_usual else language.read(source, name).mistakes:
        form.complain(SENT, mistake.code, **language.told(source, mistake))

    def change(before: Configuration) -> Configuration:
        others = {key: words for key, words in before.texts.items() if key is not name}
        return replace(before, texts=others if is_usual else {**others, name: source})

    if form.ok and saving.save(form, account, SECTIONS, change, {f"texts.{name}": SENT}):
        return redirect(url_for("admin.wording", domain=account.domain, text=name), 303)
    return _page(account, form, 422)


def add_task(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    if task_rules.add(form, account):
        return _to_tasks(account)
    return _page(account, form, 422)


def remove_task(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    if task_rules.remove(form, account):
        return _to_tasks(account)
    return _page(account, form, 422)


def _to_tasks(account: Account) -> AnyResponse:
    """The list of rules, with what became of the deed above it: the top of the page is out of sight."""
    return redirect(url_for("admin.wording", domain=account.domain, after=TASKS) + f"#{TASKS}", 303)


def _name(form: Form) -> TextName:
    chosen = form.choice("text", tuple(TextName))
    return TextName(chosen) if chosen else TextName.LEAD_NAME


def _source(form: Form) -> str:
    """A text has lines; browsers send them in their own way."""
    return form.values.get(SENT, "").replace("\r\n", "\n").strip()


def _page(account: Account, form: Form, status: int = 200, fragment: str = "wording") -> Response:
    rules = configuration.current(account.id)
    name = _name(form)
    entries = [_entry(rules, one) for one in TextName]
    chosen = next(one for one in entries if one.name is name)
    typed = _source(form) if SENT in form.values and form.values.get("text") == name else chosen.source
    key = form.values.get("key", "")
    return page(
        TEMPLATE, fragment, status,
        account=account, form=form, is_after_task=form.values.get("after") == TASKS, texts=entries,
        chosen=chosen, source=typed,
        shown=shown.look(guard.context(), account.id, name, typed, key),
        told=language.told, palette=fields.of(name),
        filters=filters.FILTERS, offers=shown.offered(account.id),
        branches={row.id: row for row in connections.of_account(account.id)},
        base=form.shown("base", configuration.number(account.id)), names=Names(account.id), key=key,
        **task_rules.drawn(account, rules, form, key),
    )  # fmt: skip


def _entry(rules: Configuration, name: TextName) -> Entry:
    own = rules.texts.get(name)
    return Entry(name, own or builtin.BUILT_IN[name], own is not None)
