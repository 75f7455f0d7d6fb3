"""What the customer configured: salons, directions, routes, stages, fields and options. Documented in
docs/configuration.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from backend.core.salon import Phase

EMPTY: Mapping[int, frozenset[int]] = MappingProxyType({})


class Mode(StrEnum):
    """Who writes for a branch: `off` ignores it, `observe` plans without writing, `active` writes."""

    OFF = "off"
    OBSERVE = "observe"
    ACTIVE = "active"


class MultiCategory(StrEnum):
    SINGLE = "single"
    SPLIT = "split"
    HYBRID = "hybrid"


class AfterNoShow(StrEnum):
    CONTINUE = "continue"
    STRICT = "strict"


class FieldName(StrEnum):
    """Lead fields we fill. `KEY` is API-only and always ours."""

    KEY = "key"
    RECORD_ID = "record_id"
    SALON = "salon"
    DIRECTION = "direction"
    SERVICES = "services"
    VISIT_AT = "visit_at"
    MASTER = "master"
    COMMENT = "comment"
    STATUS = "status"
    AMOUNTS = "amounts"
    NO_SHOWS = "no_shows"


@dataclass(frozen=True, slots=True)
class Settle:
    """Seconds to wait after a change before acting on it (booking-sync-scenarios.md §6.2)."""

    create: int = 30
    edit: int = 10
    arrived: int = 120
    no_show: int = 300
    delete: int = 60


@dataclass(frozen=True, slots=True)
class Options:
    multi_category: MultiCategory = MultiCategory.HYBRID
    after_no_show: AfterNoShow = AfterNoShow.CONTINUE
    settle: Settle = Settle()
    trigger_wait: int = 120
    cancelled_loss_reason: int | None = None
    technical_loss_reason: int | None = None
    do_not_attach_tag: str = "не привязывать"
    do_not_move_tag: str = "не двигать"
    common_pipelines: frozenset[int] = frozenset()
    import_past_days: int = 3
    reuse_no_show_days: int = 60
    reopen_hours: int = 24

    @property
    def reopen_window(self) -> timedelta:
        return timedelta(hours=self.reopen_hours)


@dataclass(frozen=True, slots=True)
class Branch:
    """A salon. Its user token lives encrypted with the connection, never here."""

    company_id: int
    title: str
    mode: Mode = Mode.OBSERVE
    responsible_id: int | None = None
    excluded_staff: frozenset[int] = frozenset()
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Direction:
    """A business category; `categories` and `services` are service (category) ids per company id."""

    key: str
    title: str
    priority: int = 100
    is_default: bool = False
    categories: Mapping[int, frozenset[int]] = field(default_factory=lambda: EMPTY)
    services: Mapping[int, frozenset[int]] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Route:
    """Where bookings of one branch and direction live in the CRM. A phase without a stage moves nothing."""

    branch_id: int
    direction: str
    pipeline_id: int
    stages: Mapping[Phase, int]
    responsible_id: int | None = None
    attachable: frozenset[int] = frozenset()
    ranks: Mapping[int, int] = field(default_factory=dict)

    @property
    def entry_stage(self) -> int | None:
        return self.stages.get(Phase.WAITING)


FieldChoice = int | str | None  # an existing lead field's id, "create", or None for "do not fill"


@dataclass(frozen=True, slots=True)
class Configuration:
    timezone: str = "Europe/Moscow"
    options: Options = Options()
    branches: tuple[Branch, ...] = ()
    directions: tuple[Direction, ...] = ()
    routes: tuple[Route, ...] = ()
    fields: Mapping[FieldName, FieldChoice] = field(default_factory=dict)

    def branch(self, company_id: int) -> Branch | None:
        return next((b for b in self.branches if b.company_id == company_id), None)

    def direction(self, key: str) -> Direction | None:
        return next((d for d in self.directions if d.key == key), None)

    @property
    def default_direction(self) -> Direction | None:
        return next((d for d in self.directions if d.is_default), None)

    def route(self, branch_id: int, direction: str) -> Route | None:
        return next((r for r in self.routes if (r.branch_id, r.direction) == (branch_id, direction)), None)

    def route_in(self, branch_id: int, pipeline_id: int) -> Route | None:
        return next(
            (r for r in self.routes if (r.branch_id, r.pipeline_id) == (branch_id, pipeline_id)), None
        )


@dataclass(frozen=True, slots=True)
class BookingRules:
    """The configuration together with what it turned into in the account: ids of the fields that are really
    there.
    """

    configuration: Configuration
    field_ids: Mapping[FieldName, int]
    version: int = 0
    language: str = "ru"
