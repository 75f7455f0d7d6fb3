"""«Обновить из amoCRM» and «Обновить из YCLIENTS»: lists read anew, and when they were read last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin import guard, pages
from backend.core.errors import AppError
from backend.flows.mapping import mapping
from backend.store import audit
from backend.store.accounts import Account

READ_CRM = "crm.reread"
READ_SALONS = "salons.reread"
SCREENS = ("directions", "routes", "stages", "fields")


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a screen's lists were made of; None: not read on anybody's request."""

    screen: str
    crm_at: datetime | None = None
    salons_at: datetime | None = None
    with_salons: bool = False
    with_crm: bool = False


def add_routes(bp: Blueprint) -> None:
    bp.post("/accounts/<domain>/reread/<what>", endpoint="reread")(reread)


def fresh(account: Account, screen: str, *, crm: bool = True, salons: bool = False) -> Freshness:
    """The oldest price list speaks for all salons."""
    asked = audit.page(account.id, limit=1, action=READ_CRM) if crm else []
    read = mapping.salons_read_at(account.id) if salons else {}
    return Freshness(
        screen,
        asked[0].created_at if asked else None,
        min(read.values(), default=None),
        with_salons=salons,
        with_crm=crm,
    )


def reread(domain: str, what: str) -> AnyResponse:
    account, screen = guard.account(domain), request.form.get("screen", "")
    screen = screen if screen in SCREENS else "account"
    try:
        if what == "crm":
            mapping.read_crm(guard.context(), account)
            guard.audit(READ_CRM, account=account)
            pages.say("mapping.reread.crm")
        else:
            count = mapping.read_salons(guard.context(), account)
            guard.audit(READ_SALONS, account=account)
            pages.say("mapping.reread.salons" if count else "mapping.reread.no_salons", n=count)
    except AppError as error:
        pages.say(error.code, "bad", **error.details)
    return redirect(url_for(f"admin.{screen}", domain=domain), 303)
