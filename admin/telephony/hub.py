"""Telephony: does each part work, and what to press when one does not."""

from __future__ import annotations

from flask import Blueprint, Response

from admin import guard
from admin.pages import page


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/telephony", endpoint="telephony")(show)


def show(domain: str) -> Response:
    account = guard.account(domain)
    return page("telephony/hub.html", "live", account=account)
