"""Account, users, pipelines and loss reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.amocrm.checks import Json, items_of, object_of, prepared, request_id
from sandbox.amocrm.http import Reply, Request, hal, no_content, refusal, route
from sandbox.amocrm.lists import counted
from sandbox.amocrm.models import Account, Pipeline, Status, User
from sandbox.amocrm.people import remove_stage
from sandbox.amocrm.state import COLOR
from sandbox.amocrm.views import pipeline_model, status_model, user_model

TASK_TYPES = [
    {"id": 1, "name": "Связаться", "color": None, "icon_id": None, "code": "FOLLOW_UP"},
    {"id": 2, "name": "Встреча", "color": None, "icon_id": None, "code": "MEETING"},
]
MOST_STATUSES = 100


def require_admin(request: Request) -> None:
    user = request.account.users.get(request.user_id)
    if user is None or not user.is_admin:
        raise refusal(403, "Forbidden")


@route("GET", "account")
def account_read(request: Request) -> Reply:
    account = request.account
    asked = set(request.query.get("with", "").split(","))
    body: Json = {
        "id": account.id,
        "name": account.name,
        "subdomain": account.subdomain,
        "current_user_id": request.user_id,
        "country": "RU",
        "currency": "RUB",
        "currency_symbol": "₽",
        "customers_mode": "disabled",
        "is_unsorted_on": True,
        "is_loss_reason_enabled": bool(account.loss_reasons),
        "is_helpbot_enabled": False,
        "is_technical_account": False,
        "contact_name_display_order": 1,
    }
    optional = {
        "amojo_id": f"11111111-2222-4333-8444-{account.id:012d}",
        "uuid": f"824f3a59-0000-4000-8000-{account.id:012d}",
        "drive_url": "https://drive-b.amocrm.ru",
        "version": 16,
        "is_api_filter_enabled": account.filter_enabled,
    }
    body.update({key: value for key, value in optional.items() if key in asked})
    embedded = {key: value for key, value in _embedded(account).items() if key in asked}
    return hal({**body, "_links": request.links("account"), **({"_embedded": embedded} if embedded else {})})


def _embedded(account: Account) -> Json:
    offset = datetime.fromtimestamp(account.now, ZoneInfo(account.timezone)).strftime("%z")
    return {
        "amojo_rights": {"can_direct": True, "can_create_groups": True},
        "users_groups": [{"id": 0, "name": "Отдел продаж", "uuid": None}],
        "task_types": TASK_TYPES,
        "datetime_settings": {
            "date_pattern": "d.m.Y H:i",
            "short_date_pattern": "d.m.Y",
            "short_time_pattern": "H:i",
            "date_format": "d.m.Y",
            "time_format": "H:i:s",
            "timezone": account.timezone,
            "timezone_offset": f"{offset[:3]}:{offset[3:]}",
        },
    }


def _user(request: Request, user: User) -> Json:
    embedded = {"roles": [], "groups": [{"id": 0, "name": "Отдел продаж"}]}
    return {**user_model(user), "_links": request.links(f"users/{user.id}"), "_embedded": embedded}


@route("GET", "users")
def users(request: Request) -> Reply:
    require_admin(request)
    return counted(request, "users", [_user(request, user) for user in request.account.users.values()])


@route("GET", "users/#")
def user(request: Request) -> Reply:
    require_admin(request)
    found = request.account.users.get(request.ids[0])
    if found is None:
        raise refusal(404, "User not found")
    return hal(_user(request, found))


def _pipeline(request: Request, pipeline: Pipeline) -> Json:
    model = pipeline_model(request.account, pipeline)
    for status in model["_embedded"]["statuses"]:
        status["_links"] = request.links(f"leads/pipelines/{pipeline.id}/statuses/{status['id']}")
    return {**model, "_links": request.links(f"leads/pipelines/{pipeline.id}")}


def _found(request: Request) -> Pipeline:
    pipeline = request.account.pipelines.get(request.ids[0])
    if pipeline is None:
        raise refusal(404, "Pipeline not found")
    return pipeline


@route("GET", "leads/pipelines")
def pipelines(request: Request) -> Reply:
    rows = [_pipeline(request, pipeline) for pipeline in request.account.pipelines.values()]
    links = request.links("leads/pipelines")
    return hal({"_total_items": len(rows), "_links": links, "_embedded": {"pipelines": rows}})


@route("GET", "leads/pipelines/#")
def pipeline_read(request: Request) -> Reply:
    return hal(_pipeline(request, _found(request)))


@route("DELETE", "leads/pipelines/#")
def pipeline_deleted(request: Request) -> Reply:
    require_admin(request)
    account, pipeline = request.account, _found(request)
    if len(account.pipelines) == 1 or any(
        lead.pipeline_id == pipeline.id for lead in account.leads.rows.values()
    ):
        raise refusal(400, "Pipeline can not be deleted")
    del account.pipelines[pipeline.id]
    return no_content()


@route("GET", "leads/pipelines/#/statuses")
def statuses(request: Request) -> Reply:
    rows = _pipeline(request, _found(request))["_embedded"]["statuses"]
    links = request.links(request.path)
    return hal({"_total_items": len(rows), "_links": links, "_embedded": {"statuses": rows}})


@route("POST", "leads/pipelines/#/statuses")
def statuses_added(request: Request) -> Reply:
    require_admin(request)
    pipeline = _found(request)
    items = items_of(request)
    if len(pipeline.statuses) + len(items) > MOST_STATUSES:
        raise refusal(422, f"Limit {MOST_STATUSES} statuses per pipeline")
    allowed = {"name": "string", "sort": "int", "color": "string", "request_id": "string"}
    prepared(items, lambda item, check: check.shape(item, allowed))
    rows = []
    for place, item in enumerate(items):
        status_id = request.crm.new_id("stage")
        status = Status(status_id, str(item.get("name")), item.get("sort", 100), item.get("color") or COLOR)
        pipeline.statuses[status_id] = status
        model = status_model(request.account, pipeline, status)
        rows.append({**model, "request_id": request_id(item, place)})
    links = request.links(request.path)
    return hal({"_total_items": len(rows), "_links": links, "_embedded": {"statuses": rows}}, rows=len(rows))


def _status(request: Request) -> tuple[Pipeline, Status]:
    pipeline = _found(request)
    status = pipeline.statuses.get(request.ids[1])
    if status is None:
        raise refusal(404, "Status not found")
    return pipeline, status


@route("GET", "leads/pipelines/#/statuses/#")
def status_read(request: Request) -> Reply:
    return hal(status_model(request.account, *_status(request)))


@route("PATCH", "leads/pipelines/#/statuses/#")
def status_changed(request: Request) -> Reply:
    require_admin(request)
    pipeline, status = _status(request)
    for key in ("name", "sort", "color"):
        value: Any = object_of(request).get(key)
        if value is not None:
            setattr(status, key, value)
    return hal(status_model(request.account, pipeline, status), rows=1)


@route("DELETE", "leads/pipelines/#/statuses/#")
def status_deleted(request: Request) -> Reply:
    require_admin(request)
    pipeline, status = _status(request)
    try:
        remove_stage(request.account, pipeline.id, status.id, request.user_id)
    except ValueError as error:
        raise refusal(400, str(error)) from error
    return no_content()


def _reason(request: Request, reason_id: int, place: int) -> Json:
    name = request.account.loss_reasons[reason_id]
    stamps = {"sort": (place + 1) * 100, "created_at": 1767600000, "updated_at": 1767600000}
    return {
        "id": reason_id,
        "name": name,
        **stamps,
        "_links": request.links(f"leads/loss_reasons/{reason_id}"),
    }


@route("GET", "leads/loss_reasons")
def loss_reasons(request: Request) -> Reply:
    rows = [
        _reason(request, reason_id, place) for place, reason_id in enumerate(request.account.loss_reasons)
    ]
    if not rows:
        return no_content()
    return counted(request, "loss_reasons", rows)


@route("GET", "leads/loss_reasons/#")
def loss_reason(request: Request) -> Reply:
    if request.ids[0] not in request.account.loss_reasons:
        return no_content()
    return hal(_reason(request, request.ids[0], 0))
