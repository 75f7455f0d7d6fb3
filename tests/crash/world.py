"""A whole installation in processes of its own: sandbox, web, workers, scheduler, a real database and Redis.

Several accounts with one salon each, because a lane stands still until the lease of its dead holder runs out:
with one account two hundred deaths would take two hundred leases.
"""

import os
import re
import socket
import time

import redis
import requests

from backend import wiring
from backend.embedded import start_redis
from backend.flows.road import reconcile
from backend.flows.rules import configuration_import
from backend.settings import Settings
from backend.store import accounts, connections, db, lanes, migrate
from sandbox.demo.http import Control
from tests.crash import salon
from tests.crash.family import ROOT, Family
from tests.crash.points import Scaffold

CLIENT = "11111111-2222-4333-8444-555555555555"
CLOCK_KEY = "mostik:crash:clock"
ANNA, OLGA = 7000001, 7000002
CALM_SECONDS = 60
JUMP = 30.0  # how far business time goes while the rest waits for its next attempt

CONFIGURATION = """
account: {timezone: Europe/Moscow}
options:
  multi_category: single
  after_no_show: strict
  settle: {create: 1, edit: 0, arrived: 1, no_show: 1, delete: 1}
  loss_reasons: {cancelled: 501}
branches:
  - {company_id: COMPANY, title: Салон COMPANY, user_token: env:YC_TOKEN, mode: active}
directions:
  - {key: epilation, title: Эпиляция, priority: 1, categories: {COMPANY: [501]}}
  - {key: cosmetology, title: Косметология, priority: 2, categories: {COMPANY: [503]}}
routes:
  - {branch: COMPANY, direction: epilation, pipeline: 8001, responsible_id: 7000001,
     attachable: [8100, 8101, 8105],
     stages: {waiting: 8101, confirmed: 8102, arrived: 142, no_show: 8105, cancelled: 143},
     ranks: {8100: 10, 8105: 15, 8101: 20, 8102: 30}}
  - {branch: COMPANY, direction: cosmetology, pipeline: 8002, responsible_id: 7000002,
     attachable: [8200, 8201, 8205],
     stages: {waiting: 8201, confirmed: 8202, arrived: 142, no_show: 8205, cancelled: 143},
     ranks: {8200: 10, 8205: 15, 8201: 20, 8202: 30}}
"""


class Installation:
    """`start()`, work with `salons` and `crm` (control addresses), `calm()` until all is done, `stop()`."""

    def __init__(self, folder, database_url, accounts_count, text=CONFIGURATION, **settings):
        self.folder = folder
        self.text = text
        self.scaffold = Scaffold(folder / "crash").build()
        (folder / "logs").mkdir()
        self.family = Family(folder / "logs")
        self.redis = start_redis(folder / "redis")
        self.memory = redis.Redis.from_url(self.redis.url)
        self.web, self.amocrm, self.yclients = (f"http://127.0.0.1:{port}" for port in free_ports(3))
        self.crm, self.salons = Control("amoCRM", self.amocrm), Control("YCLIENTS", self.yclients)
        self.pairs = [(41000 + n, f"salon{n}.amocrm.ru") for n in range(1, accounts_count + 1)]
        self.environment = self._environment(database_url, settings)
        self.offset = 0.0

    def _environment(self, database_url, settings):
        """What the product is told; nothing of the surrounding environment."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "CRASH_DIRECTORY": str(self.scaffold.orders.parent),
            "PUBLIC_URL": self.web,
            "WEB_BIND": self.web.removeprefix("http://"),
            "SECRET_KEY": "only-for-this-test-only-for-this-test",
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis.url,
            "AMOCRM_CLIENT_ID": CLIENT,
            "AMOCRM_CLIENT_SECRET": "sandbox-client-secret",
            "AMOCRM_API_URL": f"{self.amocrm}/{{domain}}",
            "AMOCRM_OAUTH_URL": f"{self.amocrm}/oauth",
            "YCLIENTS_API_URL": f"{self.yclients}/api/v1",
            "YCLIENTS_PARTNER_TOKEN": "partner",
            "PRIVATE_NETWORKS": "127.0.0.0/8 ::1",
            "AMOCRM_RATE": "10000",
            "SWEEP_SECONDS": "0.5",
            "RECONCILE_SECONDS": "3600",
            "LEASE_SECONDS": "3",
            "UNCERTAIN_SECONDS": "1",
            "CLOCK_KEY": CLOCK_KEY,
            **settings,
        }

    # Beginning and end

    def start(self, web=1, workers=3):
        self.ctx = wiring.build_context(Settings.from_env(self.environment))
        lanes.forget_ids()
        migrate.upgrade()
        amocrm, yclients = (address.rpartition(":")[2] for address in (self.amocrm, self.yclients))
        ports = ("--amocrm-port", amocrm, "--yclients-port", yclients)
        process = self.family.start("sandbox", "sandbox", *ports, environment=self.environment)
        self.family.wait_for(f"{self.yclients}/__control/counts", process)
        self._open_sandbox()
        self.start_web(web)
        for company, domain in self.pairs:
            self._install(company, domain)
        self.family.start("schedule", "backend.schedule", environment=self.environment)
        self.start_workers(workers)
        self.calm()

    def start_web(self, count):
        config = ROOT / "deploy" / "gunicorn.conf.py"
        process = self.family.start(
            "web", "gunicorn", "--config", config, "--workers", count, "tests.crash.wsgi:app",
            environment=self.environment,
        )  # fmt: skip
        self.family.wait_for(f"{self.web}/ready", process)

    def start_workers(self, count):
        self.family.start("workers", "tests.crash.worker", count, environment=self.environment)

    def stop(self):
        self.family.stop()
        self.memory.close()
        self.redis.stop()
        for control in (self.crm, self.salons):
            control.session.close()
        db.database.obj.close_all()

    def _open_sandbox(self):
        self.crm(
            "app", client_id=CLIENT, client_secret="sandbox-client-secret",
            redirect_uri=f"{self.web}/oauth/amocrm/callback",
        )  # fmt: skip
        self.salons("partner", token="partner")
        for n, (company, domain) in enumerate(self.pairs):
            self.crm(
                "account", domain=domain, id=30000001 + n, filter_enabled=False,
                users=[{"id": ANNA, "name": "Анна", "is_admin": True}, {"id": OLGA, "name": "Ольга"}],
                pipelines=[pipeline(8001, 8100), pipeline(8002, 8200)],
                loss_reasons=[{"id": 501, "name": "Отмена"}],
            )  # fmt: skip
            self.crm("limits", domain=domain, on=False)
            self.salons("company", id=company, title=f"Салон {company}", **salon.CATALOGUE)
        self.salons("user", token="salon-token", companies=[company for company, _ in self.pairs])
        self.salons("limits", on=False)
        self.salons("hooks", delay=0)

    def _install(self, company, domain):
        assert self.crm("install", domain=domain, client_id=CLIENT, way="server")["status"] == 200
        text = self.text.replace("COMPANY", str(company))
        env = {"YC_TOKEN": "salon-token"}
        result = configuration_import.import_yaml(self.ctx, accounts.by_domain(domain), text, "тест", env=env)
        assert result.number, result.problems
        secret = connections.get(accounts.by_domain(domain).id, company).hook_secret
        self.salons("hooks/url", company_id=company, urls=[f"{self.web}/hooks/yclients/{secret}"])

    # Life

    def person_asks(self, domain, phone):
        """A manager opened a lead for somebody who is going to book: the booking has to continue it."""
        return self.crm(
            "ui/lead", domain=domain, user_id=ANNA, name="Заявка с рекламы", pipeline_id=8001, stage_id=8100,
            contact={"name": "Клиент", "phone": phone},
        )  # fmt: skip

    def trouble(self, probability):
        """What the vendors do to everybody, all at once; each kind with this probability."""
        for kind in ("504", "reset_after_commit", "504_after_commit"):
            self.crm("faults", kind=kind, probability=probability, match="/api/v4/")
        self.crm("faults", kind="429", probability=probability / 8, match="/api/v4/")
        for address in (self.crm, self.salons):
            address("hooks", duplicate=3, shuffle=1.0, loss=0.01)

    def no_more_trouble(self):
        self.crm._json("faults", "DELETE")
        for address in (self.crm, self.salons):
            address("hooks", duplicate=1, shuffle=0.0, loss=0.0)

    def advance(self, seconds):
        self.offset += seconds
        self.memory.set(CLOCK_KEY, self.offset)
        self.salons("clock", offset=self.offset)

    def reconcile(self):
        known = [accounts.by_domain(domain) for _, domain in self.pairs]
        return sum(reconcile.reconcile_account(self.ctx, account.id) for account in known)

    def pending(self):
        text = requests.get(f"{self.web}/metrics", timeout=20).text
        return int(float(re.search(r"^mostik_events_pending (\S+)$", text, re.MULTILINE)[1]))

    def on_the_way(self):
        queued = len(self.salons.read("hooks/pending")) + len(self.crm.read("hooks/pending"))
        return queued + int(self.salons.read("counts")["flying"])

    def calm(self, seconds=CALM_SECONDS):
        """Waits until no hook is on its way and no event is pending; business time flies meanwhile."""
        deadline = time.monotonic() + seconds
        quiet = 0
        while quiet < 2:
            left = self.on_the_way(), self.pending()
            assert time.monotonic() < deadline, f"no rest after {seconds} s: {left} (hooks, events) are left"
            quiet = 0 if any(left) else quiet + 1
            if any(left):
                self.advance(JUMP)
            time.sleep(0.1)

    def logs(self):
        return {path.name: path.read_text(errors="replace") for path in (self.folder / "logs").iterdir()}


def pipeline(pipeline_id, first):
    stages = ((0, "Новая"), (1, "Записан"), (2, "Подтвердил"), (5, "Перенос"))
    return {
        "id": pipeline_id, "name": f"Воронка {pipeline_id}",
        "stages": [{"id": first + n, "name": name, "sort": 10 + n} for n, name in stages],
    }  # fmt: skip


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
