"""The pages that are looked at, and what the scripts on them read."""

from __future__ import annotations

import mimetypes

from flask import Response, abort, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.amocrm.archive import NoArchive
from sandbox.amocrm.triggers import KINDS
from sandbox.host import shown
from sandbox.host.base import NOT_STORED, NOWHERE, Base, Plain
from sandbox.host.viewer import ACCOUNT, viewer


class Looks(Base):
    def nothing(self, _error: Exception) -> tuple[str | Response, int]:
        """A page for people, a word for scripts."""
        account = self.crm.accounts.get((request.view_args or {}).get("domain", ""))
        if account is None or "/ajax/" in request.path or "/widgets/w" in request.path:
            return Response("Not found", mimetype="text/plain"), 404
        who = viewer(account)
        told = {"heading": who.t("not_found"), "hint": who.t("not_found_hint")}
        return self.draw("empty", account, who, NOWHERE, {}, **told), 404

    def home(self, domain: str) -> AnyResponse:
        self.found(domain)
        return redirect(f"/{domain}/leads/list/", 303)

    def to_account(self, _rest: str) -> AnyResponse:
        """A link without the account's host: it means the account that was looked at last."""
        known = request.cookies.get(ACCOUNT, "")
        domain = known if known in self.crm.accounts else next(iter(self.crm.accounts), "")
        self.found(domain)
        return redirect(f"/{domain}{request.path}", 302)

    def leads(self, domain: str, pipeline_id: int | None = None) -> str:
        account = self.found(domain)
        if pipeline_id is not None and pipeline_id not in account.pipelines:
            abort(404)
        who = viewer(account)
        rows, count = shown.lead_rows(account, pipeline_id, who)
        selectable = [
            {"id": row["id"], "type": "lead", **_reach(row["person"])} for row in rows
        ]  # fmt: skip
        area = {"location": "llist", "name": "leads", "entity": "leads"}
        return self.draw(
            "list", account, who, area, {"list": selectable}, rows=rows, count=count, pipeline_id=pipeline_id
        )

    def lead(self, domain: str, lead_id: int) -> str:
        account = self.found(domain)
        lead = account.leads.get(lead_id)
        if lead is None:
            abort(404)
        who = viewer(account)
        card = shown.lead_card(account, lead, who)
        area = {"location": "lcard", "name": "leads_card", "entity": "leads"}
        return self.draw("lead", account, who, area, _card_data(lead_id, card, card["people"]), card=card)

    def contact(self, domain: str, contact_id: int) -> str:
        account = self.found(domain)
        contact = account.contacts.get(contact_id)
        if contact is None:
            abort(404)
        who = viewer(account)
        card = shown.contact_card(account, contact, who)
        area = {"location": "ccard", "name": "contacts_card", "entity": "contacts"}
        return self.draw("contact", account, who, area, _card_data(contact_id, card, [card]), card=card)

    def contacts(self, domain: str) -> str:
        """The list: a phone can be called from each row."""
        account = self.found(domain)
        who = viewer(account)
        rows = shown.contact_rows(account)
        area = {"location": "clist", "name": "contacts", "entity": "contacts"}
        selectable = [{"id": row["id"], "type": "contact", **_reach(row)} for row in rows]
        return self.draw("contacts", account, who, area, {"list": selectable}, rows=rows)

    def new_contact(self, domain: str) -> str:
        """A card that is not saved yet has the number 0; `phone` of the address stands in it already."""
        account = self.found(domain)
        area = {"location": "ccard", "name": "contacts_card", "entity": "contacts"}
        data = {"card": {"id": 0, "name": ""}, "contacts": []}
        phone = request.args.get("phone", "")
        return self.draw("new_contact", account, viewer(account), area, data, phone=phone)

    def company(self, domain: str, company_id: int) -> str:
        account = self.found(domain)
        card = account.companies.get(company_id)
        if card is None:
            abort(404)
        area = {"location": "comcard", "name": "companies_card", "entity": "companies"}
        data = {"card": {"id": company_id, "name": card["name"]}, "contacts": []}
        return self.draw("company", account, viewer(account), area, data, card=card)

    def widgets(self, domain: str) -> str | tuple[str, int]:
        account = self.found(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return self.closed(account, who)
        area = {"location": "", "name": "widgetsSettings", "entity": "settings"}
        return self.draw("widgets", account, who, area, {}, missing=shown.missing(self.crm))

    def pipeline(self, domain: str, pipeline_id: int) -> str | tuple[str, int]:
        account = self.found(domain)
        if pipeline_id not in account.pipelines:
            abort(404)
        who = viewer(account)
        if not who.user.is_admin:
            return self.closed(account, who)
        area = {"location": "digital_pipeline", "name": "settings", "entity": "leads"}
        stages = shown.stages_with_triggers(account, pipeline_id)
        return self.draw(
            "pipeline", account, who, area, {"kinds": list(KINDS)}, pipeline_id=pipeline_id, stages=stages
        )

    def advanced(self, domain: str, code: str) -> str | tuple[str, int]:
        account = self.found(domain)
        who = viewer(account)
        if not who.user.is_admin:
            return self.closed(account, who)
        widget = next((w for w in self.widgets_for(account, who) if w["code"] == code), None)
        if widget is None or code not in account.widgets or "advanced_settings" not in widget["locations"]:
            abort(404)
        area = {"location": "advanced_settings", "name": f"advanced-settings:{code}", "entity": "settings"}
        return self.draw("advanced", account, who, area, {"code": code}, widget=widget)

    def file(self, domain: str, code: str, name: str) -> Response:
        self.found(domain)
        try:
            content = self.crm.archive_of(self.client(code)).files.get(name)
        except NoArchive:
            content = None
        if content is None:
            abort(404)
        kind = mimetypes.guess_type(name)[0] or "text/plain"
        return Response(content, mimetype=kind, headers=NOT_STORED)

    def account(self, domain: str) -> Response:
        account = self.found(domain)
        return jsonify(
            id=account.id,
            name=account.name,
            subdomain=account.subdomain,
            currency="RUB",
            current_user_id=viewer(account).user.id,
        )


def _reach(person: Plain | None) -> Plain:
    return (
        {"phones": person["phones"], "emails": person["emails"]} if person else {"phones": [], "emails": []}
    )


def _card_data(card_id: int, card: Plain, people: list[Plain]) -> Plain:
    names = ("id", "name", "first_name", "last_name", "phones", "emails")
    contacts = [{name: person[name] for name in names} for person in people]
    return {"card": {"id": card_id, "name": card["name"]}, "contacts": contacts}
