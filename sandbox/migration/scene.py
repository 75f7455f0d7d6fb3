"""Everything that exists before the customer decides to move: two vendors, a network, GET8 at work in it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.demo.errors import DemoError
from sandbox.demo.http import Control
from sandbox.get8 import network
from sandbox.get8.history import DAY, Past, invent
from sandbox.get8.past import Truth, Writer, known_to_get8
from sandbox.get8.settings import Layout, Links, Plain, Setup, Style

DOMAIN = "tri-salona.amocrm.ru"
KNOWN_DAYS = 60
ROBOT_NAME = "Позвать на повторный визит"
ROBOT_DELAY = 60.0
Say = Callable[[str], None]


@dataclass(slots=True)
class Scene:
    """Control interfaces of the three strangers, and what was put into them."""

    crm: Control
    salons: Control
    get8: Control
    amocrm: str
    yclients: str
    get8_address: str
    seed: int
    style: Style
    partner: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    layout: Layout = field(init=False)
    past: Past = field(init=False)
    truth: Truth = field(init=False)
    before: dict[int, Plain] = field(default_factory=dict)
    """Every deal as it stood when the history was loaded."""

    @property
    def links(self) -> Links:
        """Without a mark on the cards GET8 can only remember by itself."""
        return Links.PRIVATE if self.style is Style.NONE else Links.MARKS

    def account(self) -> Plain:
        found: Plain = self.crm.read("state", domain=DOMAIN)
        return found

    def get8_state(self) -> Plain:
        found: Plain = self.get8("state")
        return found


def prepare(scene: Scene, records: int, tokens: dict[int, str], say: Say) -> None:
    scene.crm("account", **network.account(DOMAIN))
    scene.salons("partner", token=scene.partner)
    for salon in network.salons():
        scene.salons("company", **salon)
        scene.salons("user", token=tokens[salon["id"]], name="Mostik", companies=[salon["id"]])
    _settle_get8(scene)
    _remember(scene, records, say)
    _automate(scene)


def _settle_get8(scene: Scene) -> None:
    """The customer installed GET8 long ago: its tokens, its fields, its addresses."""
    secret = secrets.token_urlsafe(24)
    setup = network.setup(DOMAIN, scene.get8_address, scene.amocrm, scene.yclients, secret)
    scene.salons("partner", token=setup["partner"], name="GET8")
    scene.salons("user", token=setup["user_token"], name="GET8", companies=list(network.TITLES))
    options: Plain = {"style": scene.style, "links": scene.links, "lag": [5, 25], "has_switch": False}
    scene.get8("setup", setup=setup, options=options, seed=scene.seed)
    callback = f"{scene.get8_address}/oauth/callback"
    scene.crm(
        "app",
        client_id=network.CLIENT_ID,
        client_secret=secret,
        redirect_uri=callback,
        has_widget=False,
    )
    way = {"domain": DOMAIN, "client_id": network.CLIENT_ID, "way": "server"}
    if scene.crm("install", **way, user_id=network.ROBOT_USER)["status"] != 200:
        raise DemoError("GET8 could not be installed")
    for company_id in network.TITLES:
        scene.get8("connect", company_id=company_id)


def _remember(scene: Scene, records: int, say: Say) -> None:
    began = time.monotonic()
    now = float(scene.salons("clock")["now"])
    told = scene.get8_state()
    scene.layout = Layout.by_seed(scene.seed)
    scene.layout.ids.update(told["fields"])
    setup = Setup.of(network.setup(DOMAIN, scene.get8_address, scene.amocrm, scene.yclients, ""))
    scene.past = invent(scene.seed, records, now)
    writer = Writer(scene.crm, scene.salons, setup, scene.layout, scene.style, now, seed=scene.seed)
    scene.truth = writer.write(scene.past)
    rows = known_to_get8(scene.past, scene.truth, now - KNOWN_DAYS * DAY)
    for start in range(0, len(rows), 500):
        scene.get8("knows", rows=rows[start : start + 500])
    scene.before = {lead["id"]: lead for lead in scene.account()["leads"]}
    seconds = time.monotonic() - began
    say(f"  {len(scene.past.bookings)} записей и {len(scene.before)} сделок за два года, {seconds:.0f} с")


def _automate(scene: Scene) -> None:
    """The account's own robot: a won deal opens the next one. Nothing of the move may wake it."""
    robot: dict[str, Any] = {
        "on_pipeline": network.EPILATION,
        "pipeline_id": network.REPEAT,
        "stage_id": network.FIRST[network.REPEAT],
        "delay": ROBOT_DELAY,
        "name": ROBOT_NAME,
    }
    scene.crm("trigger", domain=DOMAIN, **robot)
