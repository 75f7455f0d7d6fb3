"""Names instead of numbers: pipelines, stages, people and fields of the CRM as last read."""

from __future__ import annotations

from backend.core.crm import CrmSchema, CustomField, Stage
from backend.core.errors import TryLater
from backend.flows.rules import schemas

DATES = ("date", "date_time")


class Names:
    """Before the first snapshot everything is called by its number."""

    def __init__(self, account_id: int) -> None:
        self._schema: CrmSchema | None
        try:
            self._schema = schemas.load(account_id)
        except TryLater:
            self._schema = None

    def pipeline(self, pipeline_id: int) -> str:
        found = self._schema.pipelines if self._schema else ()
        return next((p.name for p in found if p.id == pipeline_id), f"№ {pipeline_id}")

    def stage(self, pipeline_id: int | None, stage_id: int) -> Stage:
        """Stage ids are unique but for the two closing ones, which every pipeline shares."""
        pipelines = self._schema.pipelines if self._schema else ()
        stages = [stage for pipeline in pipelines for stage in pipeline.stages if stage.id == stage_id]
        own = [stage for stage in stages if stage.pipeline_id == pipeline_id]
        return next(iter(own or stages), Stage(stage_id, pipeline_id or 0, f"№ {stage_id}"))

    def user(self, user_id: int) -> str:
        users = self._schema.users if self._schema else ()
        return next((user.name for user in users if user.id == user_id), f"№ {user_id}")

    def field(self, field_id: int) -> str:
        found = self._field(field_id)
        return found.name if found else f"№ {field_id}"

    def is_date(self, field_id: int) -> bool:
        found = self._field(field_id)
        return found is not None and found.type in DATES

    def catalog(self, catalog_id: int) -> str:
        found = self._schema.catalogs if self._schema else ()
        return next((one.name for one in found if one.id == catalog_id), f"№ {catalog_id}")

    def loss_reason(self, reason_id: int) -> str:
        reasons = self._schema.loss_reasons if self._schema else ()
        return next((name for number, name in reasons if number == reason_id), f"№ {reason_id}")

    def _field(self, field_id: int) -> CustomField | None:
        schema = self._schema
        fields = (*schema.lead_fields, *schema.contact_fields) if schema else ()
        return next((field for field in fields if field.id == field_id), None)
