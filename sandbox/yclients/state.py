"""`Yclients`: the whole service of one world. Its methods are the verbs of the control interface."""

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.yclients import marketplace, seed
from sandbox.yclients.desk import Desk
from sandbox.yclients.gate import Gate
from sandbox.yclients.hooks import DEFAULTS, SERVICE, HookRoad
from sandbox.yclients.loading import Loading
from sandbox.yclients.models import Category, Company, JsonObject, Service, Staff, User
from sandbox.yclients.render import Render
from sandbox.yclients.store import Store
from sandbox.yclients.till import Till
from sandbox.yclients.values import wall_time

if TYPE_CHECKING:
    from sandbox.world import World

OPTIONS: JsonObject = {
    "loose": True,  # random choice among the documented variants of types
    "wrong_offset": False,  # `datetime` off by one hour while `date` is right
    "total_count": "overall",  # overall | page
    "put": "partial",  # partial (2025) | strict (2024: required fields)
    "put_omitted": "keep",  # keep | reset
    "changed_after_zone": "company",  # company | utc+3 | utc
    "visit_attendance": "last",  # last | best
    "restore_event": "update",  # update | create
    "deleted_record": "show",  # GET of one deleted record: show | 404
    "hooks_settings": "on",  # on | 404
    "auth_envelope": True,  # POST /auth with or without the envelope
    "second_factor": False,  # POST /auth asks for a code instead of giving the token
    "rights_cut": False,  # every user sees no records at all and no error either
    "phones_hidden": False,  # nobody is shown a phone, and the rights say so
    "money_hidden": False,  # nobody is shown payments, and the rights say so
    "retry_after": None,  # seconds for the header of a 429, or None
    "limit_body": {"success": False, "data": None, "meta": {"message": "Too many requests"}},
    "licence_code": "doc",  # doc: 402 for searches, 403 for catalogues
    "staff_user_id": 3000002,  # who counts as the author of interface actions
}


class Yclients(Loading):
    def __init__(self, world: "World") -> None:
        self.world = world
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        self.switches: JsonObject = dict(OPTIONS)
        self.salt = self.world.seed
        self.store = Store()
        self.render = Render(self.store, self.switches, self.salt)
        self.road = HookRoad(self.world)
        self.gate = Gate(self.world.random)
        self.desk = Desk(self)
        self.till = Till(self)
        self.comments: dict[int, list[JsonObject]] = {}
        self.installs: dict[tuple[int, int], JsonObject] = {}
        self.memo: dict[tuple[object, ...], tuple[tuple[int, int], list[int]]] = {}
        self.world.sender.drop(SERVICE)

    # Set-up

    def company(self, id: int, **fields: Any) -> JsonObject:  # noqa: A002 - the contract's name
        """Make a salon, or replace the named parts of one that exists; bookings stay."""
        company = self.store.companies.get(id) or Company(id, f"Салон {id}")
        self.store.companies[id] = company
        self.memo.clear()
        for name in ("title", "timezone_name", "group_id", "license_ok", "license_ends", "city"):
            if name in fields:
                setattr(company, name, fields[name])
        if fields.get("group_id") and fields["group_id"] not in self.store.groups:
            self.store.groups[fields["group_id"]] = f"Сеть {fields['group_id']}"
        for kind, maker in (("categories", Category), ("services", Service), ("staff", Staff)):
            if kind in fields:
                setattr(company, kind, {item["id"]: _made(maker, item) for item in fields[kind]})
        return {"id": id, "title": company.title}

    def group(self, id: int, title: str) -> None:  # noqa: A002
        self.store.groups[id] = title

    def partner(self, token: str, name: str = "") -> None:
        self.store.partners[token] = name

    def user(self, token: str, **fields: Any) -> JsonObject:
        """A person with a token. Without `companies` all salons are theirs."""
        known = self.store.users.get(token)
        fields["companies"] = tuple(fields.get("companies") or ())
        fields["denied"] = tuple(fields.get("denied") or ())
        user = User(token, known.id if known else self.store.next_id("user"), **fields)
        self.store.users[token] = user
        self.memo.clear()
        return {"id": user.id, "token": token}

    def change_password(self, token: str, new_token: str) -> None:
        """The vendor's token dies with the old password."""
        user = self.store.users.pop(token)
        user.token = new_token
        self.store.users[new_token] = user

    def seed_reference(self, **sizes: int) -> None:
        seed.reference(self, **sizes)

    # Switches

    def options(self, **switches: Any) -> JsonObject:
        unknown = set(switches) - set(OPTIONS)
        if unknown:
            raise ValueError(f"unknown option {', '.join(sorted(unknown))}")
        self.switches.update(switches)
        self.memo.clear()
        return self.switches

    def limits(
        self, per_second: int | None = None, per_minute: int | None = None, on: bool | None = None
    ) -> JsonObject:
        return self.gate.limits(per_second, per_minute, on)

    def faults(self, kind: str, **fault: Any) -> None:
        self.gate.add_fault(kind, fault)

    def faults_clear(self) -> None:
        self.gate.faults.clear()

    def hooks(self, **settings: Any) -> JsonObject:
        unknown = set(settings) - set(DEFAULTS)
        if unknown:
            raise ValueError(f"unknown hook setting {', '.join(sorted(unknown))}")
        self.road.settings.update(settings)
        return self.road.settings

    def hooks_url(self, company_id: int, urls: list[str]) -> None:
        self.store.companies[company_id].hooks.urls = list(urls)

    def hooks_list(self, company_id: int) -> JsonObject:
        """Who is told about this salon's data."""
        return {"urls": list(self.store.companies[company_id].hooks.urls)}

    def hooks_flush(self) -> JsonObject:
        """Everything queued goes now, whatever its delay."""
        due = self.world.sender.make_due(SERVICE)
        self.world.deliver()
        return {"sent": due}

    def hooks_pending(self) -> list[JsonObject]:
        hooks = self.world.sender.pending(SERVICE)
        return [{"url": hook.url, "due": hook.due, "attempt": hook.attempt, **hook.about} for hook in hooks]

    def deliver(self) -> JsonObject:
        """Send what is due by the clock; the server does it by itself, tests call this."""
        return {"sent": self.world.deliver()}

    def owner_connect(
        self, salon_id: int, application_id: int, partner: str, broken: bool = False
    ) -> JsonObject:
        """The owner pressed «Подключить»: the query of the browser's redirect, rightly or wrongly signed."""
        return marketplace.redirect_of(self, salon_id, application_id, partner, broken)

    def owner_remove(
        self, salon_id: int, application_id: int, partner: str, url: str, event: str = "uninstall"
    ) -> None:
        """The owner removed the application, or did not pay (`freeze`): its callback address is told."""
        marketplace.remove(self, salon_id, application_id, event)
        marketplace.tell_end(self, salon_id, application_id, partner, url, event)

    def hooks_send(self, url: str, body: str) -> None:
        self.road.send_raw(url, body)

    # Questions the API asks

    def may_see(self, user: User | None, company_id: int) -> bool:
        return user is not None and (not user.companies or company_id in user.companies)

    def is_busy(self, company: Company, staff_id: int, starts: Any, length: int, besides: int = 0) -> bool:
        first = wall_time(starts, company.zone)
        last = first + timedelta(seconds=length)
        others = self.store.by_company[company.id].values()
        return any(
            other.starts < last and first < other.starts + timedelta(seconds=other.seance_length)
            for other in others
            if other.staff_id == staff_id and not other.deleted and other.id != besides
        )

    # What happened

    def state(self, company_id: int | None = None) -> JsonObject:
        companies = [c for c in self.store.companies.values() if company_id in (None, c.id)]
        records = [
            self.render.record(record) for c in companies for record in self.store.by_company[c.id].values()
        ]
        shown = [
            {"id": c.id, "title": c.title, "timezone_name": c.timezone_name, "urls": c.hooks.urls}
            for c in companies
        ]
        return {"companies": shown, "records": records}

    def journal(self, since: int = 0, company_id: int | None = None) -> list[JsonObject]:
        return [
            row for row in self.gate.journal if row["n"] > since and company_id in (None, row["company_id"])
        ]

    def journal_clear(self) -> None:
        self.gate.journal.clear()

    def counts(self) -> JsonObject:
        """Also of both services: hooks that wait (`queued`) or are unanswered (`flying`), robots to act."""
        sender, robots = self.world.sender, self.world.timers
        return {**self.gate.counts(), "flying": sender.flying, "queued": sender.queued, "robots": robots}


def _made(maker: type, item: JsonObject) -> Any:
    known = {name: value for name, value in item.items() if name in maker.__slots__}  # type: ignore[attr-defined]
    return maker(**known)
