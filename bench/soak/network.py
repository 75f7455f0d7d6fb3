"""The network that lives through the soak: three salons, their catalogue, and the amoCRM account."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Plain = dict[str, Any]

DOMAIN = "soak.amocrm.ru"
CONFIGURATION = Path(__file__).with_name("configuration.yaml")
ADMIN, MANAGERS = 7000001, (7000002, 7000003, 7000004)
ADVERT, BOOKED, CONFIRMED, TO_BE_MOVED, COMPLAINT = 0, 1, 2, 5, 9
"""A stage is the pipeline's first number plus one of these."""
FIRST_STAGE = {8001: 8100, 8002: 8200, 8003: 8300}
WON, LOST = 142, 143
EPILATION, COSMETOLOGY, OTHER = 8001, 8002, 8003
ROBOTS = {EPILATION: 45.0, COSMETOLOGY: 30.0}
"""Pipelines in which a won lead opens the next one, and after how many seconds."""
SEALED_TAG = "не привязывать"


@dataclass(frozen=True, slots=True)
class Salon:
    id: int
    title: str
    zone: str
    epilation: tuple[int, ...]
    cosmetology: tuple[int, ...]
    other: tuple[int, ...]
    masters: tuple[int, ...]
    waiting_list: int

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


SALONS = (
    Salon(
        41001, "Тверская", "Europe/Moscow", (90101, 90102, 90103), (90111, 90112), (90121,), (811, 812), 819
    ),
    Salon(41002, "Урал", "Asia/Yekaterinburg", (90201, 90202), (90211, 90212), (90221,), (821, 822), 829),
    Salon(41003, "Волга", "Europe/Samara", (90301, 90302), (90311,), (90321,), (831, 832), 839),
)
PRICES = (2500, 4500, 1800, 4000, 6200, 1500)
PIPELINES = ((EPILATION, "Эпиляция"), (COSMETOLOGY, "Косметология"), (OTHER, "Прочее"))
STAGES = (
    (ADVERT, "Новая заявка"),
    (BOOKED, "Записан"),
    (CONFIRMED, "Подтвердил"),
    (TO_BE_MOVED, "Перенос визита"),
    (COMPLAINT, "Жалоба"),
)


def price_of(service_id: int) -> int:
    return PRICES[service_id % len(PRICES)]


def company(salon: Salon) -> Plain:
    """The salon for the emulator of YCLIENTS."""
    first = salon.id * 10
    kinds = (
        (1, "Эпиляция", salon.epilation),
        (3, "Косметология", salon.cosmetology),
        (9, "Маникюр", salon.other),
    )
    return {
        "id": salon.id,
        "title": salon.title,
        "timezone_name": salon.zone,
        "categories": [{"id": first + n, "title": title} for n, title, _ in kinds],
        "services": [
            {
                "id": service,
                "category_id": first + n,
                "title": f"{title} {service % 10}",
                "price": price_of(service),
                "duration": 3600,
            }
            for n, title, services in kinds
            for service in services
        ],
        "staff": [
            *({"id": master, "name": f"Мастер {master}"} for master in salon.masters),
            {"id": salon.waiting_list, "name": "Лист ожидания"},
        ],
    }


def account() -> Plain:
    """The account for the emulator of amoCRM."""
    users = [{"id": ADMIN, "name": "Администратор", "is_admin": True}]
    users += [{"id": user, "name": f"Менеджер {user % 10}", "is_admin": False} for user in MANAGERS]
    return {
        "domain": DOMAIN,
        "id": 30000001,
        "timezone": "Europe/Moscow",
        "users": users,
        "pipelines": [
            {
                "id": pipeline,
                "name": title,
                "stages": [
                    {"id": FIRST_STAGE[pipeline] + n, "name": name, "sort": 10 + n} for n, name in STAGES
                ],
            }
            for pipeline, title in PIPELINES
        ],
        "loss_reasons": [{"id": 501, "name": "Отмена записи"}, {"id": 502, "name": "Технически"}],
        "filter_enabled": False,
        "triggers": [
            {
                "on_pipeline": pipeline,
                "pipeline_id": pipeline,
                "stage_id": FIRST_STAGE[pipeline] + ADVERT,
                "delay": delay,
                "name": "Следующий визит",
            }
            for pipeline, delay in ROBOTS.items()
        ],
    }
