"""The measured salon: its account in amoCRM, its catalogue, and any number of bookings as hooks tell them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.demo.http import Control

Plain = dict[str, Any]

COMPANY, MASTER, USER = 41001, 81, 7000001
SERVICES = (90001, 90002, 90021, 90031)
TOKENS = {"YC_TOKEN": "salon-token"}
PARTNER = "partner"
FIRST_RECORD = 880000001
CONFIGURATION = Path(__file__).with_name("configuration.yaml")


def configuration(settle: int) -> str:
    """The document with one settle time for everything."""
    return CONFIGURATION.read_text(encoding="utf-8").replace("SETTLE", str(settle))


def open_account(crm: Control, domain: str, number: int = 0) -> None:
    crm(
        "account",
        domain=domain,
        id=30000001 + number,
        timezone="Europe/Moscow",
        users=[{"id": USER, "name": "Анна", "is_admin": True}],
        pipelines=[
            {"id": pipeline, "name": title, "stages": _stages(first)} for pipeline, first, title in _PIPELINES
        ],
        loss_reasons=[{"id": 501, "name": "Отмена записи"}],
        filter_enabled=False,
    )
    crm("limits", domain=domain, on=False)


def open_salon(salons: Control) -> None:
    salons("partner", token=PARTNER)
    salons("company", id=COMPANY, title="Тверская", timezone_name="Europe/Moscow", **_CATALOGUE)
    salons("user", token=TOKENS["YC_TOKEN"], name="Mostik", companies=[COMPANY])
    salons("limits", on=False)
    salons("hooks", delay=0)


def booking(number: int, client: int | None = None) -> Plain:
    """Arguments of the emulator's `ui/create`: the salon's usual mixture of services, days and remarks."""
    person = number if client is None else client
    return {
        "company_id": COMPANY,
        "staff_id": MASTER,
        "services": [{"id": SERVICES[number % 4]}, *([{"id": SERVICES[0]}] if number % 4 == 1 else [])],
        "client": {"name": f"Клиент {person}", "phone": phone(person)},
        "datetime": f"{_day(number)} {9 + number % 11:02d}:{15 * (number % 4):02d}:00",
        "comment": f"Просила напомнить накануне, кабинет {number % 7 + 1}" if number % 3 else "",
    }


def phone(person: int) -> str:
    return f"+7900{person:07d}"


def template(salons: Control) -> Plain:
    """One record as the emulator renders it; the salon must not have a hook address yet."""
    made: Plain = salons("ui/create", **booking(1))
    return made


def hooks(record: Plain, numbers: Iterable[int]) -> list[Plain]:
    """A hook for each number: another booking of another client, otherwise as in the template."""
    return [_hook(copy.deepcopy(record), number) for number in numbers]


def array(events: Iterable[Plain]) -> bytes:
    """Many hooks in one body, as YCLIENTS sends them together."""
    return json.dumps(list(events), ensure_ascii=False).encode()


def _hook(record: Plain, number: int) -> Plain:
    wanted = booking(number)
    record["id"] = FIRST_RECORD + number
    record["date"] = wanted["datetime"]
    record["datetime"] = wanted["datetime"].replace(" ", "T") + "+03:00"
    record["comment"] = wanted["comment"]
    client = {"name": f"Клиент {number}", "display_name": f"Клиент {number}"}
    record["client"] |= {**client, "id": 66000001 + number, "phone": phone(number).lstrip("+")}
    line = record["services"][0]
    record["services"] = [{**line, "id": SERVICES[number % 4]}]
    return {
        "company_id": COMPANY,
        "resource": "record",
        "resource_id": record["id"],
        "status": "create",
        "data": record,
    }


def _day(number: int) -> str:
    """Within a year ahead, whenever the benchmark runs: the emulator's own clock is the real one."""
    return (datetime.now(UTC) + timedelta(days=1 + number % 300)).date().isoformat()


def _stages(first: int) -> list[Plain]:
    titles = ((0, "Новая заявка"), (1, "Записан"), (2, "Подтвердил"), (5, "Перенос визита"))
    return [{"id": first + n, "name": name, "sort": 10 + n} for n, name in titles]


def _service(service_id: int, category_id: int, title: str, price: int) -> Plain:
    return {"id": service_id, "category_id": category_id, "title": title, "price": price, "duration": 3600}


_PIPELINES = ((8001, 8100, "Эпиляция"), (8002, 8200, "Косметология"), (8003, 8300, "Прочее"))
_CATALOGUE: Plain = {
    "categories": [
        {"id": 501, "title": "Эпиляция"},
        {"id": 503, "title": "Косметология"},
        {"id": 509, "title": "Маникюр"},
    ],
    "services": [
        _service(90001, 501, "Лазер: подмышки", 2500),
        _service(90002, 501, "Лазер: голени", 4500),
        _service(90021, 503, "Чистка лица", 4000),
        _service(90031, 509, "Маникюр", 1800),
    ],
    "staff": [{"id": MASTER, "name": "Вера"}],
}
