"""Webhooks about data changes: who is told, what, and how badly the road treats it."""

import json
from typing import TYPE_CHECKING

from sandbox.sender import Hook, Policy, Trouble
from sandbox.yclients.models import Company, HookSettings, JsonObject, User

if TYPE_CHECKING:
    from sandbox.world import World

SERVICE = "yclients"
FLAGS = (
    "salon",
    "service_category",
    "service",
    "good",
    "master",
    "client",
    "record",
    "goods_operations_sale",
    "goods_operations_receipt",
    "goods_operations_consumable",
    "goods_operations_stolen",
    "goods_operations_move",
    "finances_operation",
    "schedule",
    "loyalty_card",
)
FLAG_OF = {"company": "salon", "staff": "master"}
HEADERS = {"Content-Type": "application/json"}
TIMEOUT = 10.0
DEFAULTS: JsonObject = {
    "delay": 5.0,
    "loss": 0.0,
    "duplicate": 1,
    "shuffle": 0.0,
    "array": 0.0,
    "retry": "twice",
    "self_sending": None,
}
RETRIES = {
    "none": Policy(TIMEOUT),
    "twice": Policy(TIMEOUT, (1.5, 1.5), lambda status, _n: status in (0, 429, 499) or status >= 500),
}


class HookRoad:
    """One action becomes a batch of events; each address of the salon gets them in its own way."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.settings: JsonObject = dict(DEFAULTS)
        self.sent: list[JsonObject] = []

    def tell(self, company: Company, events: list[JsonObject], author: User | None) -> None:
        wanted = [event for event in events if self._is_wanted(company, event, author)]
        if not wanted:
            return
        for url in company.hooks.urls + list(company.application.get("webhook_urls", ())):
            for body in self._bodies(wanted):
                self._send(url, body, company.id)

    def _is_wanted(self, company: Company, event: JsonObject, author: User | None) -> bool:
        hooks = company.hooks
        resource = str(event["resource"])
        flag = FLAG_OF.get(resource, resource)
        return bool(hooks.active and hooks.flags.get(flag, 1)) and not self._is_echo(hooks, author)

    def _is_echo(self, hooks: HookSettings, author: User | None) -> bool:
        """An API write of the user who set the addresses comes back only when self_sending is on."""
        own = author is not None and hooks.owner in (None, author.token)
        forced = self.settings["self_sending"]
        return own and not (hooks.self_sending if forced is None else bool(forced))

    def _bodies(self, events: list[JsonObject]) -> list[JsonObject | list[JsonObject]]:
        if self.settings["array"] and self.world.random.random() < self.settings["array"]:
            return [list(events)]
        return list(events)

    def _send(self, url: str, body: JsonObject | list[JsonObject], company_id: int) -> None:
        settings = self.settings
        trouble = Trouble(settings["delay"], settings["loss"], settings["duplicate"], settings["shuffle"])
        hook = Hook(
            service=SERVICE,
            url=url,
            body=lambda: json.dumps(body, ensure_ascii=False).encode(),
            headers=HEADERS,
            policy=RETRIES[settings["retry"]],
            about={"company_id": company_id, "event": body},
        )
        self.world.sender.send(hook, trouble)

    def send_raw(self, url: str, body: str) -> None:
        """Anything at all to an address, as a broken or a foreign sender would."""
        hook = Hook(SERVICE, url, body.encode(), HEADERS, RETRIES["none"])
        self.world.sender.send(hook, Trouble())


def event(company_id: int, resource: str, resource_id: int, status: str, data: JsonObject) -> JsonObject:
    return {
        "company_id": company_id,
        "resource": resource,
        "resource_id": resource_id,
        "status": status,
        "data": data,
    }


def shown(hooks: HookSettings) -> JsonObject:
    """The settings object of the REST API."""
    flags = {flag: hooks.flags.get(flag, 1) for flag in FLAGS}
    return {"urls": list(hooks.urls), "active": hooks.active, **flags, "self_sending": hooks.self_sending}
