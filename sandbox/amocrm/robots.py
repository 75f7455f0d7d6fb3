"""The automation of salons: a won lead opens the next one for the same person, by API changes as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.amocrm.models import ROBOT, Account, Lead, Trigger

if TYPE_CHECKING:
    from sandbox.amocrm.checks import Json

Create = Callable[["Account", "Json", dict[int, bool], int], Lead]


def lead_won(account: Account, won: Lead, create: Create) -> None:
    """`create` makes the next lead when the robot's delay has passed, as often as the robot fires."""
    robot = account.triggers.get(won.pipeline_id)
    if robot is None:
        return
    contacts = dict(won.contacts) if robot.with_contact else {}
    place = {"pipeline_id": robot.pipeline_id, "status_id": robot.stage_id}
    draft = {"name": robot.name or won.name, "price": 0, "responsible_user_id": won.responsible_user_id}

    def act() -> None:
        with account.crm.lock:
            if not _is_held_back(account, won.id, robot):
                create(account, {**draft, **place}, contacts, ROBOT)

    for _ in range(robot.times):
        account.crm.world.later(robot.delay, act)


def _is_held_back(account: Account, lead_id: int, robot: Trigger) -> bool:
    """The robot's condition «field ≠ value», read when the robot acts."""
    if robot.unless_field is None:
        return False
    lead = account.leads.get(lead_id)
    values = lead.fields.get(robot.unless_field, []) if lead is not None else []
    return any(str(value.get("value")) == robot.unless_value for value in values)
