"""`/companies`: read by programs, written by people (ui/company)."""

from __future__ import annotations

from typing import Any

from sandbox.amocrm.checks import Json
from sandbox.amocrm.http import Reply, Request, hal, no_content, route
from sandbox.amocrm.index import phone_digits
from sandbox.amocrm.lists import answer
from sandbox.amocrm.models import Account, Lead


def leads_of(account: Account, company_id: int) -> list[Lead]:
    return [lead for lead in account.leads.rows.values() if company_id in lead.companies]


def model(request: Request, company: dict[str, Any], extras: set[str]) -> Json:
    account = request.account
    phone = account.field_by_code("contacts", "PHONE")
    values = [{"value": one, "enum_code": "WORK"} for one in company["phones"]]
    assert phone is not None  # every account has it
    field = {"field_id": phone.id, "field_name": phone.name, "field_code": "PHONE", "field_type": "multitext"}
    embedded: Json = {"tags": []}
    if "leads" in extras:
        found = leads_of(account, company["id"])
        embedded["leads"] = [{"id": one.id, "_links": request.links(f"leads/{one.id}")} for one in found]
    return {
        "id": company["id"], "name": company["name"],
        "responsible_user_id": company["responsible_user_id"], "is_deleted": False,
        "custom_fields_values": [{**field, "values": values}] if values else None,
        "account_id": account.id, "_links": request.links(f"companies/{company['id']}"),
        "_embedded": embedded,
    }  # fmt: skip


@route("GET", "companies")
def listed(request: Request) -> Reply:
    """`query` finds a part of the name, or of a number however it is written."""
    asked, extras = request.query.get("query", "").lower(), set(request.query.get("with", "").split(","))
    rows = [one for one in request.account.companies.values() if not asked or _has(one, asked)]
    return answer(request, "companies", rows, lambda one: model(request, one, extras))


@route("GET", "companies/#")
def single(request: Request) -> Reply:
    company = request.account.companies.get(request.ids[0])
    extras = set(request.query.get("with", "").split(","))
    return hal(model(request, company, extras)) if company is not None else no_content()


def _has(company: dict[str, Any], asked: str) -> bool:
    digits = phone_digits(asked)
    in_phones = any(digits in phone_digits(phone) for phone in company["phones"]) if digits else False
    return in_phones or asked in company["name"].lower()
