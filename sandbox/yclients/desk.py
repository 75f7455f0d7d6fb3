"""What can be done with bookings, by staff and through the API alike; every act tells the hooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandbox.yclients import hooks
from sandbox.yclients.errors import ApiError
from sandbox.yclients.models import ATTENDANCES, Client, Company, JsonObject, Line, Payment, Record, User
from sandbox.yclients.values import digits, number, stamp, wall_time

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients

PLAIN_FIELDS = """comment api_id custom_color activity_id clients_count online prepaid comer prepaid_confirmed
custom_fields from_url created_user_id""".split()  # noqa: SIM905 - names are easier to read without quotes
CLIENT_FIELDS = """name surname patronymic email card comment discount sex_id importance_id birth_date sms_not
sms_check spent balance custom_fields""".split()  # noqa: SIM905


class Desk:
    def __init__(self, yclients: "Yclients") -> None:
        self.yclients = yclients
        self._events: list[JsonObject] = []

    def now(self) -> int:
        return int(self.yclients.world.clock.now())

    @contextmanager
    def act(self, company: Company, author: User | None) -> Iterator[None]:
        """One deed of one person: its events leave together when it is done."""
        self._events = []
        yield
        events, self._events = self._events, []
        self.yclients.road.tell(company, events, author)

    def note(self, company: Company, resource: str, resource_id: int, status: str, data: JsonObject) -> None:
        if company.hooks.urls or company.application:
            self._events.append(hooks.event(company.id, resource, resource_id, status, data))

    def note_record(self, company: Company, record: Record, status: str) -> None:
        if company.hooks.urls or company.application:
            self.note(company, "record", record.id, status, self.yclients.render.record(record))

    def note_client(self, company: Company, client: Client, status: str) -> None:
        if company.hooks.urls or company.application:
            self.note(company, "client", client.id, status, self.yclients.render.client(client))

    # Records

    def create(self, company: Company, fields: JsonObject, author: User | None) -> Record:
        store, now = self.yclients.store, self.now()
        starts = wall_time(fields.get("datetime"), company.zone)
        with self.act(company, author):
            client, is_new = self._client_for(company, fields.get("client"))
            record = Record(
                id=store.next_id("record"),
                company_id=company.id,
                staff_id=int(fields.get("staff_id") or 0),
                starts=starts,
                created_at=int(fields.get("created_at") or now),
                changed_at=int(fields.get("changed_at") or fields.get("created_at") or now),
                visit_id=int(fields.get("visit_id") or store.next_id("visit")),
                document_id=store.next_id("document"),
                client_id=client.id if client else 0,
                created_user_id=author.id if author else self.yclients.switches["staff_user_id"],
            )
            self.fill(company, record, fields)
            store.put_record(record)
            self._settle_visit(record)
            self.note_record(company, record, "create")
            if client and is_new:
                self.note_client(company, client, "create")
        return record

    def change(self, company: Company, record: Record, fields: JsonObject, author: User | None) -> Record:
        """Only what is in `fields` changes."""
        with self.act(company, author):
            if "datetime" in fields:
                record.starts = wall_time(fields["datetime"], company.zone)
            if "staff_id" in fields:
                record.staff_id = int(fields["staff_id"] or 0)
            if "client" in fields:
                client, is_new = self._client_for(company, fields["client"])
                self.yclients.store.give_record(record, client.id if client else 0)
                if client and is_new:
                    self.note_client(company, client, "create")
            self.fill(company, record, fields)
            self._settle_visit(record)
            self._touch(record)
            self.note_record(company, record, "update")
        return record

    def fill(self, company: Company, record: Record, fields: JsonObject) -> None:
        if "services" in fields:
            record.lines = [self._line(company, line) for line in fields["services"] or ()]
            record.seance_length = (
                sum(self._duration(company, line) for line in record.lines) or record.seance_length
            )
        if fields.get("seance_length"):
            record.seance_length = int(fields["seance_length"])
        if fields.get("attendance") is not None:
            record.attendance = attendance_of(fields["attendance"])
        if "record_labels" in fields:
            record.labels = [label_of(label) for label in fields["record_labels"] or ()]
        for name in PLAIN_FIELDS:
            if fields.get(name) is not None:
                setattr(record, name, fields[name])

    def _line(self, company: Company, line: JsonObject) -> Line:
        service = company.services.get(int(line["id"]))
        if service is None and "first_cost" not in line and "cost" not in line:
            raise ApiError(404, "Услуга не найдена.")
        amount = int(line.get("amount") or 1)
        first_cost = float(
            line.get("first_cost") or (service.price * amount if service else line.get("cost") or 0)
        )
        discount = float(line.get("discount") or 0)
        cost = line.get("cost")
        due = first_cost * (1 - discount / 100) if cost is None else float(cost)
        title = service.title if service else str(line.get("title", ""))
        return Line(int(line["id"]), title, first_cost, discount, round(due, 2), amount)

    def _duration(self, company: Company, line: Line) -> int:
        service = company.services.get(line.id)
        return service.duration * line.amount if service else 0

    def set_attendance(self, company: Company, record: Record, value: Any, author: User | None) -> None:
        """Through a visit: all its records get the value."""
        attendance = attendance_of(value)
        with self.act(company, author):
            for record_id in self.yclients.store.visits[record.visit_id]:
                sibling = self.yclients.store.records[record_id]
                sibling.attendance = sibling.visit_attendance = attendance
                self._touch(sibling)
                self.note_record(company, sibling, "update")

    def _settle_visit(self, record: Record) -> None:
        """What a visit of several records counts as is not documented, hence a switch."""
        store = self.yclients.store
        siblings = [store.records[n] for n in store.visits[record.visit_id] if not store.records[n].deleted]
        is_best = self.yclients.switches["visit_attendance"] == "best"
        value = (
            max((s.attendance for s in siblings), key=BEST.index)
            if is_best and siblings
            else record.attendance
        )
        for sibling in siblings:
            sibling.visit_attendance = value

    def delete(self, company: Company, record: Record, author: User | None) -> None:
        with self.act(company, author):
            record.deleted = True
            self._touch(record)
            self.note_record(company, record, "delete")

    def restore(self, company: Company, record: Record) -> None:
        with self.act(company, None):
            record.deleted = False
            self._touch(record)
            self.note_record(company, record, self.yclients.switches["restore_event"])

    def _touch(self, record: Record) -> None:
        self.yclients.store.touch(record, self.now())

    # Money

    def pay(self, company: Company, record: Record, amount: float, author: User | None) -> Payment:
        """The payment's own event leaves before the record's, as seen in production."""
        store = self.yclients.store
        with self.act(company, author):
            payment = Payment(
                id=store.next_id("payment"),
                company_id=company.id,
                record_id=record.id,
                visit_id=record.visit_id,
                client_id=record.client_id,
                amount=float(amount),
                at=self.now(),
                document_id=record.document_id,
                item_id=record.lines[0].id if record.lines else 0,
            )
            store.payments[payment.id] = payment
            record.payments.append(payment)
            self._touch(record)
            self.note(
                company, "finances_operation", payment.id, "create", self.payment_shown(company, payment)
            )
            self.note_record(company, record, "update")
        return payment

    def refund(self, company: Company, payment: Payment, author: User | None) -> None:
        record = self.yclients.store.records[payment.record_id]
        with self.act(company, author):
            payment.deleted = True
            self._touch(record)
            self.note(
                company, "finances_operation", payment.id, "delete", self.payment_shown(company, payment)
            )
            self.note_record(company, record, "update")

    def payment_shown(self, company: Company, payment: Payment) -> JsonObject:
        return {
            "id": payment.id,
            "document_id": payment.document_id,
            "expense": {"id": 5, "title": "Оказание услуг"},
            "date": stamp(payment.at, company.zone),
            "amount": number(payment.amount),
            "comment": payment.comment,
            "master": [],
            "supplier": [],
            "account": {"id": 90459, "title": "Основная касса"},
            "client": self.yclients.render.payer(payment),
            "record_id": payment.record_id,
            "visit_id": payment.visit_id,
            "sold_item_id": payment.item_id,
            "sold_item_type": "service",
            "record": {"id": payment.record_id},
            "last_change_date": stamp(payment.at, company.zone),
        }

    # Clients

    def _client_for(
        self, company: Company, given: JsonObject | list[Any] | None
    ) -> tuple[Client | None, bool]:
        """The card by id or by phone; unknown people get a new card. Null and empty objects mean nobody."""
        if not given or not isinstance(given, dict):
            return None, False
        store = self.yclients.store
        known = store.clients.get(int(given["id"])) if given.get("id") else None
        known = known or store.client_by_phone(company.id, digits(given.get("phone")))
        if known is not None and known.company_id == company.id and not known.deleted:
            return known, False
        return self.new_client(company, given), True

    def new_client(self, company: Company, fields: JsonObject) -> Client:
        store = self.yclients.store
        client = Client(
            store.next_id("client"), company.id, phone=digits(fields.get("phone")), changed_at=self.now()
        )
        self.fill_client(client, fields)
        store.put_client(client)
        return client

    def fill_client(self, client: Client, fields: JsonObject) -> None:
        for name in CLIENT_FIELDS:
            if fields.get(name) is not None:
                setattr(client, name, fields[name])
        client.changed_at = max(client.changed_at, self.now())


BEST = [-1, 0, 2, 1]


def attendance_of(value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise ApiError(422, "Недопустимое значение", {"attendance": ["Недопустимое значение"]}) from error
    if number not in ATTENDANCES:
        raise ApiError(422, "Недопустимое значение", {"attendance": ["Недопустимое значение"]})
    return number


def label_of(label: Any) -> JsonObject:
    if isinstance(label, dict):
        return {
            "color": "#009800",
            "icon": "",
            "font_color": "#ffffff",
            **label,
            "id": str(label.get("id", "")),
        }
    return {"id": str(label), "title": str(label), "color": "#009800", "icon": "", "font_color": "#ffffff"}
