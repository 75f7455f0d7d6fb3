"""What every page of an account needs: the account, who looks, the frame around the page, and quiet."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Response, abort, after_this_request, render_template, request

from sandbox.amocrm.models import Account
from sandbox.host import shown
from sandbox.host.viewer import ACCOUNT, Viewer

if TYPE_CHECKING:
    from sandbox.world import World

Plain = dict[str, Any]
Look = Callable[..., Any]
NOT_STORED = {"Cache-Control": "no-store"}
NOWHERE = {"location": "", "name": "settings", "entity": "settings"}


class Base:
    def __init__(self, world: World) -> None:
        self.world = world
        self.crm = world.amocrm

    def still(self, view: Look) -> Look:
        """Nobody changes the account while a page of it is drawn."""

        @wraps(view)
        def locked(*place: Any, **named: Any) -> Any:
            with self.crm.lock:
                return view(*place, **named)

        return locked

    def found(self, domain: str) -> Account:
        account = self.crm.accounts.get(domain)
        if account is None:
            abort(404)
        return account

    def client(self, code: str) -> str:
        client_id = self.crm.client_of(code)
        if client_id is None:
            abort(404)
        return client_id

    def widgets_for(self, account: Account, who: Viewer) -> list[Plain]:
        return shown.widgets(self.crm, account, who, f"/{account.domain}")

    def closed(self, account: Account, who: Viewer) -> tuple[str, int]:
        told = {"heading": who.t("admins_only"), "hint": who.t("admins_only_hint")}
        return self.draw("empty", account, who, NOWHERE, {}, **told), 403

    def draw(self, name: str, account: Account, who: Viewer, area: Plain, data: Plain, **more: Any) -> str:
        widgets = self.widgets_for(account, who)
        told = {
            "area": area,
            "base": f"/{account.domain}",
            "lang": who.lang,
            "account": {"id": account.id, "name": account.name, "subdomain": account.subdomain,
                        "timezone": account.timezone},
            "user": {"id": who.user.id, "name": who.user.name, "is_admin": who.user.is_admin},
            "users": [{"id": u.id, "name": u.name} for u in account.users.values() if u.is_active],
            "widgets": widgets,
            **data,
        }  # fmt: skip
        html = render_template(
            f"host/{name}.html",
            account=account,
            base=f"/{account.domain}",
            who=who,
            t=who.t,
            area=area,
            widgets=widgets,
            pipelines=sorted(account.pipelines.values(), key=lambda pipeline: pipeline.sort),
            here=request.path,
            told=told,
            **more,
        )

        @after_this_request
        def remember(response: Response) -> Response:
            response.set_cookie(ACCOUNT, account.domain, samesite="Lax", httponly=True)
            response.headers.update(NOT_STORED)
            return response

        return html
