"""Calls of YCLIENTS' REST API that we make. Reads only, but for the list of hook addresses; what a person
writes into the journal is in writes.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from backend.core.clients import Abonement, ClientCard
from backend.core.errors import InvalidInput, NeedsHuman, Scope, TryLater
from backend.core.payments import VisitMoney
from backend.core.salon import DEFAULT_ZONE, Catalogue
from backend.integrations.http import Answer, Http, JsonObject, Params
from backend.integrations.yclients import licence, money, parse, permissions
from backend.integrations.yclients.licence import Licence

PAGE = 200
ACCEPT = "application/vnd.yclients.v2+json"
HOOK_URLS = 10  # the most a branch keeps
# What we are told of: bookings, cards of clients, payments, goods and abonements sold.
NEWS = ("record", "client", "finances_operation", "goods_operations_sale")


@dataclass(frozen=True, slots=True)
class BranchFacts:
    company_id: int
    title: str
    timezone: str


class YclientsClient:
    """The journal of the branches that one user may see. The rate limit is one per outgoing address."""

    def __init__(self, http: Http, base_url: str, partner_token: str, user_token: str) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._headers = {"Accept": ACCEPT, "Authorization": f"Bearer {partner_token}, User {user_token}"}

    def record(self, company_id: int, record_id: int) -> JsonObject | None:
        """One record, deleted ones too; None when there is none."""
        body = self._get(company_id, f"record/{company_id}/{record_id}")
        data = body.get("data") if body else None
        return data if isinstance(data, dict) and data else None

    def records(
        self,
        company_id: int,
        changed_after: datetime,
        *,
        with_deleted: bool = True,
        changed_before: datetime | None = None,
    ) -> Iterator[JsonObject]:
        """Everything made or changed after a moment. Nobody says in which zone the API reads it: ask with an
        overlap of a day. An upper bound keeps pages still, but that zone may put fresh changes behind it.
        """
        params = {"changed_after": _naive(changed_after)}
        if changed_before is not None:
            params["changed_before"] = _naive(changed_before)
        if with_deleted:
            params["with_deleted"] = "1"
        return self._records(company_id, params)

    def records_between(
        self, company_id: int, start: date, end: date, *, with_deleted: bool = False
    ) -> Iterator[JsonObject]:
        """Records whose visit falls on these days (both included)."""
        params = {"start_date": start.isoformat(), "end_date": end.isoformat()}
        return self._records(company_id, {**params, "with_deleted": "1"} if with_deleted else params)

    def catalogue(self, company_id: int) -> Catalogue:
        categories = self._list(company_id, f"company/{company_id}/service_categories/")
        services = self._list(company_id, f"company/{company_id}/services/")
        staff = self._list(company_id, f"company/{company_id}/staff/")
        return parse.catalogue(categories, services, staff)

    def visit_money(self, company_id: int, record_id: int, visit_id: int, timezone: str) -> VisitMoney | None:
        """What a visit with all its bookings was paid by; None without the right to see payments, which is a
        lack of the account and stops nothing else.
        """
        data = self._permitted(company_id, f"visit/details/{company_id}/{record_id}/{visit_id}")
        return money.visit(data, timezone) if isinstance(data, dict) else None

    def client_card(self, company_id: int, client_id: int, timezone: str) -> ClientCard | None:
        """A client's card; None when there is none, or nobody may see it."""
        data = self._permitted(company_id, f"client/{company_id}/{client_id}")
        return money.card(data, company_id, timezone) if isinstance(data, dict) and data else None

    def abonements(self, company_id: int, phone: str, timezone: str) -> tuple[Abonement, ...] | None:
        """A person's abonements that can still be used; None when nobody may see them."""
        digits = "".join(character for character in phone if character.isdigit())
        params: Params = {"company_id": str(company_id), "phone": digits}
        rows = self._permitted(company_id, "loyalty/abonements/", params)
        return money.abonements(rows, timezone) if isinstance(rows, list) else None

    def company(self, company_id: int) -> BranchFacts:
        body = self._get(company_id, f"company/{company_id}/")
        data = (body or {}).get("data") or {}
        if not data:
            raise NeedsHuman("yclients.branch_unknown", branch(company_id))
        timezone = data.get("timezone_name") or data.get("timezone") or DEFAULT_ZONE
        return BranchFacts(company_id, str(data.get("title") or ""), str(timezone))

    def permissions(self, company_id: int) -> tuple[str, ...]:
        """What the user lacks to see everything, as `group.flag`; a narrowed right cuts answers silently."""
        data = (self._get(company_id, f"user/permissions/{company_id}") or {}).get("data")
        return permissions.lacking(data if isinstance(data, dict) else {})

    def days_shown(self, company_id: int) -> int | None:
        """How many days of the journal's past the user is shown; None for all of them."""
        data = (self._get(company_id, f"user/permissions/{company_id}") or {}).get("data")
        return permissions.days_shown(data if isinstance(data, dict) else {})

    def licence(self, company_id: int) -> Licence | None:
        """How long the salon has paid for; None where YCLIENTS does not say."""
        data = (self._get(company_id, f"license/{company_id}") or {}).get("data")
        return licence.licence(data) if isinstance(data, dict) and data else None

    def cards_page(self, company_id: int, page: int) -> tuple[list[JsonObject], int] | None:
        """One page of client cards with the number of all of them; None when nobody may see the list."""
        body = {
            "page": page, "page_size": PAGE, "fields": ["id", "name", "phone"], "order_by": "id",
            "order_by_direction": "ASC", "operation": "AND", "filters": [],
        }  # fmt: skip
        url = f"{self._base}/company/{company_id}/clients/search"
        answer = self._http.request("POST", url, headers=self._headers, body=body)
        if answer.status == 403:
            return None
        rows = self._accepted(answer, company_id).body.get("data")
        return ([row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []), _total(
            answer.body
        )

    def users(self, company_id: int) -> list[JsonObject] | None:
        """Who may work in the salon's journal; None when nobody may see the list."""
        rows = self._permitted(company_id, f"company/{company_id}/users")
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None

    def hook_settings(self, company_id: int) -> JsonObject | None:
        """The whole list of hook addresses, strangers' too; None where it cannot be read."""
        try:
            return self.hooks(company_id) or None
        except NeedsHuman as error:
            if error.code != "yclients.forbidden":
                raise
            return None

    def hooks(self, company_id: int) -> JsonObject:
        """The branch's hook settings, as they stand; empty where this method is not given to customers."""
        data = (self._get(company_id, f"hooks_settings/{company_id}") or {}).get("data")
        return data if isinstance(data, dict) else {}

    def is_told(self, company_id: int, url: str) -> bool | None:
        """Whether news of bookings go to this address; None where nobody can say."""
        settings = self.hooks(company_id)
        return _is_on(settings, url) if settings else None

    def set_hooks(self, company_id: int, url: str) -> None:
        """Add our address. A write replaces the whole list, strangers' addresses too: read, merge, write."""
        settings = self._settings(company_id)
        urls = _urls(settings)
        if _is_on(settings, url):
            return
        if url not in urls and len(urls) >= HOOK_URLS:
            raise NeedsHuman("yclients.hooks_full", branch(company_id))
        news = dict.fromkeys(NEWS, 1)
        wanted = {"active": 1, **news, "urls": urls if url in urls else [*urls, url]}
        self._save_hooks(company_id, settings, wanted)

    def change_urls(self, company_id: int, change: Callable[[list[str]], list[str]]) -> list[str]:
        """Write the list of addresses as `change` makes it of what stands there now; returns what stood
        there. Nothing is written when it stays the same.
        """
        settings = self._settings(company_id)
        before = _urls(settings)
        after = change(before)
        if after != before:
            news = dict.fromkeys(NEWS, 1)
            self._save_hooks(company_id, settings, {"active": 1, **news, "urls": after})
        return before

    def drop_hooks(self, company_id: int, url: str) -> None:
        """Take our address away again. A list cannot be empty: the last address is switched off instead."""
        settings = self.hooks(company_id)
        urls = _urls(settings)
        if url in urls:
            others = [other for other in urls if other != url]
            self._save_hooks(company_id, settings, {"urls": others} if others else {"active": 0})

    def _settings(self, company_id: int) -> JsonObject:
        """Nothing is written over what could not be read."""
        settings = self.hooks(company_id)
        if not settings:
            raise NeedsHuman("yclients.hooks_unavailable", branch(company_id))
        return settings

    def _save_hooks(self, company_id: int, settings: JsonObject, wanted: JsonObject) -> None:
        kept = {name: value for name, value in settings.items() if name != "url_settings"}
        answer = self._call(company_id, "POST", f"hooks_settings/{company_id}", body={**kept, **wanted})
        if answer.status == 404:
            raise NeedsHuman("yclients.hooks_unavailable", branch(company_id))

    def _records(self, company_id: int, params: dict[str, str]) -> Iterator[JsonObject]:
        """Pages to the last one; rows that a shifting page shows again come once."""
        seen: set[int] = set()
        page, rows_read, is_last = 1, 0, False
        while not is_last:
            rows, is_last = self.records_page(company_id, params, page, rows_read)
            rows_read += len(rows)
            page += 1
            for row in rows:
                record_id = int(row["id"])
                if record_id not in seen:
                    seen.add(record_id)
                    yield row

    def records_page(
        self, company_id: int, params: Mapping[str, str], page: int, rows_read: int
    ) -> tuple[list[JsonObject], bool]:
        """One page of records, and whether it is the last; `rows_read` are those of the pages before."""
        asked = {**params, "page": str(page), "count": str(PAGE)}
        body = self._get(company_id, f"records/{company_id}", asked)
        rows = (body or {}).get("data") or []
        return rows, not rows or (len(rows) < PAGE and rows_read + len(rows) >= _total(body))

    def _list(self, company_id: int, path: str) -> list[JsonObject]:
        rows = (self._get(company_id, path) or {}).get("data")
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def _get(self, company_id: int, path: str, params: dict[str, str] | None = None) -> JsonObject | None:
        answer = self._call(company_id, "GET", path, params=params)
        return None if answer.status == 404 else answer.body

    def _permitted(self, company_id: int, path: str, params: Params | None = None) -> object:
        """What is there to be seen; None where a right lacks that only poorer data hang on."""
        answer = self._http.request("GET", f"{self._base}/{path}", headers=self._headers, params=params)
        return None if answer.status == 403 else self._accepted(answer, company_id).body.get("data")

    def _call(
        self,
        company_id: int,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
    ) -> Answer:
        url = f"{self._base}/{path}"
        answer = self._http.request(method, url, headers=self._headers, params=params, body=body)
        return self._accepted(answer, company_id)

    @staticmethod
    def _accepted(answer: Answer, company_id: int) -> Answer:
        if answer.status >= 400 and answer.status != 404:
            _refuse(answer, company_id)
        if answer.status < 400 and not parse.flag(answer.body.get("success", True)):
            raise TryLater("yclients.failing", status=answer.status, message=own_words(answer))
        return answer


def _refuse(answer: Answer, company_id: int) -> NoReturn:
    message = own_words(answer)
    match answer.status:
        case 401:
            raise NeedsHuman("yclients.unauthorized", branch(company_id), message=message)
        case 402:
            raise NeedsHuman("yclients.unpaid", branch(company_id), message=message)
        case 403:
            raise NeedsHuman("yclients.forbidden", branch(company_id), message=message)
    raise InvalidInput("yclients.refused", status=answer.status, message=message)


def branch(company_id: int) -> Scope:
    return Scope("branch", str(company_id))


def _urls(settings: JsonObject) -> list[str]:
    return [str(url) for url in settings.get("urls") or ()]


def _is_on(settings: JsonObject, url: str) -> bool:
    return (
        url in _urls(settings) and parse.flag(settings.get("active")) and parse.flag(settings.get("record"))
    )


def own_words(answer: Answer) -> str:
    """What YCLIENTS says of a refusal, in its own words."""
    meta: Any = answer.body.get("meta")
    return str(meta.get("message") or "")[:200] if isinstance(meta, dict) else ""


def _total(body: JsonObject | None) -> int:
    """`total_count` means "all" or "on this page": a lower bound in either case."""
    meta = (body or {}).get("meta")
    return int(meta.get("total_count") or 0) if isinstance(meta, dict) else 0


def _naive(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
