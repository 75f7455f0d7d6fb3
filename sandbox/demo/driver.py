"""The whole story: start everything, install, import, live through the day, judge."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime

from redis import Redis

from sandbox.amocrm.archive import code_of
from sandbox.demo import table
from sandbox.demo.checker import Verdict, judge, key_of
from sandbox.demo.day import Day, load
from sandbox.demo.frame import Place, say, say_places
from sandbox.demo.http import Control
from sandbox.demo.play import Calm, Clock, Play
from sandbox.demo.processes import ROOT, python, watch
from sandbox.demo.product import CLIENT_ID, Product
from sandbox.demo.stage import Stage, prepare

SCRIPT = ROOT / "sandbox" / "days" / "two-salons.yaml"
CLOCK_KEY = "mostik:demo:clock"
SALON_LOGIN = "70000000001"


class Demo:
    def __init__(self, place: Place) -> None:
        self.place = place
        self.day: Day = load(SCRIPT, datetime.now(UTC))
        self.product = Product(place)
        self.amocrm = place.ports.address(place.ports.amocrm)
        yclients = place.ports.address(place.ports.yclients)
        self.tokens = {salon["id"]: secrets.token_urlsafe(16) for salon in self.day.salons}
        self.stage = Stage(self.day, Control("amoCRM", self.amocrm), Control("YCLIENTS", yclients))
        self.started = time.monotonic()

    # Beginning

    def start(self) -> None:
        own = "" if self.place.servers.redis else "Redis, "
        say(f"Запускаю: {own}песочница amoCRM и YCLIENTS, веб-сервер, обработчик, планировщик…")
        redis_url = self.place.redis()
        redis = Redis.from_url(redis_url)
        redis.delete(CLOCK_KEY)  # an earlier demo may have left its hour on a server of the environment
        self.place.start_sandbox("--widget", str(self.product.widget()))
        self.product.start(self.settings(redis_url))
        self.place.wait_for_sandbox()
        self.clock = Clock(redis, CLOCK_KEY, self.stage.salons)
        self.clock.go_to(self.day.starts)
        prepare(self.stage, self.tokens, self.product.partner)
        self.product.wait()
        self.calm = Calm(self.stage, self.clock, self.product.metrics, self.place.children.check)

    def settings(self, redis_url: str) -> dict[str, str]:
        return self.product.settings(
            redis_url,
            PRIVATE_NETWORKS="127.0.0.0/8 ::1",
            YCLIENTS_APPLICATION_ID="5001",
            CLOCK_KEY=CLOCK_KEY,
            **{f"YC_{company_id}": token for company_id, token in self.tokens.items()},
        )

    def install(self) -> None:
        say("Устанавливаю интеграцию в аккаунт amoCRM…")
        self.product.install(self.stage.crm, self.day.domain)
        self.calm.wait()
        say("Загружаю конфигурацию двух салонов и включаю хуки YCLIENTS…")
        self.product.flask("config", "import", self.day.domain, str(self.day.config))
        self._switch_hooks_on(self.product.flask("config", "hooks", self.day.domain))

    def _switch_hooks_on(self, listed: str) -> None:
        for line in listed.splitlines():
            company_id, _, url = line.partition("\t")
            if url:
                self.stage.salons("hooks/url", company_id=int(company_id), urls=[url.strip()])

    def import_bookings(self) -> None:
        say("Переношу записи, которые были до установки…")
        command = python("flask", "--app", "wsgi", "bookings", "import", self.day.domain, "--wait")
        watch(command, self.product.environment, meanwhile=self.calm.step)
        self.calm.wait()

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
        self.product.flask("bookings", "reconcile", self.day.domain)
        self.calm.wait()

    # The end

    def judge(self) -> Verdict:
        crm = self.stage.state()
        plans = list(self.day.plans())
        verdict = judge(plans, self.stage.records, self.stage.seeded, crm)
        listed = json.loads(self.product.flask("bookings", "list", self.day.domain, "--json"))
        told = table.Told(crm, listed)
        say("")
        say(table.render(table.rows(plans, self.day, verdict, self.stage.records, told)))
        if verdict.findings:
            say("\nНе так, как должно быть:")
            say(table.problems(verdict))
        return verdict

    def addresses(self) -> None:
        say_places(self._places())
        say("Сделка новой записи появится секунд через 30, приход ждёт 2 минуты, неявка 5:")
        say("программа даёт администратору дописать.")
        say("Не ждать — кнопка «+1 мин» вверху песочницы. Работает, пока вы не нажмёте Ctrl-C.")

    def _places(self) -> list[tuple[str, str]]:
        """Where to click, in the order of a first look."""
        pages = f"{self.amocrm}/{self.day.domain}"
        leads = [lead for lead in self.stage.state()["leads"] if key_of(lead)]
        lead = leads[-1]["id"] if leads else self.stage.seeded[0].lead["id"]
        pipeline = self.day.account["pipelines"][0]["id"]
        return [
            ("Песочница (журнал салонов и воронки amoCRM)", f"{self.amocrm}/"),
            ("Карточка сделки с виджетом", f"{pages}/leads/detail/{lead}"),
            ("Список сделок", f"{pages}/leads/list/"),
            ("Интеграции: установка и настройки виджета", f"{pages}/settings/widgets/"),
            ("Панель внутри amoCRM", f"{pages}/widgetsSettings/{code_of(CLIENT_ID)}/"),
            ("Цифровая воронка", f"{pages}/settings/pipeline/leads/{pipeline}/"),
            ("Панель интеграции", f"{self.product.address}/"),
            *self.product.doors(),
            ("Вход в YCLIENTS для экрана «Салоны»", f"{SALON_LOGIN}, пароль {self._salon_owner()}"),
            ("Журналы процессов", str(self.place.folder)),
        ]

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
