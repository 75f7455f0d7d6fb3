"""GET8's client of amoCRM: its own integration, its own tokens, and the few calls it makes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from sandbox.get8.settings import Plain, Setup

SECONDS = 20.0
TRIES, PAUSE, TOO_MANY = 6, 1.0, 429
MOST_LEADS = 20


class Trouble(Exception):
    """A vendor refused or did not answer; the job is tried again later."""


def patient(session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
    """Asked too often, it waits a second, as everybody does; a silent vendor is a Trouble."""
    for left in reversed(range(TRIES)):
        try:
            answer = session.request(method, url, timeout=SECONDS, **more)
        except requests.RequestException as error:
            raise Trouble(f"no answer from {url}: {error}") from error
        if answer.status_code != TOO_MANY or not left:
            break
        time.sleep(PAUSE)
    return answer


class Crm:
    def __init__(self, setup: Setup, session: requests.Session, now: Callable[[], float]) -> None:
        self.setup = setup
        self.session = session
        self.now = now
        self.tokens: Plain = {}
        self.expires = 0.0

    # Tokens

    def exchange(self, code: str) -> None:
        self._ask_token({"grant_type": "authorization_code", "code": code})

    def _refresh(self) -> None:
        self._ask_token({"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]})

    def _ask_token(self, grant: Plain) -> None:
        body = {
            "client_id": self.setup.client_id,
            "client_secret": self.setup.client_secret,
            "redirect_uri": f"{self.setup.public}/oauth/callback",
            **grant,
        }
        url = f"{self.setup.amocrm}/{self.setup.domain}/oauth2/access_token"
        answer = patient(self.session, "POST", url, json=body)
        if answer.status_code != 200:
            raise Trouble(f"no token: {answer.status_code}")
        self.tokens = answer.json()
        self.expires = self.now() + float(self.tokens["expires_in"])

    # Calls

    def call(self, method: str, path: str, json: Any = None, **params: Any) -> Any:
        """The body of the answer; None for 204."""
        if not self.tokens:
            raise Trouble("GET8 is not installed")
        if self.now() > self.expires - 300:
            self._refresh()
        url = f"{self.setup.amocrm}/{self.setup.domain}/api/v4/{path}"
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        answer = patient(self.session, method, url, json=json, params=params, headers=headers)
        if answer.status_code == 204:
            return None
        if answer.status_code >= 300:
            raise Trouble(f"amoCRM {method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json()

    def rows(self, name: str, path: str, **params: Any) -> list[Plain]:
        found = self.call("GET", path, **params)
        rows: list[Plain] = found["_embedded"][name] if found else []
        return rows

    # Fields

    def fields(self, wanted: dict[str, tuple[str, str]]) -> dict[str, int]:
        """Ids of GET8's fields by their parts; what is not there yet is made."""
        known = {
            row["name"]: row["id"] for row in self.rows("custom_fields", "leads/custom_fields", limit=250)
        }
        missing = [{"name": name, "type": kind} for name, kind in wanted.values() if name not in known]
        if missing:
            made = self.call("POST", "leads/custom_fields", missing)
            known |= {row["name"]: row["id"] for row in made["_embedded"]["custom_fields"]}
        return {part: known[name] for part, (name, _kind) in wanted.items()}

    # People

    def contact(self, name: str, phone: str) -> int:
        """The oldest contact with this phone, or a new one."""
        found = self.contacts(phone)
        if found:
            return int(found[0]["id"])
        fields = [{"field_code": "PHONE", "values": [{"value": f"+{phone}", "enum_code": "WORK"}]}]
        made = self.call("POST", "contacts", [{"name": name or "Клиент", "custom_fields_values": fields}])
        return int(made["_embedded"]["contacts"][0]["id"])

    def contacts(self, phone: str) -> list[Plain]:
        rows = self.rows("contacts", "contacts", query=phone[-10:], limit=50, **{"with": "leads"})
        same = [row for row in rows if phone[-10:] in {number[-10:] for number in _phones(row)}]
        return sorted(same, key=lambda row: int(row["id"]))

    # Deals

    def lead(self, lead_id: int) -> Plain | None:
        found: Plain | None = self.call("GET", f"leads/{lead_id}", **{"with": "contacts"})
        return found

    def leads_of(self, contacts: list[Plain]) -> list[Plain]:
        """The newest deals of these people."""
        ids = {int(lead["id"]) for row in contacts for lead in row["_embedded"].get("leads") or ()}
        found = [self.lead(lead_id) for lead_id in sorted(ids, reverse=True)[:MOST_LEADS]]
        return [lead for lead in found if lead is not None]

    def search(self, text: str) -> list[Plain]:
        return self.rows("leads", "leads", query=text, limit=50, **{"with": "contacts"})

    def notes(self, lead_id: int) -> list[str]:
        rows = self.rows("notes", f"leads/{lead_id}/notes", limit=250)
        return [str(row["params"].get("text", "")) for row in rows]

    def create(self, lead: Plain) -> int:
        made = self.call("POST", "leads", [lead])
        return int(made["_embedded"]["leads"][0]["id"])

    def change(self, lead_id: int, changes: Plain) -> None:
        self.call("PATCH", f"leads/{lead_id}", changes)

    def write(self, lead_id: int, text: str) -> None:
        note = {"note_type": "common", "params": {"text": text}}
        self.call("POST", f"leads/{lead_id}/notes", [note])

    def subscribe(self, settings: list[str]) -> None:
        self.call("POST", "webhooks", {"destination": f"{self.setup.public}/amocrm", "settings": settings})

    def unsubscribe(self) -> None:
        self.call("DELETE", "webhooks", {"destination": f"{self.setup.public}/amocrm"})


def _phones(contact: Plain) -> list[str]:
    rows = contact["custom_fields_values"] or ()
    values = [value["value"] for row in rows if row["field_code"] == "PHONE" for value in row["values"]]
    return ["".join(char for char in str(value) if char.isdigit()) for value in values]
