"""The form of «Numbers and fields» read into rules, and which field a problem of the document is of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from admin.forms import Form
from admin.telephony import chosen
from backend.core.rules.telephony_results import MOST_CAUSE, WHEN
from backend.core.telephony import originating
from backend.core.telephony.rules import (
    Dialling,
    Entity,
    FieldRule,
    NumberFormat,
    Recordings,
    Result,
    ResultRule,
    TelephonyRules,
)

MOST_FORMATS, MOST_FIELDS, MOST_RESULTS = 20, 30, 20
SPARE = 2  # empty rows that a form shows
SOURCES = ("folder", "http", "sftp")
TEN_YEARS = 3_650
PARTS = tuple(f"telephony.{name}" for name in ("formats", "dialling", "fields", "recordings", "results"))
DIALLING = "telephony.dialling"
OF_DIALLING = ("context", "channel", "caller_id", "timeout", "variables", "per_minute", "per_hour")
ROWS = [(row, part) for row in range(MOST_FORMATS) for part in ("pattern", "result")]
PATHS = {
    **{f"telephony.formats[{row}].{part}": f"{part}_{row}" for row, part in ROWS},
    **{f"{DIALLING}.formats[{row}].{part}": f"dial_{part}_{row}" for row, part in ROWS},
    **{f"{DIALLING}.{name}": f"dial_{name}" for name in OF_DIALLING},
    **chosen.indices(f"{DIALLING}.countries", "dial_countries"),
    **chosen.indices(f"{DIALLING}.short_numbers", "dial_short_numbers"),
    **{f"telephony.fields[{row}].template": f"template_{row}" for row in range(MOST_FIELDS)},
    **{f"telephony.fields[{row}].field": f"field_{row}" for row in range(MOST_FIELDS)},
    **{
        f"telephony.results[{row}].{part}": f"result_{part}_{row}"
        for row in range(MOST_RESULTS) for part in ("dial_status", "cause", "result")
    },
    "telephony.recordings.path": "record_path",
    "telephony.recordings.keep_days": "keep_days",
}  # fmt: skip


def read(form: Form, before: TelephonyRules) -> TelephonyRules:
    return replace(
        before,
        formats=_formats(form, ""),
        dialling=_dialling(form),
        fields=_fields(form),
        recordings=_recordings(form, before.recordings),
        results=_results(form),
    )


def shown(rules: TelephonyRules) -> dict[str, str]:
    """Values of the fields that have but one."""
    dialling, recordings = rules.dialling, rules.recordings
    names = ("context", "channel", "caller_id", "timeout", "per_minute", "per_hour")
    return {
        **{f"dial_{name}": str(getattr(dialling, name)) for name in names},
        "dial_variables": chosen.lines_of(dialling.variables),
        "dial_countries": ", ".join(dialling.countries),
        "dial_short_numbers": ", ".join(dialling.short_numbers),
        "source": recordings.source, "record_path": recordings.path, "keep_days": str(recordings.keep_days),
        **_shown_formats(rules.formats, ""), **_shown_formats(dialling.formats, "dial_"),
        **_shown_fields(rules.fields), **_shown_results(rules.results),
    }  # fmt: skip


def ticked(rules: TelephonyRules) -> set[str]:
    own = {"dial_is_on": rules.dialling.is_on, "records": rules.recordings.is_on, "mp3": rules.recordings.mp3}
    empty = {f"only_empty_{row}": rule.only_empty for row, rule in enumerate(rules.fields)}
    return {name for name, is_on in {**own, **empty}.items() if is_on}


def _formats(form: Form, prefix: str) -> tuple[NumberFormat, ...]:
    """Rows in which something stands; half of one is complained of by the document."""
    found = []
    for row in range(MOST_FORMATS):
        pattern = form.text(f"{prefix}pattern_{row}", is_required=False)
        result = form.text(f"{prefix}result_{row}", is_required=False)
        if pattern and result:
            found.append(NumberFormat(pattern, result))
        elif pattern or result:
            form.complain(f"{prefix}{'result' if pattern else 'pattern'}_{row}", "ui.form.required")
    return tuple(found)


def _dialling(form: Form) -> Dialling:
    return Dialling(
        form.flag("dial_is_on"),
        form.text("dial_context"),
        form.text("dial_channel"),
        form.text("dial_caller_id"),
        form.whole("dial_timeout", originating.SHORTEST, originating.LONGEST),
        chosen.variables(form, "dial_variables"),
        _formats(form, "dial_"),
        form.whole("dial_per_minute", 1, 60),
        form.whole("dial_per_hour", 1, 1_000),
        chosen.listed(form, "dial_countries"),
        chosen.listed(form, "dial_short_numbers"),
    )


def _fields(form: Form) -> tuple[FieldRule, ...]:
    found = []
    for row in range(MOST_FIELDS):
        where, _, number = form.text(f"field_{row}", is_required=False).partition(":")
        source = form.text(f"template_{row}", is_required=False)
        if where in tuple(Entity) and number.isascii() and number.isdigit() and source:
            rule = FieldRule(Entity(where), int(number), source, form.flag(f"only_empty_{row}"))
            found.append(rule)
        elif where or source:
            form.complain(f"template_{row}" if where else f"field_{row}", "ui.form.required")
    return tuple(found)


def _results(form: Form) -> tuple[ResultRule, ...]:
    """Rows in which a result is chosen."""
    found = []
    for row in range(MOST_RESULTS):
        status, cause = (form.values.get(f"result_{part}_{row}", "").strip() for part in WHEN)
        result = form.values.get(f"result_result_{row}", "")
        if result in tuple(Result) and (status or cause):
            known = form.whole(f"result_cause_{row}", 0, MOST_CAUSE) if cause else None
            found.append(ResultRule(Result(result), status, known))
        elif result:
            form.complain(f"result_dial_status_{row}", "telephony.result_of_all")
        elif status or cause:
            form.complain(f"result_result_{row}", "ui.form.required")
    return tuple(found)


def _recordings(form: Form, before: Recordings) -> Recordings:
    return Recordings(
        form.flag("records"),
        form.choice("source", SOURCES) or before.source,
        form.text("record_path"),
        form.flag("mp3"),
        form.whole("keep_days", 1, TEN_YEARS),
    )


def _shown_formats(formats: tuple[NumberFormat, ...], prefix: str) -> dict[str, str]:
    rows: dict[str, Any] = {}
    for row, one in enumerate(formats):
        rows |= {f"{prefix}pattern_{row}": one.pattern, f"{prefix}result_{row}": one.result}
    return rows


def _shown_fields(rules: tuple[FieldRule, ...]) -> dict[str, str]:
    rows: dict[str, str] = {}
    for row, one in enumerate(rules):
        rows |= {f"field_{row}": f"{one.entity}:{one.field_id}", f"template_{row}": one.template}
    return rows


def _shown_results(rules: tuple[ResultRule, ...]) -> dict[str, str]:
    rows: dict[str, str] = {}
    for row, one in enumerate(rules):
        cause = "" if one.cause is None else str(one.cause)
        rows |= {
            f"result_dial_status_{row}": one.dial_status, f"result_cause_{row}": cause,
            f"result_result_{row}": str(one.result),
        }  # fmt: skip
    return rows
