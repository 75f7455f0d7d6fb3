"""Does what the telephony section names exist in the amoCRM account? Asked when it is saved and every day."""

from __future__ import annotations

from backend.core.crm import CrmSchema
from backend.core.rules import schema_checks
from backend.core.rules.document import Node
from backend.core.telephony.rules import Entity, TelephonyRules

TYPES = ("text", "textarea", "url", "numeric", "streetaddress")  # of fields that take the text of a template


def check(node: Node, rules: TelephonyRules, schema: CrmSchema) -> None:
    """`node` is the section."""
    _place(node, rules.pipeline_id, rules.stage_id, schema)
    schema_checks.user(node, "first_responsible", rules.first_responsible_id, schema)
    for place, person in enumerate(rules.people):
        schema_checks.user(node.child(f"people[{place}]", None), "user", person.user_id, schema)
    for place, line in enumerate(rules.lines):
        where = node.child(f"lines[{place}]", None)
        _place(where, line.pipeline_id, line.stage_id, schema)
        schema_checks.user(where, "default_user", line.default_user_id, schema)
        schema_checks.user(where, "missed_user", line.missed_user_id, schema)
        for field_id in line.fields:
            one = where.child("fields", None).child(field_id, None)
            schema_checks.field(one, field_id, schema.lead_fields, TYPES)
    for place, rule in enumerate(rules.fields):
        known = schema.lead_fields if rule.entity is Entity.LEAD else schema.contact_fields
        schema_checks.field(node.child(f"fields[{place}].field", None), rule.field_id, known, TYPES)


def _place(node: Node, pipeline_id: int | None, stage_id: int | None, schema: CrmSchema) -> None:
    if pipeline_id is None:
        return
    if all(pipeline.id != pipeline_id for pipeline in schema.pipelines):
        node.child("pipeline", None).complain("configuration.no_pipeline", value=pipeline_id)
    elif stage_id is not None:
        schema_checks.stage(node.child("stage", None), pipeline_id, stage_id, schema)
