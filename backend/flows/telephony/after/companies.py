"""Whether a number that no contact has is a company's: asked of amoCRM once for a call, before somebody is
made for it. Companies are not mirrored: few calls come from a number that only a company has, and most salons
have none, which is asked at most once in ten minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from redis.exceptions import RedisError

from backend.core.crm_values import NewContact
from backend.core.errors import AppError
from backend.core.telephony.after.commands import CallCommand, MakeContact, MakeIncoming, MakeLead
from backend.flows.context import Context
from backend.flows.telephony.after.cases import CallCase
from backend.flows.work import Work
from backend.integrations.amocrm import companies
from backend.integrations.amocrm.client import AmoClient
from backend.integrations.amocrm.companies import Company

log = logging.getLogger(__name__)

NONE_SECONDS = 600


def look(work: Work, client: AmoClient, cases: Sequence[CallCase], asked: dict[str, Company | None]) -> bool:
    """Notes the companies of these calls in their rows; whether there are any. `asked`: of this batch."""
    is_found = False
    for case in cases if cases and _are_there(work.ctx, work.account_id, client) else ():
        number, row = case.facts.number, case.heard.row
        if number not in asked:
            asked[number] = companies.with_number(client, number)
        found = asked[number]
        if found is not None and (row.crm or {}).get("company_id") != found.id:
            row.crm = {**(row.crm or {}), "company_id": found.id, "company_leads": list(found.lead_ids)}
            is_found = True
    return is_found


def of_numbers(ctx: Context, account_id: int, numbers: Iterable[str]) -> dict[str, Company]:
    """For whoever only looks at what would be: what amoCRM does not say by now is not known."""
    found: dict[str, Company] = {}
    try:
        client = ctx.amo(account_id)
        for number in numbers if _are_there(ctx, account_id, client) else ():
            if (company := companies.with_number(client, number)) is not None:
                found[number] = company
    except AppError as error:
        log.info("companies not known error=%s", error)
    return found


def makes_person(command: CallCommand) -> bool:
    """Whether amoCRM has to be asked before this is done."""
    is_new = isinstance(command, MakeLead) and isinstance(command.contact, NewContact)
    return is_new or isinstance(command, MakeContact | MakeIncoming)


def _are_there(ctx: Context, account_id: int, client: AmoClient) -> bool:
    """Redis may forget, and may be away: then amoCRM is asked once more."""
    mark = f"mostik:no_companies:{account_id}"
    try:
        if ctx.redis.exists(mark):
            return False
        found = companies.are_there(client)
        if not found:
            ctx.redis.set(mark, 1, ex=NONE_SECONDS)
    except RedisError:
        return companies.are_there(client)
    return found
