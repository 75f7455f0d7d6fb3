"""Webhooks of a cloud PBX: whether they are its own, and what each tells."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from backend.core.errors import InvalidInput
from backend.core.telephony.call import Way
from backend.core.telephony.hearing.cloud import Notice, Tells

LONGEST = 200  # characters of an id, a number, an address of a recording has its own bound
LONGEST_ADDRESS = 2000
EVENTS = {f"call.{tells.value}": tells for tells in Tells}
WAYS = {"in": Way.IN, "out": Way.OUT, "internal": Way.INTERNAL}
HIDDEN = ("anonymous", "hidden")


def is_signed(body: bytes, key: str, signature: str) -> bool:
    """`sha256=<hex>` of the body under the key that both sides know."""
    expected = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return bool(key) and hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def read(body: bytes | str) -> Notice:
    """InvalidInput for what is no notice."""
    try:
        data = json.loads(body)
        return notice(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("cloud_pbx.malformed", error=type(error).__name__) from error


def notice(data: Any) -> Notice:
    """One notice as the PBX writes it, in a webhook or in its history."""
    try:
        return Notice(
            id=_text(data, "event_id", is_required=True), tells=EVENTS[data["event"]],
            call_id=_text(data, "call_id", is_required=True), at=_moment(data["at"]),
            way=WAYS.get(data.get("direction", ""), Way.UNKNOWN), client=_client(data),
            number=_text(data, "number"), phone=_text(data, "extension"),
            request_id=_text(data, "request_id"), result=_text(data, "result"),
            ended_by=_text(data, "ended_by"), recording=_text(data, "recording", longest=LONGEST_ADDRESS),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidInput("cloud_pbx.malformed", error=type(error).__name__) from error


def _client(data: Mapping[str, Any]) -> str:
    number = _text(data, "client")
    return "" if number.lower() in HIDDEN else number


def _text(data: Mapping[str, Any], name: str, *, is_required: bool = False, longest: int = LONGEST) -> str:
    value = data.get(name)
    value = "" if value is None else value
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        raise ValueError(name)
    if is_required and not value:
        raise ValueError(name)
    return value


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment.astimezone(UTC)
