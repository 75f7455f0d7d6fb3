"""What is read of the salons before a move: one page of one salon at a time. Salons that are off are read
too, as their bookings explain old leads; nothing is written anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from backend.core import phones
from backend.core.salon import DEFAULT_ZONE
from backend.core.takeover import remaining
from backend.flows.rules import catalogue
from backend.flows.takeover.reading import found
from backend.flows.takeover.reading.crm_pulls import PAUSE, Reading
from backend.integrations.http import JsonObject
from backend.integrations.yclients.client import YclientsClient
from backend.store import takeover_found, takeover_pulls
from backend.store.connections import BranchRow
from backend.store.takeover_found import FoundClient
from backend.store.takeover_pulls import DONE, Page, Pull

AHEAD = timedelta(days=365)
WINDOW = timedelta(days=91)  # of a journal: some pages, which a pause makes to be read again
OVERLAP = timedelta(hours=24)  # nobody knows in which zone `changed_after` is read (yclients.md §3.5)
NO_RIGHT = "takeover.no_right"
FIRST = "salon"  # the look whose failure says that the rest cannot be read


@dataclass(frozen=True, slots=True)
class Salon:
    """A salon with the line to its journal."""

    branch: BranchRow
    client: YclientsClient

    @property
    def account_id(self) -> int:
        return int(self.branch.account_id)

    @property
    def company_id(self) -> int:
        return int(self.branch.company_id)


def salon(place: Salon, pull: Pull, now: datetime) -> Reading:
    """Its catalogue, who works in it, whom its news are sent to, and what we may not see."""
    client, company_id = place.client, place.company_id
    client.company(company_id)  # a salon that is gone says so here; its lists would only be empty
    catalogue.refresh(client, place.branch, now)
    hooks, users = client.hook_settings(company_id), client.users(company_id)
    facts = {
        "title": place.branch.title,
        "hooks": hooks and [str(url) for url in hooks.get("urls") or ()],
        "users": users
        and [{"id": _number(row.get("id")), "name": str(row.get("name") or "")} for row in users],
        "lacking": list(client.permissions(company_id)),
        "days_shown": client.days_shown(company_id),
    }
    known = takeover_pulls.surroundings(place.account_id)[0].get("salons") or {}
    salons = {**known, str(company_id): facts}
    takeover_pulls.save_surroundings(place.account_id, {"salons": salons}, now)
    return Reading(replace(pull, found=1, total=1, state=DONE))


def clients(place: Salon, pull: Pull, now: datetime) -> Reading:  # noqa: ARG001 - alike
    """Client cards in the order of their numbers."""
    number = int(pull.cursor.get("page", 0)) + 1
    answer = place.client.cards_page(place.company_id, number)
    if answer is None:
        return Reading(replace(pull, state=DONE, code=NO_RIGHT, total=pull.found))
    rows, total = answer
    cards = [card for row in rows if (card := _card(place.company_id, row)) is not None]
    count = pull.found + len(rows)
    is_over = not rows or count >= total
    gone_on = replace(
        pull, cursor={**pull.cursor, "page": number}, found=count,
        unreadable=pull.unreadable + len(rows) - len(cards), total=count if is_over else total,
        state=DONE if is_over else pull.state,
    )  # fmt: skip
    return Reading(gone_on, Page(clients=cards))


def records(place: Salon, pull: Pull, now: datetime) -> Reading:
    """Records with deleted ones, some months at a time; at the end those that changed while others were read.
    The cursor is a window (the one after the last is that look at changes), its page and rows so far.
    """
    cursor = pull.cursor
    spans = windows(datetime.fromisoformat(cursor["since"]), datetime.fromisoformat(cursor["until"]))
    window, page, rows_read = (int(cursor.get(name, 0)) for name in ("window", "page", "rows"))
    before = pull.found
    if page and pull.updated_at is not None and now - pull.updated_at > PAUSE:
        before, page, rows_read = before - rows_read, 0, 0
    rows, is_last = place.client.records_page(
        place.company_id, _asked(spans, window, cursor), page + 1, rows_read
    )
    read = found.of_rows(place.account_id, rows, str(place.branch.timezone or DEFAULT_ZONE))
    count = before + (len(rows) if window < len(spans) else 0)
    at = {"window": window + 1, "page": 0, "rows": 0} if is_last else _further(window, page, rows_read, rows)
    is_over = is_last and window >= len(spans)
    gone_on = replace(
        pull, cursor={**cursor, **at}, found=count, unreadable=pull.unreadable + read.unreadable,
        total=count if is_over else remaining.by_share(count, min(at["window"] / len(spans), 1.0)),
        state=DONE if is_over else pull.state,
    )  # fmt: skip
    return Reading(gone_on, Page(records=read.records))


def windows(since: datetime, until: datetime) -> list[tuple[date, date]]:
    """The days of the journal in portions, both ends included."""
    first, last, found_windows = since.date(), until.date(), []
    while first <= last:
        found_windows.append((first, min(first + WINDOW - timedelta(days=1), last)))
        first += WINDOW
    return found_windows


def _asked(spans: list[tuple[date, date]], window: int, cursor: Mapping[str, Any]) -> dict[str, str]:
    if window >= len(spans):
        changed = datetime.fromisoformat(cursor["changed"]) - OVERLAP
        return {"changed_after": changed.strftime("%Y-%m-%dT%H:%M:%S"), "with_deleted": "1"}
    first, last = spans[window]
    return {"start_date": first.isoformat(), "end_date": last.isoformat(), "with_deleted": "1"}


def _further(window: int, page: int, rows_read: int, rows: list[JsonObject]) -> dict[str, int]:
    return {"window": window, "page": page + 1, "rows": rows_read + len(rows)}


def _card(company_id: int, row: JsonObject) -> FoundClient | None:
    number = _number(row.get("id"))
    phone = phones.key(str(row.get("phone") or "")) or ""
    return FoundClient(company_id, number, phone, str(row.get("name") or "")[:200]) if number else None


def _number(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def kept(account_id: int, pull: Pull) -> int:
    """How many rows of this collection are kept, whatever was read twice."""
    kind, _, company = pull.collection.partition(":")
    if kind == "records":
        return takeover_found.count(account_id, int(company))
    return takeover_found.count_clients(account_id, int(company))


READERS: Mapping[str, Any] = {FIRST: salon, "clients": clients, "records": records}
