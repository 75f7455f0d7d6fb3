"""A call as plain data and back: what a row keeps of it and what a hook is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from backend.core.telephony.call import Call, Miss, Outcome, Ring, Source, Stage, Talk, Way

ENUMS: Mapping[str, Any] = {"way": Way, "stage": Stage, "outcome": Outcome, "miss": Miss, "source": Source}
TIMES = ("began_at", "ended_at")


def as_data(call: Call) -> dict[str, Any]:
    """JSON alone; times in ISO 8601 with their zone, sets in order."""
    data: dict[str, Any] = {field.name: getattr(call, field.name) for field in fields(call)}
    data |= {name: _text(data[name]) for name in TIMES}
    data["rings"] = [
        {
            "phone": ring.phone, "began_at": _text(ring.began_at), "ended_at": _text(ring.ended_at),
            "status": ring.status, "cause": ring.cause,
        }
        for ring in call.rings
    ]  # fmt: skip
    data["talks"] = [
        {"phone": talk.phone, "began_at": _text(talk.began_at), "ended_at": _text(talk.ended_at)}
        for talk in call.talks
    ]
    data["recordings"] = list(call.recordings)
    data["linked"] = sorted(call.linked)
    data["variables"] = dict(call.variables)
    return data | {name: value.value if (value := data[name]) else None for name in ENUMS}


def from_data(data: Mapping[str, Any]) -> Call:
    """What `as_data` wrote; what an older version of it did not know is as in a new call."""
    known = {field.name: data[field.name] for field in fields(Call) if field.name in data}
    known |= {name: _time(known[name]) for name in TIMES if name in known}
    known |= {name: kind(known[name]) for name, kind in ENUMS.items() if known.get(name)}
    known["rings"] = tuple(_interval(Ring, ring) for ring in data.get("rings", ()))
    known["talks"] = tuple(_interval(Talk, talk) for talk in data.get("talks", ()))
    known["recordings"] = tuple(data.get("recordings", ()))
    known["linked"] = frozenset(data.get("linked", ()))
    known["variables"] = dict(data.get("variables", {}))
    return Call(**known)


def _interval(kind: Any, data: Mapping[str, Any]) -> Any:
    return kind(**{**data, **{name: _time(data[name]) for name in TIMES}})


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
