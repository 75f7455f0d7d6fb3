"""GET8's client of YCLIENTS: records, catalogues, and its own line in the list of webhook addresses."""

from __future__ import annotations

from typing import Any

import requests

from sandbox.get8.crm import Trouble, patient
from sandbox.get8.settings import Plain, Setup

PAGE = 200


class Salons:
    def __init__(self, setup: Setup, session: requests.Session) -> None:
        self.setup = setup
        self.session = session
        self._categories: dict[int, dict[int, int]] = {}

    def call(self, method: str, path: str, json: Any = None, **params: Any) -> Any:
        """`data` of the answer; None for 404 and for an empty body."""
        bearer = f"Bearer {self.setup.partner}, User {self.setup.user_token}"
        headers = {"Authorization": bearer, "Accept": "application/vnd.yclients.v2+json"}
        url = f"{self.setup.yclients}/api/v1/{path}"
        answer = patient(self.session, method, url, json=json, params=params, headers=headers)
        if answer.status_code in {204, 404}:
            return None
        if answer.status_code >= 300:
            raise Trouble(f"YCLIENTS {method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json()["data"]

    def record(self, company_id: int, record_id: int) -> Plain | None:
        found: Plain | None = self.call("GET", f"record/{company_id}/{record_id}")
        return found

    def changed_since(self, company_id: int, moment: str) -> list[Plain]:
        rows: list[Plain] = []
        for page in range(1, 1000):
            asked = {"changed_after": moment, "with_deleted": 1, "page": page, "count": PAGE}
            found = self.call("GET", f"records/{company_id}", **asked) or []
            rows += found
            if len(found) < PAGE:
                break
        return rows

    def category_of(self, company_id: int, service_id: int) -> int:
        """The category of a service; the catalogue is read again when it does not know one."""
        known = self._categories.get(company_id, {})
        if service_id not in known:
            rows = self.call("GET", f"company/{company_id}/services") or []
            known = {int(row["id"]): int(row.get("category_id") or 0) for row in rows}
            known.setdefault(service_id, 0)
            self._categories[company_id] = known
        return known[service_id]

    def attend(self, record: Plain, attendance: int) -> None:
        """What a person decided in amoCRM; the record is sent back as it is otherwise."""
        body = {
            "staff_id": record["staff_id"],
            "services": [{"id": line["id"], "cost": line["cost"]} for line in record["services"]],
            "client": {"id": record["client"]["id"]} if record["client"] else {},
            "datetime": record["date"],
            "seance_length": record["seance_length"],
            "save_if_busy": True,
            "send_sms": False,
            "attendance": attendance,
        }
        self.call("PUT", f"record/{record['company_id']}/{record['id']}", body)

    # Webhooks of a salon

    def address(self, company_id: int) -> str:
        return f"{self.setup.public}/yclients/{company_id}"

    def connect(self, company_id: int) -> list[str]:
        """Its address is in the list; those of others stay."""
        return self._replace(company_id, add=[self.address(company_id)])

    def disconnect(self, company_id: int) -> list[str]:
        return self._replace(company_id, add=[])

    def _replace(self, company_id: int, add: list[str]) -> list[str]:
        settings = self.call("GET", f"hooks_settings/{company_id}") or {"urls": []}
        urls = [url for url in settings["urls"] if url != self.address(company_id)] + add
        if urls != settings["urls"] and urls:
            self.call("POST", f"hooks_settings/{company_id}", {**settings, "urls": urls})
        return urls
