"""What a configuration names and the CRM has no more: found before a booking trips over it (rows C18, H14,
I11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from backend.core.crm import CrmSchema
from backend.core.rules import telephony_schema
from backend.core.rules.configuration import BookingRules, Configuration, FieldName
from backend.core.rules.document import Node

STAGE, USER, FIELD, REASON = (
    "amocrm.stage_unknown",
    "amocrm.user_left",
    "amocrm.field_gone",
    "amocrm.loss_reason_unknown",
)
# What becomes of a problem of the telephony section (telephony_schema).
OF_CALLS = {
    "configuration.no_pipeline": "telephony.place_gone",
    "configuration.no_stage": "telephony.place_gone",
    "configuration.stage_incoming": "telephony.place_gone",
    "configuration.no_user": "telephony.user_gone",
    "configuration.user_inactive": "telephony.user_gone",
    "configuration.no_field": "telephony.field_gone",
    "configuration.field_type": "telephony.field_gone",
}
NOTICES = frozenset({USER, REASON, *OF_CALLS.values()})  # over as soon as they are mended


@dataclass(frozen=True, slots=True)
class Missing:
    """As an alarm: its code, what it is about, and what fills its sentence."""

    code: str
    scope_kind: str
    scope_key: str
    details: Mapping[str, object] = field(default_factory=dict)


def missing(rules: BookingRules, schema: CrmSchema) -> tuple[Missing, ...]:
    configuration = rules.configuration
    return (
        *_stages(configuration, schema),
        *_people(configuration, schema),
        *_fields(rules, schema),
        *_loss_reasons(configuration, schema),
        *_of_calls(configuration, schema),
    )


def _stages(configuration: Configuration, schema: CrmSchema) -> Iterator[Missing]:
    """One for each route, however many of its stages are gone: it is mended on one screen."""
    known = {pipeline.id: {stage.id for stage in pipeline.stages} for pipeline in schema.pipelines}
    for route in configuration.routes:
        gone = sorted(set(route.stages.values()) - known.get(route.pipeline_id, set()))
        if gone:
            details = {"value": gone[0], "pipeline_id": route.pipeline_id}
            yield Missing(STAGE, "route", f"{route.branch_id}:{route.direction}", details)


def _people(configuration: Configuration, schema: CrmSchema) -> Iterator[Missing]:
    """Leads that name nobody who works here go to the route's own responsible, or are refused."""
    working = {user.id for user in schema.users if user.is_active}
    named = {
        *(branch.responsible_id for branch in configuration.branches),
        *(route.responsible_id for route in configuration.routes),
    }
    names = {user.id: user.name for user in schema.users}
    for user_id in sorted(user for user in named if user and user not in working):
        yield Missing(USER, "notice", str(user_id), {"name": names.get(user_id, f"№ {user_id}")})


def _fields(rules: BookingRules, schema: CrmSchema) -> Iterator[Missing]:
    there = {one.id for one in schema.lead_fields}
    for name, field_id in rules.field_ids.items():
        if field_id not in there and name is not FieldName.KEY:
            yield Missing(FIELD, "field", str(name), {"field_id": field_id})


def _loss_reasons(configuration: Configuration, schema: CrmSchema) -> Iterator[Missing]:
    there = {number for number, _ in schema.loss_reasons}
    options = configuration.options
    for reason in {options.cancelled_loss_reason, options.technical_loss_reason} - {None}:
        if reason not in there:
            yield Missing(REASON, "notice", str(reason), {"value": reason})


def _of_calls(configuration: Configuration, schema: CrmSchema) -> Iterator[Missing]:
    """One for each kind of trouble: the screen shows the places."""
    if not configuration.telephony.is_on:
        return
    node = Node(None, "telephony", [])
    telephony_schema.check(node, configuration.telephony, schema)
    for code in dict.fromkeys(OF_CALLS[problem.code] for problem in node.problems):
        yield Missing(code, "notice", "")
