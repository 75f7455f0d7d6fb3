"""amoCRM's own pop-up about an incoming call (amocrm.md §7.3): it finds the card itself, or offers to make a
contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.integrations.amocrm.client import OLD, AmoClient


@dataclass(frozen=True, slots=True)
class Notice:
    """These users are told that this number calls."""

    number: str
    users: tuple[int, ...] = ()


def send(client: AmoClient, notices: Sequence[Notice]) -> None:
    """All in one request."""
    added = [{"type": "phone_call", "phone_number": one.number, "users": list(one.users)} for one in notices]
    client.write("POST", f"{OLD}events", {"add": added})
