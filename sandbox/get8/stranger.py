"""A session that comes from another address than everybody else's, so that limits by address are its own."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from sandbox.sender import new_session

ADDRESS = "127.0.0.8"


class _From(HTTPAdapter):
    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        super().init_poolmanager(*given, **more, source_address=(ADDRESS, 0))


def stranger_session() -> requests.Session:
    session = new_session()
    session.mount("http://", _From())
    return session
