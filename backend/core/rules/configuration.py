"""What the customer configured: salons, directions, routes, stages, fields and options. Documented in
docs/configuration.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from backend.core.rules.options import STANDARD, MultiCategory, Options
from backend.core.rules.sections import (
    CREATE,
    EVERYBODY,
    MARK_VISITS,
    NOBODY,
    Alerts,
    CardRights,
    ContactFieldName,
    FieldChoice,
    TaskRule,
    TextName,
)
from backend.core.salon import DEFAULT_ZONE, Phase
from backend.core.telephony.rules import TelephonyRules

SILENT = TelephonyRules()
EMPTY: Mapping[int, frozenset[int]] = MappingProxyType({})


class Mode(StrEnum):
    """Who writes for a branch: `off` ignores it, `observe` plans without writing, `active` writes."""

    OFF = "off"
    OBSERVE = "observe"
    ACTIVE = "active"


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
    VISIT_ID = "visit_id"
    JOURNAL_URL = "journal_url"
    DURATION = "duration"
    CATEGORIES = "categories"
    GOODS = "goods"
    AUTHOR = "author"
    ONLINE = "online"
    LABELS = "labels"
    PLANNED = "planned"
    PAID = "paid"
    PREPAID = "prepaid"
    BY_ABONEMENT = "by_abonement"
    DEBT = "debt"
    FIRST_VISIT = "first_visit"
    FIRST_IN_NETWORK = "first_in_network"
    RETURNING = "returning"
    EVENT = "event"
    PLACES = "places"
    VISITOR = "visitor"
    SOURCE_LEAD = "source_lead"
    NEXT_VISIT_AT = "next_visit_at"
    HAS_NEXT = "has_next"


# Filled unless an account says otherwise; every other field only when it is chosen.
USUAL_FIELDS = frozenset(
    {
        FieldName.KEY, FieldName.RECORD_ID, FieldName.SALON, FieldName.DIRECTION, FieldName.SERVICES,
        FieldName.VISIT_AT, FieldName.MASTER, FieldName.COMMENT, FieldName.STATUS, FieldName.AMOUNTS,
        FieldName.NO_SHOWS,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Master:
    """What a master decides where the options say so: whose lead it is, and of which direction."""

    user_id: int | None = None
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A salon. Its user token lives encrypted with the connection, never here. `authors` are users of the
    booking system and their users of the CRM; None in `multi_category`: as the account.
    """

    company_id: int
    title: str
    mode: Mode = Mode.OBSERVE
    responsible_id: int | None = None
    excluded_staff: frozenset[int] = frozenset()
    timezone: str | None = None
    multi_category: MultiCategory | None = None
    staff: Mapping[int, Master] = field(default_factory=dict)
    authors: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Direction:
    """A business category; `categories` and `services` are service (category) ids per company id."""

    key: str
    title: str
    priority: int = 100
    is_default: bool = False
    categories: Mapping[int, frozenset[int]] = field(default_factory=lambda: EMPTY)
    services: Mapping[int, frozenset[int]] = field(default_factory=lambda: EMPTY)
    next_visit_days: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Where bookings of one branch and direction live in the CRM. A phase without a stage moves nothing.

    The trigger is the place where amoCRM's own automation puts the lead for the next visit after a success;
    no pipeline: there is no such automation; no stage: any open stage of that pipeline.
    """

    branch_id: int
    direction: str
    pipeline_id: int
    stages: Mapping[Phase, int]
    responsible_id: int | None = None
    attachable: frozenset[int] = frozenset()
    ranks: Mapping[int, int] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    trigger_pipeline_id: int | None = None
    trigger_stage_id: int | None = None

    @property
    def entry_stage(self) -> int | None:
        return self.stages.get(Phase.WAITING)


@dataclass(frozen=True, slots=True)
class Configuration:
    timezone: str = DEFAULT_ZONE
    options: Options = STANDARD
    branches: tuple[Branch, ...] = ()
    directions: tuple[Direction, ...] = ()
    routes: tuple[Route, ...] = ()
    fields: Mapping[FieldName, FieldChoice] = field(default_factory=dict)
    contact_fields: Mapping[ContactFieldName, FieldChoice] = field(default_factory=dict)
    products: FieldChoice = None
    texts: Mapping[TextName, str] = field(default_factory=dict)
    tasks: tuple[TaskRule, ...] = MARK_VISITS
    card: CardRights = EVERYBODY
    alerts: Alerts = NOBODY
    telephony: TelephonyRules = SILENT

    def field_choice(self, name: FieldName) -> FieldChoice:
        return self.fields.get(name, CREATE if name in USUAL_FIELDS else None)

    def branch(self, company_id: int) -> Branch | None:
        return next((b for b in self.branches if b.company_id == company_id), None)

    def direction(self, key: str) -> Direction | None:
        return next((d for d in self.directions if d.key == key), None)

    @property
    def default_direction(self) -> Direction | None:
        return next((d for d in self.directions if d.is_default), None)

    def route(self, branch_id: int, direction: str) -> Route | None:
        return next((r for r in self.routes if (r.branch_id, r.direction) == (branch_id, direction)), None)

    def multi_category(self, company_id: int) -> MultiCategory:
        branch = self.branch(company_id)
        return (branch.multi_category if branch else None) or self.options.multi_category

    def route_in(self, branch_id: int, pipeline_id: int) -> Route | None:
        return next(
            (r for r in self.routes if (r.branch_id, r.pipeline_id) == (branch_id, pipeline_id)), None
        )


@dataclass(frozen=True, slots=True)
class BookingRules:
    """The configuration together with what it turned into in the account: ids of the fields that are really
    there, the stages of «Неразобранное», and the users who work there (id → name).
    """

    configuration: Configuration
    field_ids: Mapping[FieldName, int]
    version: int = 0
    language: str = "ru"
    incoming_stages: frozenset[int] = frozenset()
    users: Mapping[int, str] = field(default_factory=dict)
    contact_field_ids: Mapping[ContactFieldName, int] = field(default_factory=dict)
    domain: str = ""

    def lead_url(self, lead_id: int) -> str | None:
        return f"https://{self.domain}/leads/detail/{lead_id}" if self.domain else None

    def author(self, company_id: int, author_id: int) -> str:
        """The name of whoever made a booking, where the account says who that is in the CRM."""
        branch = self.configuration.branch(company_id)
        return self.users.get(branch.authors.get(author_id, 0), "") if branch else ""

    def works(self, user_id: int) -> bool:
        """Whether this user can be given a lead; nobody is refused while the users are unknown."""
        return not self.users or user_id in self.users
