"""Small parts of the forms about rules: places of leads, people, ordered chains, lists, hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import time
from enum import StrEnum
from typing import TypeVar

from admin.forms import Form
from backend.core.crm import CLOSED_STAGES, CrmSchema
from backend.core.errors import TryLater
from backend.core.rules.telephony_dialling import DAYS
from backend.core.telephony import originating
from backend.core.telephony.rules import Hours
from backend.flows.rules import schemas

S = TypeVar("S", bound=StrEnum)

SEPARATED = re.compile(r"[\s,;]+")
CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?", re.ASCII)
MOST_LISTED = 200

Place = tuple[int | None, int | None]
Pairs = list[tuple[str, str]]


def schema(account_id: int) -> CrmSchema | None:
    try:
        return schemas.load(account_id)
    except TryLater:
        return None


def users(found: CrmSchema | None, chosen: Iterable[int | None], left: str) -> Pairs:
    """Whom one may choose: those who work, and whoever is chosen already; `left` marks one who left."""
    kept = {number for number in chosen if number}
    known = {user.id: user for user in found.users} if found else {}
    options = [
        (str(user.id), user.name if user.is_active else f"{user.name} ({left})")
        for user in sorted(known.values(), key=lambda user: (not user.is_active, user.name.casefold()))
        if user.is_active or user.id in kept
    ]
    return options + [(str(number), f"№ {number} ({left})") for number in sorted(kept - known.keys())]


# A place: pipeline and stage in one list


def places(found: CrmSchema | None, chosen: Place, first: str, gone: str) -> list[tuple[str, Pairs]]:
    """Groups of a list: «8001:» is the first stage of a pipeline, «8001:8100» one of its stages."""
    groups = [
        (
            pipeline.name,
            [
                (f"{pipeline.id}:", f"{pipeline.name}: {first}"),
                *(
                    (f"{pipeline.id}:{stage.id}", stage.name)
                    for stage in pipeline.stages
                    if stage.id not in CLOSED_STAGES and not stage.is_incoming
                ),
            ],
        )
        for pipeline in (found.pipelines if found else ())
    ]
    value = place_value(chosen)
    if value and all(value != one for _, pairs in groups for one, _ in pairs):
        groups.append((gone, [(value, f"№ {value.rstrip(':')} ({gone})")]))
    return groups


def place_value(place: Place) -> str:
    pipeline_id, stage_id = place
    return f"{pipeline_id}:{stage_id or ''}" if pipeline_id else ""


def place(form: Form, name: str) -> Place:
    pipeline, _, stage = form.text(name, is_required=False).partition(":")
    return _number(pipeline), _number(stage)


# Chains: several lists, one under the other


def chain(form: Form, name: str, kind: type[S]) -> tuple[S, ...]:
    """What is chosen in `name_1`, `name_2`…, in that order, each once; empty ones are passed over."""
    values = (form.choice(f"{name}_{place}", tuple(kind)) for place in range(1, len(kind) + 1))
    return tuple(dict.fromkeys(kind(value) for value in values if value))


# Lists in a text


def listed(form: Form, name: str) -> tuple[str, ...]:
    """Words between commas, spaces and line breaks."""
    given = form.values.get(name, "")
    return tuple(dict.fromkeys(word for word in SEPARATED.split(given.strip()) if word))[: MOST_LISTED * 5]


def indices(path: str, name: str, parts: Iterable[str] = ("",)) -> Mapping[str, str]:
    """Problems of every item of a list are told at the one field that holds them all."""
    return {f"{path}[{place}]{part}": name for place in range(MOST_LISTED) for part in parts}


# Working hours


def hours(form: Form) -> Hours:
    found = {}
    for place_, day in enumerate(DAYS):
        begin, end = (_clock(form, f"{day}_{side}") for side in ("from", "to"))
        if begin is None and end is None:
            continue
        if begin is None or end is None or begin >= end:
            form.complain(f"{day}_from", "telephony.bad_hours", value="")
        else:
            found[place_] = (begin, end)
    return Hours(found)


def shown_hours(rules: Hours) -> dict[str, str]:
    """Values of the fields by name."""
    return {
        f"{DAYS[day]}_{side}": f"{moment:%H:%M}"
        for day, span in rules.days.items()
        for side, moment in zip(("from", "to"), span, strict=True)
    }


def _clock(form: Form, name: str) -> time | None:
    given = form.text(name, is_required=False)
    found = CLOCK.fullmatch(given)
    if given and not found:
        form.complain(name, "telephony.bad_hours", value=given[:20])
    return time(int(found[1]), int(found[2])) if found else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


# What a click asks of the PBX


def variables(form: Form, name: str) -> dict[str, str]:
    """One on a line: NAME=value."""
    found: dict[str, str] = {}
    for line in form.values.get(name, "").splitlines():
        variable, sign, value = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not sign or not variable or not value:
            form.complain(name, "telephony_people.bad_line", line=line.strip()[:40])
        else:
            found[variable] = value
    return found


def lines_of(variables: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in variables.items())


def seconds(form: Form, name: str) -> int:
    """How long a phone rings; 0, or nothing: as long as everybody's."""
    given = form.values.get(name, "").strip()
    return form.whole(name, originating.SHORTEST, originating.LONGEST) if given not in ("", "0") else 0
