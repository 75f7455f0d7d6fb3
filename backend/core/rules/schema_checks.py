"""Small questions to an account's schema that several parts of a configuration ask."""

from __future__ import annotations

from collections.abc import Iterable

from backend.core.crm import CLOSED_STAGES, CrmSchema, CustomField
from backend.core.rules.document import Node


def user(node: Node, key: str, user_id: int | None, schema: CrmSchema) -> None:
    if user_id is None:
        return
    found = next((user for user in schema.users if user.id == user_id), None)
    if found is None:
        node.child(key, None).complain("configuration.no_user", value=user_id)
    elif not found.is_active:
        node.child(key, None).complain("configuration.user_inactive", value=user_id, name=found.name)


def stage(node: Node, pipeline_id: int, stage_id: int, schema: CrmSchema) -> None:
    """Somewhere a lead may be put by us."""
    found = schema.stage(pipeline_id, stage_id)
    if found is None and stage_id not in CLOSED_STAGES:
        node.complain("configuration.no_stage", value=stage_id, pipeline=pipeline_id)
    elif found is not None and found.is_incoming:
        node.complain("configuration.stage_incoming", value=stage_id)


def field(node: Node, field_id: int, known: Iterable[CustomField], types: tuple[str, ...]) -> None:
    found = next((one for one in known if one.id == field_id), None)
    if found is None:
        node.complain("configuration.no_field", value=field_id)
    elif found.type not in types:
        node.complain("configuration.field_type", value=field_id, type=found.type, known=", ".join(types))
