"""What an amoCRM account consists of, as plain mutable objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.amocrm.index import Row, Table
from sandbox.amocrm.journal_events import Event

if TYPE_CHECKING:
    from sandbox.amocrm.catalogs import Catalog
    from sandbox.amocrm.control import AmoCrm
    from sandbox.amocrm.triggers import WidgetTrigger

WON = 142
LOST = 143
ROBOT = 0


@dataclass(slots=True)
class User:
    id: int
    name: str
    is_admin: bool = True
    is_active: bool = True


@dataclass(slots=True)
class Status:
    id: int
    name: str
    sort: int
    color: str
    type: int = 0


@dataclass(slots=True)
class Pipeline:
    id: int
    name: str
    sort: int
    is_main: bool
    statuses: dict[int, Status]

    def first_status(self) -> int:
        """Where a new lead stands when nobody says: the first stage that is not the unsorted one."""
        ordered = sorted(self.statuses.values(), key=lambda status: status.sort)
        return next(status.id for status in ordered if status.type == 0)


@dataclass(slots=True)
class Enum:
    id: int
    value: str
    sort: int
    code: str | None = None


@dataclass(slots=True)
class Field:
    id: int
    name: str
    type: str
    sort: int
    code: str | None = None
    enums: list[Enum] = field(default_factory=list)
    is_api_only: bool = False
    is_predefined: bool = False
    group_id: str | None = None


@dataclass(slots=True)
class Entity(Row):
    """The common part of leads and contacts; `fields` holds custom values as the API shows them."""

    responsible_user_id: int = 0
    created_by: int = 0
    updated_by: int = 0
    fields: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    tags: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True)
class Lead(Entity):
    price: int = 0
    pipeline_id: int = 0
    status_id: int = 0
    loss_reason_id: int | None = None
    closed_at: int | None = None
    contacts: dict[int, bool] = field(default_factory=dict)
    companies: tuple[int, ...] = ()


@dataclass(slots=True)
class Contact(Entity):
    first_name: str = ""
    last_name: str = ""
    is_unsorted: bool = False
    leads: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True)
class Note(Row):
    entity: str = "leads"
    entity_id: int = 0
    created_by: int = 0
    updated_by: int = 0
    responsible_user_id: int = 0
    note_type: str = "common"
    params: dict[str, Any] = field(default_factory=dict)
    is_pinned: bool = False
    is_counted: bool = False
    """A call that the reports count for its author."""


@dataclass(slots=True)
class Task(Row):
    responsible_user_id: int = 0
    created_by: int = 0
    updated_by: int = 0
    entity_id: int | None = None
    entity_type: str | None = None
    duration: int = 0
    is_completed: bool = False
    task_type_id: int = 1
    result: str | None = None
    complete_till: int = 0


@dataclass(slots=True)
class Tag:
    id: int
    name: str
    color: str | None = None


@dataclass(slots=True)
class Webhook:
    id: int
    destination: str
    settings: list[str]
    created_by: int
    created_at: int
    updated_at: int
    client_id: str | None
    sort: int = 10
    disabled: bool = False
    invalid: list[float] = field(default_factory=list)


@dataclass(slots=True)
class App:
    client_id: str
    client_secret: str
    redirect_uri: str
    uninstall_uri: str | None = None
    archive: str = ""
    """Where the uploaded widget lies."""
    has_widget: bool = True
    """Without one nothing is put into the account at installation, whatever archive the sandbox has."""


@dataclass(slots=True)
class Grant:
    """A token, a refresh token or a code: who may do what until when."""

    client_id: str
    account_id: int
    user_id: int
    expires_at: float


@dataclass(slots=True)
class Trigger:
    """The robot "lead won, so open a new one"; `unless_*` is its condition «field ≠ value».

    `times` above 1 and `with_contact=False` are mistakes that people make when they set a robot up.
    """

    on_pipeline: int
    pipeline_id: int
    stage_id: int
    delay: float = 0.0
    times: int = 1
    with_contact: bool = True
    name: str = ""
    unless_field: int | None = None
    unless_value: str = ""


@dataclass(slots=True)
class Incoming:
    """A lead in «Неразобранное»."""

    uid: str
    lead_id: int
    category: str
    source: str
    created_at: int
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Account:
    id: int
    domain: str
    name: str
    timezone: str
    crm: AmoCrm
    users: dict[int, User]
    pipelines: dict[int, Pipeline]
    loss_reasons: dict[int, str]
    fields: dict[str, dict[int, Field]]
    filter_enabled: bool = True
    triggers: dict[int, Trigger] = field(default_factory=dict)
    """Robots by the pipeline they watch."""
    incoming: dict[str, Incoming] = field(default_factory=dict)
    incoming_calls: set[tuple[str, str]] = field(default_factory=set)
    """Calls that ever came there, by source and the source's own id."""
    leads: Table[Lead] = field(default_factory=Table)
    contacts: Table[Contact] = field(default_factory=Table)
    notes: Table[Note] = field(default_factory=Table)
    tasks: Table[Task] = field(default_factory=Table)
    trash: dict[int, Lead] = field(default_factory=dict)
    tags: dict[str, dict[int, Tag]] = field(default_factory=lambda: {"leads": {}, "contacts": {}})
    tag_ids: dict[tuple[str, str], int] = field(default_factory=dict)
    notes_of: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    webhooks: dict[int, Webhook] = field(default_factory=dict)
    widgets: dict[str, dict[str, Any]] = field(default_factory=dict)
    widget_triggers: dict[int, WidgetTrigger] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    popups: list[dict[str, Any]] = field(default_factory=list)
    """Notices of incoming calls that users were shown."""
    companies: dict[int, dict[str, Any]] = field(default_factory=dict)
    """As people fill them in: number, name, phones, responsible."""
    catalogs: dict[int, Catalog] = field(default_factory=dict)
    element_links: dict[int, dict[int, dict[str, Any]]] = field(default_factory=dict)

    @property
    def now(self) -> int:
        return int(self.crm.clock_now())

    @property
    def url(self) -> str:
        return f"https://{self.domain}"

    @property
    def subdomain(self) -> str:
        return self.domain.partition(".")[0]

    def main_pipeline(self) -> Pipeline:
        return next((p for p in self.pipelines.values() if p.is_main), next(iter(self.pipelines.values())))

    def pipeline_of_status(self, status_id: int) -> Pipeline | None:
        """The main pipeline is asked first, because 142 and 143 stand in every one."""
        candidates = [self.main_pipeline(), *self.pipelines.values()]
        return next((pipeline for pipeline in candidates if status_id in pipeline.statuses), None)

    def admin_id(self) -> int:
        return next((user.id for user in self.users.values() if user.is_admin and user.is_active), ROBOT)

    def field_by_code(self, entity: str, code: str) -> Field | None:
        return next((f for f in self.fields[entity].values() if f.code == code), None)
