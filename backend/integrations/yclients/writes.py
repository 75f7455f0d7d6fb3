"""Calls of YCLIENTS that a person waits for: a client's card, free time, and every write into the journal.

The API has no idempotency key (yclients.md §4): a write is sent once, and whoever does not know what became
of it looks for it by `api_id`, or reads the record, before it is sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backend.core import phones
from backend.core.errors import InvalidInput, NeedsHuman
from backend.core.slots import WorkDay
from backend.integrations.http import Answer, JsonObject
from backend.integrations.yclients import client as reads
from backend.integrations.yclients import permissions, slots
from backend.integrations.yclients.client import YclientsClient, own_words
from backend.integrations.yclients.parse import flag, number
from backend.integrations.yclients.slots import Master, Offer

TAKEN_CODES = (433, 436, 437)  # busy, nobody free, overlaps (yclients.md §20)
TAKEN_WORDS = ("занято", "нерабочим")
KEPT = (
    "comment",
    "custom_color",
    "api_id",
    "activity_id",
    "clients_count",
    "attendance",
)  # of a changed record


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a booking is for; `id` of the client card in this salon, 0 when it has none."""

    id: int
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class NewBooking:
    """What is put into the journal. `at` is the salon's wall clock, `api_id` what it is found by later."""

    staff_id: int
    offers: tuple[Offer, ...]
    visitor: Visitor
    at: datetime
    comment: str
    api_id: str

    @property
    def seconds(self) -> int:
        return sum(offer.lasts(self.staff_id) for offer in self.offers)


class YclientsDesk(YclientsClient):
    """The journal in the hands of a person at the desk."""

    def offers(self, company_id: int) -> tuple[Offer, ...]:
        return slots.offers(self._list(company_id, f"company/{company_id}/services/"))

    def masters(self, company_id: int) -> tuple[Master, ...]:
        return slots.masters(self._list(company_id, f"company/{company_id}/staff/"))

    def timetable(self, company_id: int, staff_id: int, first: date, last: date) -> tuple[WorkDay, ...]:
        """Working hours and what is taken, in one answer for many days."""
        params = {
            "staff_ids[]": str(staff_id), "start_date": first.isoformat(), "end_date": last.isoformat(),
            "include[]": ("busy_intervals", "off_day_type"),
        }  # fmt: skip
        answer = self._call(company_id, "GET", f"company/{company_id}/staff/schedule", params=params)
        rows = answer.body.get("data")
        mine = (
            [row for row in rows if number(row.get("staff_id")) == staff_id] if isinstance(rows, list) else []
        )
        return slots.timetable(mine)

    def visitor(self, company_id: int, phone: str) -> Visitor | None:
        """The client card with exactly this phone: the search finds parts of numbers too."""
        wanted = phones.key(phone)
        body = {
            "page": 1, "page_size": 50, "fields": ["id", "name", "phone"], "operation": "AND",
            "filters": [{"type": "quick_search", "state": {"value": phone.lstrip("+")}}],
        }  # fmt: skip
        answer = self._call(company_id, "POST", f"company/{company_id}/clients/search", body=body)
        rows = answer.body.get("data")
        for row in rows if isinstance(rows, list) else ():
            if phones.key(str(row.get("phone") or "")) == wanted:
                return Visitor(number(row["id"]), str(row.get("name") or ""), phone)
        return None

    def new_visitor(self, company_id: int, name: str, phone: str) -> Visitor:
        answer = self._write(
            company_id, "POST", f"clients/{company_id}", {"name": name, "phone": phone.lstrip("+")}
        )
        data = answer.body.get("data")
        return Visitor(number(data["id"]) if isinstance(data, dict) else 0, name, phone)

    def book(self, company_id: int, booking: NewBooking) -> JsonObject:
        """The new record. InvalidInput `booking.slot_taken` when somebody was quicker."""
        body = {
            "staff_id": booking.staff_id,
            "services": [_service(offer) for offer in booking.offers],
            "client": _client(booking.visitor),
            "save_if_busy": False,
            "datetime": _wall(booking.at),
            "seance_length": booking.seconds,
            "send_sms": False,
            "comment": booking.comment,
            "attendance": 0,
            "api_id": booking.api_id,
        }
        return _record(self._write(company_id, "POST", f"records/{company_id}", body))

    def booked(self, company_id: int, api_id: str, day: date) -> JsonObject | None:
        """The record that an attempt of ours made, deleted or not; None when it made none."""
        params = {"start_date": day.isoformat(), "end_date": day.isoformat(), "with_deleted": "1"}
        return next((row for row in self._records(company_id, params) if row.get("api_id") == api_id), None)

    def booked_since(self, company_id: int, api_id: str, since: datetime) -> JsonObject | None:
        """The same among everything changed lately, when staff may have moved it to another day meanwhile."""
        return next((row for row in self.records(company_id, since) if row.get("api_id") == api_id), None)

    def move(
        self, company_id: int, record: JsonObject, staff_id: int, at: datetime, *, resets: bool
    ) -> JsonObject:
        body = {**_whole(record), "staff_id": staff_id, "datetime": _wall(at), "save_if_busy": False}
        return self._change(company_id, record, {**body, "attendance": 0} if resets else body)

    def attend(self, company_id: int, record: JsonObject, attendance: int) -> None:
        """Through the visit, the smallest change there is; the comment goes back as it was. Of a visit at
        several masters only this record is marked: what a visit is set to, all its records are.
        """
        visit, record_id = number(record["visit_id"]), number(record["id"])
        if self._is_shared(company_id, visit, record_id):
            self._change(company_id, record, {**_whole(record), "attendance": attendance})
            return
        body = {"attendance": attendance, "comment": record.get("comment") or ""}
        self._write(company_id, "PUT", f"visits/{visit}/{record_id}", body)

    def _is_shared(self, company_id: int, visit_id: int, record_id: int) -> bool:
        data = (self._get(company_id, f"visits/{visit_id}") or {}).get("data")
        rows = data.get("records") if isinstance(data, dict) else None
        return any(number(row.get("id")) != record_id and not flag(row.get("deleted")) for row in rows or ())

    def _change(self, company_id: int, record: JsonObject, body: JsonObject) -> JsonObject:
        return _record(self._write(company_id, "PUT", f"record/{company_id}/{record['id']}", body))

    def cancel(self, company_id: int, record_id: int) -> None:
        self._write(company_id, "DELETE", f"record/{company_id}/{record_id}", None)

    def refused_rights(self, company_id: int, flags: Iterable[str]) -> tuple[str, ...]:
        """Which of these rights of the booking form the user was not given."""
        data = (self._get(company_id, f"user/permissions/{company_id}") or {}).get("data")
        return permissions.refused(data if isinstance(data, dict) else {}, flags)

    def _write(self, company_id: int, method: str, path: str, body: object) -> Answer:
        """Refusals of a write concern the person who presses, not the salon as a whole."""
        answer = self._http.request(method, f"{self._base}/{path}", headers=self._headers, body=body)
        if answer.status in (400, 422) and _says_taken(answer):
            raise InvalidInput("booking.slot_taken", message=own_words(answer))
        if answer.status == 403:
            raise NeedsHuman("yclients.no_right", reads.branch(company_id), message=own_words(answer))
        if answer.status == 404:
            raise InvalidInput("yclients.not_found", message=own_words(answer))
        return self._accepted(answer, company_id)


def _says_taken(answer: Answer) -> bool:
    meta: Any = answer.body.get("meta")
    errors = meta.get("errors") if isinstance(meta, dict) else None
    code = errors.get("code") if isinstance(errors, Mapping) else None
    return code in TAKEN_CODES or any(word in own_words(answer).lower() for word in TAKEN_WORDS)


def _record(answer: Answer) -> JsonObject:
    data = answer.body.get("data")
    if not isinstance(data, dict) or not data.get("id"):
        raise InvalidInput("yclients.record_malformed", error="id")
    return data


def _whole(record: JsonObject) -> JsonObject:
    """Everything is sent back, because what is left out may be erased (yclients.md §12.7). Nobody is told by
    SMS, and a time that stays may be busy.
    """
    return {
        **{name: record[name] for name in KEPT if record.get(name) not in (None, "")},
        "comment": record.get("comment") or "",
        "staff_id": number(record.get("staff_id")),
        "services": [_line(row) for row in record.get("services") or ()],
        "client": _same_client(record.get("client")),
        "datetime": record["date"],
        "seance_length": number(record.get("seance_length")),
        "save_if_busy": True,
        "send_sms": False,
        "record_labels": [str(row["id"]) for row in record.get("record_labels") or ()],
        "custom_fields": _fields(record.get("custom_fields")),
    }


def _service(offer: Offer) -> JsonObject:
    rubles = offer.price / 100
    return {"id": offer.id, "first_cost": rubles, "discount": 0, "cost": rubles}


def _line(row: JsonObject) -> JsonObject:
    names = ("id", "first_cost", "discount", "cost", "amount")
    return {name: _plain(row[name]) for name in names if row.get(name) not in (None, "")}


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else value


def _fields(value: object) -> JsonObject:
    """An empty object comes as a list (yclients.md §3.7)."""
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, dict) else {}


def _client(visitor: Visitor) -> JsonObject:
    known = {"id": visitor.id} if visitor.id else {}
    return {**known, "name": visitor.name, "phone": visitor.phone.lstrip("+")}


def _same_client(row: object) -> JsonObject | None:
    """The card stays; a phone that our rights hide is not sent back as an empty one."""
    if not isinstance(row, dict) or not row.get("id"):
        return None
    names = ("id", "name", "surname", "patronymic", "phone", "email")
    return {name: row[name] for name in names if row.get(name) not in (None, "")}


def _wall(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")
