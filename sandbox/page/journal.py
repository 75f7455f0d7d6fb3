"""One day of one salon as the administrator sees it: a column per master, bookings by time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.yclients.models import ARRIVED, CONFIRMED, NO_SHOW, WAITING, Company, Record, Staff
from sandbox.yclients.values import number

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients

STATES = {WAITING: "Ждём", CONFIRMED: "Подтвердил", ARRIVED: "Пришёл", NO_SHOW: "Не пришёл"}
MARKS = {WAITING: "waiting", CONFIRMED: "confirmed", ARRIVED: "arrived", NO_SHOW: "missed"}
WEEKDAYS = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    starts: datetime
    ends: datetime
    client: str
    phone: str
    services: str
    cost: int | float
    paid: int | float
    state: str
    mark: str
    attendance: int
    comment: str
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class Column:
    id: int
    name: str
    about: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Journal:
    company: Company
    day: date
    weekday: str
    before: date
    after: date
    is_today: bool
    columns: list[Column]


def today(yclients: Yclients, company: Company) -> date:
    return datetime.fromtimestamp(yclients.desk.now(), company.zone).date()


def of_day(yclients: Yclients, company: Company, day: date) -> Journal:
    with yclients.lock:
        mine = [r for r in yclients.store.by_company[company.id].values() if r.starts.date() == day]
        columns = [_column(yclients, member, mine) for member in company.staff.values()]
        unknown = [r for r in mine if r.staff_id not in company.staff]
        if unknown:
            columns.append(_column(yclients, Staff(unknown[0].staff_id, "Другие"), unknown))
    step = timedelta(days=1)
    is_today = day == today(yclients, company)
    return Journal(company, day, WEEKDAYS[day.weekday()], day - step, day + step, is_today, columns)


def _column(yclients: Yclients, member: Staff, records: list[Record]) -> Column:
    mine = sorted((r for r in records if r.staff_id == member.id), key=lambda r: (r.starts, r.id))
    return Column(member.id, member.name, member.specialization, [_entry(yclients, r) for r in mine])


def _entry(yclients: Yclients, record: Record) -> Entry:
    client = yclients.store.clients.get(record.client_id)
    return Entry(
        id=record.id,
        starts=record.starts,
        ends=record.starts + timedelta(seconds=record.seance_length),
        client=" ".join(filter(None, (client.name, client.surname))) if client else "Не записывать",
        phone=f"+{client.phone}" if client and client.phone else "",
        services=", ".join(_title(line.title, line.amount) for line in record.lines),
        cost=number(record.cost),
        paid=number(record.paid),
        state="Удалена" if record.deleted else STATES[record.attendance],
        mark="deleted" if record.deleted else MARKS[record.attendance],
        attendance=record.attendance,
        comment=record.comment,
        is_deleted=record.deleted,
    )


def _title(title: str, amount: int) -> str:
    return title if amount == 1 else f"{title} × {amount}"
