"""A Stand whose account lives on GET8: it was there before us and works beside us.

Our salons stand in `observe`; GET8's address is in the same lists of webhooks; `stand.get8` is the stranger
itself, and `stand.work()` lets it do what is due before the product does.
"""

from __future__ import annotations

import requests

from sandbox.get8.door import Door
from sandbox.get8.service import Get8
from sandbox.get8.settings import Links, Options, Salon, Setup, Stages, Style
from tests.support.stand import (
    ANNA,
    CONFIGURATION,
    COSMETOLOGY,
    DOMAIN,
    EPILATION,
    OTHER,
    PETR,
    STAGES,
    TVERSKAYA,
    URAL,
    Stand,
)
from tests.support.wsgi_adapter import WsgiAdapter

ADDRESS = "http://get8.test"
CLIENT = "8e780000-0000-4000-8000-0000000000e8"
ROBOT_USER = 7000008
"""The user that GET8 was given; `as_admin=True` installs it in the name of Anna instead."""
ROUNDS = 50


class Get8Stand(Stand):
    """`Get8Stand(database, redis, style=Style.FIELD)`; `options` are those of sandbox.get8.settings.Options.

    Verbs: `get8.work()`, `get8.switch(company, on)`, `get8.options.change({...})`, `disconnect(company)`,
    `foreign_lead(record)` is the deal that GET8 keeps for a record, `as_get8(lead, ...)` writes as GET8 does.
    """

    def __init__(self, database_url, redis_url, seed=1, style=Style.FIELD, as_admin=False, **options):
        self.get8 = None
        self.is_as_admin = as_admin
        self.options = Options(style=Style(style), **{"lag": (5.0, 5.0), **options})
        super().__init__(database_url, redis_url, seed=seed, is_empty=True)
        self._open_get8(seed)
        self.account = self._install()
        self.configure(configuration())

    def worded(self, described):
        """The account has one user more: the one that GET8 works as."""
        if "users" in described:
            robot = {"id": ROBOT_USER, "name": "GET8", "is_admin": True}
            described = {**described, "users": [*described["users"], robot]}
        return described

    def _open_get8(self, seed):
        session = requests.Session()
        session.mount(self.at.amo, WsgiAdapter(self.world.amocrm_wsgi))
        session.mount(self.at.yc, WsgiAdapter(self.world.yclients_wsgi))
        get8 = Get8(_setup(self.at), session, self.world.clock.now, self.options, seed)
        self.world.http.mount(ADDRESS, WsgiAdapter(Door(get8)))
        self.world.yclients.partner("get8-partner", "GET8")
        self.world.yclients.user("get8-token", name="GET8", companies=[TVERSKAYA, URAL])
        self.world.amocrm.app(CLIENT, "get8-secret", f"{ADDRESS}/oauth/callback", has_widget=False)
        user = ANNA if self.is_as_admin else ROBOT_USER
        assert self.world.amocrm.install(DOMAIN, CLIENT, "server", user_id=user)["status"] == 200
        for company in (TVERSKAYA, URAL):
            get8.connect(company)
        self.get8 = get8

    def configure(self, text):
        """Our address joins the lists; whoever was there stays."""
        before = {company: self.urls(company) for company in (TVERSKAYA, URAL)}
        number = super().configure(text)
        for company, urls in before.items():
            mine = [url for url in self.urls(company) if url not in urls]
            self.world.yclients.hooks_url(company, [*urls, *mine])
        return number

    def urls(self, company=TVERSKAYA):
        """The salon's list of webhook addresses."""
        shown = self.world.yclients.state(company)["companies"]
        return shown[0]["urls"]

    def work(self):
        """Hooks arrive; GET8 and the product do what is due, until nobody has anything to do."""
        for _ in range(ROUNDS):
            self.world.deliver()
            done = self.get8.work() if self.get8 is not None else 0
            super().work()
            if not done:
                return
        raise AssertionError("GET8 never rests")

    # What people and GET8 do

    def disconnect(self, company=TVERSKAYA):
        """Somebody takes GET8's address out of the salon's list."""
        self.get8.disconnect(company)

    def as_get8(self, lead, **changes):
        """A write in GET8's name, as its own client makes it."""
        self.get8.crm.change(lead["id"], changes)
        self.world.deliver()

    # What there is to see

    def foreign_lead(self, record):
        """The deal that GET8 keeps for this record."""
        lead_id = self.get8.links[(record["company_id"], record["id"])]
        return next(lead for lead in self.leads() if lead["id"] == lead_id)

    def writes(self, client_id=None, since=0):
        """Requests that changed amoCRM, by the emulator's own log: of one integration, or of all."""
        rows = self.world.amocrm.journal(DOMAIN, since)
        return [
            row
            for row in rows
            if row["method"] != "GET" and "/api/v4/" in row["path"] and client_id in (None, row["author"])
        ]


def configuration(mode="observe"):
    """The stand's document with its salons in another mode."""
    return CONFIGURATION.read_text(encoding="utf-8").replace("mode: active", f"mode: {mode}")


def _setup(at):
    stages = {
        pipeline: Stages(waiting=first + 1, confirmed=first + 2, arrived=142, no_show=first + 5)
        for pipeline, first in STAGES.items()
    }
    return Setup(
        domain=DOMAIN,
        public=ADDRESS,
        amocrm=at.amo,
        yclients=at.yc,
        client_id=CLIENT,
        client_secret="get8-secret",
        partner="get8-partner",
        user_token="get8-token",
        salons=(
            Salon(TVERSKAYA, "Тверская", {501: EPILATION, 503: COSMETOLOGY}, OTHER, ANNA),
            Salon(URAL, "Урал", {601: EPILATION}, EPILATION, PETR),
        ),
        stages=stages,
        attachable=tuple(first for first in STAGES.values()),
    )


__all__ = ["ADDRESS", "CLIENT", "ROBOT_USER", "Get8Stand", "Links", "Style", "configuration"]
