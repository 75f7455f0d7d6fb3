"""The versions of an account's configuration: read one, compare two. They are changed by importing a file."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from admin import guard
from admin.forms import Form
from admin.pages import page
from backend.flows import configuration


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/rules", endpoint="rules")(show)


def show(domain: str) -> Response:
    """One version as YAML, and what it changed against an older one."""
    account, asked = guard.account(domain), Form(request.args)
    versions = configuration.versions(account.id)
    known = [version.number for version in versions]
    number = asked.number("version") or (known[0] if known else None)
    before = asked.number("before")
    if (number and number not in known) or (before and before not in known):
        abort(404)
    return page(
        "admin/rules.html", "version",
        account=account,
        versions=versions,
        number=number,
        before=before,
        document=configuration.show(account.id, number) if number else "",
        differences=configuration.compare(account.id, before, number) if before and number else (),
    )  # fmt: skip
