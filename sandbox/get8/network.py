"""A network of three salons that has lived on GET8: its account, its salons, and how GET8 was set up."""

from __future__ import annotations

from sandbox.get8.settings import Plain

TVERSKAYA, URAL, ARBAT = 41001, 41002, 41003
EPILATION, COSMETOLOGY, REPEAT = 8001, 8002, 8003
ANNA, BELLA, VERONIKA, GLEB, ROBOT_USER = 7000001, 7000002, 7000003, 7000004, 7000008
FIRST = {EPILATION: 8100, COSMETOLOGY: 8200, REPEAT: 8300}
"""+0 a new request, +1 booked, +2 confirmed, +5 to be moved, +6 thinking."""
CLIENT_ID = "8e780000-0000-4000-8000-0000000000e8"
ZONES = {TVERSKAYA: "Europe/Moscow", URAL: "Asia/Yekaterinburg", ARBAT: "Europe/Moscow"}
TITLES = {TVERSKAYA: "Тверская", URAL: "Урал", ARBAT: "Арбат"}
RESPONSIBLE = {TVERSKAYA: ANNA, URAL: VERONIKA, ARBAT: BELLA}
STAFF = {
    TVERSKAYA: {81: "Вера", 82: "Инна", 83: "Ольга"},
    URAL: {84: "Дина", 85: "Рита"},
    ARBAT: {86: "Майя", 87: "Нина"},
}
PLACE = {TVERSKAYA: 0, URAL: 100, ARBAT: 200}
_SERVICES = (
    (1, 501, "Лазер: подмышки", 2500),
    (2, 501, "Лазер: голени", 4500),
    (3, 501, "Шугаринг: бикини", 1900),
    (21, 503, "Чистка лица", 4000),
    (22, 503, "Пилинг", 3200),
)


def service_ids(company_id: int) -> list[int]:
    return [90000 + PLACE[company_id] + number for number, *_rest in _SERVICES]


def price_of(service_id: int) -> int:
    return next(price for number, _category, _title, price in _SERVICES if number == service_id % 100)


def title_of(service_id: int) -> str:
    return next(title for number, _category, title, _price in _SERVICES if number == service_id % 100)


def category_of(service_id: int) -> int:
    """Each salon numbers its categories in its own way."""
    base = next(category for number, category, *_rest in _SERVICES if number == service_id % 100)
    return base + (service_id - 90000) // 100 * 100


def pipeline_of(service_id: int) -> int:
    return EPILATION if category_of(service_id) % 100 == 1 else COSMETOLOGY


def account(domain: str) -> Plain:
    """The amoCRM account as a verb `account` takes it."""
    people = ((ANNA, "Анна"), (BELLA, "Белла"), (VERONIKA, "Вероника"), (GLEB, "Глеб"), (ROBOT_USER, "GET8"))
    return {
        "domain": domain,
        "id": 31000005,
        "name": "Сеть «Три салона»",
        "timezone": "Europe/Moscow",
        "filter_enabled": False,
        "users": [
            {"id": number, "name": name, "is_admin": number in {ANNA, ROBOT_USER}} for number, name in people
        ],
        "pipelines": [
            _pipeline(EPILATION, "Эпиляция"),
            _pipeline(COSMETOLOGY, "Косметология"),
            _pipeline(REPEAT, "Повторные визиты"),
        ],
        "loss_reasons": [{"id": 501, "name": "Отмена записи"}, {"id": 502, "name": "Техническое закрытие"}],
        "lead_fields": [{"id": 9100, "name": "Реклама", "type": "text"}],
    }


def _pipeline(pipeline_id: int, name: str) -> Plain:
    first = FIRST[pipeline_id]
    stages = ((0, "Новая заявка"), (1, "Записан"), (2, "Подтвердил"), (5, "Перенос визита"), (6, "Думает"))
    return {
        "id": pipeline_id,
        "name": name,
        "stages": [{"id": first + step, "name": title, "sort": 10 + step} for step, title in stages],
    }


def salons() -> list[Plain]:
    """Each salon as a verb `company` takes it."""
    return [_salon(company_id) for company_id in TITLES]


def _salon(company_id: int) -> Plain:
    shift = PLACE[company_id]
    services = [
        {
            "id": number,
            "category_id": category_of(number),
            "title": title_of(number),
            "price": price_of(number),
        }
        for number in service_ids(company_id)
    ]
    return {
        "id": company_id,
        "title": TITLES[company_id],
        "timezone_name": ZONES[company_id],
        "group_id": 7001,
        "categories": [
            {"id": 501 + shift, "title": "Эпиляция"},
            {"id": 503 + shift, "title": "Косметология"},
        ],
        "services": services,
        "staff": [{"id": number, "name": name} for number, name in STAFF[company_id].items()],
    }


def stages_of(pipeline_id: int) -> Plain:
    first = FIRST[pipeline_id]
    return {
        "waiting": first + 1,
        "confirmed": first + 2,
        "arrived": 142,
        "no_show": first + 5,
        "cancelled": 143,
    }


def setup(domain: str, public: str, amocrm: str, yclients: str, secret: str) -> Plain:
    """What `sandbox.get8.settings.Setup.of` reads."""
    return {
        "domain": domain,
        "public": public,
        "amocrm": amocrm,
        "yclients": yclients,
        "client_id": CLIENT_ID,
        "client_secret": secret,
        "partner": "get8-partner",
        "user_token": "get8-token",
        "salons": [
            {
                "company_id": company_id,
                "title": title,
                "pipelines": {501 + PLACE[company_id]: EPILATION, 503 + PLACE[company_id]: COSMETOLOGY},
                "default_pipeline": COSMETOLOGY,
                "responsible_id": RESPONSIBLE[company_id],
            }
            for company_id, title in TITLES.items()
        ],
        "stages": {pipeline: stages_of(pipeline) for pipeline in (EPILATION, COSMETOLOGY)},
        "attachable": [FIRST[EPILATION], FIRST[COSMETOLOGY]],
    }
