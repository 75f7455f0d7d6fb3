"""One look at a PBX, for a person who waits: does it answer, what is it, what may we do there."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from backend.core.errors import AppError, TryLater
from backend.integrations.asterisk import actions
from backend.integrations.asterisk.actions import Finding
from backend.integrations.asterisk.client import Client
from backend.integrations.asterisk.session import Answer
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
    client = Client(address)
    said: list[Answer | None] = []
    trouble: list[AppError] = []
    is_over = threading.Event()

    def ask() -> None:
        for action in (actions.core_settings(), actions.list_commands(), actions.show_channels()):
            client.ask(action, note)

    def note(answer: Answer | None) -> None:
        said.append(answer)
        if len(said) == 3:
            is_over.set()

    def run() -> None:
        try:
            client.run(lambda _: None, ask)
        except AppError as error:
            trouble.append(error)
        finally:
            is_over.set()

    thread = threading.Thread(target=run, name="pbx-probe", daemon=True)
    thread.start()
    is_over.wait(PATIENCE)
    client.close()
    thread.join(PATIENCE)
    answers = [answer for answer in said if answer is not None]
    if len(answers) < 3:
        raise trouble[0] if trouble else TryLater("pbx.silent")
    settings, commands, channels = answers
    return Found(actions.version(settings), len(channels.items), tuple(actions.rights(commands)))
