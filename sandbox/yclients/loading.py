"""Years that have passed in a salon: clients and bookings put into its journal without telling anybody."""

from __future__ import annotations

from typing import Any

from sandbox.yclients.desk import Desk
from sandbox.yclients.models import Client, Company, JsonObject, Payment, Record
from sandbox.yclients.store import Store
from sandbox.yclients.ui_money import MoneyActions
from sandbox.yclients.values import digits, wall_time


class Loading(MoneyActions):
    def load(self, company_id: int, clients: Any = (), records: Any = ()) -> JsonObject:
        """`client` of a record is a client's id; the answer holds ids in the order that was given."""
        with self.lock:
            company, store = self._company(company_id), self.store
            people = [_client(store, company, row) for row in clients]
            made = [_record(store, self.desk, company, row) for row in records]
            return {"clients": [one.id for one in people], "records": [record.id for record in made]}


def _client(store: Store, company: Company, row: JsonObject) -> Client:
    client = Client(
        store.next_id("client"),
        company.id,
        name=row["name"],
        phone=digits(row.get("phone")),
        changed_at=int(row.get("changed_at") or 0),
    )
    store.put_client(client)
    return client


def _record(store: Store, desk: Desk, company: Company, row: JsonObject) -> Record:
    record = Record(
        id=store.next_id("record"),
        company_id=company.id,
        staff_id=int(row["staff_id"]),
        starts=wall_time(row["datetime"], company.zone),
        created_at=int(row["created_at"]),
        changed_at=int(row.get("changed_at") or row["created_at"]),
        visit_id=store.next_id("visit"),
        document_id=store.next_id("document"),
        client_id=int(row.get("client") or 0),
        created_user_id=int(row.get("created_user_id") or desk.yclients.switches["staff_user_id"]),
    )
    plain = ("services", "attendance", "comment", "online", "seance_length")
    desk.fill(company, record, {name: row[name] for name in plain if name in row})
    record.visit_attendance = record.attendance
    record.deleted = bool(row.get("deleted"))
    if row.get("paid"):
        _pay(store, record, float(row["paid"]))
    store.put_record(record)
    return record


def _pay(store: Store, record: Record, amount: float) -> None:
    payment = Payment(
        id=store.next_id("payment"),
        company_id=record.company_id,
        record_id=record.id,
        visit_id=record.visit_id,
        client_id=record.client_id,
        amount=amount,
        at=record.changed_at,
        document_id=record.document_id,
        item_id=record.lines[0].id if record.lines else 0,
    )
    store.payments[payment.id] = payment
    record.payments.append(payment)
