"""What staff does in the YCLIENTS interface, as Python methods and control verbs `ui/…`."""

import threading
from typing import Any

from sandbox.yclients import hooks
from sandbox.yclients.desk import Desk
from sandbox.yclients.errors import NOT_FOUND, ApiError
from sandbox.yclients.models import Company, JsonObject, Record
from sandbox.yclients.render import Render
from sandbox.yclients.store import Store
from sandbox.yclients.values import digits


class StaffActions:
    """Mixed into `Yclients`; no rights are checked here, the interface belongs to the salon."""

    lock: threading.RLock
    store: Store
    render: Render
    desk: Desk
    road: hooks.HookRoad

    def _company(self, company_id: int) -> Company:
        try:
            return self.store.companies[int(company_id)]
        except KeyError as error:
            raise ApiError(404, NOT_FOUND) from error

    def _record(self, company_id: int, record_id: int) -> Record:
        try:
            return self.store.by_company[int(company_id)][int(record_id)]
        except KeyError as error:
            raise ApiError(404, NOT_FOUND) from error

    def ui_create(self, company_id: int, **booking: Any) -> JsonObject:
        """`created_at` (unix) makes history: the booking looks as if it had been made then."""
        with self.lock:
            return self.render.record(self.desk.create(self._company(company_id), booking, None))

    def ui_edit(self, company_id: int, record_id: int, **booking: Any) -> JsonObject:
        with self.lock:
            record = self._record(company_id, record_id)
            return self.render.record(self.desk.change(self._company(company_id), record, booking, None))

    def ui_move(self, company_id: int, record_id: int, datetime: str, **more: Any) -> JsonObject:
        return self.ui_edit(company_id, record_id, datetime=datetime, **more)

    def ui_attendance(self, company_id: int, record_id: int, attendance: int) -> JsonObject:
        return self.ui_edit(company_id, record_id, attendance=attendance)

    def ui_pay(self, company_id: int, record_id: int, amount: float) -> JsonObject:
        with self.lock:
            record = self._record(company_id, record_id)
            self.desk.pay(self._company(company_id), record, amount, None)
            return self.render.record(record)

    def ui_delete(self, company_id: int, record_id: int) -> JsonObject:
        with self.lock:
            record = self._record(company_id, record_id)
            self.desk.delete(self._company(company_id), record, None)
            return self.render.record(record)

    def ui_restore(self, company_id: int, record_id: int) -> JsonObject:
        with self.lock:
            record = self._record(company_id, record_id)
            self.desk.restore(self._company(company_id), record)
            return self.render.record(record)

    def ui_client(self, company_id: int, client_id: int, **fields: Any) -> JsonObject:
        """Edit a client's card."""
        with self.lock:
            company, client = self._company(company_id), self.store.clients[int(client_id)]
            with self.desk.act(company, None):
                self.desk.fill_client(client, fields)
                if "categories" in fields:
                    client.categories = list(fields["categories"])
                if "phone" in fields:
                    self.store.set_phone(client, digits(fields["phone"]))
                self.desk.note_client(company, client, "update")
            return self.render.client(client)

    def ui_merge_clients(self, company_id: int, from_id: int, into_id: int) -> None:
        """One card survives; records of the other silently change their client."""
        with self.lock:
            company = self._company(company_id)
            old, kept = self.store.clients[int(from_id)], self.store.clients[int(into_id)]
            with self.desk.act(company, None):
                for record_id in list(old.record_ids):
                    self.store.give_record(self.store.records[record_id], kept.id)
                    company.version += 1
                old.deleted = True
                phone = old.phone
                self.store.set_phone(old, "")
                if not kept.phone:
                    self.store.set_phone(kept, phone)
                self.desk.note_client(company, old, "delete")
                self.desk.note_client(company, kept, "update")

    def ui_rename_category(self, company_id: int, category_id: int, title: str) -> None:
        with self.lock:
            company = self._company(company_id)
            category = company.categories[int(category_id)]
            category.title = title
            self._tell(
                company, "service_category", category.id, "update", {"id": category.id, "title": title}
            )

    def ui_move_service(self, company_id: int, service_id: int, category_id: int) -> None:
        with self.lock:
            company = self._company(company_id)
            service = company.services[int(service_id)]
            service.category_id = int(category_id)
            self._tell(
                company, "service", service.id, "update", {"id": service.id, "category_id": category_id}
            )

    def ui_delete_service(self, company_id: int, service_id: int) -> None:
        """It leaves the catalogue; old records keep their lines."""
        with self.lock:
            company = self._company(company_id)
            service = company.services.pop(int(service_id))
            self._tell(company, "service", service.id, "delete", {"id": service.id, "title": service.title})

    def _tell(self, company: Company, resource: str, entity_id: int, status: str, data: JsonObject) -> None:
        self.road.tell(company, [hooks.event(company.id, resource, entity_id, status, data)], None)
