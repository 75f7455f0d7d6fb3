"""Changed rules of telephony in words: which line, whose phone, which rule, before and after."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from admin.names import Names
from backend import texts

LISTED = re.compile(r"(lines|people)\[(.*)\]\.(\w+)(?:\.(.*))?")
OF_LINE = {
    "title": "line_title", "incoming": "line_incoming", "fields": "line_fields", "context": "line_context",
    "pipeline": "place", "stage": "place",
}  # fmt: skip
OF_CLICKS = ("channel", "caller_id", "timeout", "variables")
OF_RECORDINGS = {"is_on": "records", "path": "record_path"}
USERS = ("first_responsible", "default_user", "missed_user", "user")
STEPS = ("ring", "missed.to")

Say = Callable[..., str]
Read = Callable[[Any], str]


def told(name: str, say: Say, names: Names | None, plain: Read) -> tuple[str, Read]:
    """The words for a path below `telephony`, and how its values are read."""
    found = LISTED.fullmatch(name)
    if found:
        kind, key, part, _ = found.groups()
        return _of_listed(kind, key, part, say), _reader(part, say, names, plain)
    if name.startswith("hours."):
        day = say(f"telephony_rules.day.{name.removeprefix('hours.')}")
        return f"{say('telephony_rules.rule.hours.label')}: {day}", str
    return _label(name, say), _reader(name, say, names, plain)


def _of_listed(kind: str, key: str, part: str, say: Say) -> str:
    whose = say(f"telephony_rules.changed.{'line' if kind == 'lines' else 'person'}", name=key)
    if kind == "lines" and part not in OF_CLICKS:
        return f"{whose}: {say(f'telephony_rules.rule.{OF_LINE.get(part, part)}.label')}"
    return f"{whose}: {say(f'telephony_rules.changed.{part}')}"


def _label(name: str, say: Say) -> str:
    """Each rule is called as on its screen."""
    whole, _, part = name.partition(".")
    codes = {
        "missed": f"telephony_rules.rule.missed_{part}.label",
        "dialling": f"telephony_formats.rule.dial_{part.partition('.')[0]}.label",
        "recordings": f"telephony_formats.rule.{OF_RECORDINGS.get(part, part)}.label",
        "pipeline": "telephony_rules.rule.place.label",
        "stage": "telephony_rules.rule.place.label",
        "formats": "telephony_formats.rule.formats.label",
        "fields": "telephony_formats.rule.fields.label",
        "results": "telephony_formats.rule.results.label",
        "hooks": "telephony_rules.changed.hooks",
    }
    code = codes.get(whole, f"telephony_rules.rule.{whole}.label")
    return say(code) if texts.has(code) else f"telephony.{name}"


def _reader(name: str, say: Say, names: Names | None, plain: Read) -> Read:
    if name in USERS:
        return lambda value: names.user(int(value)) if names else f"№ {value}"
    if name in STEPS:
        return lambda value: say(f"telephony_rules.step.{value}")
    if name == "pipeline":
        return lambda value: names.pipeline(int(value)) if names else f"№ {value}"
    if name == "stage":
        return lambda value: names.stage(None, int(value)).name if names else f"№ {value}"
    if name == "log":
        return lambda value: say(f"telephony_rules.log.{value}.label")
    if name == "recordings.source":
        return lambda value: say(f"telephony_formats.source.{value}")
    return lambda value: _table(value, say, names) if isinstance(value, Mapping) else plain(value)


def _table(value: Mapping[str, Any], say: Say, names: Names | None) -> str:
    """A format, a field with its template, what a provider means, or an added function."""
    if "cause" in value:
        when = " ".join(
            str(part) for part in (value["dial_status"], value["cause"]) if part not in ("", None)
        )
        meaning = say(f"telephony_formats.results.{value['result']}")
        return f"{when}: {meaning}"
    if "pattern" in value:
        return f"{value['pattern']} → {value['result']}"
    if "template" in value:
        field = names.field(int(value["field"])) if names else f"№ {value['field']}"
        return f"{field}: {value['template']}"
    return f"{value.get('name')} ({'✓' if value.get('is_on') else '—'})"
