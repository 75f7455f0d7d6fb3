"""Whether a number that no contact has is a company's: asked of amoCRM once for a call, before somebody is
made for it. Companies are not mirrored: few calls come from a number that only a company has, and most salons
have none, which is asked at most once in ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

from redis.exceptions import RedisError

from backend.flows.telephony.after.cases import CallCase
from backend.flows.work import Work
from backend.integrations.amocrm import companies
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.companies import Company

NONE_SECONDS = 600


def look(work: Work, client: AmoClient, cases: Sequence[CallCase], asked: dict[str, Company | None]) -> bool:
    """Notes the companies of these calls in their rows; whether there are any. `asked`: of this batch."""
    is_found = False
    for case in cases if cases and _are_there(work, client) else ():
        number, row = case.facts.number, case.heard.row
        if number not in asked:
            asked[number] = companies.with_number(client, number)
        found = asked[number]
        if found is not None and (row.crm or {}).get("company_id") != found.id:
            row.crm = {**(row.crm or {}), "company_id": found.id, "company_leads": list(found.lead_ids)}
            is_found = True
    return is_found


def _are_there(work: Work, client: AmoClient) -> bool:
    """Redis may forget, and may be away: then amoCRM is asked once more."""
    mark = f"mostik:no_companies:{work.account_id}"
    try:
        if work.ctx.redis.exists(mark):
            return False
        found = companies.are_there(client)
        if not found:
            work.ctx.redis.set(mark, 1, ex=NONE_SECONDS)
    except RedisError:
        return companies.are_there(client)
    return found
