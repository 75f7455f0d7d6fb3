"""The comparison with GET8: which salons are compared, what differs, what people say of it, may a salon be
switched over.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from admin.forms import Form
from admin.pages import page
from admin.takeover import shadow_files, shadow_view, shadow_words
from admin.takeover.shadow_view import Filters
from backend.core.errors import AppError
from backend.core.takeover.gate import EVERYWHERE, Word
from backend.core.takeover.shadow import TO_DECIDE, Diff
from backend.flows.reports.sheets import Kind
from backend.flows.rules import configuration
from backend.flows.takeover.beside import shadow
from backend.store import takeover_diffs, takeover_shadows, takeover_verdicts
from backend.store.accounts import Account
from backend.store.takeover_verdicts import About

HOME = "/accounts/<domain>/takeover/shadow"
SHORTEST, LONGEST = 1, 120  # minutes that GET8 may be given
SHOWN = 30


def add_routes(bp: Blueprint) -> None:
    bp.get(HOME, endpoint="takeover_shadow")(show)
    bp.post(f"{HOME}/<int:company_id>", endpoint="takeover_shadow_salon")(salon)
    bp.post(f"{HOME}/verdict", endpoint="takeover_shadow_verdict")(verdict)
    bp.get(f"{HOME}/<kind>", endpoint="takeover_shadow_file")(file)


def show(domain: str) -> Response:
    return _page(guard.account(domain), Form({}))


def salon(domain: str, company_id: int) -> AnyResponse:
    """Begin the comparison of a salon, end it, or let its news come to us."""
    account, form = guard.account(domain), Form(request.form)
    branch = configuration.current(account.id).branch(company_id)
    if branch is None:
        abort(404)
    act = form.choice("act", ("begin", "end", "hear"))
    minutes = form.whole("minutes", SHORTEST, LONGEST) if act == "begin" else shadow.SETTLE_MINUTES
    if not form.ok:
        return _page(account, form, 422, about=company_id)
    before = _state(account, company_id)
    try:
        _act(account, company_id, act or "", minutes)
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
    else:
        guard.audit(f"takeover.shadow_{act}", branch.title, account, before=before,
                    after=_state(account, company_id))  # fmt: skip
        way = (takeover_shadows.of(account.id, company_id) or abort(404)).way
        pages.say(f"takeover_shadow.done.{act}", "good", salon=branch.title)
        if act != "end" and way == shadow.POLLING:
            pages.say("takeover_shadow.by_polling", "warn", salon=branch.title)
    return redirect(url_for("admin.takeover_shadow", domain=domain), 303)


def verdict(domain: str) -> AnyResponse:
    """What a person says of the differences of one rule, in one salon or in all."""
    account, form = guard.account(domain), Form(request.form)
    diff = form.choice("diff", tuple(map(str, Diff)))
    word = form.choice("word", tuple(map(str, Word)))
    rule, company_id = form.text("rule"), form.number("salon") or EVERYWHERE
    comment = form.text("comment", is_required=word == Word.COMMENT)
    if diff is None or word is None or not rule:
        abort(400)
    if company_id and configuration.current(account.id).branch(company_id) is None:
        abort(404)
    if word != Word.COMMENT and Diff(diff) not in TO_DECIDE:
        form.complain("comment", "takeover_shadow.cannot_approve")
    if not form.ok:
        return _page(account, form, 422)
    about = About(company_id, Diff(diff), rule)
    before = [said.word for said in takeover_verdicts.words(account.id)
              if (said.company_id, said.diff, said.rule) == (company_id, diff, rule)]  # fmt: skip
    ctx = guard.context()
    takeover_verdicts.say(
        account.id, about, Word(word), comment,
        author=guard.person().login, version=configuration.number(account.id), now=ctx.now(),
    )  # fmt: skip
    after = {"word": word, "comment": comment, "salon": company_id or None, "class": diff}
    guard.audit(
        "takeover.verdict", rule, account, before={"word": before[0]} if before else None, after=after
    )
    pages.say(f"takeover_shadow.said.{word}")
    here = url_for("admin.takeover_shadow", domain=domain, salon=form.number("of_salon"), _anchor="rules")
    return redirect(here, 303)


def file(domain: str, kind: str) -> Response:
    account = guard.account(domain)
    if kind not in tuple(Kind):
        abort(404)
    return shadow_files.send(account, kind, _filters(account))


def _act(account: Account, company_id: int, act: str, minutes: int) -> None:
    ctx = guard.context()
    if act == "begin":
        shadow.begin(ctx, account, company_id, guard.person().login, minutes)
    elif act == "end":
        shadow.end(ctx, account.id, company_id)
    elif act == "hear" and takeover_shadows.of(account.id, company_id):
        shadow.hear(ctx, account.id, company_id)
    else:
        abort(400)


def _state(account: Account, company_id: int) -> dict[str, object] | None:
    row = takeover_shadows.of(account.id, company_id)
    if row is None:
        return None
    return {
        "since": row.begun_at.isoformat(), "way": row.way, "minutes": row.settle_seconds // 60,
        "is_over": row.ended_at is not None,
    }  # fmt: skip


def _filters(account: Account) -> Filters:
    return shadow_view.filters(account, Form(request.args), guard.context().now())


def _page(account: Account, form: Form, status: int = 200, about: int | None = None) -> Response:
    filters = _filters(account)
    before = Form(request.args).number("before")
    is_narrow = filters.asked.diff is not None or filters.asked.rule is not None
    found = takeover_diffs.page(replace(filters.asked, is_differing=not is_narrow), before, SHOWN + 1)
    words = shadow_words.Words(account.id)
    return page(
        "takeover/shadow.html", "report", status,
        account=account, form=form, about=about, filters=filters, words=words,
        salons=shadow_view.salons(account), usual_minutes=shadow.SETTLE_MINUTES,
        **shadow_view.picture(account, filters),
        rules=shadow_view.rules(account, filters, words),
        examples=shadow_view.examples(found[:SHOWN], words),
        older=found[SHOWN - 1].id if len(found) > SHOWN else None,
        to_decide=tuple(map(str, TO_DECIDE)),
    )  # fmt: skip
