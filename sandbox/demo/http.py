"""Talking to the emulators' control addresses and to the product's open pages, by JSON over HTTP."""

from __future__ import annotations

from typing import Any

import requests

from sandbox.demo.errors import DemoError

SECONDS = 30.0
PENDING = "mostik_events_pending"


class Control:
    """`control("ui/create", …)` posts a verb; `control.read("state")` gets one."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(self, verb: str, **arguments: Any) -> Any:
        return self._json(verb, "POST", json=arguments)

    def read(self, verb: str, **query: Any) -> Any:
        return self._json(verb, "GET", params=query)

    def _json(self, verb: str, method: str, **more: Any) -> Any:
        try:
            answer = self.session.request(method, f"{self.address}/__control/{verb}", timeout=SECONDS, **more)
        except requests.RequestException as error:
            raise DemoError(f"{self.name} does not answer: {verb}") from error
        if answer.status_code != 200:
            raise DemoError(f"{self.name} refused {verb}: {answer.text[:200]}")
        return answer.json()


def text_of(url: str) -> str | None:
    """The body of a 200, or None while there is no such answer."""
    try:
        answer = requests.get(url, timeout=SECONDS)
    except requests.RequestException:
        return None
    return answer.text if answer.status_code == 200 else None


def pending(metrics: str) -> int:
    """Events stored and not handled yet, as the product itself counts them."""
    text = text_of(metrics)
    if text is None:
        raise DemoError(f"{metrics} does not answer")
    values = [line.split()[-1] for line in text.splitlines() if line.startswith(PENDING)]
    return int(sum(map(float, values)))
