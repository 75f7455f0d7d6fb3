"""Addresses of an account: pages (`/DOMAIN/leads/…`, `/DOMAIN/settings/…`), the widget's files, its calls."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, after_this_request, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.amocrm.archive import NoArchive
from sandbox.amocrm.models import Account
from sandbox.amocrm.triggers import KINDS
from sandbox.host import shown
from sandbox.host.viewer import ACCOUNT, LANG, LANGS, USER, Viewer, viewer

if TYPE_CHECKING:
    from sandbox.world import World

Plain = dict[str, Any]
Look = Callable[..., Any]
NOT_STORED = {"Cache-Control": "no-store"}


def pages_of(world: World) -> Blueprint:
    pages = Blueprint(
        "host", __name__, template_folder="templates", static_folder="static", static_url_path="/page/host"
    )
    host = Host(world)
    leads = host.still(host.leads)
    for path, view in (
        ("/", host.home),
        ("/leads/list/", leads),
        ("/leads/list/pipeline/<int:pipeline_id>/", leads),
        ("/leads/detail/<int:lead_id>", host.still(host.lead)),
        ("/contacts/detail/<int:contact_id>", host.still(host.contact)),
        ("/settings/widgets/", host.still(host.widgets)),
        ("/settings/pipeline/leads/<int:pipeline_id>/", host.still(host.pipeline)),
        ("/widgetsSettings/<code>/", host.still(host.advanced)),
        ("/widgets/<code>/<path:name>", host.file),
        ("/ajax/account", host.account),
    ):
        pages.add_url_rule(f"/<domain>{path}", view_func=view)
    for word in ("leads", "contacts", "settings", "widgetsSettings"):
        pages.add_url_rule(f"/{word}/<path:_rest>", endpoint=f"root_{word}", view_func=host.to_account)
    for path, deed in (
        ("/ajax/who", host.choose),
        ("/ajax/leads/<int:lead_id>/stage", host.move),
        ("/ajax/widgets/<code>/token", host.token),
        ("/ajax/widgets/<code>/save", host.save),
        ("/ajax/widgets/<code>/disable", host.disable),
        ("/ajax/triggers", host.add_trigger),
        ("/ajax/triggers/<int:trigger_id>/remove", host.remove_trigger),
    ):
        pages.add_url_rule(f"/<domain>{path}", view_func=deed, methods=["POST"])
    return pages


class Host:
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

    # Pages

    def home(self, domain: str) -> AnyResponse:
        self._account(domain)
        return redirect(f"/{domain}/leads/list/", 303)

    def to_account(self, _rest: str) -> AnyResponse:
        """A link without the account's host: it means the account that was looked at last."""
        known = request.cookies.get(ACCOUNT, "")
        domain = known if known in self.crm.accounts else next(iter(self.crm.accounts), "")
        self._account(domain)
        return redirect(f"/{domain}{request.path}", 302)

    def leads(self, domain: str, pipeline_id: int | None = None) -> str:
        account = self._account(domain)
        if pipeline_id is not None and pipeline_id not in account.pipelines:
            abort(404)
        who = viewer(account)
        rows, count = shown.lead_rows(account, pipeline_id, who)
        selectable = [
            {"id": row["id"], "type": "lead", **_reach(row["person"])} for row in rows
        ]  # fmt: skip
        area = {"location": "llist", "name": "leads", "entity": "leads"}
        return self._page(
            "list", account, who, area, {"list": selectable}, rows=rows, count=count, pipeline_id=pipeline_id
        )

    def lead(self, domain: str, lead_id: int) -> str:
        account = self._account(domain)
        lead = account.leads.get(lead_id)
        if lead is None:
            abort(404)
        who = viewer(account)
        card = shown.lead_card(account, lead, who)
        area = {"location": "lcard", "name": "leads_card", "entity": "leads"}
        return self._page("lead", account, who, area, _card_data(lead_id, card, card["people"]), card=card)

    def contact(self, domain: str, contact_id: int) -> str:
        account = self._account(domain)
        contact = account.contacts.get(contact_id)
        if contact is None:
            abort(404)
        who = viewer(account)
        card = shown.contact_card(account, contact, who)
        area = {"location": "ccard", "name": "contacts_card", "entity": "contacts"}
        return self._page("contact", account, who, area, _card_data(contact_id, card, [card]), card=card)

    def widgets(self, domain: str) -> str | tuple[str, int]:
        account = self._account(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return self._closed(account, who)
        area = {"location": "", "name": "widgetsSettings", "entity": "settings"}
        return self._page("widgets", account, who, area, {}, missing=shown.missing(self.crm))

    def pipeline(self, domain: str, pipeline_id: int) -> str | tuple[str, int]:
        account = self._account(domain)
        if pipeline_id not in account.pipelines:
            abort(404)
        who = viewer(account)
        if not who.user.is_admin:
            return self._closed(account, who)
        area = {"location": "digital_pipeline", "name": "settings", "entity": "leads"}
        stages = shown.stages_with_triggers(account, pipeline_id)
        return self._page(
            "pipeline", account, who, area, {"kinds": list(KINDS)}, pipeline_id=pipeline_id, stages=stages
        )

    def advanced(self, domain: str, code: str) -> str | tuple[str, int]:
        account = self._account(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return self._closed(account, who)
        widget = next((w for w in self._widgets(account, who) if w["code"] == code), None)
        if widget is None or code not in account.widgets or "advanced_settings" not in widget["locations"]:
            abort(404)
        area = {"location": "advanced_settings", "name": f"advanced-settings:{code}", "entity": "settings"}
        return self._page("advanced", account, who, area, {"code": code}, widget=widget)

    # What scripts ask for

    def file(self, domain: str, code: str, name: str) -> Response:
        self._account(domain)
        try:
            content = self.crm.archive_of(self._client(code)).files.get(name)
        except NoArchive:
            content = None
        if content is None:
            abort(404)
        kind = mimetypes.guess_type(name)[0] or "text/plain"
        return Response(content, mimetype=kind, headers=NOT_STORED)

    def account(self, domain: str) -> Response:
        account = self._account(domain)
        return jsonify(
            id=account.id,
            name=account.name,
            subdomain=account.subdomain,
            currency="RUB",
            current_user_id=viewer(account).user.id,
        )

    def token(self, domain: str, code: str) -> Response:
        """Of the person who looks, so it says whether that is an administrator."""
        user_id = viewer(self._account(domain)).user.id
        answer = jsonify(self.crm.widget_token(domain, self._client(code), user_id))
        answer.headers.update(NOT_STORED)
        return answer

    def save(self, domain: str, code: str) -> tuple[Response, int] | Response:
        """Save; the first time this is the installation, which calls the integration's server."""
        account = self._account(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return jsonify(error=who.t("admins_only")), 403
        client_id = self._client(code)
        is_new = code not in account.widgets
        self.crm.widget_save(domain, client_id, dict(_json().get("fields") or {}))
        answered = None
        if is_new:
            asked = self.crm.install(domain, client_id, way="server", user_id=who.user.id)
            answered = asked["status"]
        with self.crm.lock:
            saved = next(w for w in self._widgets(account, who) if w["code"] == code)
        told = {"status": saved["status"], "settings": saved["settings"]}
        return jsonify(installed=is_new, answered=answered, **told)

    def disable(self, domain: str, code: str) -> tuple[Response, int] | Response:
        account = self._account(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return jsonify(error=who.t("admins_only")), 403
        return jsonify(answered=self.crm.uninstall(domain, self._client(code))["status"])

    def add_trigger(self, domain: str) -> tuple[Response, int] | Response:
        account = self._account(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return jsonify(error=who.t("admins_only")), 403
        given = _json()
        try:
            made = self.crm.widget_trigger(
                domain,
                self._client(str(given.get("code"))),
                int(given["pipeline_id"]),
                int(given["stage_id"]),
                str(given["kind"]),
                given.get("settings") or {},
            )
        except (KeyError, TypeError, ValueError):
            return jsonify(error=who.t("wrong_form")), 400
        return jsonify(made), 201

    def remove_trigger(self, domain: str, trigger_id: int) -> AnyResponse:
        account = self._account(domain)
        if not viewer(account).user.is_admin:
            abort(403)
        self.crm.widget_trigger_remove(domain, trigger_id)
        return redirect(_back(domain), 303)

    def move(self, domain: str, lead_id: int) -> AnyResponse:
        """A person moves the lead by the form of its card."""
        account = self._account(domain)
        try:
            stage_id = int(request.form.get("stage", ""))
            self.crm.ui_move(domain, viewer(account).user.id, lead_id, stage_id)
        except ValueError:
            abort(400)
        return redirect(f"/{domain}/leads/detail/{lead_id}", 303)

    def choose(self, domain: str) -> AnyResponse:
        """Look with other eyes: another user, another language."""
        account = self._account(domain)
        answer = redirect(_back(domain), 303)
        user = request.form.get("user", "")
        if user.isdigit() and int(user) in account.users:
            answer.set_cookie(USER, user, samesite="Lax", httponly=True)
        if request.form.get("lang") in LANGS:
            answer.set_cookie(LANG, request.form["lang"], samesite="Lax", httponly=True)
        return answer

    # Parts

    def _account(self, domain: str) -> Account:
        account = self.crm.accounts.get(domain)
        if account is None:
            abort(404)
        return account

    def _client(self, code: str) -> str:
        client_id = self.crm.client_of(code)
        if client_id is None:
            abort(404)
        return client_id

    def _widgets(self, account: Account, who: Viewer) -> list[Plain]:
        return shown.widgets(self.crm, account, who, f"/{account.domain}")

    def _closed(self, account: Account, who: Viewer) -> tuple[str, int]:
        area = {"location": "", "name": "settings", "entity": "settings"}
        return self._page("closed", account, who, area, {}), 403

    def _page(self, name: str, account: Account, who: Viewer, area: Plain, data: Plain, **more: Any) -> str:
        widgets = self._widgets(account, who)
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


def _json() -> Plain:
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def _reach(person: Plain | None) -> Plain:
    return (
        {"phones": person["phones"], "emails": person["emails"]} if person else {"phones": [], "emails": []}
    )


def _card_data(card_id: int, card: Plain, people: list[Plain]) -> Plain:
    names = ("id", "name", "first_name", "last_name", "phones", "emails")
    contacts = [{name: person[name] for name in names} for person in people]
    return {"card": {"id": card_id, "name": card["name"]}, "contacts": contacts}


def _back(domain: str) -> str:
    """Where the form was, if that is a page of this account."""
    path = urlsplit(request.form.get("back", "")).path
    return path if path.startswith(f"/{domain}/") else f"/{domain}/leads/list/"
