"""`/webhooks`: subscriptions of an account, one per address."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandbox.amocrm.checks import Json, object_of
from sandbox.amocrm.directories import require_admin
from sandbox.amocrm.http import Reply, Request, hal, no_content, refusal, route
from sandbox.amocrm.models import Webhook
from sandbox.amocrm.views import webhook_model

MOST = 100
SETTINGS = {
    f"{action}_{entity}"
    for action, entities in {
        "responsible": "lead contact company customer task",
        "restore": "lead contact company",
        "add": "lead contact company customer talk task message unsorted chat_template_review",
        "update": "lead contact company customer talk task unsorted",
        "delete": "lead contact company customer task unsorted",
        "status": "lead",
        "note": "lead contact company customer",
    }.items()
    for entity in entities.split()
} | {"add_outgoing_message"}


def _model(request: Request, hook: Webhook) -> Json:
    return {**webhook_model(request.account, hook), "_links": request.links("webhooks")}


@route("GET", "webhooks")
def listed(request: Request) -> Reply:
    require_admin(request)
    wanted = request.query.get("filter[destination]")
    hooks = [hook for hook in request.account.webhooks.values() if wanted in (None, hook.destination)]
    if not hooks:
        return no_content()
    rows = [_model(request, hook) for hook in hooks]
    return hal(
        {"_total_items": len(rows), "_links": request.links("webhooks"), "_embedded": {"webhooks": rows}}
    )


@route("POST", "webhooks")
def subscribed(request: Request) -> Reply:
    """The same address again changes the subscription that is there."""
    require_admin(request)
    data, account = object_of(request), request.account
    destination, settings = data.get("destination"), data.get("settings")
    if not isinstance(destination, str) or urlsplit(destination).scheme not in {"http", "https"}:
        raise refusal(400, "Invalid URL")
    if not isinstance(settings, list) or not settings or any(setting not in SETTINGS for setting in settings):
        raise refusal(400, "Invalid settings")
    hook = next((hook for hook in account.webhooks.values() if hook.destination == destination), None)
    if hook is None:
        if len(account.webhooks) >= MOST:
            raise refusal(422, "Webhooks limit reached")
        hook = Webhook(
            request.crm.new_id("webhook"),
            destination,
            settings,
            request.user_id,
            account.now,
            account.now,
            request.grant.client_id,
        )
        account.webhooks[hook.id] = hook
    hook.settings, hook.updated_at = list(dict.fromkeys(settings)), account.now
    hook.sort = data.get("sort") or hook.sort
    return hal(_model(request, hook), status=201, rows=1)


@route("DELETE", "webhooks")
def unsubscribed(request: Request) -> Reply:
    require_admin(request)
    destination = object_of(request).get("destination")
    for hook in request.account.webhooks.values():
        if hook.destination == destination:
            del request.account.webhooks[hook.id]
            return no_content()
    raise refusal(404, "Webhook not found")
