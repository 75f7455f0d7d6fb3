"""The probes: what to do in YCLIENTS and in amoCRM, what to look at, what was seen; and each answer that is a
setting of ours becomes one with a button.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages, saving
from admin.forms import Form
from admin.pages import language, page
from backend import texts
from backend.core.errors import AppError
from backend.core.takeover import probes as rules_of
from backend.core.takeover.prefilled import Measured
from backend.core.takeover.probes import Probe, Proposed
from backend.flows.rules import configuration
from backend.flows.takeover.profile import probing
from backend.store import mirror, takeover_probes
from backend.store.accounts import Account
from backend.store.takeover_probes import Answer

AREA = "takeover_probes"
# Where the rest of what a probe shows is set up; the others have no screen of their own.
PLACES = {
    "P1": "takeover_profile", "P2": "stages", "P3": "routes", "P5": "stages", "P6": "stages",
    "P8": "fields", "P9": "fields", "P14": "card_rights", "P24": "account_settings",
    "P25": "takeover_discovery",
}  # fmt: skip
EVIDENCE, NOTE = "lead", "note"


@dataclass(frozen=True, slots=True)
class Shown:
    """One probe on the page. `form` is filled when it is this one that came back with a complaint."""

    probe: Probe
    answer: Answer | None
    proposed: tuple[Proposed, ...]
    measured: tuple[Measured, ...]
    form: Form
    place: str | None


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/takeover/probes", endpoint="takeover_probes")(show)
    bp.post("/accounts/<domain>/takeover/probes/<code>", endpoint="answer_probe")(answer)
    bp.post("/accounts/<domain>/takeover/probes/<code>/setting", endpoint="accept_probe")(accept)


def show(domain: str) -> Response:
    return _page(guard.account(domain), request.args.get("open", ""))


def answer(domain: str, code: str) -> AnyResponse:
    """An empty form takes the answer back."""
    account, form, asked = guard.account(domain), Form(request.form), rules_of.probe(code)
    chosen = rules_of.known(asked, {q.name: form.values.get(q.name, "") for q in asked.questions})
    lead_id, note = _evidence(form, account), form.text(NOTE, is_required=False)
    if (note or lead_id) and not chosen:
        form.complain("answers", f"{AREA}.no_answer")
    if not form.ok:
        return _page(account, code, form, 422)
    before = takeover_probes.answers(account.id).get(code)
    if chosen:
        now, author = guard.context().now(), guard.person().login
        takeover_probes.save(account.id, Answer(code, chosen, lead_id, note, author, now))
    else:
        takeover_probes.forget(account.id, code)
    told = {**chosen, "lead": lead_id, "note": note} if chosen else None
    guard.audit("takeover.probe_answered", code, account, before=_told(before), after=told)
    pages.say(f"{AREA}.saved" if chosen else f"{AREA}.taken_back")
    return redirect(url_for("admin.takeover_probes", domain=domain, open=code, _anchor=code), 303)


def accept(domain: str, code: str) -> AnyResponse:
    account, form = guard.account(domain), Form(request.form)
    given = takeover_probes.answers(account.id).get(rules_of.probe(code).code)
    if given is None:
        form.complain(saving.WHOLE, f"{AREA}.not_answered")
        return _page(account, code, form, 422)
    try:
        result = probing.accept(
            guard.context(), account, given, form.number("base") or 0, guard.person().login
        )
    except AppError as error:
        form.complain(saving.WHOLE, error.code, **error.details)
        return _page(account, code, form, 422)
    if not saving.told(form, account, result, {}):
        return _page(account, code, form, 422)
    return redirect(url_for("admin.takeover_probes", domain=domain, open=code, _anchor=code), 303)


def _evidence(form: Form, account: Account) -> int | None:
    """A lead of this account, by its number or by its address in amoCRM."""
    given = form.text(EVIDENCE, is_required=False).rstrip("/").rpartition("/")[2]
    if not given:
        return None
    lead_id = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    if not mirror.leads_by_ids(account.id, [lead_id]):
        form.complain(EVIDENCE, f"{AREA}.no_lead")
    return lead_id


def _page(account: Account, code: str = "", form: Form | None = None, status: int = 200) -> Response:
    answers, proposals = takeover_probes.answers(account.id), probing.proposals(account.id)
    measured = probing.measured(account.id)
    empty = Form({})
    shown = [
        Shown(
            one, answers.get(one.code), proposals.get(one.code, ()), measured.get(one.code, ()),
            form if form is not None and one.code == code else empty, PLACES.get(one.code),
        )
        for one in rules_of.PROBES
    ]  # fmt: skip
    return page(
        "takeover/probes.html", "probes", status,
        account=account, shown=shown, base=configuration.number(account.id), whole=saving.WHOLE,
        answered=len(answers), open=code, said=said, chosen=_chosen,
    )  # fmt: skip


def _chosen(one: Shown, question: str) -> str:
    """What stands ticked: what was just sent, else what was answered, else what was measured."""
    if one.form.values:
        return one.form.values.get(question, "")
    if one.answer:
        return one.answer.answers.get(question, "")
    return next((line.answers[question] for line in one.measured if question in line.answers), "")


def said(proposed: Proposed, value: str | int | bool) -> str:
    """A value of an option in the words of the settings."""
    words, lang = "options." + proposed.path.replace(".", "_"), language()
    if isinstance(value, bool):
        return texts.t(f"{AREA}.{'on' if value else 'off'}", lang)
    if isinstance(value, int):
        return texts.t(f"{AREA}.days", lang, n=value)
    return texts.t(f"{words}.{value}", lang)


def _told(before: Answer | None) -> dict[str, object] | None:
    return {**before.answers, "lead": before.lead_id, "note": before.note} if before else None
