"""The emulator's state: accounts, integrations, numbers, and how an account is built from a description."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sandbox.amocrm.archive import Shelf
from sandbox.amocrm.auth import Tokens
from sandbox.amocrm.checks import Json
from sandbox.amocrm.journal import Journal
from sandbox.amocrm.limits import Limits
from sandbox.amocrm.models import LOST, WON, Account, App, Enum, Field, Pipeline, Status, Trigger, User
from sandbox.faults import Faults
from sandbox.sender import Trouble

if TYPE_CHECKING:
    from sandbox.world import World

# Far apart, so that an id of one kind taken for another is found at once.
FIRST_IDS = {
    "account": 30_000_001, "lead": 20_000_001, "contact": 40_000_001, "company": 45_000_001,
    "note": 50_000_001,
    "task": 60_000_001, "tag": 600_001, "field": 700_001, "enum": 800_001, "webhook": 9_001, "event": 1,
    "stage": 70_000_001, "widget": 1, "trigger": 1, "catalog": 4_001, "element": 5_001,
}  # fmt: skip
FAULTS = (
    "401",
    "402",
    "403",
    "429",
    "500",
    "504",
    "timeout",
    "reset_after_commit",
    "504_after_commit",
    "slow",
)
PHONES = ("WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER")
EMAILS = ("WORK", "PRIV", "OTHER")
COLOR = "#99ccff"


class State:
    def __init__(self, world: World) -> None:
        self.world = world
        self.lock = threading.RLock()
        self.fault_list = Faults(world.random, FAULTS)
        self.requests = Journal()
        self.shelf = Shelf()
        self.default_archive = ""
        self.clear()

    def clear(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.apps: dict[str, App] = {}
        self.tokens = Tokens()
        self.limiters: dict[int, Limits] = {}
        self.trouble = Trouble()
        self.search_lag = 0.0
        self.list_lag = 0.0
        self.lag_clock = "virtual"
        self.lying_next = False
        self.trigger_encoding = "form"
        self._numbers = {kind: itertools.count(first) for kind, first in FIRST_IDS.items()}

    def new_id(self, kind: str) -> int:
        return next(self._numbers[kind])

    def clock_now(self) -> float:
        return self.world.clock.now()

    def search_now(self) -> float:
        return time.monotonic() if self.lag_clock == "real" else self.clock_now()

    def find(self, domain: str) -> Account:
        if domain not in self.accounts:
            raise ValueError(f"no account {domain!r}")
        return self.accounts[domain]

    def limits_of(self, account: Account) -> Limits:
        return self.limiters.setdefault(account.id, Limits())


def build_account(crm: Any, described: Json) -> Account:
    """An account from its description; what is left out gets a usable default."""
    domain = described["domain"]
    users = described.get("users") or [{"id": 7000001, "name": "Администратор"}]
    pipelines = described.get("pipelines") or [{"id": 8001, "name": "Воронка", "stages": _default_stages()}]
    reasons = described.get("loss_reasons") or []
    robots = [Trigger(**robot) for robot in described.get("triggers") or ()]
    account = Account(
        id=_account_id(crm, domain, described.get("id")),
        domain=domain,
        name=described.get("name") or domain.partition(".")[0],
        timezone=described.get("timezone") or "Europe/Moscow",
        crm=crm,
        users={user["id"]: User(**user) for user in users},
        pipelines={p["id"]: _pipeline(p, place) for place, p in enumerate(pipelines)},
        loss_reasons={reason["id"]: reason["name"] for reason in reasons},
        fields={"leads": {}, "contacts": {}},
        filter_enabled=described.get("filter_enabled", True),
        triggers={robot.on_pipeline: robot for robot in robots},
    )
    for code, name, enums in (("PHONE", "Телефон", PHONES), ("EMAIL", "Email", EMAILS)):
        add_field(
            account, "contacts", {"name": name, "type": "multitext", "code": code, "enums": list(enums)}, True
        )
    for field in described.get("lead_fields") or ():
        add_field(account, "leads", field)
    for field in described.get("contact_fields") or ():
        add_field(account, "contacts", field)
    return account


def _account_id(crm: Any, domain: str, wanted: int | None) -> int:
    """Asked for, or kept from the account that is replaced, or new; two accounts never share one."""
    taken = {account.id for known, account in crm.accounts.items() if known != domain}
    if wanted in taken:
        raise ValueError(f"account id {wanted} is taken")
    number = wanted or (crm.accounts[domain].id if domain in crm.accounts else crm.new_id("account"))
    while number in taken:
        number = crm.new_id("account")
    return int(number)


def _default_stages() -> list[Json]:
    return [{"id": 8100, "name": "Неразобранное", "type": 1}, {"id": 8101, "name": "Первичный контакт"}]


def _pipeline(described: Json, place: int) -> Pipeline:
    stages: dict[int, Status] = {}
    for number, stage in enumerate(described.get("stages") or ()):
        if stage["id"] not in {WON, LOST}:
            stages[stage["id"]] = Status(
                stage["id"],
                stage["name"],
                stage.get("sort", 10 * (number + 1)),
                stage.get("color") or COLOR,
                stage.get("type", 0),
            )
    stages[WON] = Status(WON, "Успешно реализовано", 10000, "#CCFF66")
    stages[LOST] = Status(LOST, "Закрыто и не реализовано", 11000, "#D5D8DB")
    return Pipeline(described["id"], described["name"], described.get("sort", place + 1), place == 0, stages)


def add_field(account: Account, entity: str, described: Json, is_predefined: bool = False) -> Field:
    crm = account.crm
    known = account.fields[entity]
    field = Field(
        id=described.get("id") or crm.new_id("field"),
        name=described["name"],
        type=described.get("type", "text"),
        sort=described.get("sort") or 500 + len(known),
        code=described.get("code"),
        is_api_only=bool(described.get("is_api_only")),
        is_predefined=is_predefined,
        group_id=described.get("group_id"),
    )
    field.enums = new_enums(account, described.get("enums") or ())
    known[field.id] = field
    return field


def new_enums(account: Account, described: Iterable[Any]) -> list[Enum]:
    """Items given as texts or as objects; an item with an id that is already known keeps it."""
    enums = []
    for place, item in enumerate(described):
        given: Json = {"value": item} if isinstance(item, str) else item
        number = given.get("id") or account.crm.new_id("enum")
        enums.append(Enum(number, given["value"], given.get("sort", (place + 1) * 10), given.get("code")))
    return enums
