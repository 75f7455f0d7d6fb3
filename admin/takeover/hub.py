"""Moving over from GET8: where each salon stands on its way, and the one thing to do next."""

from __future__ import annotations

from flask import Blueprint, Response

from admin import guard
from admin.pages import page


def add_routes(bp: Blueprint) -> None:
    bp.get("/accounts/<domain>/takeover", endpoint="takeover")(show)


def show(domain: str) -> Response:
    account = guard.account(domain)
    return page("takeover/hub.html", "way", account=account)
