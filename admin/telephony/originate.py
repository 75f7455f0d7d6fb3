"""Whether a click could work, asked of the PBX itself: after a change of what it is made of, or on demand."""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from admin import guard
from admin.pages import page
from backend.core.telephony.rules import TelephonyRules
from backend.flows.rules import configuration
from backend.flows.telephony.connections import originate_check
from backend.store.accounts import Account


def add_routes(bp: Blueprint) -> None:
    home = "/accounts/<domain>/telephony/originate"
    bp.post(home, endpoint="telephony_originate_check")(check)


def check(domain: str) -> Response:
    """Nothing is dialled by it; what is wrong is kept for the status page."""
    account = guard.account(domain)
    found = originate_check.run(guard.context(), account.id)
    return page("telephony/originate.html", "body", account=account, found=found)


def after(account: Account, before: TelephonyRules, endpoint: str, anchor: str | None = None) -> str:
    """Where one goes after saving: the page asks when what a click is made of has changed."""
    now = configuration.current(account.id).telephony
    has_changed = originate_check.settings(before) != originate_check.settings(now)
    asks = 1 if has_changed and now.dialling.is_on else None
    return url_for(endpoint, domain=account.domain, _anchor=anchor, asks=asks)
