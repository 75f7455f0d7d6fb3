"""The configuration as a document: plain data in, a checked Configuration out (docs/configuration.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.core.crm import CLOSED_STAGES
from backend.core.errors import InvalidInput
from backend.core.rules import (
    configuration_references,
    options_document,
    sections_document,
    telephony_document,
)
from backend.core.rules.configuration import (
    USUAL_FIELDS,
    Branch,
    Configuration,
    Direction,
    FieldName,
    Master,
    Mode,
    Route,
)
from backend.core.rules.document import Node, Table, refuse_repeats
from backend.core.rules.options import MultiCategory
from backend.core.rules.options_document import YEARS, ids_by_branch
from backend.core.rules.sections import CREATE, FieldChoice
from backend.core.salon import Phase

KEPT = "kept"  # a token in a document: the one that is stored already
ENV = "env:"
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FIELDS = tuple(name for name in FieldName if name is not FieldName.KEY)
SECTIONS = (
    "account", "options", "branches", "directions", "routes", "fields",
    "contact_fields", "products", "texts", "tasks", "card", "alerts", "telephony",
)  # fmt: skip
MOST_TAGS = 10
STANDARD = Configuration()
USUAL_PRIORITY = Direction("", "").priority
NO_ENV: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a document says. `tokens` are apart: a configuration is stored and shown, a token never is."""

    configuration: Configuration
    tokens: Mapping[int, str] = field(default_factory=dict, repr=False)


def parse(document: object, env: Mapping[str, str] = NO_ENV) -> Parsed:
    """The configuration in a document; raises InvalidInput with every problem, each with its path."""
    root = Node(document, "", [])
    table = root.table(*SECTIONS)
    tokens: dict[int, str] = {}
    # What cannot be read leaves a placeholder, so that nobody is told that it is missing as well.
    branches = [(node, _branch(node, env, tokens)) for node in _list(table, "branches")]
    directions = [(node, _direction(node)) for node in _list(table, "directions")]
    routes = [(node, _route(node)) for node in _list(table, "routes")]
    options = table.get("options", options_document.read, STANDARD.options)
    configuration_references.check(branches, directions, routes, (root.child("options", None), options))
    configuration = Configuration(
        table.get("account", _account, STANDARD.timezone),
        options,
        tuple(branch for _, branch in branches),
        tuple(direction for _, direction in directions),
        tuple(route for _, route in routes),
        _fields(table),
        table.get("contact_fields", sections_document.contact_fields, STANDARD.contact_fields),
        sections_document.chosen(table, "products"),
        table.get("texts", sections_document.texts, STANDARD.texts),
        table.get("tasks", sections_document.tasks, STANDARD.tasks),
        table.get("card", sections_document.card, STANDARD.card),
        table.get("alerts", sections_document.alerts, STANDARD.alerts),
        table.get("telephony", telephony_document.read, STANDARD.telephony),
    )
    if root.problems:
        raise InvalidInput("configuration.invalid", problems=tuple(root.problems), count=len(root.problems))
    return Parsed(configuration, tokens)


# --- parts of the document ---


def _list(table: Table, key: str) -> list[Node]:
    return table.optional(key, Node.items) or []


def _account(node: Node) -> str | None:
    return node.table("timezone").get("timezone", _timezone, STANDARD.timezone)


def _timezone(node: Node) -> str | None:
    name = node.name()
    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        node.complain("configuration.unknown_timezone", value=name)
        return None


def _branch(node: Node, env: Mapping[str, str], tokens: dict[int, str]) -> Branch:
    table = node.table(
        "company_id", "title", "user_token", "mode", "responsible_id", "excluded_staff", "timezone",
        "multi_category", "staff", "authors",
    )  # fmt: skip
    company_id, title = table.need("company_id", Node.id), table.need("title", Node.name)
    mode = table.choice("mode", Mode.OBSERVE)
    responsible_id = table.optional("responsible_id", Node.id)
    excluded_staff = table.optional("excluded_staff", Node.ids) or frozenset()
    timezone = table.optional("timezone", _timezone)
    token = table.optional("user_token", lambda node: _token(node, env))
    if token and company_id:
        tokens[company_id] = token
    return Branch(
        company_id or 0, title or "", mode, responsible_id, excluded_staff, timezone,
        table.optional("multi_category", lambda node: node.choice(MultiCategory)),
        table.optional("staff", _masters) or {}, table.optional("authors", _users) or {},
    )  # fmt: skip


def _masters(node: Node) -> dict[int, Master]:
    return {staff_id: _master(child) for staff_id, child in node.by_number().items()}


def _master(node: Node) -> Master:
    table = node.table("user", "direction")
    return Master(table.optional("user", Node.id), table.optional("direction", Node.name))


def _users(node: Node) -> dict[int, int]:
    found = {author: child.id() for author, child in node.by_number().items()}
    return {author: user for author, user in found.items() if user is not None}


def _token(node: Node, env: Mapping[str, str]) -> str | None:
    """A value, `kept`, or `env:NAME`. A complaint never repeats the value: it may be the secret itself."""
    if not isinstance(node.value, str) or not node.value.strip():
        node.complain("configuration.token_not_text")
        return None
    text = node.value.strip()
    if text == KEPT:
        return None
    if not text.startswith(ENV):
        return text
    name = text.removeprefix(ENV)
    token = env.get(name, "").strip() if ENV_NAME.fullmatch(name) else ""
    if not token:
        node.complain("configuration.token_env_missing", name=name)
    return token or None


def _direction(node: Node) -> Direction:
    table = node.table("key", "title", "priority", "default", "categories", "services", "next_visit_days")
    key, title = table.need("key", Node.name), table.need("title", Node.name)
    priority = table.get("priority", lambda node: node.whole(most=1_000_000), USUAL_PRIORITY)
    is_default = table.get("default", Node.flag, default=False)
    categories = table.optional("categories", ids_by_branch) or {}
    services = table.optional("services", ids_by_branch) or {}
    next_visit_days = table.optional("next_visit_days", lambda node: node.whole(least=1, most=YEARS))
    return Direction(key or "", title or "", priority, is_default, categories, services, next_visit_days)


def _route(node: Node) -> Route:
    table = node.table(
        "branch",
        "direction",
        "pipeline",
        "stages",
        "responsible_id",
        "attachable",
        "ranks",
        "tags",
        "trigger",
    )
    branch_id, direction = table.need("branch", Node.id), table.need("direction", Node.name)
    pipeline_id = table.need("pipeline", Node.id)
    stages = table.need("stages", _stages) or {}
    responsible_id = table.optional("responsible_id", Node.id)
    attachable = table.optional("attachable", _open_stages) or frozenset()
    ranks = table.optional("ranks", _ranks) or {}
    tags = table.optional("tags", _tags) or ()
    trigger = table.optional("trigger", _trigger) or (None, None)
    return Route(
        branch_id or 0,
        direction or "",
        pipeline_id or 0,
        stages,
        responsible_id,
        attachable,
        ranks,
        tags,
        *trigger,
    )


def _tags(node: Node) -> tuple[str, ...]:
    items = node.items()
    if len(items) > MOST_TAGS:
        node.complain("configuration.too_many_items", most=MOST_TAGS)
    return tuple(dict.fromkeys(tag for item in items[:MOST_TAGS] if (tag := item.name())))


def _trigger(node: Node) -> tuple[int | None, int | None]:
    """Where the automation's lead begins: never in a closed stage."""
    table = node.table("pipeline", "stage")
    return table.need("pipeline", Node.id), table.optional("stage", _entry_stage)


def _stages(node: Node) -> dict[Phase, int]:
    """A phase that is left out moves nothing; the entry stage is needed, a lead begins somewhere."""
    table = node.table(*Phase)
    found: dict[Phase, int | None] = {
        phase: table.optional(phase, Node.id) for phase in Phase if phase is not Phase.WAITING
    }
    found[Phase.WAITING] = table.need(Phase.WAITING, _entry_stage)
    return {phase: stage for phase in Phase if (stage := found[phase]) is not None}


def _entry_stage(node: Node) -> int | None:
    """142 and 143 close a lead in every pipeline: none begins there."""
    stage = node.id()
    if stage in CLOSED_STAGES:
        node.complain("configuration.entry_stage_closed", value=stage)
        return None
    return stage


def _open_stages(node: Node) -> frozenset[int]:
    """Stages whose leads a booking may continue: a closed lead never."""
    stages = node.ids()
    for stage in sorted(stages.intersection(CLOSED_STAGES)):
        node.complain("configuration.attachable_closed", value=stage)
    return stages


def _ranks(node: Node) -> dict[int, int]:
    ranks = {stage: child.whole(most=1_000) for stage, child in node.by_number().items()}
    return {stage: rank for stage, rank in ranks.items() if rank is not None}


def _fields(table: Table) -> dict[FieldName, FieldChoice]:
    """Here null says «do not fill», so only a name that is left out takes the default."""
    node = table.members.get("fields")
    given = {} if node is None or node.value is None else node.table(*FIELDS).members
    refuse_repeats((child.value, child) for child in given.values() if isinstance(child.value, int))
    return {
        name: sections_document.choice(given[name])
        if name in given
        else CREATE
        if name in USUAL_FIELDS
        else None
        for name in FIELDS
    }
