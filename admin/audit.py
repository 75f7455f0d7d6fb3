"""Who changed what: the trail of one account for its administrators, of everything for whoever works here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for

from admin import changes, guard, story
from admin.changes import Told
from admin.forms import Form
from admin.pages import language, page
from backend import texts
from backend.store import accounts, audit
from backend.store.accounts import Account
from backend.store.audit import AuditEntry

PAGE = 50
ACTIONS = "audit.action."
NO_ACCOUNT = -1  # of which there are no lines
BOOKING = re.compile(r"\w+:\d+:\d+")  # a booking by its key


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the trail, ready to be read. `owner` is the account it is about, `subject` the thing."""

    entry: AuditEntry
    owner: Account | None
    changes: list[Told]
    subject: str


def add_routes(bp: Blueprint) -> None:
    bp.get("/audit", endpoint="audit")(guard.staff(everything))
    bp.get("/accounts/<domain>/audit", endpoint="account_audit")(of_account)


def everything() -> Response:
    asked = Form(request.args)
    domain = asked.text("account", is_required=False).lower()
    owner = accounts.by_domain(domain) if domain else None
    if domain and owner is None:
        asked.complain("account", "audit.no_account", domain=domain)
        return _page(asked, NO_ACCOUNT, None)
    return _page(asked, owner.id if owner else None, None)


def of_account(domain: str) -> Response:
    account = guard.account(domain)
    return _page(Form(request.args), account.id, account)


def _page(asked: Form, account_id: int | None, account: Account | None) -> Response:
    known = actions()
    person, action = asked.text("person", is_required=False), asked.choice("action", tuple(known))
    found = audit.page(account_id, asked.number("before"), PAGE + 1, person=person, action=action or "")
    lines = _lines(found[:PAGE])
    older = _address(account, asked, found[PAGE - 1].id) if len(found) > PAGE else ""
    return page(
        "admin/audit.html", "trail",
        account=account, lines=lines, form=asked, actions=known, older=older,
        newest=_address(account, asked) if asked.number("before") else "",
        is_filtered=bool(person or action) or (account_id is not None and account is None),
    )  # fmt: skip


def actions() -> dict[str, str]:
    """Every deed that leaves a line, with its words, in the order of the words."""
    lang = language()
    found = {
        code.removeprefix(ACTIONS): texts.t(code, lang)
        for code in texts.catalogue(lang)
        if code.startswith(ACTIONS)
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1]))


def _lines(entries: list[AuditEntry]) -> list[Line]:
    """An account's names are read once, however many lines speak of it."""
    words = {number: changes.Words(number) for number in {entry.account_id for entry in entries}}
    owners = {number: accounts.find(number) if number is not None else None for number in words}
    return [
        Line(
            entry,
            owners[entry.account_id],
            words[entry.account_id].sides(entry.before, entry.after),
            _subject(entry, owners[entry.account_id]),
        )
        for entry in entries
    ]


def _subject(entry: AuditEntry, owner: Account | None) -> str:
    """In words where there are some; a booking by its number; nothing when it is the account itself."""
    if owner is not None and entry.subject == owner.domain:
        return ""
    area = "ui.works.kind" if entry.action.startswith("work.") else f"audit.subject.{entry.action}"
    if texts.has(f"{area}.{entry.subject}"):
        return texts.t(f"{area}.{entry.subject}", language())
    return f"№ {story.number(entry.subject)}" if BOOKING.fullmatch(entry.subject) else entry.subject


def _address(account: Account | None, asked: Form, before: int | None = None) -> str:
    kept: dict[str, Any] = {
        name: value for name in ("account", "person", "action") if (value := asked.values.get(name))
    }
    if account is not None:
        return url_for(
            "admin.account_audit", **{**kept, "domain": account.domain, "account": None, "before": before}
        )
    return url_for("admin.audit", **kept, before=before)
