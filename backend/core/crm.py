"""Lead, contact, stage and user of the CRM, as our rules see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from backend.core.money import Kopecks

WON = 142  # the same two ids close a lead in every amoCRM pipeline
LOST = 143
CLOSED_STAGES = (WON, LOST)


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead of the CRM. `fields` are (custom field id, shown value); several values of one field give
    several pairs. `created_by` and `updated_by` are users; 0 is a robot, None is not known.
    """

    id: int
    pipeline_id: int
    stage_id: int
    price: Kopecks
    name: str = ""
    responsible_id: int = 0
    contact_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    fields: tuple[tuple[int, str], ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: int = 0
    updated_by: int | None = None
    is_deleted: bool = False

    @property
    def is_closed(self) -> bool:
        return self.stage_id in CLOSED_STAGES

    def values(self, field_id: int | None) -> tuple[str, ...]:
        return tuple(value for key, value in self.fields if key == field_id and value)


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact of the CRM with its phones exactly as they are written there. `fields` are its other fields
    as a lead has them (None: read before they were kept); `created_by` and `responsible_id` are users, 0 a
    robot or nobody, None not known.
    """

    id: int
    name: str = ""
    phones: tuple[str, ...] = ()
    lead_ids: tuple[int, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    is_deleted: bool = False
    fields: tuple[tuple[int, str], ...] | None = None
    tags: tuple[str, ...] = ()
    created_by: int | None = None
    responsible_id: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a pipeline; `color` is amoCRM's own, `is_incoming` marks «Неразобранное»."""

    id: int
    pipeline_id: int
    name: str
    sort: int = 0
    color: str = ""
    is_incoming: bool = False


@dataclass(frozen=True, slots=True)
class Pipeline:
    id: int
    name: str
    stages: tuple[Stage, ...] = ()
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class CrmUser:
    id: int
    name: str
    is_active: bool = True
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field of leads or contacts. `enums` are (enum id, value) of list types."""

    id: int
    name: str
    type: str
    code: str = ""
    enums: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Catalog:
    """A catalogue (list) of the account; one of type `products` holds what is sold."""

    id: int
    name: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class CrmSchema:
    """Everything an account's configuration may refer to, read in one go."""

    account_id: int
    domain: str
    name: str
    timezone: str
    has_filters: bool
    pipelines: tuple[Pipeline, ...]
    users: tuple[CrmUser, ...]
    lead_fields: tuple[CustomField, ...]
    loss_reasons: tuple[tuple[int, str], ...] = ()
    contact_fields: tuple[CustomField, ...] = ()
    catalogs: tuple[Catalog, ...] = ()

    def stage(self, pipeline_id: int, stage_id: int) -> Stage | None:
        return next((s for s in self._stages() if (s.pipeline_id, s.id) == (pipeline_id, stage_id)), None)

    def _stages(self) -> Iterable[Stage]:
        return (stage for pipeline in self.pipelines for stage in pipeline.stages)
