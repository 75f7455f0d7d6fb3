"""What a person does on the pages: installs, saves, sets triggers, moves a lead, looks with other eyes."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, abort, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.host.base import NOT_STORED, Base, Plain
from sandbox.host.viewer import LANG, LANGS, USER, viewer


class Deeds(Base):
    def token(self, domain: str, code: str) -> Response:
        """Of the person who looks, so it says whether that is an administrator."""
        user_id = viewer(self.found(domain)).user.id
        answer = jsonify(self.crm.widget_token(domain, self.client(code), user_id))
        answer.headers.update(NOT_STORED)
        return answer

    def save(self, domain: str, code: str) -> tuple[Response, int] | Response:
        """Save; the first time this is the installation, which calls the integration's server."""
        account = self.found(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return jsonify(error=who.t("admins_only")), 403
        client_id = self.client(code)
        is_new = code not in account.widgets
        self.crm.widget_save(domain, client_id, dict(_json().get("fields") or {}))
        answered = None
        if is_new:
            asked = self.crm.install(domain, client_id, way="server", user_id=who.user.id)
            answered = asked["status"]
        with self.crm.lock:
            saved = next(w for w in self.widgets_for(account, who) if w["code"] == code)
        told = {"status": saved["status"], "settings": saved["settings"]}
        return jsonify(installed=is_new, answered=answered, **told)

    def disable(self, domain: str, code: str) -> tuple[Response, int] | Response:
        account = self.found(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return jsonify(error=who.t("admins_only")), 403
        return jsonify(answered=self.crm.uninstall(domain, self.client(code))["status"])

    def add_trigger(self, domain: str) -> tuple[Response, int] | Response:
        account = self.found(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return jsonify(error=who.t("admins_only")), 403
        given = _json()
        try:
            made = self.crm.widget_trigger(
                domain,
                self.client(str(given.get("code"))),
                int(given["pipeline_id"]),
                int(given["stage_id"]),
                str(given["kind"]),
                given.get("settings") or {},
            )
        except (KeyError, TypeError, ValueError):
            return jsonify(error=who.t("wrong_form")), 400
        return jsonify(made), 201

    def remove_trigger(self, domain: str, trigger_id: int) -> AnyResponse:
        account = self.found(domain)
        if not viewer(account).user.is_admin:
            abort(403)
        self.crm.widget_trigger_remove(domain, trigger_id)
        return redirect(_back(domain), 303)

    def move(self, domain: str, lead_id: int) -> AnyResponse:
        """A person moves the lead by the form of its card."""
        account = self.found(domain)
        try:
            stage_id = int(request.form.get("stage", ""))
            self.crm.ui_move(domain, viewer(account).user.id, lead_id, stage_id)
        except ValueError:
            abort(400)
        return redirect(f"/{domain}/leads/detail/{lead_id}", 303)

    def choose(self, domain: str) -> AnyResponse:
        """Look with other eyes: another user, another language."""
        account = self.found(domain)
        answer = redirect(_back(domain), 303)
        user = request.form.get("user", "")
        if user.isdigit() and int(user) in account.users:
            answer.set_cookie(USER, user, samesite="Lax", httponly=True)
        if request.form.get("lang") in LANGS:
            answer.set_cookie(LANG, request.form["lang"], samesite="Lax", httponly=True)
        return answer


def _json() -> Plain:
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def _back(domain: str) -> str:
    """Where the form was, if that is a page of this account."""
    path = urlsplit(request.form.get("back", "")).path
    return path if path.startswith(f"/{domain}/") else f"/{domain}/leads/list/"
