"""Body of a digital pipeline step (amocrm.md §5.4): which leads of which account it names, and no more.

Nobody signs it, so nothing else of it is believed. Its encoding is not documented: both are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backend.core.errors import InvalidInput
from backend.integrations.amocrm import hooks

LEAD = "2"  # element_type; 12 is a customer
MOST = 50


@dataclass(frozen=True, slots=True)
class Step:
    account_id: int
    subdomain: str
    lead_ids: tuple[int, ...]


def read(body: bytes) -> Step | None:
    """None for a body that names no lead of an account."""
    data = _object(_decoded(body))
    account_id = _number(data.get("account_id") or _object(data.get("account")).get("id"))
    lead_ids = tuple(dict.fromkeys(_lead_ids(data)))[:MOST]
    if account_id is None or not lead_ids:
        return None
    subdomain = data.get("subdomain") or _object(data.get("account")).get("subdomain")
    return Step(account_id, str(subdomain or ""), lead_ids)


def _decoded(body: bytes) -> object:
    try:
        if body.lstrip().startswith(b"{"):
            return json.loads(body)
        return hooks.form(body)
    except (ValueError, RecursionError, InvalidInput):
        return None


def _lead_ids(data: dict[str, Any]) -> Iterator[int]:
    """Of the widget's own step, and of the step «API: send a webhook», which names leads by what happened."""
    named = _object(_object(data.get("event")).get("data"))
    rows = [named] if str(named.get("element_type", LEAD)) == LEAD else []
    rows += [row for found in _object(data.get("leads")).values() if isinstance(found, list) for row in found]
    for row in rows:
        if (lead_id := _number(_object(row).get("id"))) is not None:
            yield lead_id


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None
