"""Telephony as a section of the configuration's document, written: read again, it gives the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import time

from backend.core.rules.telephony_dialling import DAYS
from backend.core.rules.telephony_document import FLAGS, LISTS
from backend.core.telephony.rules import (
    Dialling,
    FieldRule,
    Hook,
    Hours,
    Line,
    Missed,
    NumberFormat,
    Person,
    Recordings,
    ResultRule,
    TelephonyRules,
)

Plain = dict[str, object]


def rendered(rules: TelephonyRules) -> Plain:
    return {
        **{name: getattr(rules, name) for name in FLAGS},
        "people": [_person(one) for one in rules.people],
        "lines": [_line(one) for one in rules.lines],
        "first_responsible": rules.first_responsible_id,
        "pipeline": rules.pipeline_id,
        "stage": rules.stage_id,
        "log": str(rules.log),
        "ring": [str(step) for step in rules.ring],
        "hours": _hours(rules.hours),
        "missed": _missed(rules.missed),
        **{name: list(getattr(rules, name)) for name in LISTS},
        "own_numbers": list(rules.own_numbers),
        "formats": _formats(rules.formats),
        "dialling": _dialling(rules.dialling),
        "fields": [_field(one) for one in rules.fields],
        "recordings": _plain(rules.recordings),
        "hooks": [_plain(one) for one in rules.hooks],
        "results": [{**_plain(one), "result": str(one.result)} for one in rules.results],
    }


def _person(one: Person) -> Plain:
    return {
        "user": one.user_id,
        "extension": one.extension,
        "phones": list(one.phones),
        "pbx": one.pbx,
        "opens_cards": one.opens_cards,
        **_own_dialling(one),
    }


def _line(one: Line) -> Plain:
    return {
        "trunk": one.trunk,
        "did": one.did,
        "pbx": one.pbx,
        "title": one.title,
        "pipeline": one.pipeline_id,
        "stage": one.stage_id,
        "default_user": one.default_user_id,
        "missed_user": one.missed_user_id,
        "incoming": one.incoming,
        "tags": list(one.tags),
        "fields": {field_id: one.fields[field_id] for field_id in sorted(one.fields)},
        **_own_dialling(one),
    }


def _own_dialling(one: Person | Line) -> Plain:
    return {
        "channel": one.channel,
        "caller_id": one.caller_id,
        "context": one.context,
        "timeout": one.timeout,
        "variables": _variables(one.variables),
    }


def _variables(variables: Mapping[str, str]) -> Plain:
    return {name: variables[name] for name in sorted(variables)}


def _hours(hours: Hours) -> Plain:
    return {DAYS[day]: _span(*hours.days[day]) for day in sorted(hours.days)}


def _span(begin: time, end: time) -> str:
    return f"{begin:%H:%M}-{end:%H:%M}"


def _missed(one: Missed) -> Plain:
    return {**_plain(one), "to": [str(step) for step in one.to]}


def _dialling(one: Dialling) -> Plain:
    lists = {"countries": list(one.countries), "short_numbers": list(one.short_numbers)}
    return {
        **_plain(one), **lists, "variables": _variables(one.variables), "formats": _formats(one.formats),
    }  # fmt: skip


def _formats(formats: tuple[NumberFormat, ...]) -> list[Plain]:
    return [_plain(one) for one in formats]


def _field(one: FieldRule) -> Plain:
    return {
        "entity": str(one.entity),
        "field": one.field_id,
        "template": one.template,
        "only_empty": one.only_empty,
    }


def _plain(one: Dialling | Hook | Missed | NumberFormat | Recordings | ResultRule) -> Plain:
    values: Mapping[str, object] = {f.name: getattr(one, f.name) for f in fields(one)}
    return dict(values)
