"""The versions of an account's configuration: read, compare, bring back, carry out to a file and in again."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import changes, drafts, guard, pages, saving, trail
from admin.forms import Form
from admin.pages import page
from backend.core.errors import AppError
from backend.flows.rules import configuration, configuration_import
from backend.flows.rules.configuration_write import ImportResult
from backend.flows.simulation import drafting
from backend.flows.simulation.drafting import Origin
from backend.store.accounts import Account

LARGEST = 1024 * 1024  # bytes of an uploaded file
PAGE = 50  # versions listed at once


def add_routes(bp: Blueprint) -> None:
    home, both = "/accounts/<domain>/rules", ["GET", "POST"]
    bp.get(home, endpoint="rules")(show)
    bp.get(f"{home}/<int:number>/file", endpoint="rules_file")(download)
    bp.route(f"{home}/<int:number>/restore", methods=both, endpoint="restore_rules")(restore)
    bp.post(f"{home}/import", endpoint="import_rules")(take_file)


def show(domain: str) -> Response:
    """One version as YAML, or what it changed against another one."""
    account, asked = guard.account(domain), Form(request.args)
    return _page(account, asked)


def download(domain: str, number: int) -> Response:
    account = guard.account(domain)
    _known(account, number)
    response = make_response(configuration.show(account.id, number))
    response.headers["Content-Type"] = "application/yaml; charset=utf-8"
    name = account.domain.partition(".")[0]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{number}.yaml"'
    response.headers["Cache-Control"] = "no-store"
    return response


def restore(domain: str, number: int) -> AnyResponse:
    """First what would change, then the deed."""
    account = guard.account(domain)
    _known(account, number)
    result = ImportResult(None)
    if request.method == "POST":
        form = Form(request.form)
        if _is_stale(account, form):
            return _confirm(account, number, result, form, 422)
        done = _attempt(form, lambda: _restore(account, number, form.number("base")))
        if done is not None and done.number is not None:
            return _saved(account, done, "configuration.restored")
        return _confirm(account, number, done or result, form, 422)
    return _confirm(account, number, result, Form({}))


def take_file(domain: str) -> AnyResponse:
    """Looks at a file first and tells what would change; pressed again, saves what was looked at."""
    account, form = guard.account(domain), Form(request.form)
    text = _text(form)
    if not form.ok:
        return _page(account, form, 422)
    wants_save = form.choice("deed", ("save",)) is not None and not _is_stale(account, form)
    upon = form.number("base")
    result = _attempt(form, lambda: _import(account, text, upon, dry_run=not wants_save))
    if result is not None and result.number is not None:
        return _saved(account, result, "configuration.imported")
    if result is not None and not result.problems and form.choice("deed", (drafts.PREVIEW,)):
        return _looked_at(account, text)
    status = 422 if result is None or result.problems or not form.ok else 200
    return page(
        "admin/rules_file.html", "file", status,
        account=account, text=text, result=result, form=form, base=configuration.number(account.id),
        told=changes.told(account.id, result.differences) if result else [],
    )  # fmt: skip


def _looked_at(account: Account, text: str) -> AnyResponse:
    """On bookings. A draft keeps no secrets: a document with keys is saved where it was looked at first."""
    parsed = configuration_import.read(text)
    origin = Origin(guard.person().login, place=url_for("admin.rules", domain=account.domain))
    draft_id = drafting.of_rules(
        guard.context(), account, parsed.configuration, configuration.number(account.id), origin,
        action="" if parsed.tokens else "configuration.imported",
    )  # fmt: skip
    return drafts.begun(account, draft_id)


def _restore(account: Account, number: int, upon: int | None) -> ImportResult:
    return configuration_import.restore(guard.context(), account, number, guard.person().login, upon=upon)


def _import(account: Account, text: str, upon: int | None, *, dry_run: bool) -> ImportResult:
    context, author = guard.context(), guard.person().login
    return configuration_import.import_yaml(context, account, text, author, dry_run=dry_run, upon=upon)


def _attempt(form: Form, deed: Callable[[], ImportResult]) -> ImportResult | None:
    """None when the other side did not let us; why is told above the form."""
    try:
        return deed()
    except AppError as error:
        form.complain(saving.WHOLE, error.code, **error.details)
        return None


def _is_stale(account: Account, form: Form) -> bool:
    """Whether somebody saved since the differences were shown: then they are shown anew."""
    newest = configuration.newest_version(account.id)
    if newest is None or newest.number == (form.number("base") or 0):
        return False
    form.complain(saving.WHOLE, "configuration.changed_meanwhile", author=newest.author, number=newest.number)
    return True


def _saved(account: Account, result: ImportResult, action: str) -> AnyResponse:
    trail.saved(account, result, action)
    pages.say("rules.saved", n=result.number)
    for problem in result.problems:
        saving.warn(problem)
    return redirect(url_for("admin.rules", domain=account.domain), 303)


def _confirm(account: Account, number: int, result: ImportResult, form: Form, status: int = 200) -> Response:
    base = configuration.number(account.id)
    return page(
        "admin/rules_restore.html", "restore", status,
        account=account, number=number, base=base, result=result, form=form,
        told=changes.told(account.id, configuration.compare(account.id, base, number)),
    )  # fmt: skip


def _text(form: Form) -> str:
    """What was uploaded, or what stands in the field after it was looked at."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        text: str = request.form.get("text", "")
        if not text.strip():
            form.complain("file", "rules.no_file")
        return text
    data: bytes = sent.read(LARGEST + 1)
    sent.close()  # a large one lies in a temporary file
    if len(data) > LARGEST:
        form.complain("file", "rules.too_large")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        form.complain("file", "configuration.not_utf8")
        return ""


def _known(account: Account, number: int) -> None:
    if not configuration.has_version(account.id, number):
        abort(404)


def _page(account: Account, asked: Form, status: int = 200) -> Response:
    newest = configuration.number(account.id)
    number, before = asked.number("version") or newest, asked.number("before")
    for one in (number, before):
        if one:
            _known(account, one)
    versions = configuration.versions(account.id, asked.number("upto"), PAGE + 1)
    differences = configuration.compare(account.id, before, number) if before and number else ()
    return page(
        "admin/rules.html", "version", status,
        account=account,
        versions=versions[:PAGE],
        older=versions[PAGE - 1].number if len(versions) > PAGE else None,
        newest=newest,
        number=number,
        before=before,
        form=asked,
        document=configuration.show(account.id, number) if number else "",
        told=changes.told(account.id, differences),
    )  # fmt: skip
