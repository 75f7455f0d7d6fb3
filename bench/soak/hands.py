"""Does the deeds of the plan in the emulators, and remembers what people did to leads by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.soak.network import ADMIN, DOMAIN, EPILATION, FIRST_STAGE
from bench.soak.traffic import Deed
from sandbox.demo.http import Control

Plain = dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """What the judge has to know of people's own deeds: they are not in the state of the services."""

    touched: dict[int, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    """Lead → what a person did to it by hand: moved, closed, name, responsible."""
    by_hand: set[int] = field(default_factory=set)
    """Leads that people made: adverts and copies."""
    copies: set[int] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    """Keys of bookings whose lead a person deleted."""
    done: Counter[str] = field(default_factory=Counter)


class Hands:
    def __init__(self, crm: Control, salons: Control) -> None:
        self.crm = crm
        self.salons = salons
        self.records: dict[int, Plain] = {}
        self.ledger = Ledger()
        self._deeds: dict[str, Callable[[Deed], None]] = {
            "book": self._book,
            "edit": self._edit,
            "delete": self._delete,
            "restore": self._restore,
            "pay": self._pay,
            "merge_clients": self._merge,
            "advert": self._advert,
            "hand_move": self._move,
            "hand_close": self._move,
            "hand_name": self._change_card,
            "hand_responsible": self._change_card,
            "hand_delete": self._throw_away,
            "hand_copy": self._copy,
        }

    def do(self, deed: Deed) -> None:
        self._deeds[deed.verb](deed)
        self.ledger.done[deed.verb] += 1

    # In the salon

    def _where(self, booking: int) -> Plain:
        record = self.records[booking]
        return {"company_id": record["company_id"], "record_id": record["id"]}

    def _book(self, deed: Deed) -> None:
        made = self.salons("ui/create", **deed.given)
        cost = sum(float(line["cost"]) for line in made["services"])
        client = made["client"]
        self.records[deed.booking] = {
            "id": made["id"],
            "company_id": made["company_id"],
            "client": client["id"] if client else 0,
            "cost": cost,
        }

    def _edit(self, deed: Deed) -> None:
        changed = self.salons("ui/edit", **self._where(deed.booking), **deed.given)
        self.records[deed.booking]["cost"] = sum(float(line["cost"]) for line in changed["services"])

    def _delete(self, deed: Deed) -> None:
        self.salons("ui/delete", **self._where(deed.booking))

    def _restore(self, deed: Deed) -> None:
        self.salons("ui/restore", **self._where(deed.booking))

    def _pay(self, deed: Deed) -> None:
        self.salons("ui/pay", **self._where(deed.booking), amount=self.records[deed.booking]["cost"])

    def _merge(self, deed: Deed) -> None:
        kept, gone = self.records[deed.booking], self.records[deed.given["gone"]]
        if kept["client"] != gone["client"] and kept["company_id"] == gone["company_id"]:
            where = {"company_id": kept["company_id"]}
            self.salons("ui/merge_clients", **where, from_id=gone["client"], into_id=kept["client"])

    # In the CRM

    def _advert(self, deed: Deed) -> None:
        lead = self.crm(
            "ui/lead",
            domain=DOMAIN,
            user_id=ADMIN,
            name="Заявка с рекламы",
            pipeline_id=EPILATION,
            stage_id=FIRST_STAGE[EPILATION],
            **self._person(deed.given),
        )
        self.ledger.by_hand.add(lead["id"])

    def _person(self, given: Plain) -> Plain:
        """A manager looks whether the contact is there already before making another one."""
        known = self.crm("find_by", domain=DOMAIN, entity="contacts", code="PHONE", value=given["phone"])
        return {"contact_id": known[0]["id"]} if known else {"contact": given}

    def _lead(self, booking: int) -> Plain | None:
        """The card of this booking; without a card there is nothing to do by hand."""
        record = self.records[booking]
        key = f"yclients:{record['company_id']}:{record['id']}"
        found = self.crm("find_by", domain=DOMAIN, entity="leads", code="MOSTIK_KEY", value=key)
        return found[0] if found else None

    def _move(self, deed: Deed) -> None:
        lead = self._lead(deed.booking)
        if lead is None or lead["closed_at"]:
            return
        stage = deed.given.get("stage_id") or FIRST_STAGE[lead["pipeline_id"]] + deed.given["offset"]
        where = {"domain": DOMAIN, "lead_id": lead["id"], "user_id": deed.given["user_id"]}
        self.crm("ui/move", **where, stage_id=stage)
        self.ledger.touched[lead["id"]]["moved" if "offset" in deed.given else "closed"] = stage

    def _change_card(self, deed: Deed) -> None:
        lead = self._lead(deed.booking)
        if lead is None:
            return
        user, name = deed.given["user_id"], deed.given.get("name")
        change = {"name": name} if name else {"responsible_user_id": user}
        self.crm("ui/edit", domain=DOMAIN, user_id=user, lead_id=lead["id"], **change)
        self.ledger.touched[lead["id"]].update(change)

    def _throw_away(self, deed: Deed) -> None:
        lead = self._lead(deed.booking)
        if lead is not None:
            self.crm("ui/delete", domain=DOMAIN, user_id=deed.given["user_id"], lead_id=lead["id"])
            record = self.records[deed.booking]
            self.ledger.deleted.add(f"yclients:{record['company_id']}:{record['id']}")

    def _copy(self, deed: Deed) -> None:
        lead = self._lead(deed.booking)
        if lead is not None:
            copy = self.crm("ui/copy", domain=DOMAIN, user_id=deed.given["user_id"], lead_id=lead["id"])
            self.ledger.by_hand.add(copy["id"])
            self.ledger.copies.add(copy["id"])
