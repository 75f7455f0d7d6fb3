"""The acts of the move, in the order in which a network lives through it."""

from __future__ import annotations

import time

from sandbox.demo.driver import say
from sandbox.demo.errors import DemoError
from sandbox.get8 import network
from sandbox.get8.settings import Plain
from sandbox.migration.company import CLIENT_ID, Company
from sandbox.migration.deeds import Staff
from sandbox.migration.product import Product
from sandbox.migration.scene import DOMAIN, Scene, prepare

WAITING = {"waiting": "ждёт", "running": "идёт", "done": "готово"}
FIRST_DOCUMENT = """\
account: {{timezone: Europe/Moscow}}
branches:
{branches}
directions:
  - {{key: other, title: Прочее, default: true}}
"""


class Story:
    def __init__(self, company: Company, scene: Scene) -> None:
        self.company, self.scene = company, scene
        self.product = Product(company.environment, company.folder / "commands.log", company.children.check)
        self.staff: Staff

    # Beginning

    def prepare(self, records: int) -> None:
        say("Сеть из трёх салонов два года живёт на GET8…")
        prepare(self.scene, records, self.company.tokens, say)
        say("Запускаю Mostik и ставлю его рядом…")
        self.company.open_product()
        self.staff = Staff(self.scene)

    def install(self) -> None:
        web = self.company.web
        self.scene.crm(
            "app",
            client_id=CLIENT_ID,
            client_secret=self.company.client_secret,
            redirect_uri=f"{web}/oauth/amocrm/callback",
            uninstall_uri=f"{web}/oauth/amocrm/uninstall",
            has_widget=False,
        )
        way = {"domain": DOMAIN, "client_id": CLIENT_ID, "way": "server"}
        if self.scene.crm("install", **way)["status"] not in {200, 201, 204, 302}:
            raise DemoError("the product refused the installation")
        self.company.rest.wait()
        self.product.configure(_first_document(), self.company.folder)
        self.company.rest.wait()

    # Looking

    def look(self) -> None:
        """Read-only, under half of what the vendors allow."""
        say("Разведка: читаю сделки, контакты и записи…")
        began = time.monotonic()
        self.product.ask("discover")
        self.product.finish("discover", _bar("разведка"))
        say(f"  прочитано за {time.monotonic() - began:.0f} с")


def _bar(title: str) -> object:
    last = [""]

    def tell(work: Plain) -> None:
        total = work["total"] or 0
        share = f" {100 * work['done'] // total} %" if total else ""
        text = f"  {title}: {WAITING.get(work['state'], work['state'])}{share}"
        if text != last[0]:
            last[0] = text
            say(text)

    return tell


def _first_document() -> str:
    """Only what nobody could guess: which salons, and with which keys."""
    rows = [
        f"  - {{company_id: {company_id}, title: {title}, user_token: env:YC_{company_id}, mode: observe}}"
        for company_id, title in network.TITLES.items()
    ]
    return FIRST_DOCUMENT.format(branches="\n".join(rows))
