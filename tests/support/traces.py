"""Two years of another integration's work, straight in our own store: bookings, and the leads that it made
of them in one of four styles. What is true stands in the answer, for tests to hold the measurement against.
"""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from backend.core import phones
from backend.core.crm import Contact, Lead
from backend.core.money import Kopecks
from backend.core.salon import Phase
from backend.flows.sync.mirror import COLLECTIONS  # noqa: F401 - the same keys as the real reading
from backend.store import mirror, takeover_found
from backend.store.takeover_found import FoundNote, FoundRecord, FoundService

ROBOT, ANNA, OLGA = 7000003, 7000001, 7000002
FIRST_STAGE = {8001: 8100, 8002: 8200}
RECORD_FIELD, URL_FIELD, DATE_FIELD, STAFF_FIELD, SERVICES_FIELD, AD_FIELD, STATUS_FIELD = range(9201, 9208)
CARD_FIELD = 9301
NOON = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
SALONS = {41001: (8001, ANNA), 41002: (8002, OLGA)}
SERVICES = ((90001, "Лазер: подмышки", 501), (90021, "Чистка лица, ручная", 502))
STAGE = {
    Phase.WAITING: 1, Phase.CONFIRMED: 2, Phase.ARRIVED: 142, Phase.NO_SHOW: 5, Phase.CANCELLED: 143
}  # fmt: skip
WORDS = {
    Phase.WAITING: "Ожидание", Phase.CONFIRMED: "Подтвержден", Phase.ARRIVED: "Пришел",
    Phase.NO_SHOW: "Не пришел", Phase.CANCELLED: "Удалена",
}  # fmt: skip
URL = "https://yclients.com/timetable/{company}#main_date={day}&open_modal_by_record_id={record}"


@dataclass
class Trace:
    """Lead → the record it was made of, as it was generated."""

    records: list = field(default_factory=list)
    leads: list = field(default_factory=list)
    contacts: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    truth: dict = field(default_factory=dict)


def generated(style, count, seed=1, shift=0, missing=0.02, doubled=0.02):
    """`shift`: minutes by which it writes dates wrongly; some bookings have no lead, some have two."""
    dice, trace = random.Random(seed), Trace()
    for number in range(count):
        record, stage_base = _record(dice, number)
        trace.records.append(record)
        lead_count = 0 if dice.random() < missing else 2 if dice.random() < doubled else 1
        for _ in range(lead_count):
            _lead(trace, record, stage_base, style, shift, dice)
    people = {record.client_id: record for record in trace.records}
    for client, record in people.items():
        fields = ((CARD_FIELD, str(client)),)
        trace.contacts.append(
            Contact(client * 10, record.client_name, (record.phone,), created_at=NOON, updated_at=NOON,
                    fields=fields)
        )  # fmt: skip
    for number in range(max(60, count // 10)):  # what people made themselves
        made = NOON - timedelta(days=dice.randrange(600), minutes=dice.randrange(1440))
        trace.leads.append(
            Lead(1_000_000 + number, 8001, 8101, Kopecks(0), "Заявка", OLGA, (), (), ((AD_FIELD, "Яндекс"),),
                 made, made, created_by=OLGA, updated_by=OLGA)
        )  # fmt: skip
    return trace


def _record(dice, number):
    company = dice.choice(list(SALONS))
    client = 5_000_000 + dice.randrange(max(10, number // 5 + 10))
    starts = NOON - timedelta(days=dice.randrange(700), minutes=5 * dice.randrange(100))
    created = starts - timedelta(days=dice.randrange(1, 20), minutes=dice.randrange(600), seconds=7)
    phase = dice.choice(list(Phase))
    service, title, category = dice.choice(SERVICES)
    price = Kopecks(100 * dice.randrange(1000, 5000, 50))
    record = 770_000_000 + 3 * number
    body = json.dumps({"id": record, "documents": [{"id": 88_000_000 + number}]})
    found = FoundRecord(
        f"yclients:{company}:{record}", company, record, 60_000_000 + 7 * number, client,
        phones.key(f"+7999{client:07d}"[:12]) or "", starts, created, starts + timedelta(hours=2), phase,
        price, dice.random() < 0.3, 1, 80 + dice.randrange(5), f"Мастер {dice.randrange(5)}",
        (FoundService(service, title, category, price),), "", f"Клиент {client}", body,
    )  # fmt: skip
    pipeline = 8001 if category == 501 else 8002
    return found, pipeline


def _lead(trace, record, pipeline, style, shift, dice):
    number = 20_000_000 + len(trace.leads)
    made = record.created_at + timedelta(seconds=dice.randrange(20, 200))
    day = (record.starts_at + timedelta(hours=3)).strftime("%Y-%m-%d")
    fields = [
        (DATE_FIELD, (record.starts_at + timedelta(hours=3, minutes=shift)).strftime("%d.%m.%Y %H:%M")),
        (STAFF_FIELD, record.staff_title),
        (SERVICES_FIELD, ", ".join(one.title for one in record.services)),
        (STATUS_FIELD, WORDS[record.phase]),
    ]
    if style == "field":
        fields.append((RECORD_FIELD, str(record.record_id)))
    elif style == "url":
        fields.append((URL_FIELD, URL.format(company=record.branch_id, day=day, record=record.record_id)))
    elif style == "note":
        text = f"Запись YCLIENTS №{record.record_id} от {day}"
        trace.notes.append(FoundNote(number, number, ROBOT, made, text))
    if style == "none":
        fields = []
    tags = ("YCLIENTS", f"Салон {record.branch_id}", *(["онлайн"] if record.is_online else []))
    stage = STAGE[record.phase]
    stage = stage if stage > 100 else FIRST_STAGE[pipeline] + stage
    trace.leads.append(
        Lead(number, pipeline, stage, record.price, "Запись", SALONS[record.branch_id][1],
             (record.client_id * 10,), tags, tuple(fields), made, made + timedelta(days=1),
             created_by=ROBOT, updated_by=ROBOT)
    )  # fmt: skip
    trace.truth[number] = record.key


def keep(account_id, trace):
    """As discovery would have left it."""
    takeover_found.save_many(account_id, trace.records)
    takeover_found.save_notes(account_id, trace.notes)
    mirror.save_contacts(account_id, trace.contacts, lambda one: [phones.key(one.phones[0])])
    mirror.save_leads(account_id, trace.leads)
