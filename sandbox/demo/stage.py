"""The two emulators as the script wants them: the account, the salons, and everything that existed before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.demo.checker import Seeded
from sandbox.demo.day import BookingPlan, Day, LeadPlan
from sandbox.demo.http import Control

Plain = dict[str, Any]


@dataclass(slots=True)
class Stage:
    """Both emulators and what has been made in them: record ids by the script's names."""

    day: Day
    crm: Control
    salons: Control
    records: dict[str, int] = field(default_factory=dict)
    seeded: list[Seeded] = field(default_factory=list)
    plans: dict[str, BookingPlan] = field(default_factory=dict)

    def where(self, name: str) -> Plain:
        """The address of a booking for a verb of the interface."""
        return {"company_id": self.plans[name].salon, "record_id": self.records[name]}

    def create(self, plan: BookingPlan) -> None:
        made = {} if plan.made is None else {"created_at": int(plan.made.timestamp())}
        record = self.salons("ui/create", **plan.booking, **made)
        self.records[plan.id] = int(record["id"])
        self.plans[plan.id] = plan
        if plan.is_deleted:
            self.salons("ui/delete", **self.where(plan.id))

    def state(self) -> Plain:
        found: Plain = self.crm.read("state", domain=self.day.domain)
        return found


def prepare(stage: Stage, tokens: dict[int, str], partner: str) -> None:
    """Everything up to the moment when the customer decides to install the integration."""
    day = stage.day
    stage.crm("account", **day.account)
    for contact in day.contacts:
        stage.crm(
            "ui/contact",
            domain=day.domain,
            user_id=day.owner,
            name=contact["name"],
            phones=[contact["phone"]],
        )
    for plan in day.leads:
        stage.seeded.append(Seeded(plan, _lead(stage, plan)))
    stage.salons("partner", token=partner)
    for salon in day.salons:
        stage.salons("company", **salon)
        stage.salons("user", token=tokens[salon["id"]], name="Mostik", companies=[salon["id"]])
    _book(stage, day.bookings)


def _lead(stage: Stage, plan: LeadPlan) -> Plain:
    lead: Plain = stage.crm("ui/lead", domain=stage.day.domain, **plan.lead)
    return lead


def _book(stage: Stage, plans: Iterable[BookingPlan]) -> None:
    """In the order in which they were once made, so that ids grow with time."""
    for plan in sorted(plans, key=lambda plan: (plan.made is not None, plan.made)):
        stage.create(plan)
