"""What browsers and YCLIENTS' server bring when an application is installed or removed (yclients.md §22)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass

from backend.core.errors import InvalidInput
from backend.integrations.yclients.parse import number

MOST_SALONS = 200
LEFT = ("uninstall", "freeze")


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """What became of the application in a salon, as the sender says; asked for before it is believed."""

    salon_id: int
    name: str


def person(user_data: str, sign: str, partner_token: str) -> str:
    """Name of the owner who pressed «Подключить»; "" when the cabinet sends no people. The signature is over
    the decoded bytes and does not cover the salons.
    """
    if not user_data:
        return ""
    raw = _decoded(user_data)
    expected = hmac.new(partner_token.encode(), raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), sign.lower().encode("utf-8", "replace")):
        raise InvalidInput("yclients.install_unsigned")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("yclients.install_unsigned") from error
    return str(data.get("name") or "")[:100] if isinstance(data, dict) else ""


def salons(salon_id: str, salon_ids: str) -> tuple[int, ...]:
    """One or several, as the cabinet sends them."""
    parts = [part.strip() for part in f"{salon_id},{salon_ids}".split(",")]
    ids = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 19]
    found = tuple(dict.fromkeys(number for number in ids if number))
    if not found or len(found) > MOST_SALONS:
        raise InvalidInput("yclients.install_incomplete")
    return found


def life_event(body: bytes, partner_token: str, application_id: int) -> LifeEvent | None:
    """None for an event that stops nothing. InvalidInput for a body that does not know our token."""
    try:
        data = json.loads(body)
        token, salon_id = str(data["partner_token"]), number(data["salon_id"])
        application, name = number(data["application_id"]), str(data["event"])
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise InvalidInput("yclients.install_unsigned") from error
    if (
        not hmac.compare_digest(token.encode("utf-8", "replace"), partner_token.encode())
        or application != application_id
    ):
        raise InvalidInput("yclients.install_unsigned")
    return LifeEvent(salon_id, name) if name in LEFT else None


def _decoded(user_data: str) -> bytes:
    """A plus in a query may have become a space on its way."""
    try:
        return base64.b64decode(user_data.replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("yclients.install_unsigned") from error
