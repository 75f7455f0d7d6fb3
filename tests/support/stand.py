"""A whole salon network in one process: both emulators, the real Flask doors, the real store, and a worker
we can step.

Staff acts in the YCLIENTS emulator, people act in the amoCRM emulator, `settle()` lets time pass and work be
done, and the test looks at what amoCRM has then.
"""

import dataclasses
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

from backend import wiring
from backend.flows.accounts import accounts as account_flow
from backend.flows.road import inbox, reconcile
from backend.flows.rules import configuration, configuration_import
from backend.settings import Settings
from backend.store import accounts, alarms, connections, db, events, lanes, links, migrate
from sandbox.world import World
from tests.support import apps, kept
from tests.support.wsgi_adapter import WsgiAdapter

DOMAIN = "lotos.amocrm.ru"
MOSCOW = ZoneInfo("Europe/Moscow")
PUBLIC, AMO, YC = "http://mostik.test", "http://amo.test", "http://yc.test"
CLIENT = "0b0832f6-0000-4000-8000-00000000abcd"
TVERSKAYA, URAL = 41001, 41002
ANNA, OLGA, PETR = 7000001, 7000002, 7000003
VERA, INNA, WAITING_LIST, URAL_MASTER = 81, 82, 91, 83
LASER_ARMPITS, LASER_LEGS, CLEANING, UNMAPPED = 90001, 90002, 90021, 90031
URAL_LASER = 90101
EPILATION, COSMETOLOGY, OTHER = 8001, 8002, 8003
# +1 booked, +2 confirmed, +5 to be moved, +9 a complaint
STAGES = {EPILATION: 8100, COSMETOLOGY: 8200, OTHER: 8300}
AD_FIELD = 9100
CONFIGURATION = Path(__file__).parent / "stand.yaml"


@dataclasses.dataclass(frozen=True)
class Addresses:
    """Where the product and the two vendors are; a browser needs real ones."""

    public: str = PUBLIC
    amo: str = AMO
    yc: str = YC


class Stand:
    """`stand.book(…)` and the other verbs of people; `stand.settle()`; `stand.lead_of(record)` and the
    other looks.
    """

    is_alike = True  # every one of this kind begins like the others

    def __init__(self, database_url, redis_url, seed=1, at=Addresses(), is_empty=False):
        is_usual = self.is_alike and seed == 1 and not is_empty and database_url.startswith("sqlite:")
        self.rung = deque()
        self.at = at
        known = kept.find(self) if is_usual else None
        if known:
            vars(self).update(kept.put(known, database_url, redis_url))
            self._connect(database_url, redis_url)
            return
        self.world = World(seed=seed)
        self.skew = timedelta()  # how far our clock is ahead of the vendors'
        self._connect(database_url, redis_url)
        self._open_amocrm()
        self._open_yclients()
        if not is_empty:
            self.account = self._install()
            self.configure(CONFIGURATION.read_text(encoding="utf-8"))
        if is_usual:
            kept.keep(self)

    # Setting up

    def _connect(self, database_url, redis_url):
        self.ctx = self._context(database_url, redis_url)
        self.app = apps.take(self.ctx)
        self.world.http.mount(self.at.public, WsgiAdapter(self.app))

    def _context(self, database_url, redis_url):
        settings = Settings(
            public_url=self.at.public, secret_key="s" * 40, database_url=database_url, redis_url=redis_url,
            amocrm_client_id=CLIENT, amocrm_client_secret="sandbox-client-secret",
            yclients_partner_token="partner", amocrm_api_url=self.at.amo + "/{domain}",
            amocrm_oauth_url=self.at.amo + "/oauth", yclients_api_url=self.at.yc + "/api/v1",
            amocrm_rate=10_000, uncertain_seconds=5, private_networks="127.0.0.0/8 ::1", tables_from="/",
        )  # fmt: skip
        ctx = wiring.build_context(settings)
        lanes.forget_ids()
        configuration.forget()
        migrate.upgrade()
        session = requests.Session()
        session.mount(self.at.amo, WsgiAdapter(self.world.amocrm_wsgi))
        session.mount(self.at.yc, WsgiAdapter(self.world.yclients_wsgi))
        return dataclasses.replace(
            ctx,
            now=self.now,
            ring=self.rung.append,
            session=session,
            adapter=WsgiAdapter(self.world.amocrm_wsgi),
        )

    def now(self):
        return datetime.fromtimestamp(self.world.clock.now(), UTC) + self.skew

    def today(self, ahead=0):
        """The date in Moscow, so many days from now."""
        return f"{self.now().astimezone(MOSCOW) + timedelta(days=ahead):%Y-%m-%d}"

    def worded(self, described):
        """What vendors call things; a hostile network calls them otherwise."""
        return described

    def _open_amocrm(self):
        amo = self.world.amocrm
        amo.app(
            CLIENT,
            "sandbox-client-secret",
            self.at.public + "/oauth/amocrm/callback",
            self.at.public + "/oauth/amocrm/uninstall",
        )
        users = [(ANNA, "Анна", True), (OLGA, "Ольга", False), (PETR, "Пётр", False)]
        described = {
            "id": 30000001,
            "timezone": "Europe/Moscow",
            "users": [{"id": i, "name": name, "is_admin": is_admin} for i, name, is_admin in users],
            "pipelines": [_pipeline(i, title) for i, title in _PIPELINES],
            "loss_reasons": [{"id": 501, "name": "Отмена записи"}, {"id": 502, "name": "Технически"}],
            "lead_fields": [{"id": AD_FIELD, "name": "Реклама", "type": "text"}],
            "filter_enabled": False,
        }
        amo.account(DOMAIN, **self.worded(described))
        amo.limits(DOMAIN, on=False)

    def _open_yclients(self):
        yc = self.world.yclients
        yc.partner("partner")
        tverskaya = {"title": "Тверская", "timezone_name": "Europe/Moscow", **_CATALOGUE}
        ural = {"title": "Урал", "timezone_name": "Asia/Yekaterinburg", **_URAL_CATALOGUE}
        yc.company(TVERSKAYA, **self.worded(tverskaya))
        yc.company(URAL, **self.worded(ural))
        yc.user("salon-token", companies=[TVERSKAYA, URAL])
        yc.limits(on=False)
        yc.hooks(delay=0)

    def _install(self):
        status = self.world.amocrm.install(DOMAIN, CLIENT, "server")["status"]
        assert status in (200, 202), status
        while status == 202 and not accounts.by_domain(DOMAIN):  # a busy machine: it goes on in its thread
            time.sleep(0.05)
        self.work()
        return accounts.by_domain(DOMAIN)

    def configure(self, text):
        """Imports a configuration document and points the salons' hooks at us."""
        result = configuration_import.import_yaml(
            self.ctx, self.account, text, "тест", env={"YC_TOKEN": "salon-token"}
        )
        assert result.number, result.problems
        for branch in connections.of_account(self.account.id):
            url = f"{self.at.public}/hooks/yclients/{branch.hook_secret}"
            self.world.yclients.hooks_url(branch.company_id, [url])
        self.work()
        self.account = accounts.by_domain(DOMAIN)
        return result.number

    # Time and work

    def work(self):
        """Hooks arrive and everything that is due now is done."""
        self.world.deliver()
        for _ in range(50):
            inbox.sweep(self.ctx)
            if not self.rung:
                return
            while self.rung:
                inbox.drain(self.ctx, self.rung.popleft())
            self.world.deliver()
        raise AssertionError("the work never ends")

    def pass_time(self, seconds):
        self.world.clock.advance(seconds)
        self.work()

    def settle(self, seconds=310):
        """Long enough for every settle time, in steps as people live through it."""
        self.work()
        for _ in range(4):
            self.pass_time(seconds / 4)

    def reconcile(self):
        found = reconcile.reconcile_account(self.ctx, self.account.id)
        self.work()
        return found

    def resume(self):
        account_flow.resume(self.ctx, self.account.id)
        self.work()

    # What staff does

    def book(
        self, *services, company=TVERSKAYA, staff=VERA, client=("Мария", "+79990000001"), at="+2", **more
    ):
        """`at`: «+2» is in two days at 14:30 of the salon, or a wall time. Returns the record."""
        lines = [line if isinstance(line, dict) else {"id": line} for line in services]
        who = {"name": client[0], "phone": client[1]} if client else None
        return self.world.yclients.ui_create(
            company, staff_id=staff, services=lines, client=who, datetime=self.wall(at), **more
        )

    def wall(self, at):
        if not at.startswith(("+", "-")):
            return at
        return f"{self.today(int(at))} 14:30:00"

    def edit(self, record, **changes):
        return self.world.yclients.ui_edit(record["company_id"], record["id"], **changes)

    def mark(self, record, attendance):
        return self.world.yclients.ui_attendance(record["company_id"], record["id"], attendance)

    def delete(self, record):
        return self.world.yclients.ui_delete(record["company_id"], record["id"])

    # What people do in the CRM

    def open_lead(self, pipeline, stage, client=("Мария", "+79990000001"), user=ANNA, **more):
        """`client` is (name, phone) of a new contact, or the id of a known one."""
        who = (
            {"contact_id": client}
            if isinstance(client, int)
            else {"contact": {"name": client[0], "phone": client[1]}}
        )
        return self.world.amocrm.ui_lead(
            DOMAIN, user_id=user, name="Заявка с рекламы", pipeline_id=pipeline, stage_id=stage, **who, **more
        )

    def move(self, lead, stage, pipeline=None, user=OLGA):
        pipeline = pipeline or lead["pipeline_id"]
        return self.world.amocrm.ui_move(
            DOMAIN, user_id=user, lead_id=lead["id"], stage_id=stage, pipeline_id=pipeline
        )

    def edit_lead(self, lead, user=OLGA, **changes):
        return self.world.amocrm.ui_edit(DOMAIN, user_id=user, lead_id=lead["id"], **changes)

    # What there is to see

    def crm(self):
        return self.world.amocrm.state(DOMAIN)

    def leads(self):
        return self.crm()["leads"]

    def contacts(self):
        return self.crm()["contacts"]

    def leads_of(self, record):
        key = f"yclients:{record['company_id']}:{record['id']}"
        return [lead for lead in self.leads() if self.value(lead, "MOSTIK_KEY") == [key]]

    def lead_of(self, record):
        """The one lead that carries this booking's key."""
        found = self.leads_of(record)
        assert len(found) == 1, f"{len(found)} leads for {record['id']}"
        return found[0]

    def linked_lead(self, record):
        """The lead that our link table names, for bookings that are history."""
        key = f"yclients:{record['company_id']}:{record['id']}"
        return links.by_keys(self.account.id, [key])[key].lead_id

    def value(self, lead, field):
        """Values of a lead's field by code or id."""
        rows = lead["custom_fields_values"] or []
        found = [row for row in rows if field in (row["field_id"], row["field_code"])]
        return [value["value"] for row in found for value in row["values"]]

    def notes(self, lead):
        return [note["params"]["text"] for note in self.crm()["notes"] if note["entity_id"] == lead["id"]]

    def phones(self, contact):
        rows = contact["custom_fields_values"] or []
        return [v["value"] for row in rows if row["field_code"] == "PHONE" for v in row["values"]]

    def events(self, record):
        return events.of_subject(self.account.id, f"yclients:{record['company_id']}:{record['id']}")

    def reason(self, record):
        """Why the newest decision about this booking is what it is."""
        closed = [event for event in self.events(record) if event.status == "done"]
        return max(closed, key=lambda event: event.id).reason

    def open_alarms(self):
        return alarms.open_alarms(self.account.id)

    def counts(self):
        return self.world.amocrm.counts()

    def close(self):
        db.database.obj.close_all()
        apps.give_back(self.app)


_PIPELINES = ((EPILATION, "Эпиляция"), (COSMETOLOGY, "Косметология"), (OTHER, "Прочее"))
_STAGE_TITLES = (
    (0, "Новая заявка"), (1, "Записан"), (2, "Подтвердил"), (5, "Перенос визита"), (9, "Жалоба"),
)  # fmt: skip


def _pipeline(pipeline_id, title):
    first = STAGES[pipeline_id]
    stages = [{"id": first + n, "name": name, "sort": 10 + n} for n, name in _STAGE_TITLES]
    return {"id": pipeline_id, "name": title, "stages": stages}


def _service(service_id, category_id, title, price):
    return {"id": service_id, "category_id": category_id, "title": title, "price": price, "duration": 3600}


_CATALOGUE = {
    "categories": [
        {"id": 501, "title": "Эпиляция"}, {"id": 503, "title": "Косметология"},
        {"id": 509, "title": "Маникюр"},
    ],
    "services": [
        _service(LASER_ARMPITS, 501, "Лазер: подмышки", 2500),
        _service(LASER_LEGS, 501, "Лазер: голени", 4500), _service(CLEANING, 503, "Чистка лица", 4000),
        _service(UNMAPPED, 509, "Маникюр", 1800),
    ],
    "staff": [
        {"id": VERA, "name": "Вера"}, {"id": INNA, "name": "Инна"},
        {"id": WAITING_LIST, "name": "Лист ожидания"},
    ],
}  # fmt: skip
_URAL_CATALOGUE = {
    "categories": [{"id": 601, "title": "Эпиляция"}],
    "services": [_service(URAL_LASER, 601, "Лазер: подмышки", 2200)],
    "staff": [{"id": URAL_MASTER, "name": "Дина"}],
}
