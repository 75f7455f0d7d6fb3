"""How directories, notes, tasks and webhooks look when they are read; routes add the links."""

from __future__ import annotations

from sandbox.amocrm.checks import Json
from sandbox.amocrm.models import Account, Field, Note, Pipeline, Status, Task, User, Webhook

FULL = {"view": "A", "edit": "A", "add": "A", "delete": "A", "export": "A"}
OWN = {"view": "M", "edit": "M", "add": "A", "delete": "D", "export": "D"}


def user_model(user: User) -> Json:
    rights = FULL if user.is_admin else OWN
    return {
        "id": user.id,
        "name": user.name,
        "email": f"user{user.id}@example.test",
        "lang": "ru",
        "rights": {
            "leads": rights,
            "contacts": rights,
            "companies": rights,
            "tasks": {"edit": rights["edit"], "delete": rights["delete"]},
            "mail_access": user.is_admin,
            "catalog_access": user.is_admin,
            "status_rights": None,
            "is_admin": user.is_admin,
            "is_free": False,
            "is_active": user.is_active,
            "group_id": None,
            "role_id": None,
        },
    }


def status_model(account: Account, pipeline: Pipeline, status: Status) -> Json:
    return {
        "id": status.id,
        "name": status.name,
        "sort": status.sort,
        "is_editable": status.type == 0 and status.id not in {142, 143},
        "pipeline_id": pipeline.id,
        "color": status.color,
        "type": status.type,
        "account_id": account.id,
    }


def pipeline_model(account: Account, pipeline: Pipeline) -> Json:
    ordered = sorted(pipeline.statuses.values(), key=lambda status: status.sort)
    return {
        "id": pipeline.id,
        "name": pipeline.name,
        "sort": pipeline.sort,
        "is_main": pipeline.is_main,
        "is_unsorted_on": any(status.type == 1 for status in ordered),
        "is_archive": False,
        "account_id": account.id,
        "_embedded": {"statuses": [status_model(account, pipeline, status) for status in ordered]},
    }


def field_model(account: Account, entity: str, field: Field) -> Json:
    with_codes = any(enum.code for enum in field.enums)
    enums = [
        {"id": enum.id, "value": enum.value, "sort": enum.sort, **({"code": enum.code} if with_codes else {})}
        for enum in field.enums
    ]
    return {
        "id": field.id,
        "name": field.name,
        "type": field.type,
        "account_id": account.id,
        "code": field.code,
        "sort": field.sort,
        "is_api_only": field.is_api_only,
        "enums": enums or None,
        "group_id": field.group_id,
        "required_statuses": [],
        "is_deletable": not field.is_predefined,
        "is_predefined": field.is_predefined,
        "entity_type": entity,
        "remind": None,
    }


def note_model(account: Account, note: Note) -> Json:
    return {
        "id": note.id,
        "entity_id": note.entity_id,
        "created_by": note.created_by,
        "updated_by": note.updated_by,
        "created_at": note.created_at,
        "updated_at": note.updated_at,
        "responsible_user_id": note.responsible_user_id,
        "group_id": 0,
        "note_type": note.note_type,
        "params": note.params,
        "account_id": account.id,
        "entity_type": note.entity,
    }


def task_model(account: Account, task: Task) -> Json:
    return {
        "id": task.id,
        "created_by": task.created_by,
        "updated_by": task.updated_by,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "responsible_user_id": task.responsible_user_id,
        "group_id": 0,
        "entity_id": task.entity_id,
        "entity_type": task.entity_type,
        "duration": task.duration,
        "is_completed": task.is_completed,
        "task_type_id": task.task_type_id,
        "text": task.name,
        "result": {"text": task.result} if task.result else [],
        "complete_till": task.complete_till,
        "account_id": account.id,
    }


def webhook_model(account: Account, hook: Webhook) -> Json:
    return {
        "id": hook.id,
        "destination": hook.destination,
        "created_at": hook.created_at,
        "updated_at": hook.updated_at,
        "account_id": account.id,
        "created_by": hook.created_by,
        "sort": hook.sort,
        "disabled": hook.disabled,
        "settings": hook.settings,
    }
