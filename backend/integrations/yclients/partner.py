"""What YCLIENTS answers to a partner: a person's key by login, the salons behind a key, the marketplace's
books.

Nothing here belongs to one salon, so no refusal stops one: each is told to the person who asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.errors import InvalidInput
from backend.integrations.http import Answer, Http, JsonObject
from backend.integrations.yclients import parse
from backend.integrations.yclients.client import ACCEPT, own_words

PAGE = 200
LONGEST = 50  # pages: ten thousand salons are nobody's network
API = "/api/v1"  # ends the address of the REST API; the marketplace stands beside it
ACTIVE, PENDING = "active", "pending"
GONE = ("uninstalled", "freezed", "")  # "" is of an application that was never installed


@dataclass(frozen=True, slots=True)
class Company:
    """A salon that a user may manage."""

    id: int
    title: str
    city: str = ""


class YclientsPartner:
    """One partner's line, before any salon is known."""

    def __init__(self, http: Http, base_url: str, partner_token: str) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._market = f"{self._base.removesuffix(API)}/marketplace"
        self._partner = f"Bearer {partner_token}"

    def sign_in(self, login: str, password: str) -> str:
        """The user's key. InvalidInput when there is none for them, or a second factor stands before it."""
        answer = self._call("POST", f"{self._base}/auth", body={"login": login, "password": password})
        if answer.status >= 400 or not parse.flag(answer.body.get("success", True)):
            raise InvalidInput("yclients.sign_in_refused")
        data = answer.body.get("data", answer.body)  # documented without an envelope, seen with one
        token = data.get("user_token") if isinstance(data, dict) else None
        if not token:
            raise InvalidInput("yclients.second_factor")
        return str(token)

    def companies(self, user_token: str) -> tuple[Company, ...]:
        """Salons the user may manage, each once, however the vendor counts its pages."""
        found: dict[int, Company] = {}
        for page in range(1, LONGEST + 1):
            known = len(found)
            for row in self._companies(user_token, page):
                found.setdefault(parse.number(row.get("id")), _company(row))
            if len(found) == known:
                break
        found.pop(0, None)
        return tuple(found.values())

    def installation(self, salon_id: int, application_id: int) -> str:
        """Where the application stands in a salon: pending, active, freezed, uninstalled; "" for nowhere."""
        answer = self._call("GET", f"{self._market}/salon/{salon_id}/application/{application_id}")
        if answer.status == 404:
            return ""
        _expect(answer)
        status = ((answer.body.get("data") or {}).get("connection_status") or {}).get("status")
        return str(status or "")

    def activate(self, salon_id: int, application_id: int, api_key: str, hook_url: str) -> None:
        """The installation is finished, and news of the salon go to this address. Twice does no harm."""
        body = {
            "salon_id": salon_id,
            "application_id": application_id,
            "api_key": api_key,
            "webhook_urls": [hook_url],
        }
        answer = self._call("POST", f"{self._market}/partner/callback", body=body)
        if answer.status == 403 and self.installation(salon_id, application_id) == ACTIVE:
            return
        _expect(answer)

    def _companies(self, user_token: str, page: int) -> list[JsonObject]:
        params = {"my": "1", "count": str(PAGE), "page": str(page)}
        answer = self._call("GET", f"{self._base}/companies", user_token=user_token, params=params)
        if answer.status in (401, 403):
            raise InvalidInput("yclients.token_refused")
        _expect(answer)
        rows = answer.body.get("data")
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def _call(
        self,
        method: str,
        url: str,
        *,
        user_token: str = "",
        params: dict[str, str] | None = None,
        body: object = None,
    ) -> Answer:
        authorization = f"{self._partner}, User {user_token}" if user_token else self._partner
        headers = {"Accept": ACCEPT, "Authorization": authorization}
        return self._http.request(method, url, headers=headers, params=params, body=body)


def _expect(answer: Answer) -> None:
    if answer.status == 401:
        raise InvalidInput("yclients.partner_refused")
    if answer.status >= 400 or not parse.flag(answer.body.get("success", True)):
        raise InvalidInput("yclients.refused", status=answer.status, message=own_words(answer))


def _company(row: JsonObject) -> Company:
    number = parse.number(row.get("id"))
    return Company(number, str(row.get("title") or "").strip() or f"№ {number}", str(row.get("city") or ""))
