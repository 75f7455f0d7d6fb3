"""Calls of amoCRM's REST API v4 that we make. Reading returns our data; writing takes JSON from `apply`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from backend.core.crm import Contact, CrmSchema, Lead
from backend.core.errors import InvalidInput, NeedsHuman, TryLater
from backend.integrations.amocrm import parse
from backend.integrations.http import Answer, Http, JsonObject, Params

PAGE = 250  # the most that one read returns
MANY_IDS = 50  # ids in one query string
OLD = "v2/"  # begins the paths of the former version that have no successor
FOREIGN_PAGES = 20  # of a list that was not narrowed: what is looked for is among the newest

T = TypeVar("T", Lead, Contact)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a pass over leads or contacts. `is_last`: nothing older is wanted or there."""

    number: int
    items: tuple[T, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """What the CRM dislikes: `request_id` names the entity of the batch, `path` the property inside it."""

    request_id: str
    path: str
    code: str
    detail: str = ""


class Refused(InvalidInput):
    """The CRM understood the request and refused it; nothing was written."""

    def __init__(
        self, status: int, problems: Sequence[Problem], detail: str = "", body: JsonObject | None = None
    ) -> None:
        first = problems[0] if problems else Problem("", "", "", detail)
        super().__init__(
            "amocrm.refused", status=status, path=first.path, problem=first.code, detail=first.detail
        )
        self.problems = tuple(problems)
        self.body = body or {}


class AmoClient:
    """One account's API. `token(stale)` gives the access token; `stale`: the last one was not accepted."""

    def __init__(self, http: Http, base_url: str, token: Callable[[bool], str]) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._token = token

    @property
    def domain(self) -> str:
        """The account's host; it is also the last part of an emulator's address."""
        return self._base.rsplit("/", 1)[-1]

    def account(self) -> parse.AccountFacts:
        data = self._get("account", {"with": "datetime_settings,is_api_filter_enabled"})
        if data is None:
            raise InvalidInput("amocrm.account_malformed")
        return parse.account(data)

    def schema(self) -> CrmSchema:
        """Pipelines, users, fields, loss reasons and catalogues: everything that a configuration may name."""
        lists = {
            "pipelines": self._all("leads/pipelines", "pipelines"),
            "users": self._all("users", "users"),
            "custom_fields": self._all("leads/custom_fields", "custom_fields"),
            "contact_fields": self._all("contacts/custom_fields", "custom_fields"),
            "loss_reasons": self._all("leads/loss_reasons", "loss_reasons"),
            "catalogs": self._all("catalogs", "catalogs"),
        }
        return parse.schema(self.account(), self.domain, lists)

    def lead(self, lead_id: int) -> Lead | None:
        data = self._get(f"leads/{lead_id}", {"with": "contacts"})
        return parse.lead(data) if data else None

    def leads_by_ids(self, lead_ids: Sequence[int]) -> tuple[Lead, ...]:
        """Those of these leads (at most `MANY_IDS`) that one request brings: where filters are switched off
        it brings strangers, who are left out, and the caller asks for the rest one by one.
        """
        params: Params = {"filter[id][]": list(lead_ids), "with": "contacts", "limit": PAGE, "page": 1}
        rows, _ = self._page("leads", "leads", params)
        wanted = set(lead_ids)
        return tuple(lead for row in rows if (lead := parse.lead(row)).id in wanted)

    def contact(self, contact_id: int) -> Contact | None:
        data = self._get(f"contacts/{contact_id}", {"with": "leads"})
        return parse.contact(data) if data else None

    def phones_of(self, contact_id: int) -> tuple[JsonObject, ...]:
        """A contact's phones as they have to be written again, with their kinds."""
        return parse.phone_values(self._get(f"contacts/{contact_id}", {}) or {})

    def leads_changed_since(self, mark: datetime | None, page: int = 1) -> Iterator[Page[Lead]]:
        """Newest changes first, back to `mark` (inclusive: a second may hold several), or all."""
        return self._newest_first("leads", parse.lead, ("updated_at", mark), page)

    def contacts_changed_since(self, mark: datetime | None, page: int = 1) -> Iterator[Page[Contact]]:
        return self._newest_first("contacts", parse.contact, ("updated_at", mark), page)

    def leads_created_since(self, when: datetime) -> Iterator[Lead]:
        """The newest leads first, to find one whose creation was cut short. Search lags, lists do not."""
        for page in self._newest_first("leads", parse.lead, ("created_at", when), 1):
            yield from (lead for lead in page.items if lead.created_at is None or lead.created_at >= when)

    def unsorted(self) -> list[JsonObject]:
        """The newest page of «Неразобранное»."""
        params: Params = {"limit": PAGE, "page": 1, "order[created_at]": "desc"}
        return self._page("leads/unsorted", "unsorted", params)[0]

    def notes_of(self, lead_ids: Sequence[int]) -> tuple[parse.Remark, ...]:
        return self._remarks("leads/notes", "notes", parse.note, lead_ids)

    def tasks_of(self, lead_ids: Sequence[int]) -> tuple[parse.Remark, ...]:
        return self._remarks("tasks", "tasks", parse.task, lead_ids)

    def task(self, task_id: int) -> JsonObject | None:
        return self._get(f"tasks/{task_id}", {})

    def webhooks(self) -> tuple[str, ...]:
        """Addresses of the account's hooks that are switched on."""
        rows = self._all("webhooks", "webhooks")
        return tuple(str(row["destination"]) for row in rows if not row.get("disabled"))

    def subscribe(self, destination: str, settings: Sequence[str]) -> None:
        """Make or renew our webhook: the same address again updates that one."""
        self.write("POST", "webhooks", {"destination": destination, "settings": list(settings)})

    def custom_fields(self, entity: str = "leads") -> list[JsonObject]:
        return self._all(f"{entity}/custom_fields", "custom_fields")

    def catalogs(self) -> list[JsonObject]:
        return self._all("catalogs", "catalogs")

    def elements(self, catalog_id: int) -> list[JsonObject]:
        return self._all(f"catalogs/{catalog_id}/elements", "elements")

    def page(self, path: str, name: str, params: Params) -> tuple[list[JsonObject], bool]:
        """One page of any list as the CRM shows it, and whether it is the last."""
        return self._page(path, name, params)

    def write(self, method: str, path: str, body: object) -> Answer:
        """Send one write; Refused tells which entities of it were wrong."""
        return self._call(method, path, body=body)

    def _remarks(
        self, path: str, name: str, read: Callable[[JsonObject], parse.Remark], lead_ids: Sequence[int]
    ) -> tuple[parse.Remark, ...]:
        """Newest first. Filters may be ignored: rows are checked here, strangers' pages soon end it."""
        found: list[parse.Remark] = []
        for start in range(0, len(lead_ids), MANY_IDS):
            ids = lead_ids[start : start + MANY_IDS]
            params: Params = {"filter[entity_id][]": ids, "filter[entity_type]": "leads", "order[id]": "desc"}
            page, foreign, is_last = 1, 0, False
            while not is_last and foreign < FOREIGN_PAGES:
                rows, is_last = self._page(path, name, {**params, "limit": PAGE, "page": page})
                ours = [remark for remark in map(read, rows) if remark.lead_id in ids]
                found += ours
                foreign += len(ours) < len(rows)
                page += 1
        return tuple(found)

    def _newest_first(
        self, name: str, read: Callable[[JsonObject], T], until: tuple[str, datetime | None], page: int
    ) -> Iterator[Page[T]]:
        column, mark = until
        other = "contacts" if name == "leads" else "leads"
        while True:
            params: Params = {"with": other, "limit": PAGE, "page": page, f"order[{column}]": "desc"}
            rows, is_last = self._page(name, name, params)
            items = tuple(read(row) for row in rows)
            oldest = min(filter(None, (getattr(item, column) for item in items)), default=None)
            is_last = is_last or (mark is not None and oldest is not None and oldest < mark)
            yield Page(page, items, is_last)
            if is_last:
                return
            page += 1

    def _all(self, path: str, name: str, params: Params | None = None) -> list[JsonObject]:
        """Every page of a list; `next` may point at an empty page, which answers 204."""
        found: list[JsonObject] = []
        page = 1
        while True:
            rows, is_last = self._page(path, name, {**(params or {}), "limit": PAGE, "page": page})
            found += rows
            if is_last:
                return found
            page += 1

    def _page(self, path: str, name: str, params: Params) -> tuple[list[JsonObject], bool]:
        body = self._get(path, params) or {}
        rows = (body.get("_embedded") or {}).get(name) or []
        return list(rows), not rows or not (body.get("_links") or {}).get("next")

    def _get(self, path: str, params: Params) -> JsonObject | None:
        """None for 204 and 404: both say "there is none"."""
        answer = self._call("GET", path, params=params)
        return None if answer.status in (204, 404) else answer.body

    def _call(self, method: str, path: str, *, params: Params | None = None, body: object = None) -> Answer:
        answer = self._send(method, path, False, params, body)
        if answer.status == 401:  # nothing was done: sending once more with a new token is safe
            answer = self._send(method, path, True, params, body)
        match answer.status:
            case 401:
                raise NeedsHuman("amocrm.unauthorized")
            case 402:
                raise NeedsHuman("amocrm.unpaid")
            case 403:
                raise NeedsHuman("amocrm.forbidden", path=path)
            case 404 if method == "GET":
                return answer
            case status if status >= 400 and method == "GET":  # the data are not at fault: lag, not rejection
                raise TryLater("amocrm.read_refused", status=status, path=path)
            case status if status >= 400:
                detail = str(answer.body.get("detail") or "")
                raise Refused(status, tuple(_problems(answer.body)), detail, answer.body)
        return answer

    def _send(self, method: str, path: str, is_stale: bool, params: Params | None, body: object) -> Answer:
        headers = {"Authorization": f"Bearer {self._token(is_stale)}"}
        root = "api" if path.startswith(OLD) else "api/v4"
        return self._http.request(
            method, f"{self._base}/{root}/{path}", headers=headers, params=params, body=body
        )


def _problems(body: JsonObject) -> Iterable[Problem]:
    for row in [*(body.get("validation-errors") or ()), *(body.get("errors") or ())]:
        if not isinstance(row, dict):
            continue
        errors = row.get("errors")
        if errors is None and row.get("title"):  # of a call: nobody has its number
            yield Problem(str(row.get("request_id") or ""), "", str(row["title"]))
        for error in [errors] if isinstance(errors, dict) else errors or ():
            yield Problem(
                request_id=str(row.get("request_id") or ""),
                path=str(error.get("path") or ""),
                code=str(error.get("code") or ""),
                detail=str(error.get("detail") or "")[:200],
            )
