"""«Неразобранное»: a lead that nobody has accepted yet; its contact is not listed until somebody does."""

from __future__ import annotations

from sandbox.amocrm import hooks
from sandbox.amocrm.checks import Json, object_of
from sandbox.amocrm.deals import change_lead, delete_lead
from sandbox.amocrm.http import Reply, Request, hal, refusal, route
from sandbox.amocrm.lists import answer
from sandbox.amocrm.models import Account, Incoming, Lead, Pipeline, Status
from sandbox.amocrm.state import COLOR

UNSORTED = 1


def unsorted_stage(account: Account, pipeline: Pipeline) -> int:
    """The stage of type 1; switching incoming leads on in a pipeline makes it."""
    for status in pipeline.statuses.values():
        if status.type == UNSORTED:
            return status.id
    stage_id: int = account.crm.new_id("stage")
    pipeline.statuses[stage_id] = Status(stage_id, "Неразобранное", 0, COLOR, UNSORTED)
    return stage_id


def arrived(
    account: Account, lead: Lead, source: str, category: str = "forms", metadata: Json | None = None
) -> Incoming:
    incoming = Incoming(f"u{lead.id:060x}", lead.id, category, source, account.now, metadata or {})
    account.incoming[incoming.uid] = incoming
    hooks.incoming_added(account, incoming, lead)
    return incoming


def accept(account: Account, incoming: Incoming, stage_id: int, user_id: int) -> Lead:
    lead = account.leads.rows[incoming.lead_id]
    target = account.pipelines[lead.pipeline_id].statuses.get(stage_id)
    if target is None or target.type == UNSORTED:
        raise ValueError(f"no stage {stage_id} in pipeline {lead.pipeline_id}")
    del account.incoming[incoming.uid]
    for contact_id in lead.contacts:
        account.contacts.rows[contact_id].is_unsorted = False
    hooks.incoming_settled(account, incoming, "accept", user_id, list(lead.contacts))
    change_lead(account, lead, {"status_id": stage_id, "responsible_user_id": user_id}, user_id)
    for contact_id in lead.contacts:
        hooks.contact_written(account, account.contacts.rows[contact_id], "add")
    return lead


def decline(account: Account, incoming: Incoming, user_id: int) -> None:
    lead = account.leads.rows[incoming.lead_id]
    del account.incoming[incoming.uid]
    hooks.incoming_settled(account, incoming, "decline", user_id, [])
    delete_lead(account, lead, user_id)


def model(account: Account, incoming: Incoming) -> Json:
    lead = account.leads.rows[incoming.lead_id]
    return {
        "uid": incoming.uid,
        "source_name": incoming.source,
        "category": incoming.category,
        "pipeline_id": lead.pipeline_id,
        "created_at": incoming.created_at,
        "account_id": account.id,
        "metadata": incoming.metadata or {"form_name": incoming.source, "form_sent_at": incoming.created_at},
        "_embedded": {
            "leads": [{"id": lead.id}],
            "contacts": [{"id": contact_id} for contact_id in lead.contacts],
            "companies": [],
        },
    }


@route("GET", "leads/unsorted")
def listed(request: Request) -> Reply:
    account = request.account
    return answer(request, "unsorted", list(account.incoming.values()), lambda row: model(account, row))


@route("GET", "leads/unsorted/*")
def single(request: Request) -> Reply:
    return hal(model(request.account, _found(request)))


@route("POST", "leads/unsorted/*/accept")
def accepted(request: Request) -> Reply:
    incoming, asked = _found(request), object_of(request)
    shown = model(request.account, incoming)
    try:
        accept(
            request.account, incoming, int(asked["status_id"]), int(asked.get("user_id") or request.user_id)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise refusal(400, str(error)) from error
    return hal(shown, rows=1)


@route("DELETE", "leads/unsorted/*/decline")
def declined(request: Request) -> Reply:
    incoming = _found(request)
    shown = model(request.account, incoming)
    decline(request.account, incoming, request.user_id)
    return hal(shown, rows=1)


def _found(request: Request) -> Incoming:
    incoming = request.account.incoming.get(request.word)
    if incoming is None:
        raise refusal(404, "Unsorted not found")
    return incoming
