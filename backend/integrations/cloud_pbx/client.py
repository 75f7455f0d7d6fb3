"""Asking a cloud PBX: who is there, to dial, what was told before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.core.telephony.hearing.cloud import Notice
from backend.integrations.cloud_pbx import notices
from backend.integrations.http import Answer, Http, NoLimit, Params, Session

UNAUTHORIZED, FORBIDDEN, TOO_MANY = 401, 403, 429
PORTION = 500
LONGEST = 10_000  # characters of one notice
MOST_PORTIONS = 100  # of one question: the rest is told when it is asked again


@dataclass(frozen=True, slots=True)
class Office:
    """What the PBX says of itself: `webhook` is where it sends its notices."""

    name: str
    webhook: str
    extensions: Mapping[str, str]  # extension → its name
    numbers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice and the very text of it."""

    notice: Notice
    text: str


@dataclass(frozen=True, slots=True)
class CloudPbx:
    """`url` without a slash at its end."""

    http: Http
    url: str
    key: str

    def office(self) -> Office:
        data = self._ask("GET", "/v1/account").body
        return Office(
            name=str(data.get("name", "")), webhook=str(data.get("webhook", "")),
            extensions=_named(data, "extensions", "extension"), numbers=_named(data, "numbers", "number"),
        )  # fmt: skip

    def send_notices_to(self, address: str) -> None:
        answer = self._ask("PUT", "/v1/webhook", body={"url": address})
        if answer.status >= 400:
            raise InvalidInput("cloud_pbx.refused", error=str(answer.body.get("error", answer.status)))

    def dial(self, extension: str, number: str, request_id: str) -> str:
        """The operator's phone first, then the client's; answers with the call's id. InvalidInput, with the
        PBX's own word for why, when it will not. The same request asked twice is one call.
        """
        asked = {"extension": extension, "number": number, "request_id": request_id}
        answer = self._ask("POST", "/v1/calls", body=asked)
        if answer.status >= 400:
            raise InvalidInput("cloud_pbx.refused", error=str(answer.body.get("error", answer.status)))
        return str(answer.body.get("call_id", ""))

    def told_since(self, since: datetime) -> list[Told]:
        """What the PBX has told since then, oldest first; what cannot be read is left out."""
        found: list[Told] = []
        cursor = ""
        for _ in range(MOST_PORTIONS):
            params: Params = {"since": since.isoformat(), "after": cursor, "limit": PORTION}
            data = self._ask("GET", "/v1/events", params=params).body
            found += _readable(data.get("events", []))
            cursor = str(data.get("next") or "")
            if not cursor:
                break
        return found

    def _ask(self, method: str, path: str, *, body: object = None, params: Params | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
        answer = self.http.request(method, f"{self.url}{path}", headers=headers, params=params, body=body)
        if answer.status == UNAUTHORIZED:
            raise NeedsHuman("cloud_pbx.unauthorized")
        if answer.status >= 400 and method == "GET":
            raise TryLater("cloud_pbx.failing", status=answer.status)
        return answer


def connect(session: Session, url: str, key: str) -> CloudPbx:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InvalidInput("cloud_pbx.bad_address")
    return CloudPbx(Http("cloud_pbx", NoLimit(), session=session), url.rstrip("/"), key)


def _named(data: Mapping[str, object], name: str, key: str) -> dict[str, str]:
    rows = data.get(name)
    rows = rows if isinstance(rows, list) else []
    return {str(row[key]): str(row.get("title", "")) for row in rows if isinstance(row, dict) and key in row}


def _readable(rows: object) -> list[Told]:
    found = []
    for row in rows[:PORTION] if isinstance(rows, list) else []:
        text = json.dumps(row, ensure_ascii=False, default=str)
        try:
            if len(text) <= LONGEST:
                found.append(Told(notices.notice(row), text))
        except InvalidInput:
            continue
    return found
