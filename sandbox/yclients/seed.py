"""Start data of a reference network: three salons, people with every oddity, and 18 months of bookings."""

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.yclients.models import ARRIVED, CONFIRMED, NO_SHOW, WAITING, JsonObject

if TYPE_CHECKING:
    from sandbox.yclients.state import Yclients

MAIN, SECOND, EXPIRED = 100501, 100502, 100503
FULL_TOKEN, CUT_TOKEN = "full-rights-token", "cut-rights-token"
REMOVED_SERVICE, ROOT_SERVICE, GROUP_SERVICE = 8100099, 8400001, 8300001
CATEGORIES: list[JsonObject] = [
    {"id": 7100001, "salon_service_id": 353, "title": "Эпиляция", "weight": 10},
    {"id": 7100002, "salon_service_id": 354, "title": "Косметология", "weight": 9},
    {"id": 7100003, "salon_service_id": 355, "title": "Ногтевой сервис", "weight": 8},
]
SERVICES: list[JsonObject] = [
    {
        "id": 8100001,
        "category_id": 7100001,
        "title": "Лазерная эпиляция: подмышки",
        "price": 2500,
        "duration": 1800,
        "weight": 6,
        "staff_ids": (550001,),
    },
    {
        "id": 8100002,
        "category_id": 7100001,
        "title": "Лазерная эпиляция: голени",
        "price": 4500,
        "duration": 3600,
        "weight": 5,
        "staff_ids": (550001,),
    },
    {
        "id": 8200001,
        "category_id": 7100002,
        "title": "Чистка лица",
        "price": 4000,
        "duration": 5400,
        "weight": 4,
        "staff_ids": (550002,),
    },
    {
        "id": GROUP_SERVICE,
        "category_id": 7100003,
        "title": "Групповой мастер-класс",
        "price": 1500,
        "is_multi": True,
        "staff_ids": (550002,),
    },
    {"id": ROOT_SERVICE, "category_id": 1, "title": "Консультация", "price": 0, "staff_ids": (550002,)},
    {
        "id": REMOVED_SERVICE,
        "category_id": 7100001,
        "title": "Шугаринг",
        "price": 1200,
        "staff_ids": (550001,),
    },
]
STAFF: list[JsonObject] = [
    {
        "id": 550001,
        "name": "Вера Образцова",
        "specialization": "Мастер эпиляции",
        "position": {"id": 11, "title": "Мастер"},
    },
    {"id": 550002, "name": "Инна Пробная", "specialization": "Косметолог", "hidden": 1},
    {"id": 550003, "name": "Лист ожидания"},
]
SALONS = (
    (MAIN, "Лотос на Тверской", "Europe/Moscow", True),
    (SECOND, "Лотос Урал", "Asia/Yekaterinburg", True),
    (EXPIRED, "Лотос Закрытый", "Europe/Moscow", False),
)
PAST_ATTENDANCE = (ARRIVED, ARRIVED, ARRIVED, NO_SHOW, WAITING, CONFIRMED)
MONTHS_18 = 540


def reference(yclients: "Yclients", clients: int = 300, records: int = 2000) -> None:
    """Nobody is told: the hooks of a salon are set later."""
    chance = random.Random(yclients.world.seed)  # noqa: S311 - repeatable on purpose
    yclients.group(9001, "Сеть Лотос")
    for company_id, title, zone, license_ok in SALONS:
        yclients.company(
            company_id,
            title=title,
            timezone_name=zone,
            group_id=9001,
            license_ok=license_ok,
            categories=CATEGORIES,
            services=SERVICES,
            staff=STAFF,
        )
    yclients.user(FULL_TOKEN, login="70000000001", password="secret-example", name="Анна Тестова")  # noqa: S106
    yclients.user(CUT_TOKEN, login="70000000002", name="Ольга Примерова", restricted=True)
    people = _people(yclients, clients)
    for number in range(records):
        _booking(yclients, chance, people, number)
    _merged_card(yclients, people)
    yclients.ui_delete_service(MAIN, REMOVED_SERVICE)


def _people(yclients: "Yclients", count: int) -> list[tuple[int, int]]:
    """(company, card): every 5th also has a card in the other salon, every 20th has no phone."""
    cards = []
    for n in range(count):
        company = yclients.store.companies[SECOND if n % 3 == 2 else MAIN]
        person: JsonObject = {"name": f"Клиент {n}", "surname": "Пробная" if n % 2 else ""}
        person["phone"] = "" if n % 20 == 19 else _phone(n)
        cards.append((company.id, yclients.desk.new_client(company, person).id))
        if n % 5 == 0:
            other = yclients.store.companies[MAIN if company.id == SECOND else SECOND]
            cards.append((other.id, yclients.desk.new_client(other, person).id))
        if n % 50 == 1:
            child = {**person, "name": f"Ребёнок {n}"}
            cards.append((company.id, yclients.desk.new_client(company, child).id))
    return cards


def _phone(n: int) -> str:
    return (f"+7 000 {n:03d}-00-11", f"8000{n:03d}0011", f"7000{n:03d}0011")[n % 3]


def _booking(yclients: "Yclients", chance: random.Random, people: list[tuple[int, int]], number: int) -> None:
    company_id, client_id = chance.choice(people)
    company = yclients.store.companies[company_id]
    now = yclients.desk.now()
    today = datetime.fromtimestamp(now, company.zone).replace(hour=10, minute=0, second=0, microsecond=0)
    days = chance.randint(-MONTHS_18, 30)
    starts = today + timedelta(days=days, minutes=15 * chance.randint(0, 40))
    made = min(now, int(starts.timestamp()) - 86400 * chance.randint(1, 20))
    booking: JsonObject = {
        "staff_id": chance.choice((550001, 550002)),
        "services": [{"id": service_id} for service_id in _services(chance, number)],
        "client": None if number % 40 == 7 else {"id": client_id},
        "datetime": starts.replace(tzinfo=None).isoformat(" "),
        "attendance": chance.choice(PAST_ATTENDANCE) if days < 0 else chance.choice((WAITING, CONFIRMED)),
        "created_at": made,
        "online": number % 4 == 0,
        "prepaid_confirmed": number % 30 == 3,
        "activity_id": 108 if number % 60 == 11 else 0,
    }
    record = yclients.desk.create(company, booking, None)
    if number % 25 == 0:
        booking |= {"visit_id": record.visit_id, "staff_id": 550002, "services": [{"id": 8200001}]}
        yclients.desk.create(company, booking, None)
    if number % 9 == 5 and record.cost:
        yclients.desk.pay(company, record, record.cost if number % 2 else record.cost / 2, None)
    if number % 12 == 6:
        yclients.desk.delete(company, record, None)


def _services(chance: random.Random, number: int) -> list[int]:
    if number % 35 == 9:
        return []
    if number % 10 == 4:
        return [8100001, 8100002, 8200001]
    return [chance.choice([int(service["id"]) for service in SERVICES])]


def _merged_card(yclients: "Yclients", people: list[tuple[int, int]]) -> None:
    mine = [client_id for company_id, client_id in people if company_id == MAIN]
    if len(mine) > 1:
        yclients.ui_merge_clients(MAIN, mine[-1], mine[0])
