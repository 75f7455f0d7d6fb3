"""A network of 20 salons and 8 directions that has lived for a month, in this process: the store that
screens are measured on. A few hundred bookings are real: made in the emulators and drained by the product.
`history.sql` then multiplies their rows to a million events and 300,000 bookings.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from backend.flows.vendors import clients
from backend.store import db, operators
from tests.support.stand import DOMAIN, VERA, Stand

__all__ = ["DOMAIN", "Browser", "Network", "network"]

HISTORY = Path(__file__).with_name("history.sql")
PASSWORD = "a long enough password"  # noqa: S105 - of an operator that only the benchmark knows
SALONS = range(41001, 41021)
TITLES = (
    "Эпиляция", "Косметология", "Маникюр", "Педикюр", "Массаж", "Парикмахерская", "Макияж", "Прочее",
)  # fmt: skip
OTHERS = ("Солярий", "Тату", "Обучение", "Абонементы")  # categories that nobody has mapped
SERVICES = 6  # of each category
MASTERS = 15
FIRST_NAMES = (
    "Анна", "Мария", "Елена", "Ольга", "Дарья", "Ирина", "Наталья", "Юлия", "Светлана", "Татьяна",
    "Екатерина", "Алина", "Полина", "Ксения", "Вера", "Софья",
)  # fmt: skip
LAST_NAMES = (
    "Белова", "Волкова", "Громова", "Зимина", "Орлова", "Лебедева", "Соколова", "Сорокина", "Титова",
    "Фомина",
)  # fmt: skip
CLIENTS = [f"{first} {last}" for first, last in product(FIRST_NAMES, LAST_NAMES)]
BOOKINGS = 240
REGULAR = 40  # bookings of the one client who comes most often
DAYS = 30
COPIES = 1_000  # of the account's own bookings
STRANGERS = 250  # times the same rows belong to the 999 other accounts
EVENTS = 1_000_000
OWN_EVENTS = 800_000
VERSIONS = 30
NO_WAITING = ((1_000, 1.0), (1_000, 1.0))  # the emulators have no limits here


class Network(Stand):
    """The test stand with a large network's account, salons and configuration."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        super().__init__(database_url, redis_url, is_empty=True)
        self.account = self._install()
        self.configure(json.dumps(_document(), ensure_ascii=False))

    def worded(self, described: dict[str, Any]) -> dict[str, Any]:
        """The account's side: a pipeline for each direction and the people of a large network."""
        stages = ("Новая заявка", "Записан", "Подтвердил", "В работе", "Думает", "Перенос визита", "Жалоба")
        pipelines = [
            {"id": _pipeline(n), "name": title, "stages": _stages(100 * _pipeline(n), stages)}
            for n, title in enumerate(TITLES)
        ]
        users = [{"id": 7000001 + n, "name": CLIENTS[-n - 1], "is_admin": n < 3} for n in range(60)]
        return {**described, "pipelines": pipelines, "users": users}

    def _open_yclients(self) -> None:
        yc = self.world.yclients
        yc.partner("partner")
        for company in SALONS:
            yc.company(company, title=f"Салон {company - 41000}", **_catalogue(company))
        yc.user("salon-token", companies=list(SALONS))
        yc.limits(on=False)
        yc.hooks(delay=0)

    def live(self) -> None:
        """A day: bookings come, are edited, confirmed, attended, lost."""
        records = [self._booked(n) for n in range(BOOKINGS)]
        self.settle()
        for number, record in enumerate(records):
            if number % 3:
                self.edit(record, comment=f"Просит кабинет {number % 7 + 1}")
        self.settle()
        for number, record in enumerate(records):
            self._ends(record, number)
        self.settle()

    def _booked(self, number: int) -> dict[str, Any]:
        company, who = SALONS[number % 20], 0 if number < REGULAR else number % len(CLIENTS)
        category = number // 20 % 9  # the ninth is not mapped
        lines = [_service_id(company, category, number % SERVICES)]
        if number % 4 == 1:
            lines.append(_service_id(company, (category + 1) % 8, 0))
        client = CLIENTS[who], f"+7999{who:07d}"
        at = f"+{1 + number % 9}"
        booked: dict[str, Any] = self.book(
            *lines, company=company, staff=VERA + number % MASTERS, client=client, at=at
        )
        return booked

    def _ends(self, record: dict[str, Any], number: int) -> None:
        if number % 10 == 9:
            self.delete(record)
        elif attendance := {1: 2, 2: 1, 3: 1, 4: 1, 5: -1}.get(number % 10):
            self.mark(record, attendance)


class Browser:
    """Somebody signed in, as a client of the application in this process."""

    def __init__(self, network: Network) -> None:
        operators.add("bench", PASSWORD, "owner", network.now())
        self.client = network.app.test_client()
        page = self.client.get("/admin/sign-in").text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        form = {"csrf": token, "login": "bench", "password": PASSWORD}
        assert self.client.post("/admin/sign-in", data=form).status_code == 303

    def get(self, path: str) -> TestResponse:
        answer: TestResponse = self.client.get(path)
        return answer


@contextlib.contextmanager
def network(database_url: str, redis_url: str) -> Iterator[Network]:
    """The network after its month, on an empty database."""
    before, clients.YCLIENTS_WINDOWS = clients.YCLIENTS_WINDOWS, NO_WAITING
    opened = Network(database_url, redis_url)
    try:
        opened.live()
        opened.world.clock.advance(timedelta(days=DAYS).total_seconds())
        multiply(opened)
        yield opened
    finally:
        clients.YCLIENTS_WINDOWS = before
        opened.close()


def multiply(opened: Network) -> None:
    """Runs `history.sql`. PostgreSQL is told the statistics, as autovacuum does in time; SQLite has none, as
    in production.
    """
    (first,) = db.rows("SELECT count(*) FROM inbound_events")[0]
    own = -(-OWN_EVENTS // first)
    named = {
        "account": opened.account.id, "now": db.micros(opened.now()), "copies": COPIES, "own_events": own,
        "all_copies": COPIES + STRANGERS, "other_events": -(-(EVENTS - OWN_EVENTS) // first),
        "step": DAYS * 86400 * db.SECOND // own, "versions": VERSIONS,
    }  # fmt: skip
    script = HISTORY.read_text(encoding="utf-8")
    for name in sorted(named, key=len, reverse=True):
        script = script.replace(f":{name}", str(named[name]))
    is_sqlite = db.is_sqlite()
    with db.atomic() if is_sqlite else contextlib.nullcontext():
        for statement in script.rstrip(";\n").split(";\n"):
            db.run(statement if is_sqlite else statement.replace("%", "%%"))
    if not is_sqlite:
        for table in ("inbound_events", "outbox_commands"):
            found = db.rows(f"SELECT max(id) FROM {table}")  # noqa: S608 - one of the two
            db.run("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, found[0][0]))
        db.run("VACUUM ANALYZE")
        db.run("CHECKPOINT")


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def timed(deed: Callable[[], object]) -> float:
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


def _pipeline(number: int) -> int:
    return 8001 + number


def _stages(first: int, titles: Iterable[str]) -> list[dict[str, Any]]:
    return [{"id": first + n, "name": title, "sort": 10 + n} for n, title in enumerate(titles)]


def _category_id(company: int, number: int) -> int:
    return 1000 * (company - 41000) + number + 1


def _service_id(company: int, category: int, number: int) -> int:
    return 10 * _category_id(company, category) + number


def _catalogue(company: int) -> dict[str, Any]:
    titles = list(enumerate((*TITLES, *OTHERS)))
    return {
        "categories": [{"id": _category_id(company, n), "title": title} for n, title in titles],
        "services": [
            {
                "id": _service_id(company, n, i), "category_id": _category_id(company, n),
                "title": f"{title} {i + 1}", "price": 1000 + 500 * i, "duration": 3600,
            }
            for n, title in titles
            for i in range(SERVICES)
        ],
        "staff": [{"id": VERA + n, "name": CLIENTS[10 * n + n % 7]} for n in range(MASTERS)],
    }  # fmt: skip


def _document() -> dict[str, Any]:
    """20 salons × 8 directions, each with a route of its own."""
    return {
        "account": {"timezone": "Europe/Moscow"},
        "options": {"multi_category": "single"},
        "branches": [
            {"company_id": company, "title": f"Салон {company - 41000}", "user_token": "env:YC_TOKEN",
             "mode": "active", "responsible_id": 7000001 + company % 60}
            for company in SALONS
        ],
        "directions": [
            {"key": f"d{n}", "title": title, "priority": n + 1, "default": n == len(TITLES) - 1,
             "categories": {company: [_category_id(company, n)] for company in SALONS}}
            for n, title in enumerate(TITLES)
        ],
        "routes": [_route(company, n) for company in SALONS for n in range(len(TITLES))],
    }  # fmt: skip


def _route(company: int, direction: int) -> dict[str, Any]:
    pipeline = _pipeline(direction)
    new, booked, confirmed, moved = (100 * pipeline + n for n in (0, 1, 2, 5))
    return {
        "branch": company, "direction": f"d{direction}", "pipeline": pipeline,
        "responsible_id": 7000001 + direction, "attachable": [new, booked, moved],
        "stages": {"waiting": booked, "confirmed": confirmed, "arrived": 142, "no_show": moved,
                   "cancelled": 143},
        "ranks": {new: 10, moved: 15, booked: 20, confirmed: 30},
    }  # fmt: skip
