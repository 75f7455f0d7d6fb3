"""A few questions to a PBX over a connection of their own, which is over with the last answer."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from backend.core.errors import AppError, TryLater
from backend.integrations.asterisk.actions import Action
from backend.integrations.asterisk.client import Client
from backend.integrations.asterisk.session import Answer


def ask(
    client: Client, asked: Sequence[Action], patience: float, *, among_events: bool = False
) -> list[Answer]:
    """In the order of the questions. AppError with the reason when one stays without an answer for so many
    seconds. `among_events` as in `Client.ask`.
    """
    said: list[Answer | None] = []
    trouble: list[AppError] = []
    is_over = threading.Event()

    def note(answer: Answer | None) -> None:
        said.append(answer)
        if len(said) == len(asked):
            is_over.set()

    def ask_all() -> None:
        for action in asked:
            client.ask(action, note, among_events=among_events)

    def run() -> None:
        try:
            client.run(lambda _: None, ask_all)
        except AppError as error:
            trouble.append(error)
        finally:
            is_over.set()

    thread = threading.Thread(target=run, name="pbx-questions", daemon=True)
    thread.start()
    is_over.wait(patience)
    client.close()
    thread.join(patience)
    answers = [answer for answer in said if answer is not None]
    if len(answers) < len(asked):
        raise trouble[0] if trouble else TryLater("pbx.silent")
    return answers
