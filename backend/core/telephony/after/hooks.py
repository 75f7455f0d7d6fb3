"""Functions added to an installation: what they are given of a call, and what they may answer.

A hook is a pure function `(call: dict, facts: dict) -> dict`. It may say to ignore the call, whose it is,
where its lead goes, its number, names of its recordings, and whether a missed one gets a task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backend.core.errors import InvalidInput
from backend.core.telephony import numbers
from backend.core.telephony.after import written
from backend.core.telephony.after.facts import CallFacts, Hooked

GROUP = "mostik.call_hooks"
LONGEST_TEXT, MOST_RECORDINGS, LONGEST_NAME = 500, 10, 300

Given = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one hook said, checked. None: no word about it."""

    skip: bool = False
    number: str = ""
    responsible_id: int | None = None
    pipeline_id: int | None = None
    stage_id: int | None = None
    task: bool | None = None
    task_text: str = ""
    recordings: tuple[str, ...] | None = None


def given(known: CallFacts) -> Given:
    """The call and what is known around it, plain data: a hook can break nothing by changing it."""
    call = known.call
    told = written.as_data(call) | {
        "answered": call.is_answered, "talk_seconds": call.talk.total_seconds(),
        "wait_seconds": call.wait.total_seconds(), "rung": list(call.rung), "talked": list(call.talked),
        "last_talker": call.last_talker,
    }  # fmt: skip
    contact = known.contact
    facts = {
        "now": known.now.isoformat(), "zone": known.zone, "number": known.number, "pbx": known.pbx,
        "contact": {"id": contact.id, "name": contact.name} if contact else None,
        "responsible_id": known.responsible_id, "last_talker_id": known.last_talker_id,
        "open_leads": [
            {
                "id": lead.id, "name": lead.name, "pipeline_id": lead.pipeline_id, "stage_id": lead.stage_id,
                "responsible_id": lead.responsible_id,
            }
            for lead in known.open_leads
        ],
        "users": {str(user_id): name for user_id, name in known.users.items()},
    }  # fmt: skip
    return told, facts


def read(answer: object) -> Answer:
    """InvalidInput for anything that a hook may not say; a misspelt word must not pass in silence."""
    if answer is None:
        return Answer()
    if not isinstance(answer, dict):
        raise InvalidInput("call_hooks.answer", value=type(answer).__name__)
    if unknown := sorted(str(name) for name in answer if name not in READ):
        raise InvalidInput("call_hooks.unknown", name=unknown[0][:50])
    found = Answer()
    for name, value in answer.items():
        if value is None:
            continue
        try:
            found = replace(found, **READ[name](value))
        except (TypeError, ValueError):
            raise InvalidInput("call_hooks.value", name=name, value=repr(value)[:100]) from None
    return found


def merged(said: Iterable[tuple[str, Answer]]) -> Hooked:
    """The first that says something of a thing decides it."""
    whole = Hooked()
    for name, answer in said:
        whole = Hooked(
            skip=whole.skip or (name if answer.skip else ""),
            number=whole.number or answer.number,
            responsible_id=whole.responsible_id or answer.responsible_id,
            pipeline_id=whole.pipeline_id or answer.pipeline_id,
            stage_id=whole.stage_id or (answer.stage_id if not whole.pipeline_id else None),
            task=answer.task if whole.task is None else whole.task,
            task_text=whole.task_text or answer.task_text,
        )
    return whole


def applied(known: CallFacts, said: Sequence[tuple[str, Answer]]) -> CallFacts:
    """The facts with what the hooks said about them."""
    files = next((answer.recordings for _, answer in said if answer.recordings is not None), None)
    call = known.call if files is None else replace(known.call, recordings=files)
    return replace(known, call=call, hooked=merged(said))


def differences(answer: Answer) -> Mapping[str, object]:
    """What an answer says, for the page that tries a hook."""
    silent = Answer()
    return {
        name: getattr(answer, name)
        for name in Answer.__dataclass_fields__
        if getattr(answer, name) != getattr(silent, name)
    }


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError
    return value


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise ValueError
    return value.strip()


def _number(value: object) -> str:
    found = numbers.client(_text(value, numbers.LONGEST_TEXT))
    if not found:
        raise ValueError
    return found


def _task(value: object) -> dict[str, Any]:
    """True or False, or the words of the task."""
    if isinstance(value, bool):
        return {"task": value}
    return {"task": True, "task_text": _text(value, LONGEST_TEXT)}


def _recordings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_RECORDINGS:
        raise TypeError
    return tuple(_text(one, LONGEST_NAME) for one in value)


READ: Mapping[str, Any] = {
    "skip": lambda value: {"skip": _flag(value)},
    "number": lambda value: {"number": _number(value)},
    "responsible": lambda value: {"responsible_id": _id(value)},
    "pipeline": lambda value: {"pipeline_id": _id(value)},
    "stage": lambda value: {"stage_id": _id(value)},
    "task": _task,
    "recordings": lambda value: {"recordings": _recordings(value)},
}
