"""Recordings behind HTTP: a small helper on the PBX with a token of its own, or a cloud's addresses."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import requests

from backend.core.errors import InvalidInput, TryLater
from backend.core.telephony.recordings import safe_ones
from backend.integrations.http import Session
from backend.integrations.recordings.source import PIECE, KeepAlive, check_size

TIMEOUT = (5.0, 30.0)
WHOLE_SECONDS = 900.0
NOT_THERE = (404, 410)
UNAUTHORIZED = (401, 403)


@dataclass(frozen=True, slots=True)
class Web:
    """`address` of a name: "" for one that this place has not."""

    session: Session
    token: str
    address: Callable[[str], str]
    home: str

    def fetch(self, names: Sequence[str], target: Path, keep_alive: KeepAlive) -> str | None:
        for name in names:
            address = self.address(name)
            if address and self._get(address, target, keep_alive):
                return name
        return None

    def check(self) -> None:
        """Any answer but a refusal will do: what the helper says of its own top is its own affair."""
        with self._asked("GET", self.home) as answer:
            _judge(answer)

    def _get(self, address: str, target: Path, keep_alive: KeepAlive) -> bool:
        with self._asked("GET", address) as answer:
            if not _judge(answer):
                return False
            check_size(_announced(answer))
            _pour(answer, target, keep_alive)
        return True

    def _asked(self, method: str, address: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            return self.session.request(
                method, address, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            )
        except requests.RequestException as error:
            raise TryLater("telephony_recordings.web_away", error=type(error).__name__) from error


def below(url: str) -> Callable[[str], str]:
    """Names are paths below this address."""
    _check_address(url)
    root = url.rstrip("/")
    return lambda name: f"{root}/{quote(name)}" if safe_ones([name]) else ""


def of_the_same_place(url: str) -> Callable[[str], str]:
    """Names are whole addresses, as a cloud tells them: only those of the cloud itself, for our key goes
    with the question.
    """
    _check_address(url)
    home = place(url)
    return lambda name: name if place(name) == home else ""


def place(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no plain address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    is_plain = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    return (parts.scheme, (parts.hostname or "").lower(), port) if is_plain else None


def _check_address(url: str) -> None:
    if place(url) is None or urlsplit(url).query or urlsplit(url).fragment:
        raise InvalidInput("telephony_recordings.bad_address")


def _judge(answer: requests.Response) -> bool:
    """Whether there is a file."""
    if answer.status_code in NOT_THERE:
        return False
    if answer.status_code in UNAUTHORIZED:
        raise InvalidInput("telephony_recordings.web_refused", status=answer.status_code)
    if not answer.ok or answer.is_redirect:
        raise TryLater("telephony_recordings.web_failing", status=answer.status_code)
    return True


def _pour(answer: requests.Response, target: Path, keep_alive: KeepAlive) -> None:
    size, announced, until = 0, _announced(answer), time.monotonic() + WHOLE_SECONDS
    try:
        with target.open("wb") as written:
            for piece in answer.iter_content(PIECE):
                size += len(piece)
                check_size(size)
                if time.monotonic() > until:
                    raise TryLater("telephony_recordings.web_away", error="slow")
                written.write(piece)
                keep_alive()
    except requests.RequestException as error:
        raise TryLater("telephony_recordings.web_away", error=type(error).__name__) from error
    if "Content-Encoding" not in answer.headers and size < announced:
        raise TryLater("telephony_recordings.still_written")


def _announced(answer: requests.Response) -> int:
    """What the other side says it will send; 0 when it says nothing, or nonsense."""
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0
