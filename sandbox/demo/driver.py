"""The whole story: start everything, install, import, live through the day, judge."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis import Redis

from deploy.build_widget import build
from sandbox.amocrm.archive import code_of
from sandbox.demo import table
from sandbox.demo.checker import Verdict, judge, key_of
from sandbox.demo.day import Day, load
from sandbox.demo.errors import DemoError
from sandbox.demo.http import Control
from sandbox.demo.play import Calm, Clock, Play
from sandbox.demo.processes import ROOT, Children, check_port, python, run, watch
from sandbox.demo.servers import Servers
from sandbox.demo.stage import Stage, prepare

SCRIPT = ROOT / "sandbox" / "days" / "two-salons.yaml"
CLOCK_KEY = "mostik:demo:clock"
CLIENT_ID = "11111111-2222-4333-8444-555555555555"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ports:
    web: int
    amocrm: int
    yclients: int
    stream: int

    @classmethod
    def from_base(cls, base: int) -> Ports:
        return cls(base, base + 1, base + 2, base + 3)

    def check(self) -> None:
        for port in (self.web, self.amocrm, self.yclients, self.stream):
            check_port(port)

    def address(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Demo:
    def __init__(self, ports: Ports, folder: Path, children: Children, servers: Servers) -> None:
        self.ports = ports
        self.servers = servers
        self.folder = folder
        self.children = children
        self.day: Day = load(SCRIPT, datetime.now(UTC))
        self.web = ports.address(ports.web)
        self.amocrm = ports.address(ports.amocrm)
        self.yclients = ports.address(ports.yclients)
        self.partner = secrets.token_urlsafe(16)
        self.client_secret = secrets.token_urlsafe(32)
        self.tokens = {salon["id"]: secrets.token_urlsafe(16) for salon in self.day.salons}
        self.environment: dict[str, str] = {}
        self.stage = Stage(self.day, Control("amoCRM", self.amocrm), Control("YCLIENTS", self.yclients))
        self.started = time.monotonic()

    # Beginning

    def start(self) -> None:
        own = "" if self.servers.redis else "Redis, "
        say(f"Запускаю: {own}песочница amoCRM и YCLIENTS, веб-сервер, обработчик, планировщик…")
        redis_url = self.servers.redis or self.children.redis()
        redis = Redis.from_url(redis_url)
        redis.delete(CLOCK_KEY)  # an earlier demo may have left its hour on a server of the environment
        sandbox = ["--amocrm-port", str(self.ports.amocrm), "--yclients-port", str(self.ports.yclients)]
        self.children.start("sandbox", python("sandbox", *sandbox, "--widget", str(self._widget())))
        self.environment = self.settings(redis_url)
        self.children.start("product", python("backend.run"), self.environment)
        self.children.wait_for(f"{self.yclients}/__control/counts")
        self.clock = Clock(redis, CLOCK_KEY, self.stage.salons)
        self.clock.go_to(self.day.starts)
        prepare(self.stage, self.tokens, self.partner)
        self.children.wait_for(f"{self.web}/ready")
        self.calm = Calm(self.stage, self.clock, f"{self.web}/metrics", self.children.check)

    def _widget(self) -> Path:
        """The archive for this very demo, beside its logs: `dist/` may hold one for a real server."""
        archive = self.folder / "widget.zip"
        build(ROOT, self.web, archive)
        return archive

    def settings(self, redis_url: str) -> dict[str, str]:
        """What the product is told. Of the environment only DATABASE_URL and REDIS_URL point anywhere."""
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        return {
            **kept,
            "PUBLIC_URL": self.web,
            "WEB_BIND": f"127.0.0.1:{self.ports.web}",
            "STREAM_BIND": f"127.0.0.1:{self.ports.stream}",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "DATABASE_URL": self.servers.database_in(self.folder),
            "REDIS_URL": redis_url,
            "AMOCRM_CLIENT_ID": CLIENT_ID,
            "AMOCRM_CLIENT_SECRET": self.client_secret,
            "AMOCRM_API_URL": f"{self.amocrm}/{{domain}}",
            "AMOCRM_OAUTH_URL": f"{self.amocrm}/oauth",
            "YCLIENTS_API_URL": f"{self.yclients}/api/v1",
            "YCLIENTS_PARTNER_TOKEN": self.partner,
            "PRIVATE_NETWORKS": "127.0.0.0/8 ::1",
            "YCLIENTS_APPLICATION_ID": "5001",
            "SWEEP_SECONDS": "0.2",
            "CLOCK_KEY": CLOCK_KEY,
            "PYTHONUNBUFFERED": "1",
            **{f"YC_{company_id}": token for company_id, token in self.tokens.items()},
        }

    def install(self) -> None:
        say("Устанавливаю интеграцию в аккаунт amoCRM…")
        callback = f"{self.web}/oauth/amocrm/callback"
        self.stage.crm(
            "app",
            client_id=CLIENT_ID,
            client_secret=self.client_secret,
            redirect_uri=callback,
            uninstall_uri=f"{self.web}/oauth/amocrm/uninstall",
        )
        answer = self.stage.crm("install", domain=self.day.domain, client_id=CLIENT_ID, way="server")
        if answer["status"] not in (200, 201, 204, 302):
            raise DemoError(f"the product refused the installation with status {answer['status']}")
        self.calm.wait()
        say("Загружаю конфигурацию двух салонов и включаю хуки YCLIENTS…")
        self._flask("config", "import", self.day.domain, str(self.day.config))
        self._switch_hooks_on(self._flask("config", "hooks", self.day.domain))

    def _switch_hooks_on(self, listed: str) -> None:
        for line in listed.splitlines():
            company_id, _, url = line.partition("\t")
            if url:
                self.stage.salons("hooks/url", company_id=int(company_id), urls=[url.strip()])

    def import_bookings(self) -> None:
        say("Переношу записи, которые были до установки…")
        command = python("flask", "--app", "wsgi", "bookings", "import", self.day.domain, "--wait")
        watch(command, self.environment, meanwhile=self.calm.step)
        self.calm.wait()

    def _flask(self, *arguments: str, typed: str = "") -> str:
        command = python("flask", "--app", "wsgi", *arguments)
        return run(command, self.environment, self.folder / "commands.log", typed)

    # The day

    def live(self) -> None:
        play = Play(self.stage)
        for hour in self.day.hours:
            self.clock.go_to(hour.at)
            say(f"  {hour.at:%H:%M}  {hour.title}")
            for verb, given in hour.steps:
                play.do(verb, given)
            self.calm.wait()
        say("  вечер  Сверка находит то, что потеряли хуки")
        self._flask("bookings", "reconcile", self.day.domain)
        self.calm.wait()

    # The end

    def judge(self) -> Verdict:
        crm = self.stage.state()
        plans = list(self.day.plans())
        verdict = judge(plans, self.stage.records, self.stage.seeded, crm)
        listed: list[dict[str, Any]] = json.loads(self._flask("bookings", "list", self.day.domain, "--json"))
        told = table.Told(crm, listed)
        say("")
        say(table.render(table.rows(plans, self.day, verdict, self.stage.records, told)))
        if verdict.findings:
            say("\nНе так, как должно быть:")
            say(table.problems(verdict))
        return verdict

    def addresses(self) -> None:
        say("")
        for title, address in self._places():
            say(f"{title + ':':<{TITLE_WIDTH}}{address}")
        say("Сделка новой записи появится секунд через 30, приход ждёт 2 минуты, неявка 5:")
        say("программа даёт администратору дописать.")
        say("Не ждать — кнопка «+1 мин» вверху песочницы. Работает, пока вы не нажмёте Ctrl-C.")

    def _places(self) -> list[tuple[str, str]]:
        """Where to click, in the order of a first look; the link signs in once."""
        pages = f"{self.amocrm}/{self.day.domain}"
        leads = [lead for lead in self.stage.state()["leads"] if key_of(lead)]
        lead = leads[-1]["id"] if leads else self.stage.seeded[0].lead["id"]
        pipeline = self.day.account["pipelines"][0]["id"]
        password = self._operator()
        return [
            ("Песочница (журнал салонов и воронки amoCRM)", f"{self.amocrm}/"),
            ("Карточка сделки с виджетом", f"{pages}/leads/detail/{lead}"),
            ("Список сделок", f"{pages}/leads/list/"),
            ("Интеграции: установка и настройки виджета", f"{pages}/settings/widgets/"),
            ("Панель внутри amoCRM", f"{pages}/widgetsSettings/{code_of(CLIENT_ID)}/"),
            ("Цифровая воронка", f"{pages}/settings/pipeline/leads/{pipeline}/"),
            ("Панель интеграции", f"{self.web}/"),
            ("Вход в панель одним нажатием", self._flask("operator", "link", LOGIN).strip()),
            ("Вход в панель по паролю", f"{LOGIN}, пароль {password}"),
            ("Вход в YCLIENTS для экрана «Салоны»", f"{SALON_LOGIN}, пароль {self._salon_owner()}"),
            ("Журналы процессов", str(self.folder)),
        ]

    def _operator(self) -> str:
        """Somebody who may look at the panel, with a password made for this run."""
        password = secrets.token_urlsafe(9)
        self._flask("operator", "add", LOGIN, "--password-stdin", typed=password)
        return password

    def _salon_owner(self) -> str:
        """Somebody who manages every salon, to connect them by a login; the password is of this run."""
        password = secrets.token_urlsafe(9)
        self.stage.salons("user", token=secrets.token_urlsafe(16), login=SALON_LOGIN, password=password)
        return password

    def summary(self, verdict: Verdict) -> str:
        seconds = time.monotonic() - self.started
        return (
            f"demo: bookings={verdict.bookings} leads={verdict.leads} duplicates={verdict.duplicates} "
            f"wrong={verdict.wrong} requests={self._requests()} seconds={seconds:.1f}"
        )

    def _requests(self) -> int:
        crm, salons = self.stage.crm.read("counts"), self.stage.salons.read("counts")
        return int(crm["total"]) + int(salons["requests"])


LOGIN = "demo"
SALON_LOGIN = "70000000001"
TITLE_WIDTH = 46
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "TERM", "SSL_CERT_FILE")
