"""What our rules would have made of a lead: the commands of one decision, folded into the state they lead
to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from backend.core.crm import Lead
from backend.core.money import Kopecks
from backend.core.sync.commands import Command, CreateLead, FieldValue, UpdateLead, Value
from backend.core.sync.links import NEXT


class Action(StrEnum):
    """`open`: a new lead; `attach`: an open lead becomes the booking's; `change`: its own lead is written;
    `nothing`.
    """

    OPEN = "open"
    ATTACH = "attach"
    CHANGE = "change"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class State:
    """A lead as far as it is compared. None says nothing: a command leaves it alone."""

    lead_id: int | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    price: Kopecks | None = None
    responsible_id: int | None = None
    fields: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intent:
    """`shares` are leads beside the main one that we would make; `sides` what we would do to leads of other
    bookings.
    """

    action: Action
    reason: str = ""
    phase: str = ""
    direction: str = ""
    wanted: State = State()
    shares: tuple[str, ...] = ()
    sides: tuple[State, ...] = ()


def of(
    key: str, commands: Iterable[Command], known: Collection[int], *, reason: str = "", phase: str = ""
) -> Intent:
    """`known` are the fields that the other writer fills: no other field is ever a difference."""
    intent = Intent(Action.NOTHING, reason, phase)
    for command in commands:
        match command:
            case CreateLead(share="") if command.key == key:
                intent = _with(intent, Action.OPEN, _made(command, known), command.direction)
            case CreateLead():
                intent = _beside(intent, command.share)
            case UpdateLead(share="", attaches=str()) if command.key == key:
                intent = _with(intent, Action.ATTACH, _written(command, known), command.attaches or "")
            case UpdateLead(share="") if command.key == key and intent.action is Action.NOTHING:
                intent = _with(intent, Action.CHANGE, _written(command, known), command.redirects or "")
            case UpdateLead() if command.stage_id is not None:
                intent = _aside(intent, _written(command, ()))
    return intent


def seen(lead: Lead, known: Collection[int]) -> State:
    """A lead of the CRM as it is compared."""
    fields = {field_id: lead.values(field_id) for field_id in known}
    return State(lead.id, lead.pipeline_id, lead.stage_id, lead.price, lead.responsible_id, fields)


def texts(value: Value) -> tuple[str, ...]:
    """A value of a command as the CRM shows it."""
    if value is None or value == "":
        return ()
    return tuple(value) if isinstance(value, tuple) else (str(value),)


# As plain data


def written(intent: Intent) -> dict[str, Any]:
    return {
        "action": str(intent.action), "reason": intent.reason, "phase": intent.phase,
        "direction": intent.direction, "wanted": written_state(intent.wanted),
        "shares": list(intent.shares), "sides": [written_state(side) for side in intent.sides],
    }  # fmt: skip


def read(data: Mapping[str, Any]) -> Intent:
    """What `written` wrote down."""
    return Intent(
        Action(data["action"]), data["reason"], data["phase"], data["direction"], read_state(data["wanted"]),
        tuple(data["shares"]), tuple(read_state(side) for side in data["sides"]),
    )  # fmt: skip


def written_state(state: State) -> dict[str, Any]:
    fields = {str(field_id): list(values) for field_id, values in state.fields.items()}
    return {
        "lead_id": state.lead_id, "pipeline_id": state.pipeline_id, "stage_id": state.stage_id,
        "price": state.price, "responsible_id": state.responsible_id, "fields": fields,
    }  # fmt: skip


def read_state(data: Mapping[str, Any]) -> State:
    fields = {int(field_id): tuple(values) for field_id, values in data.get("fields", {}).items()}
    return State(**{**data, "fields": fields})


def _made(command: CreateLead, known: Collection[int]) -> State:
    fields = _fields(command.fields, known)
    return State(
        None, command.pipeline_id, command.stage_id, command.price, command.responsible_id or None, fields
    )


def _written(command: UpdateLead, known: Collection[int]) -> State:
    fields = _fields(command.fields, known)
    return State(command.lead_id, command.pipeline_id, command.stage_id, command.price, None, fields)


def _fields(values: Iterable[FieldValue], known: Collection[int]) -> dict[int, tuple[str, ...]]:
    return {one.field_id: texts(one.value) for one in values if one.field_id in known}


def _with(intent: Intent, action: Action, wanted: State, direction: str) -> Intent:
    return replace(intent, action=action, wanted=wanted, direction=direction)


def _beside(intent: Intent, share: str) -> Intent:
    return replace(intent, shares=(*intent.shares, NEXT if share.startswith(NEXT) else share))


def _aside(intent: Intent, state: State) -> Intent:
    return replace(intent, sides=(*intent.sides, state))
