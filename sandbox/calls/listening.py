"""Recordings as amoCRM's player asks for them: a part of the file, without a login."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import requests

SECONDS = 30.0
LOOK_SECONDS = 0.5
PART = "bytes=0-1023"
MP3 = (b"ID3", b"\xff\xf3", b"\xff\xfb", b"\xff\xe3", b"\xff\xf2")  # how a file or a frame of it begins


def links(notes: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Every link that stands in a logged call with a talk → what is wrong with it, "" when it plays."""
    found = {note["params"].get("link", "") for note in notes if note["params"].get("duration")}
    until = time.monotonic() + SECONDS
    return {link: _heard(link, until) for link in sorted(found) if link}


def _heard(link: str, until: float) -> str:
    """A recording is found and converted some seconds after the call."""
    while True:
        trouble = _trouble(link)
        if not trouble or time.monotonic() > until:
            return trouble
        time.sleep(LOOK_SECONDS)


def _trouble(link: str) -> str:
    try:
        answer = requests.get(link, headers={"Range": PART}, timeout=SECONDS)
    except requests.RequestException as error:
        return f"the recording does not answer: {type(error).__name__}"
    kind = answer.headers.get("Content-Type", "")
    if answer.status_code != 206 or kind != "audio/mpeg":
        return f"the recording answers {answer.status_code} {kind}"
    return "" if answer.content.startswith(MP3) else f"no mp3: {answer.content[:4]!r}"
