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
from backend.store.telephony import settling
from backend.store.telephony.calls import CallRow
from backend.store.telephony.settling import Answered, Crm

log = logging.getLogger(__name__)

NONE_SECONDS = 600


def look(work: Work, client: AmoClient, cases: Sequence[CallCase]) -> bool:
    """Whether there is news of the companies of these calls, which are of different clients: what a call
    before them made is seen. Which one is noted before anything is sent: after a cut that says where to look
    for what was.
    """
    noted: dict[str, Crm] = {}
    are_there = bool(cases) and _are_there(work.ctx, work.account_id, client)
    for case in cases:
        found = companies.with_number(client, case.facts.number) if are_there else None
        row, before = case.heard.row, case.heard.row.crm or {}
        told = _told(found) if found or before.get("company_id") else {}
        if any(before.get(name) != value for name, value in told.items()):
            row.crm = noted[row.uniq] = {**before, **told}
    if noted:
        settling.settle(work.lease, Answered(crm=noted), work.ctx.now())
    return bool(noted)


def forget(work: Work, row: CallRow) -> None:
    """It may be gone: it is asked about anew."""
    row.crm = {**(row.crm or {}), **_told(None)}
    settling.settle(work.lease, Answered(crm={row.uniq: row.crm}), work.ctx.now())


def _told(found: Company | None) -> Crm:
    return {"company_id": found.id if found else None, "company_leads": list(found.lead_ids) if found else []}


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


def is_to_be_asked(command: CallCommand) -> bool:
    """A company's lead as well: another may have been opened since it was asked."""
    return makes_person(command) or (isinstance(command, MakeLead) and command.company_id is not None)


def makes_person(command: CallCommand) -> bool:
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
