"""Does what a configuration names exist in the amoCRM account, and does it fit?"""

from __future__ import annotations

from collections.abc import Mapping

from backend.core.crm import CLOSED_STAGES, CrmSchema
from backend.core.rules import contact_fields, schema_checks, telephony_schema
from backend.core.rules.configuration import Configuration, FieldName, Route
from backend.core.rules.document import Node, Problem

# What may be written into a field of which type (amocrm.md); the first is the one that we create.
FIELD_TYPES: Mapping[FieldName, tuple[str, ...]] = {
    FieldName.KEY: ("text",),
    FieldName.RECORD_ID: ("text", "numeric", "textarea"),
    FieldName.SALON: ("select", "multiselect", "radiobutton", "text", "textarea"),
    FieldName.DIRECTION: ("multiselect", "select", "radiobutton", "text", "textarea"),
    FieldName.SERVICES: ("textarea", "text"),
    FieldName.VISIT_AT: ("date_time", "date"),
    FieldName.MASTER: ("text", "textarea", "select", "multiselect"),
    FieldName.COMMENT: ("textarea", "text"),
    FieldName.STATUS: ("text", "textarea", "select", "multiselect"),
    FieldName.AMOUNTS: ("textarea", "text"),
    FieldName.NO_SHOWS: ("numeric", "text", "textarea"),
    FieldName.VISIT_ID: ("text", "numeric", "textarea"),
    FieldName.JOURNAL_URL: ("url", "text", "textarea"),
    FieldName.DURATION: ("numeric", "text", "textarea"),
    FieldName.CATEGORIES: ("textarea", "text"),
    FieldName.GOODS: ("textarea", "text"),
    FieldName.AUTHOR: ("text", "textarea", "select"),
    FieldName.ONLINE: ("checkbox", "text", "select"),
    FieldName.LABELS: ("text", "textarea", "multiselect"),
    FieldName.PLANNED: ("numeric", "monetary", "text"),
    FieldName.PAID: ("numeric", "monetary", "text"),
    FieldName.PREPAID: ("numeric", "monetary", "text"),
    FieldName.BY_ABONEMENT: ("numeric", "monetary", "text"),
    FieldName.DEBT: ("numeric", "monetary", "text"),
    FieldName.FIRST_VISIT: ("checkbox", "text"),
    FieldName.FIRST_IN_NETWORK: ("checkbox", "text"),
    FieldName.RETURNING: ("checkbox", "text"),
    FieldName.EVENT: ("text", "textarea"),
    FieldName.PLACES: ("numeric", "text"),
    FieldName.VISITOR: ("text", "textarea"),
    FieldName.SOURCE_LEAD: ("url", "text", "textarea"),
    FieldName.NEXT_VISIT_AT: ("date", "date_time"),
    FieldName.HAS_NEXT: ("checkbox", "text"),
}


def check_against(configuration: Configuration, schema: CrmSchema) -> tuple[Problem, ...]:
    """Everything that the configuration names and the account lacks. Paths are those of its document."""
    root = Node(None, "", [])
    _check_options(root.child("options", None), configuration, schema)
    for place, branch in enumerate(configuration.branches):
        node = root.child(f"branches[{place}]", None)
        schema_checks.user(node, "responsible_id", branch.responsible_id, schema)
    for place, route in enumerate(configuration.routes):
        _check_route(root.child(f"routes[{place}]", None), route, configuration, schema)
    for name, choice in configuration.fields.items():
        if isinstance(choice, int):
            node = root.child("fields", None).child(name, None)
            schema_checks.field(node, choice, schema.lead_fields, FIELD_TYPES[name])
    for place, rule in enumerate(configuration.tasks):
        schema_checks.user(root.child(f"tasks[{place}]", None), "user", rule.user_id, schema)
    contact_fields.check(root, configuration.contact_fields, configuration.products, schema)
    telephony_schema.check(root.child("telephony", None), configuration.telephony, schema)
    return tuple(root.problems)


def _check_options(node: Node, configuration: Configuration, schema: CrmSchema) -> None:
    options, known = configuration.options, {number for number, _ in schema.loss_reasons}
    reasons = (("cancelled", options.cancelled_loss_reason), ("technical", options.technical_loss_reason))
    for name, reason in reasons:
        if reason is not None and reason not in known:
            node.child("loss_reasons", None).child(name, None).complain(
                "configuration.no_loss_reason", value=reason
            )
    for pipeline in sorted(options.common_pipelines - {known.id for known in schema.pipelines}):
        node.child("common_pipelines", None).complain("configuration.no_pipeline", value=pipeline)


def _check_route(node: Node, route: Route, configuration: Configuration, schema: CrmSchema) -> None:
    schema_checks.user(node, "responsible_id", route.responsible_id, schema)
    if all(pipeline.id != route.pipeline_id for pipeline in schema.pipelines):
        node.child("pipeline", None).complain("configuration.no_pipeline", value=route.pipeline_id)
        return
    for phase, stage in route.stages.items():
        schema_checks.stage(node.child("stages", None).child(phase, None), route.pipeline_id, stage, schema)
    pipelines = {route.pipeline_id, *configuration.options.common_pipelines}
    reachable = {
        stage.id for pipeline in schema.pipelines if pipeline.id in pipelines for stage in pipeline.stages
    }
    for name, stages in (("attachable", route.attachable), ("ranks", frozenset(route.ranks))):
        for stage in sorted(stages - reachable - set(CLOSED_STAGES)):
            node.child(name, None).complain("configuration.no_stage", value=stage, pipeline=route.pipeline_id)
