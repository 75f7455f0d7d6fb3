"""What a click on a number asks of the PBX: which device rings, what is dialled then. Pure.

The device comes from the settings by the user, never from the request; every part is checked once more here,
because what a PBX is told has no escaping (telephony.md §12).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backend.core.errors import InvalidInput
from backend.core.telephony.rules import Dialling, Line, Person, TelephonyRules

REQUEST = "CRM_CALL_ID"  # the variable by which a call is known as the one that was asked for
NUMBER = re.compile(r"\+?[0-9]{2,20}", re.ASCII)
EXTENSION = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)
CHANNEL = re.compile(r"[A-Za-z0-9]{2,12}/[A-Za-z0-9_.@:/+-]{1,80}", re.ASCII)
CONTEXT = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
CALLER_ID = re.compile(r"[^\x00-\x1f\x7f,;&|$`\\]{1,80}")
VARIABLE = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]{0,40}", re.ASCII)
VALUE = re.compile(r"[A-Za-z0-9_.:+-]{0,80}", re.ASCII)
SHORTEST, LONGEST = 5, 120  # seconds that a phone may ring
NO_LINE = Line("")
OURS = "crm-"  # the ids of channels that clicks ask for begin so


@dataclass(frozen=True, slots=True)
class Order:
    """`channel` rings first; who answers there is connected with `extension` in `context`. `token` names the
    order in everything that comes back. `timeout` in seconds.
    """

    token: str
    channel: str
    context: str
    extension: str
    caller_id: str
    timeout: int
    variables: Mapping[str, str]

    @property
    def channel_id(self) -> str:
        """Becomes the id of the whole call."""
        return f"{OURS}{self.token}"


def token_of(channel_id: str) -> str:
    """Which order a channel was begun by; "" when by none of ours. The far half of a Local channel has an id
    of its own: «crm-5b1f;2».
    """
    return channel_id.removeprefix(OURS).partition(";")[0] if channel_id.startswith(OURS) else ""


def order(token: str, number: str, person: Person, line: Line | None, rules: Dialling) -> Order:
    """`number` as the PBX dials it. What a person or a line says goes before what holds for all."""
    words = {"extension": person.extension, "number": number.lstrip("+")}
    through = line or NO_LINE
    timeout = person.timeout or through.timeout or rules.timeout
    made = Order(
        token=token,
        channel=_filled(person.channel or through.channel or rules.channel, words),
        context=person.context or through.context or rules.context,
        extension=number,
        caller_id=_filled(person.caller_id or through.caller_id or rules.caller_id, words),
        timeout=max(SHORTEST, min(LONGEST, timeout)),
        variables={**rules.variables, **through.variables, **person.variables, f"__{REQUEST}": token},
    )
    if wrong := problem(made, person.extension):
        raise InvalidInput("dial.bad_order", part=wrong)
    return made


def line_for(rules: TelephonyRules, user_id: int, pbx: str, pipeline_id: int | None = None) -> Line | None:
    """Through which line a click goes: the one of the lead's pipeline, else the one that is this user's."""
    lines = [line for line in rules.lines if line.has_own_dialling and line.pbx in ("", pbx)]
    of_pipeline = (line for line in lines if pipeline_id is not None and line.pipeline_id == pipeline_id)
    of_user = (line for line in lines if line.default_user_id == user_id)
    return next(of_pipeline, None) or next(of_user, None)


def problem(made: Order, extension: str) -> str:
    """The part of an order that no PBX must be sent; "" when all is well."""
    parts = (
        ("number", NUMBER, made.extension),
        ("extension", EXTENSION, extension),
        ("channel", CHANNEL, made.channel),
        ("context", CONTEXT, made.context),
        ("caller_id", CALLER_ID, made.caller_id),
        *(("variables", VARIABLE, name) for name in made.variables),
        *(("variables", VALUE, value) for value in made.variables.values()),
    )
    return next((name for name, rule, text in parts if not rule.fullmatch(text)), "")


def _filled(template: str, words: Mapping[str, str]) -> str:
    """Only the two placeholders that are documented; anything else stays and is refused by its rule."""
    for name, word in words.items():
        template = template.replace(f"{{{name}}}", word)
    return template
