"""Whether a number that no contact has is a company's: asked of amoCRM once for a call, before somebody is
made for it. Companies are not mirrored: few calls come from a number that only a company has.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend.flows.telephony.after.cases import CallCase
from backend.integrations.amocrm import companies
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.companies import Company


def look(client: AmoClient, cases: Iterable[CallCase], asked: dict[str, Company | None]) -> bool:
    """Notes the companies of these calls in their rows; whether there are any. `asked`: of this batch."""
    is_found = False
    for case in cases:
        number, row = case.facts.number, case.heard.row
        if number not in asked:
            asked[number] = companies.with_number(client, number)
        found = asked[number]
        if found is not None and (row.crm or {}).get("company_id") != found.id:
            row.crm = {**(row.crm or {}), "company_id": found.id, "company_leads": list(found.lead_ids)}
            is_found = True
    return is_found
