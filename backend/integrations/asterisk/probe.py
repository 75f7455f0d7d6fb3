"""One look at a PBX, for a person who waits: does it answer, what is it, what may we do there."""

from __future__ import annotations

from dataclasses import dataclass

from backend.integrations.asterisk import actions, questioning
from backend.integrations.asterisk.actions import Finding
from backend.integrations.asterisk.client import Client
from backend.integrations.asterisk.wire import Address

PATIENCE = 8.0


@dataclass(frozen=True, slots=True)
class Found:
    """`channels`: how many there are now."""

    version: str
    channels: int
    findings: tuple[Finding, ...]


def probe(address: Address) -> Found:
    """AppError with the reason when there is no working connection."""
    asked = (actions.core_settings(), actions.list_commands(), actions.show_channels())
    settings, commands, channels = questioning.ask(Client(address), asked, PATIENCE)
    return Found(actions.version(settings), len(channels.items), tuple(actions.rights(commands)))
