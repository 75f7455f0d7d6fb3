"""One line (a trunk, or a number of it): where its calls belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, saving
from admin.forms import Form
from admin.pages import language, page
from admin.telephony import chosen, originate, tried
from backend import texts
from backend.core.rules.configuration import Configuration
from backend.core.rules.telephony_schema import TYPES
from backend.core.telephony.rules import Line, TelephonyRules
from backend.core.templates import fields as placeholders
from backend.flows.rules import configuration
from backend.flows.telephony.after import trying
from backend.store.accounts import Account
from backend.store.telephony import pbxes

SECTIONS = ("telephony.lines",)
INCOMING: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}
KEY = ("trunk", "did", "pbx")
FIELD_ROWS = 10  # at most; a form shows two more than are filled
LOOKED_AT = 300  # of the newest calls, for trunks nobody has named yet


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/rules/line"
    bp.get(home, endpoint="telephony_line")(show)
    bp.post(home, endpoint="save_telephony_line")(save)
    bp.post(f"{home}/remove", endpoint="remove_telephony_line")(remove)


def show(domain: str) -> Response:
    """Without a line of that name: a new one, its trunk as asked for."""
    account = guard.account(domain)
    trunk, did, pbx = (request.args.get(name, "")[:80] for name in KEY)
    line = _line(configuration.current(account.id).telephony, (trunk, did, pbx))
    return _page(account, Form({}), line or Line(trunk, did, pbx))


def save(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    rules, line, key = configuration.current(account.id).telephony, _read(form), _key(form)
    wanted = _with(rules, key, line)
    paths = _paths(wanted)
    if form.flag(tried.LOOK):
        tried.check(form, account, wanted, paths)
        looked = tried.look(account, wanted) if form.ok else None
        return _page(account, form, line, looked=looked)

    was = configuration.current(account.id).telephony

    def change(before: Configuration) -> Configuration:
        return replace(before, telephony=_with(before.telephony, key, _read(form)))

    if form.ok and saving.save(form, account, SECTIONS, change, paths):
        return redirect(originate.after(account, was, "admin.telephony_rules", "lines"), 303)
    tried.check(form, account, wanted, paths)
    return _page(account, form, line, status=422)


def remove(domain: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    key = _key(form)

    def change(before: Configuration) -> Configuration:
        kept = tuple(one for one in before.telephony.lines if _of(one) != key)
        return replace(before, telephony=replace(before.telephony, lines=kept))

    if not saving.save(form, account, SECTIONS, change, {}) and form.problems:
        code = form.problems.get(saving.WHOLE, "telephony_rules.not_removed")
        pages.say(code, "bad", **form.details.get(saving.WHOLE, {}))
    return redirect(url_for("admin.telephony_rules", domain=domain, _anchor="lines"), 303)


def unnamed(account: Account, rules: TelephonyRules) -> tuple[str, ...]:
    """Trunks of the newest calls that no line is of."""
    rows = trying.newest(account.id, LOOKED_AT)
    named = {line.trunk for line in rules.lines}
    return tuple(dict.fromkeys(row.trunk for row in rows if row.trunk and row.trunk not in named))


def _read(form: Form) -> Line:
    pipeline_id, stage_id = chosen.place(form, "place")
    return Line(
        form.text("trunk"),
        form.text("did", is_required=False),
        form.text("pbx", is_required=False),
        form.text("title", is_required=False),
        pipeline_id,
        stage_id,
        form.number("default_user"),
        form.number("missed_user"),
        INCOMING[form.choice("incoming", tuple(INCOMING)) or ""],
        tuple(tag for part in form.text("tags", is_required=False).split(",") if (tag := part.strip())),
        _fields(form),
        form.text("context", is_required=False),
        form.text("channel", is_required=False),
        form.text("caller_id", is_required=False),
        chosen.seconds(form, "timeout"),
        chosen.variables(form, "variables"),
    )


def _fields(form: Form) -> dict[int, str]:
    found: dict[int, str] = {}
    for row in range(FIELD_ROWS):
        field_id, source = form.number(f"field_{row}"), form.text(f"template_{row}", is_required=False)
        if field_id and source:
            found[field_id] = source
        elif field_id:
            form.complain(f"template_{row}", "ui.form.required")
        elif source:
            form.complain(f"field_{row}", "ui.form.choose")
    return found


def _key(form: Form) -> tuple[str, ...]:
    """Which line the form was drawn from; a new one has none."""
    return tuple(form.values.get(f"was_{name}", "") for name in KEY)


def _of(line: Line) -> tuple[str, ...]:
    return line.trunk, line.did, line.pbx


def _line(rules: TelephonyRules, key: tuple[str, ...]) -> Line | None:
    return next((one for one in rules.lines if _of(one) == key), None)


def _with(rules: TelephonyRules, key: tuple[str, ...], line: Line) -> TelephonyRules:
    """In its old place, or at the end."""
    lines = tuple(line if _of(one) == key else one for one in rules.lines)
    return replace(rules, lines=lines if _line(rules, key) else (*rules.lines, line))


def _paths(rules: TelephonyRules) -> dict[str, str]:
    """The line is somewhere in the list; every place of it is this form."""
    names = {
        "trunk": "trunk", "did": "did", "pbx": "pbx", "title": "title", "pipeline": "place", "stage": "place",
        "default_user": "default_user", "missed_user": "missed_user", "tags": "tags", "context": "context",
        "channel": "channel", "caller_id": "caller_id", "timeout": "timeout", "variables": "variables",
    }  # fmt: skip
    found: dict[str, str] = {}
    for place, line in enumerate(rules.lines):
        found |= {f"telephony.lines[{place}].{part}": name for part, name in names.items()}
        for row, field_id in enumerate(line.fields):
            found[f"telephony.lines[{place}].fields.{field_id}"] = f"template_{row}"
    return found


def _page(
    account: Account, form: Form, line: Line, status: int = 200, looked: list[tried.Line] | None = None
) -> Response:
    rules, key = configuration.current(account.id).telephony, _key(form) if form.values else _of(line)
    is_new = _line(rules, key) is None
    schema = chosen.schema(account.id)
    said = {name: texts.t(f"telephony_rules.{name}", language()) for name in ("first_stage", "gone", "left")}
    fields = [(str(f.id), f.name) for f in (schema.lead_fields if schema else ()) if f.type in TYPES]
    was = dict(zip(KEY, ("", "", "") if is_new else key, strict=True))
    return page(
        "telephony/line.html", "line", status,
        account=account, form=form, line=line, is_new=is_new, was=was, looked=looked, fields=fields,
        filled=list(line.fields.items()), rows=min(FIELD_ROWS, len(line.fields) + 2),
        incoming=tuple(INCOMING), variables=chosen.lines_of(line.variables), dialling=rules.dialling,
        base=form.shown("base", configuration.number(account.id)), codes=[
            (one.code, one.title) for one in pbxes.of_account(account.id)
        ],
        palette=placeholders.of(placeholders.CALL),
        users=chosen.users(schema, (line.default_user_id, line.missed_user_id), said["left"]),
        places=chosen.places(schema, (line.pipeline_id, line.stage_id), said["first_stage"], said["gone"]),
        place=chosen.place_value((line.pipeline_id, line.stage_id)),
    )  # fmt: skip
