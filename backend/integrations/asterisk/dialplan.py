"""Asks a PBX, before anybody clicks, whether a click could work: does its dialplan take the number, does it
know the phone. Both are answered to the least rights (`reporting`); where the module that knows phones is not
loaded, nothing is said of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.core.telephony.after.asking import Questions
from backend.integrations.asterisk import questioning
from backend.integrations.asterisk.actions import Action, Finding
from backend.integrations.asterisk.client import Client
from backend.integrations.asterisk.session import Answer
from backend.integrations.asterisk.wire import Address

PATIENCE = 12.0
LISTED = (b"ListDialplan", b"ShowDialPlanComplete")
NO_CONTEXT, NO_EXTENSION, DENIED = "Did not find context", "Did not find extension", "Permission denied"
INVALID = "INVALID"


def look(address: Address, questions: Questions) -> tuple[Finding, ...]:
    """What is wrong. AppError when there is no working connection."""
    asked: list[Action] = []
    for context, number in questions.places:
        asked += [_shown(context, ""), _shown(context, number)]
    asked += [_state(channel) for channel in questions.channels]
    answers = _answers(address, asked) if asked else []
    found: list[Finding] = []
    for position, (context, number) in enumerate(questions.places):
        found += _of_place(context, number, *answers[2 * position : 2 * position + 2])
    states = answers[2 * len(questions.places) :]
    for channel, answer in zip(questions.channels, states, strict=True):
        if answer.frame.get("Value") == INVALID:
            found.append({"code": "pbx.phone_unknown", "channel": channel})
    return tuple(found)


def _shown(context: str, number: str) -> Action:
    named = [("Extension", number)] if number else []
    return [("Action", "ShowDialPlan"), ("Context", context), *named]


def _state(channel: str) -> Action:
    return [("Action", "Getvar"), ("Variable", f"DEVICE_STATE({channel})")]


def _of_place(context: str, number: str, whole: Answer, one: Answer) -> list[Finding]:
    """A context that asks elsewhere (`switch`) cannot be read: nothing is said of its numbers."""
    if whole.message.startswith(DENIED):
        return [{"code": "pbx.right_missing", "setting": "write = reporting"}]
    if whole.message.startswith(NO_CONTEXT):
        return [{"code": "pbx.context_unknown", "context": context}]
    asks_elsewhere = any(item.get("Switch") for item in whole.items)
    if one.message.startswith(NO_EXTENSION) and not asks_elsewhere:
        return [{"code": "pbx.number_refused", "context": context, "number": number}]
    return []


def _answers(address: Address, asked: Sequence[Action]) -> list[Answer]:
    return questioning.ask(Client(address, LISTED), asked, PATIENCE, among_events=True)
