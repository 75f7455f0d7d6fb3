"""The acts of the move, in the order in which a network lives through it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable

from sandbox.demo.frame import say
from sandbox.get8 import network
from sandbox.get8.past import Kind
from sandbox.get8.settings import Plain
from sandbox.migration.company import Company
from sandbox.migration.deeds import Staff
from sandbox.migration.judge import Key, Told
from sandbox.migration.product import Product
from sandbox.migration.scene import DOMAIN, Scene, prepare

WAITING = {"waiting": "ждёт", "running": "идёт", "done": "готово"}
HOURS = range(11, 20)
DEEDS = 4
"""In a salon in an hour of the busy day."""
SHADOW_DAYS = 8
TO_DECIDE = {"ours_extra", "explained", "get8_missed", "get8_duplicate"}
FIRST_DOCUMENT = """\
account: {{timezone: Europe/Moscow}}
options: {{without_phone: skip}}
branches:
{branches}
directions:
  - {{key: other, title: Прочее, default: true}}
"""


class Story:
    """Until the switch: everything that is only read and compared."""

    def __init__(self, company: Company, scene: Scene) -> None:
        self.company, self.scene = company, scene
        self.product = Product(company.product.flask, company.place.children.check)
        self.staff: Staff
        self.told = Told({}, frozenset())

    # Beginning

    def prepare(self, records: int) -> None:
        say("Сеть из трёх салонов два года живёт на GET8…")
        prepare(self.scene, records, self.company.tokens, say)
        self.staff = Staff(self.scene)
        say("Запускаю Mostik и ставлю его рядом с GET8…")
        self.company.open_product()

    def install(self) -> None:
        self.company.product.install(self.scene.crm, DOMAIN, has_widget=False)
        self.company.rest.wait()
        self.product.configure(_first_document(), self.company.place.folder)
        self.company.rest.wait()

    # Looking

    def look(self) -> None:
        """Read-only, under half of what the vendors allow."""
        say("Разведка: читаю сделки, контакты и записи…")
        began = time.monotonic()
        self.product.ask("discover")
        self.product.finish("discover", bar("разведка"))
        self.product.ask("profile")
        self.product.finish("profile", bar("измерение"))
        say(f"  прочитано и измерено за {time.monotonic() - began:.0f} с")
        known = self.product.ask("recognised", "--confirm")
        for place in known["places"]:
            say(f"  {place['kind']} {place['field_id'] or ''} — {place['what']}, {place['share']:.1%}")
        say(f"  от чьего имени пишет GET8: {known['writer_ids']}")

    def configure(self) -> None:
        """What was measured becomes the configuration: each part is accepted."""
        say("Принимаю черновик настройки…")
        say("  " + ", ".join(self.product.ask("draft", "--accept")["parts"]))
        self.company.rest.wait()

    def match(self) -> None:
        say("Подбираю сделки к записям…")
        self.product.ask("match")
        self.product.finish("match", bar("подбор"))
        for company_id in network.TITLES:
            self.product.ask("adopt", company_id)
        pairs = self.product.ask("pairs")
        tiers = Counter(f"{pair['tier']} {pair['state']}" for pair in pairs)
        say("  " + ", ".join(f"{name}: {count}" for name, count in sorted(tiers.items())))
        adopted = {key_of(pair): pair["lead_id"] for pair in pairs if pair["state"] == "adopted"}
        listed = {
            (key_of(pair), pair["lead_id"]) for pair in pairs if pair["state"] in {"proposed", "duplicate"}
        }
        self.told = Told(adopted, frozenset(listed))
        self._review(pairs)

    def _review(self, pairs: list[Plain]) -> None:
        """A person who knows the clients looks through the list: the key is their memory."""
        right = {(a.company_id, a.record_id): a.lead_id for a in self.scene.truth.answers}
        open_pairs = [pair for pair in pairs if pair["state"] == "proposed"]
        said: dict[str, list[int]] = {"accept": [], "reject": []}
        for pair in open_pairs:
            is_right = right.get(key_of(pair)) == pair["lead_id"]
            said["accept" if is_right else "reject"].append(pair["id"])
        if open_pairs:
            self.product.ask("decide", typed=json.dumps(said))
            for company_id in network.TITLES:
                self.product.ask("adopt", company_id)
        say(f"  на сверку {len(open_pairs)}, принято {len(said['accept'])}, отклонено {len(said['reject'])}")

    # Side by side

    def watch(self) -> None:
        """A busy day and a quiet week in which both look at the same bookings."""
        say("Проба: неделю рядом с GET8, ничего не пишем…")
        for company_id in network.TITLES:
            self.product.ask("shadow", company_id)
        self._save_again()
        for hour in HOURS:
            self.hour(hour, dict.fromkeys(network.TITLES, DEEDS))
        self._close_the_day()
        say(f"  первый день: {self.staff.summary()}")
        for _day in range(SHADOW_DAYS - 1):
            self.hour(12, dict.fromkeys(network.TITLES, 2), days=1)
            self.hour(20, {})
            self._close_the_day()
        say(f"  за неделю: {self.staff.summary()}")

    def _save_again(self) -> None:
        """The administrator saves bookings whose deals GET8 had missed: now it hears of them."""
        now = self.staff.now().timestamp()
        lost = [a for a in self.scene.truth.answers if a.kind is Kind.LOST and a.starts_at > now]
        for answer in lost:
            self.staff.save_again(answer.company_id, answer.record_id)
        self.company.rest.wait()

    def hour(self, hour: int, deeds: dict[int, int], days: int = 0) -> None:
        """The clock goes to this hour of Moscow, salons work, everybody comes to rest."""
        self.company.go_to_hour(hour, days)
        for company_id, count in deeds.items():
            self.staff.work(company_id, count)
        self.company.rest.wait()

    def _close_the_day(self) -> None:
        self.company.go_to_hour(21)
        for company_id in network.TITLES:
            self.staff.close_the_day(company_id)
        self.company.rest.wait()
        self.company.pass_time(15 * 60)
        self.product.ask("compare")

    def open_gate(self, company_id: int) -> None:
        """The marketer reads the differences and signs what is a wish and not a defect."""
        title = network.TITLES[company_id]
        self.company.pass_time(15 * 60)
        self.product.ask("compare")
        gate = self.product.ask("gate", company_id)
        for group in gate["groups"]:
            say(f"  {title}: {group['diff']} «{group['rule']}» — {group['count']}")
            if group["diff"] in TO_DECIDE:
                self.product.ask("say", company_id, group["diff"], group["rule"], "approved")
        gate = self.product.ask("gate", company_id)
        say(f"  {title}: дней {gate['days']}, записей {gate['records']}, ворота открыты: {gate['is_open']}")


def key_of(pair: Plain) -> Key:
    _service, company, record = str(pair["key"]).split(":")
    return int(company), int(record)


def bar(title: str) -> Callable[[Plain], None]:
    last = [""]

    def tell(work: Plain) -> None:
        total = work["total"] or 0
        share = f" {min(100 * work['done'] // total, 100)} %" if total else ""
        text = f"  {title}: {WAITING.get(work['state'], work['state'])}{share}"
        if text != last[0]:
            last[0] = text
            say(text)

    return tell


def _first_document() -> str:
    """Only what nobody could guess: which salons, with which keys; and GET8 leaves people without a phone
    alone.
    """
    rows = [
        f"  - {{company_id: {company_id}, title: {title}, user_token: env:YC_{company_id}, mode: observe}}"
        for company_id, title in network.TITLES.items()
    ]
    return FIRST_DOCUMENT.format(branches="\n".join(rows))
